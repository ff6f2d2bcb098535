/** Code that looks for the kept rows that match those of a batch. @module */

import type { FunctionBuilder, FunctionRef, I32, Label, ModuleBuilder } from '../../wasm/index.ts';
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
 * `find(block, rows, count, candidates)`: writes the last row kept of the hash of each listed row, by
 * position; or one that is not kept.
 */
export function addFind(module: ModuleBuilder, shape: RowShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const rows = f.param(1, 'i32');
      const candidates = f.param(3, 'i32');
      const none = f.let(i32.sub(blockWord(f, block, RowWord.TAIL), c(1)));
      const slots = beginSlots(f, block);
      const hashes = blockWord(f, block, RowWord.PROBE_HASHES);
      const position = f.local('i32');
      const candidate = f.local('i32');
      const hash = f.local('i32');
      f.countUp(position, c(0), f.param(2, 'i32'), 1, () => {
        const at = shl(position, c(2));
        const row = i32.load(add(rows, at), { memory: COLUMNS });
        f.set(hash, i32.load(add(hashes, shl(row, c(2))), { memory: COLUMNS }));
        findSlot(
          f,
          slots,
          shape,
          hash,
          false,
          ({ slot }) => {
            f.set(candidate, i32.load(slot, { memory: STATE, offset: Bucket.ROWS_AT }));
          },
          (_, end) => {
            f.set(candidate, none);
            f.branch(end);
          },
        );
        f.do(i32.store(add(candidates, at), candidate, { memory: COLUMNS }));
      });
    },
    'find',
  );
}

/**
 * `touch(block, candidates, count)`: brings records into the cache, by loads that do not wait for each
 * other.
 */
export function addTouch(module: ModuleBuilder, shape: RowShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const candidates = f.param(1, 'i32');
      const log = beginLog(f, f.param(0, 'i32'));
      const end = f.let(add(candidates, shl(f.param(2, 'i32'), c(2))));
      const candidate = f.local('i32');
      const sum = f.local('i32');
      f.while(i32.ltU(candidates, end), () => {
        f.set(candidate, i32.load(candidates, { memory: COLUMNS }));
        f.if(isKept(log, candidate), () => {
          const record = recordOf(log, shape, candidate);
          f.set(sum, i32.xor(sum, rowBefore(record)));
        });
        f.increase(candidates, 4);
      });
      f.return(sum);
    },
    'touch',
  );
}

/**
 * `probe(block, rows, to, found, records, from, most)`: pairs the rows listed at positions up to `to` with
 * the kept rows of the same key that are near enough. From position `from` of both lists on, `found` gets
 * the row of the batch and `records` the address of the record, until there are `most`. The answer is how
 * many there are then; the block says where to go on.
 */
export function addProbe(
  module: ModuleBuilder,
  shape: RowShape,
  equalBytes: FunctionRef<'i32'>,
): void {
  const { layout } = shape;
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const rows = f.param(1, 'i32');
      const to = f.param(2, 'i32');
      const found = f.param(3, 'i32');
      const records = f.param(4, 'i32');
      const count = f.param(5, 'i32');
      const most = f.param(6, 'i32');
      const keys: KeyCode = {
        fields: shape.keys.map((k) => layout.fields[k]!),
        columns: columnsAt(
          f,
          block,
          shape.keys.map((_, k) => probeWord(shape, k)),
        ),
        equalBytes,
      };
      const log = beginLog(f, block);
      const candidates = blockWord(f, block, RowWord.CANDIDATES);
      const position = blockWord(f, block, RowWord.POSITION);
      const candidate = blockWord(f, block, RowWord.CANDIDATE);
      const isBegun = blockWord(f, block, RowWord.IS_BEGUN);
      const nearness = beginNearness(f, block, shape);
      const put = (word: number, value: I32): void =>
        f.do(i32.store(block, value, { memory: COLUMNS, offset: 4 * word }));
      const stop = (begun: I32): void => {
        put(RowWord.POSITION, position);
        put(RowWord.CANDIDATE, candidate);
        put(RowWord.IS_BEGUN, begun);
        f.return(count);
      };
      const row = f.local('i32');
      const record = f.local('i32');
      f.while(i32.ltS(position, to), () => {
        f.set(row, i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS }));
        nearness.begin(row);
        f.if(i32.eqz(isBegun), () => {
          const at = add(candidates, shl(position, c(2)));
          f.set(candidate, i32.load(at, { memory: COLUMNS }));
        });
        f.set(isBegun, c(0));
        f.while(isKept(log, candidate), () => {
          f.set(record, recordOf(log, shape, candidate));
          f.block((differs) => {
            nearness.check(record, differs);
            compareKeys(f, keys, row, record, differs);
            f.if(i32.geS(count, most), () => stop(c(1)));
            f.do(i32.store(add(found, shl(count, c(2))), row, { memory: COLUMNS }));
            f.do(i32.store(add(records, shl(count, c(2))), record, { memory: COLUMNS }));
            f.increase(count, 1);
          });
          f.set(candidate, rowBefore(record));
        });
        f.increase(position, 1);
      });
      stop(c(0));
    },
    'probe',
  );
}

/** Times of a record must not be before the least, marks not beyond the largest of the row. */
function beginNearness(f: FunctionBuilder, block: I32, { layout }: RowShape) {
  const { timeAt, markAt } = layout;
  if (timeAt === undefined || markAt === undefined) {
    return { begin: () => undefined, check: () => undefined };
  }
  const earliests = blockWord(f, block, RowWord.EARLIEST);
  const latests = blockWord(f, block, RowWord.LATEST);
  const earliest = f.local('f64');
  const latest = f.local('f64');
  return {
    begin(row: I32): void {
      f.set(earliest, f64.load(add(earliests, shl(row, c(3))), { memory: COLUMNS }));
      f.set(latest, f64.load(add(latests, shl(row, c(3))), { memory: COLUMNS }));
    },
    check(record: I32, differs: Label): void {
      const time = f64.load(record, { memory: STATE, offset: timeAt });
      const mark = f64.load(record, { memory: STATE, offset: markAt });
      const isNear = i32.and(f64.ge(time, earliest), f64.le(mark, latest));
      f.branchIf(differs, i32.eqz(isNear));
    },
  };
}

/** Branches to `differs` unless the keys are equal as SQL's `=` has it; none of them is null. */
function compareKeys(
  f: FunctionBuilder,
  { fields, columns, equalBytes }: KeyCode,
  row: I32,
  record: I32,
  differs: Label,
): void {
  // The hash of a lone int32 is a permutation: equal hashes mean equal keys.
  if (fields.length === 1 && fields[0]!.storage === 'i32') return;
  fields.forEach(({ storage, at }, k) => {
    const { values, heap } = columns[k]!;
    const here = { memory: COLUMNS };
    const there = { memory: STATE, offset: at };
    const long = add(values, shl(row, c(3)));
    switch (storage) {
      case 'i32': {
        const word = i32.load(add(values, shl(row, c(2))), here);
        f.branchIf(differs, i32.ne(word, i32.load(record, there)));
        break;
      }
      case 'bits':
        f.branchIf(differs, i32.ne(bitAt(values, row), i32.load(record, there)));
        break;
      case 'f64':
        f.branchIf(differs, f64.ne(f64.load(long, here), f64.load(record, there)));
        break;
      case 'i64':
        f.branchIf(differs, i64.ne(i64.load(long, here), i64.load(record, there)));
        break;
      case 'view': {
        const view = f.let(add(values, shl(row, c(4))));
        f.branchIf(differs, i64.ne(i64.load(view, here), i64.load(record, there)));
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
        f.branchIf(differs, i32.eqz(isSame));
      }
    }
  });
}
