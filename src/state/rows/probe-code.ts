/** Code that looks for the kept rows that match those of a batch. @module */

import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import { call, choose, f64, i32, i64 } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import type { ColumnCode } from '../kernel/loop-code.ts';
import { bitAt, blockWord } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import { beginLog, beginSlots, findSlot, isKept, recordOf, rowBefore } from './log-code.ts';
import type { RowField } from './row-layout.ts';
import type { RowShape } from './shape.ts';
import { Bucket, probeWord, RowWord } from './shape.ts';
import { columnsAt } from './store-code.ts';

const { add, shl } = i32;
const c = i32.const;

/** What keys are compared with. */
interface KeyCode {
  readonly fields: readonly RowField[];
  readonly columns: readonly ColumnCode[];
  readonly equalBytes: FunctionRef<'i32'>;
}

/**
 * `find(block, rows, count)`: enters, for each listed row, the chain of the rows kept of its hash. Those of
 * which there are any are the first *walkers*: rows with the next row of their chain. The block says how
 * many they are.
 */
export function addFind(module: ModuleBuilder, shape: RowShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const rows = f.param(1, 'i32');
      const walkers = beginWalkers(f, block);
      const log = beginLog(f, block);
      const slots = beginSlots(f, block);
      const hashes = blockWord(f, block, RowWord.PROBE_HASHES);
      const end = f.let(add(rows, shl(f.param(2, 'i32'), c(2))));
      const [count, row, hash] = [f.local('i32'), f.local('i32'), f.local('i32')];
      f.while(i32.ltU(rows, end), () => {
        f.set(row, i32.load(rows, { memory: COLUMNS }));
        f.set(hash, i32.load(add(hashes, shl(row, c(2))), { memory: COLUMNS }));
        findSlot(
          f,
          slots,
          shape,
          hash,
          false,
          ({ slot }) => {
            const last = f.let(i32.load(slot, { memory: STATE, offset: Bucket.ROWS_AT }));
            walkers.put(count, row, last);
            f.set(count, add(count, isKept(log, last)));
          },
          (_, found) => f.branch(found),
        );
        f.increase(rows, 4);
      });
      f.do(i32.store(block, count, { memory: COLUMNS, offset: 4 * RowWord.WALKERS }));
    },
    'find',
  );
}

/** The lists of walkers. */
function beginWalkers(f: FunctionBuilder, block: I32) {
  const rows = blockWord(f, block, RowWord.WALKER_ROWS);
  const candidates = blockWord(f, block, RowWord.CANDIDATES);
  const at = (list: I32, index: I32): I32 => add(list, shl(index, c(2)));
  return {
    rowAt: (index: I32): I32 => i32.load(at(rows, index), { memory: COLUMNS }),
    candidateAt: (index: I32): I32 => i32.load(at(candidates, index), { memory: COLUMNS }),
    put(index: I32, row: I32, candidate: I32): void {
      f.do(i32.store(at(rows, index), row, { memory: COLUMNS }));
      f.do(i32.store(at(candidates, index), candidate, { memory: COLUMNS }));
    },
  };
}

/**
 * `probe(block, found, records, from, most)`: pairs walkers with the kept rows of the same key that are near
 * enough. From position `from` of both lists on, `found` gets the row of the batch and `records` the address
 * of the record, until there are `most`. The answer is how many there are then; the block says where to go on.
 *
 * All walkers take a step before any takes another: the records they look at are far apart, and no
 * step waits for the one before, nor for a guess of how long a chain is.
 */
export function addProbe(
  module: ModuleBuilder,
  shape: RowShape,
  equalBytes: FunctionRef<'i32'>,
): void {
  const { layout } = shape;
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const found = f.param(1, 'i32');
      const records = f.param(2, 'i32');
      const count = f.param(3, 'i32');
      const most = f.param(4, 'i32');
      const keys: KeyCode = {
        fields: shape.keys.map((k) => layout.fields[k]!),
        columns: columnsAt(
          f,
          block,
          shape.keys.map((_, k) => probeWord(shape, k)),
        ),
        equalBytes,
      };
      const walkers = beginWalkers(f, block);
      const log = beginLog(f, block);
      const position = blockWord(f, block, RowWord.POSITION);
      const left = blockWord(f, block, RowWord.LEFT);
      const total = blockWord(f, block, RowWord.WALKERS);
      const isNear = beginNearness(f, block, shape);
      const put = (word: number, value: I32): void =>
        f.do(i32.store(block, value, { memory: COLUMNS, offset: 4 * word }));
      const [row, record, next] = [f.local('i32'), f.local('i32'), f.local('i32')];
      f.while(total, () => {
        f.while(i32.ltS(position, total), () => {
          f.if(i32.geS(count, most), () => {
            put(RowWord.POSITION, position);
            put(RowWord.LEFT, left);
            put(RowWord.WALKERS, total);
            f.return(count);
          });
          f.set(row, walkers.rowAt(position));
          f.set(record, recordOf(log, shape, walkers.candidateAt(position)));
          f.set(next, rowBefore(record));
          const isPair = f.let(isNear(row, record));
          compareKeys(f, keys, row, record, isPair);
          f.do(i32.store(add(found, shl(count, c(2))), row, { memory: COLUMNS }));
          f.do(i32.store(add(records, shl(count, c(2))), record, { memory: COLUMNS }));
          f.set(count, add(count, isPair));
          walkers.put(left, row, next);
          f.set(left, add(left, isKept(log, next)));
          f.increase(position, 1);
        });
        f.set(total, left);
        f.set(left, c(0));
        f.set(position, c(0));
      });
      put(RowWord.WALKERS, c(0));
      f.return(count);
    },
    'probe',
  );
}

/** Whether the time of a record is not before the least, and its mark not beyond the largest of a row. */
function beginNearness(
  f: FunctionBuilder,
  block: I32,
  { layout }: RowShape,
): (row: I32, record: I32) => I32 {
  const { timeAt, markAt } = layout;
  if (timeAt === undefined || markAt === undefined) return () => c(1);
  const earliests = blockWord(f, block, RowWord.EARLIEST);
  const latests = blockWord(f, block, RowWord.LATEST);
  const boundOf = (list: I32, row: I32) => f64.load(add(list, shl(row, c(3))), { memory: COLUMNS });
  return (row, record) => {
    const time = f64.load(record, { memory: STATE, offset: timeAt });
    const mark = f64.load(record, { memory: STATE, offset: markAt });
    return i32.and(f64.ge(time, boundOf(earliests, row)), f64.le(mark, boundOf(latests, row)));
  };
}

/** Sets `isPair` to 0 unless the keys are equal as SQL's `=` has it; none of them is null. */
function compareKeys(
  f: FunctionBuilder,
  { fields, columns, equalBytes }: KeyCode,
  row: I32,
  record: I32,
  isPair: Local<'i32'>,
): void {
  // The hash of a lone int32 is a permutation: equal hashes mean equal keys.
  if (fields.length === 1 && fields[0]!.storage === 'i32') return;
  const narrow = (isEqual: I32): void => f.set(isPair, i32.and(isPair, isEqual));
  fields.forEach(({ storage, at }, k) => {
    const { values, heap } = columns[k]!;
    const here = { memory: COLUMNS };
    const there = { memory: STATE, offset: at };
    const long = add(values, shl(row, c(3)));
    switch (storage) {
      case 'i32':
        narrow(i32.eq(i32.load(add(values, shl(row, c(2))), here), i32.load(record, there)));
        break;
      case 'bits':
        narrow(i32.eq(bitAt(values, row), i32.load(record, there)));
        break;
      case 'f64':
        narrow(f64.eq(f64.load(long, here), f64.load(record, there)));
        break;
      case 'i64':
        narrow(i64.eq(i64.load(long, here), i64.load(record, there)));
        break;
      case 'view': {
        const view = f.let(add(values, shl(row, c(4))));
        narrow(i64.eq(i64.load(view, here), i64.load(record, there)));
        const isSame = choose(
          i32.leU(i32.load(view, here), c(INLINE_BYTES)),
          i64.eq(
            i64.load(view, { memory: COLUMNS, offset: 8 }),
            i64.load(record, { memory: STATE, offset: at + 8 }),
          ),
          call(
            equalBytes,
            add(heap, i32.load(view, { memory: COLUMNS, offset: 12 })),
            add(record, i32.load(record, { memory: STATE, offset: at + 12 })),
            i32.load(view, here),
          ),
        );
        f.if(isPair, () => narrow(isSame));
      }
    }
  });
}
