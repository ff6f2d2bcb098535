/** Code that keeps rows: writes their records to the log, and links them to those of the same hash. @module */

import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import { f64, i32, i64, perform, v128 } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import type { ColumnCode } from '../kernel/loop-code.ts';
import { bitAt, blockWord, isPresent } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import type { SlotsCode } from './log-code.ts';
import { beginSlots, findSlot, tagsOf } from './log-code.ts';
import type { RowField, RowLayout } from './row-layout.ts';
import { HASH_AT, NEXT_AT } from './row-layout.ts';
import type { RowShape } from './shape.ts';
import { Bucket, columnWord, ColumnWord, Need, RowWord, SegmentTag } from './shape.ts';

const { add, shl, sub } = i32;
const c = i32.const;

/** Slots of a segment that may be taken. */
export function segmentRoom(pageBytes: number): number {
  return pageBytes / 8 / 2;
}

/** Where columns lie, from a word of the block on. */
export function columnsAt(
  f: FunctionBuilder,
  block: I32,
  words: readonly number[],
): readonly ColumnCode[] {
  return words.map((first) => ({
    values: blockWord(f, block, first + ColumnWord.VALUES),
    validity: blockWord(f, block, first + ColumnWord.VALIDITY),
    heap: blockWord(f, block, first + ColumnWord.HEAP),
  }));
}

/** Adds the bytes of a value that is longer than its view. */
export function addLongBytes(
  f: FunctionBuilder,
  { values, validity }: ColumnCode,
  row: I32,
  sum: Local<'i32'>,
): void {
  const length = f.let(i32.load(add(values, shl(row, c(4))), { memory: COLUMNS }));
  f.if(i32.gtU(length, c(INLINE_BYTES)), () => {
    f.if(isPresent(validity, row), () => f.set(sum, add(sum, length)));
  });
}

/** A row of a batch, and where its columns lie. */
export interface RowSource {
  readonly row: Local<'i32'>;
  readonly columns: readonly ColumnCode[];
  readonly copyBytes: FunctionRef<undefined>;
}

/**
 * `store(block, rows, ids, from, to)`: keeps the rows listed at positions `from .. to`; their numbers
 * go to `ids`, by position, where that is asked. The answer is the position it came to.
 */
export function addStore(
  module: ModuleBuilder,
  shape: RowShape,
  copyBytes: FunctionRef<undefined>,
): void {
  const { layout } = shape;
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const rows = f.param(1, 'i32');
      const ids = f.param(2, 'i32');
      const position = f.param(3, 'i32');
      const to = f.param(4, 'i32');
      const columns = columnsAt(
        f,
        block,
        layout.fields.map((_, k) => columnWord(k)),
      );
      const hashes = blockWord(f, block, RowWord.HASHES);
      const slots = beginSlots(f, block);
      const none = f.let(sub(blockWord(f, block, RowWord.TAIL), c(1)));
      const head = blockWord(f, block, RowWord.HEAD);
      const next = blockWord(f, block, RowWord.NEXT_BYTE);
      const end = blockWord(f, block, RowWord.END_BYTE);
      const facts = beginFacts(f, block, layout);
      const put = (word: number, value: I32): void =>
        f.do(i32.store(block, value, { memory: COLUMNS, offset: 4 * word }));
      const stop = (need: number, bytes: I32): void => {
        put(RowWord.NEED, c(need));
        put(RowWord.BYTES_NEEDED, bytes);
        put(RowWord.HEAD, head);
        put(RowWord.NEXT_BYTE, next);
        facts.end();
        f.return(position);
      };
      const row = f.local('i32');
      const hash = f.local('i32');
      const size = f.local('i32');
      const before = f.local('i32');
      const source = { row, columns, copyBytes };
      f.while(i32.ltS(position, to), () => {
        f.set(row, i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS }));
        f.set(hash, i32.load(add(hashes, shl(row, c(2))), { memory: COLUMNS }));
        f.set(size, recordBytes(f, layout, source));
        f.if(i32.gtU(size, sub(end, next)), () => stop(Need.PAGE, size));
        link(f, slots, shape, { hash, head, before, none }, () => stop(Need.SLOTS, c(0)));
        f.do(i32.store(next, hash, { memory: STATE, offset: HASH_AT }));
        f.do(i32.store(next, before, { memory: STATE, offset: NEXT_AT }));
        facts.write(next, row, size);
        writeColumns(f, layout, source, next);
        if (layout.isNumbered === true) {
          f.do(i32.store(add(ids, shl(position, c(2))), head, { memory: COLUMNS }));
        }
        f.set(head, add(head, i32.shrU(size, c(3))));
        f.set(next, add(next, size));
        f.increase(position, 1);
      });
      put(RowWord.HEAD, head);
      put(RowWord.NEXT_BYTE, next);
      facts.end();
      f.return(position);
    },
    'store',
  );
}

interface Linked {
  readonly hash: Local<'i32'>;
  /** Number of the row. */
  readonly head: I32;
  /** Gets the row of the same hash before it. */
  readonly before: Local<'i32'>;
  /** The number of no row. */
  readonly none: I32;
}

/** Puts a row into the slot of its hash. */
function link(
  f: FunctionBuilder,
  slots: SlotsCode,
  shape: RowShape,
  { hash, head, before, none }: Linked,
  isFull: () => void,
): void {
  const row = { memory: STATE, offset: Bucket.ROWS_AT };
  findSlot(
    f,
    slots,
    shape,
    hash,
    true,
    ({ slot }) => {
      f.set(before, i32.load(slot, row));
      f.do(i32.store(slot, head, row));
    },
    ({ segment, slot }, found) => {
      const tags = f.let(tagsOf(shape, segment));
      const count = { memory: STATE, offset: 4 * SegmentTag.COUNT };
      const taken = f.let(i32.load(tags, count));
      f.if(i32.geU(taken, c(segmentRoom(shape.pageBytes))), isFull);
      f.do(i32.store(tags, add(taken, c(1)), count));
      f.do(i32.store(slot, head, row));
      f.do(i32.store(slot, hash, { memory: STATE }));
      f.set(before, none);
      f.branch(found);
    },
  );
}

/** What is kept beside columns. */
function beginFacts(f: FunctionBuilder, block: I32, layout: RowLayout) {
  const { timeAt, markAt, cellsAt, matchesAt, toldAt } = layout;
  const largest = { memory: COLUMNS, offset: 4 * RowWord.MAX_TIME };
  const isTimed = timeAt !== undefined && markAt !== undefined;
  const times = isTimed ? blockWord(f, block, RowWord.TIMES) : c(0);
  const marks = isTimed ? blockWord(f, block, RowWord.MARKS) : c(0);
  const matches = matchesAt === undefined ? c(0) : blockWord(f, block, RowWord.MATCHES);
  const latest = isTimed ? f.let(f64.load(block, largest)) : f.local('f64');
  const wordOf = (list: I32, row: I32): I32 =>
    i32.load(add(list, shl(row, c(2))), { memory: COLUMNS });
  const floatOf = (list: I32, row: I32) => f64.load(add(list, shl(row, c(3))), { memory: COLUMNS });
  return {
    write(record: I32, row: I32, size: I32): void {
      if (isTimed) {
        const time = f.let(floatOf(times, row));
        f.do(f64.store(record, time, { memory: STATE, offset: timeAt }));
        f.do(f64.store(record, floatOf(marks, row), { memory: STATE, offset: markAt }));
        f.set(latest, f64.max(latest, time));
      }
      if (cellsAt !== undefined) {
        f.do(i32.store(record, i32.shrU(size, c(3)), { memory: STATE, offset: cellsAt }));
      }
      if (matchesAt !== undefined) {
        f.do(i32.store(record, wordOf(matches, row), { memory: STATE, offset: matchesAt }));
      }
      if (toldAt !== undefined) {
        f.do(i32.store(record, c(0), { memory: STATE, offset: toldAt }));
      }
    },
    end(): void {
      if (isTimed) f.do(f64.store(block, latest, largest));
    },
  };
}

/** Bytes of the record of a row. */
export function recordBytes(
  f: FunctionBuilder,
  layout: RowLayout,
  { row, columns }: RowSource,
): I32 {
  const { fields, fixedBytes } = layout;
  if (layout.cellsAt === undefined) return c(fixedBytes);
  const long = f.let(c(0));
  fields.forEach(({ storage }, k) => {
    if (storage === 'view') addLongBytes(f, columns[k]!, row, long);
  });
  return i32.and(add(long, c(fixedBytes + 7)), c(-8));
}

/** Writes the columns of a row to its record. */
export function writeColumns(
  f: FunctionBuilder,
  layout: RowLayout,
  source: RowSource,
  record: Local<'i32'>,
): void {
  const { fields, nullsAt, nullWords, fixedBytes } = layout;
  const nulls = Array.from({ length: nullWords }, () => f.let(c(0)));
  const long = layout.cellsAt === undefined ? undefined : f.let(c(fixedBytes));
  fields.forEach((field, k) => {
    const column = source.columns[k]!;
    const word = nulls[k >>> 5]!;
    f.if(
      isPresent(column.validity, source.row),
      () => writeValue(f, field, column, source, record, long),
      () => {
        f.set(word, i32.or(word, c(field.nullBit)));
        // No long value is looked for behind a null.
        if (field.storage === 'view')
          f.do(i32.store(record, c(0), { memory: STATE, offset: field.at }));
      },
    );
  });
  nulls.forEach((word, w) =>
    f.do(i32.store(record, word, { memory: STATE, offset: nullsAt + 4 * w })),
  );
}

/** @param long - where in the record its next long value goes */
function writeValue(
  f: FunctionBuilder,
  { storage, at }: RowField,
  { values, heap }: ColumnCode,
  { row, copyBytes }: RowSource,
  record: Local<'i32'>,
  long: Local<'i32'> | undefined,
): void {
  const to = { memory: STATE, offset: at };
  const from = { memory: COLUMNS };
  switch (storage) {
    case 'i32':
      f.do(i32.store(record, i32.load(add(values, shl(row, c(2))), from), to));
      break;
    case 'bits':
      f.do(i32.store(record, bitAt(values, row), to));
      break;
    case 'view': {
      const view = f.let(add(values, shl(row, c(4))));
      const length = f.let(i32.load(view, from));
      f.do(v128.store(record, v128.load(view, from), to));
      f.if(i32.gtU(length, c(INLINE_BYTES)), () => {
        const bytes = add(heap, i32.load(view, { memory: COLUMNS, offset: 12 }));
        f.do(perform(copyBytes, add(record, long!), bytes, length));
        f.do(i32.store(record, long!, { memory: STATE, offset: at + 12 }));
        f.set(long!, add(long!, length));
      });
      break;
    }
    default:
      f.do(i64.store(record, i64.load(add(values, shl(row, c(3))), from), to));
  }
}

/** Adds `copyBytes(target, source, length)` between two memories, for more than 8 bytes. */
export function addCopyBytes(
  module: ModuleBuilder,
  targetMemory: number,
  sourceMemory: number,
): FunctionRef<undefined> {
  return module.function({ params: ['i32', 'i32', 'i32'], result: undefined }, (f) => {
    const [target, source, length] = [f.param(0, 'i32'), f.param(1, 'i32'), f.param(2, 'i32')];
    const to = { memory: targetMemory };
    const from = { memory: sourceMemory };
    const behind = f.local('i32');
    f.if(i32.leU(length, c(16)), () => {
      f.set(behind, sub(length, c(8)));
      f.do(i64.store(target, i64.load(source, from), to));
      f.do(i64.store(add(target, behind), i64.load(add(source, behind), from), to));
      f.return();
    });
    f.set(behind, sub(length, c(16)));
    const at = f.local('i32');
    const copy = (offset: I32): void =>
      f.do(v128.store(add(target, offset), v128.load(add(source, offset), from), to));
    f.while(i32.ltU(at, behind), () => {
      copy(at);
      f.increase(at, 16);
    });
    // The last sixteen bytes overlap those before them.
    copy(behind);
  });
}
