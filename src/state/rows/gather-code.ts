/** Code that writes rows of pairs to columns: rows that are kept, and rows of a batch. @module */

import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import { i32, i64, memory, perform, v128 } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import type { ColumnCode } from '../kernel/loop-code.ts';
import { bitAt, blockWord, isPresent } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import type { RowField } from './row-layout.ts';
import type { RowShape } from './shape.ts';
import { columnWord, TargetWord, targetWord } from './shape.ts';
import { addCopyBytes, addLongBytes, columnsAt } from './store-code.ts';

const { add, and, or, shl, shrU } = i32;
const c = i32.const;

/** What a value is copied from. */
interface ValueSource {
  readonly memory: number;
  /** Address of the value, or for a bit the bit. */
  readonly value: I32;
  /** Address of the bytes that offsets of long values count from. */
  readonly heap: I32;
}

/** Where rows come from. */
interface Source {
  /** Reads what does not change while a call runs. */
  begin(f: FunctionBuilder, block: I32): SourceCode;
  readonly memory: number;
}

interface SourceCode {
  /** Not 0: a column of the row may be null. */
  anyNull(item: I32): I32;
  isPresent(item: I32, column: number): I32;
  valueOf(item: I32, column: number): ValueSource;
  /** Adds the bytes of a long value. */
  addLong(item: I32, column: number, sum: Local<'i32'>): void;
}

/** Records: items are their addresses. */
function recordSource(shape: RowShape): Source {
  const { fields } = shape.layout;
  return {
    memory: STATE,
    begin(f) {
      return {
        anyNull(record) {
          const words = new Set(shape.gathered.map((k) => fields[k]!.nullsAt));
          return [...words].reduce<I32>(
            (any, at) => or(any, i32.load(record, { memory: STATE, offset: at })),
            c(0),
          );
        },
        isPresent(record, k) {
          const { nullsAt, nullBit } = fields[k]!;
          return i32.eqz(and(i32.load(record, { memory: STATE, offset: nullsAt }), c(nullBit)));
        },
        valueOf(record, k) {
          const { storage, at } = fields[k]!;
          const isBit = storage === 'bits';
          const value = isBit
            ? i32.load(record, { memory: STATE, offset: at })
            : add(record, c(at));
          return { memory: STATE, value, heap: record };
        },
        addLong(record, k, sum) {
          const length = f.let(i32.load(record, { memory: STATE, offset: fields[k]!.at }));
          f.if(i32.gtU(length, c(INLINE_BYTES)), () => f.set(sum, add(sum, length)));
        },
      };
    },
  };
}

const LOG2_BYTES = { i32: 2, i64: 3, f64: 3, view: 4, bits: 0 } as const;

/** Rows of a batch: items are their positions. */
function batchSource(shape: RowShape): Source {
  const { fields } = shape.layout;
  return {
    memory: COLUMNS,
    begin(f, block) {
      const columns = new Map<number, ColumnCode>();
      for (const k of shape.gathered) {
        if (!columns.has(k)) columns.set(k, columnsAt(f, block, [columnWord(k)])[0]!);
      }
      const nulls = [...columns.values()].reduce<I32>(
        (any, { validity }) => or(any, validity),
        c(0),
      );
      const hasNulls = f.let(nulls);
      return {
        anyNull: () => hasNulls,
        isPresent: (row, k) => isPresent(columns.get(k)!.validity, row),
        valueOf(row, k) {
          const { values, heap } = columns.get(k)!;
          const { storage } = fields[k]!;
          const value =
            storage === 'bits' ? bitAt(values, row) : add(values, shl(row, c(LOG2_BYTES[storage])));
          return { memory: COLUMNS, value, heap };
        },
        addLong: (row, k, sum) => addLongBytes(f, columns.get(k)!, row, sum),
      };
    },
  };
}

/** Functions over the bitmaps of targets. */
interface Marks {
  /** `(target, at)`: marks a row null. */
  readonly setNull: FunctionRef<undefined>;
  /** `(target, at)`: takes such a mark back. */
  readonly setPresent: FunctionRef<undefined>;
}

/** Adds everything that writes rows. */
export function addGathers(module: ModuleBuilder, shape: RowShape): void {
  const marks = addMarks(module);
  addGather(module, shape, recordSource(shape), marks, 'gatherRecords');
  addGather(module, shape, batchSource(shape), marks, 'gatherRows');
  addLongOf(module, shape, recordSource(shape), 'longOfRecords');
  addLongOf(module, shape, batchSource(shape), 'longOfRows');
}

/**
 * `NAME(block, items, count, start, heap, used)`: writes the gathered columns of listed rows to the targets,
 * behind `start` others. The answer is how many bytes of the targets' heap are used then.
 */
function addGather(
  module: ModuleBuilder,
  shape: RowShape,
  source: Source,
  marks: Marks,
  name: string,
): void {
  const copyBytes = addCopyBytes(module, COLUMNS, source.memory);
  const params = Array.from({ length: 6 }, () => 'i32' as const);
  module.function(
    { params, result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const items = f.param(1, 'i32');
      const count = f.param(2, 'i32');
      const at = f.param(3, 'i32');
      const heap = f.param(4, 'i32');
      const used = f.param(5, 'i32');
      const code = source.begin(f, block);
      const { fields } = shape.layout;
      const targets = shape.gathered.map((_, g) =>
        blockWord(f, block, targetWord(shape, g) + TargetWord.VALUES),
      );
      // Marks of earlier rows may have to be taken back.
      const wereNull = f.let(
        shape.gathered.reduce<I32>(
          (any, _, g) => or(any, nullsOf(block, targetWord(shape, g))),
          c(0),
        ),
      );
      const end = f.let(add(items, shl(count, c(2))));
      const item = f.local('i32');
      const copy = (g: number): void => {
        const k = shape.gathered[g]!;
        const to = { f, target: targets[g]!, at, heap, used, copyBytes };
        copyValue(to, fields[k]!, code.valueOf(item, k));
      };
      f.while(i32.ltU(items, end), () => {
        f.set(item, i32.load(items, { memory: COLUMNS }));
        f.if(
          or(wereNull, code.anyNull(item)),
          () => {
            f.set(wereNull, c(1));
            shape.gathered.forEach((k, g) => {
              const target = add(block, c(4 * targetWord(shape, g)));
              f.if(
                code.isPresent(item, k),
                () => {
                  f.do(perform(marks.setPresent, target, at));
                  copy(g);
                },
                () => f.do(perform(marks.setNull, target, at)),
              );
            });
          },
          () => shape.gathered.forEach((_, g) => copy(g)),
        );
        f.increase(items, 4);
        f.increase(at, 1);
      });
      f.return(used);
    },
    name,
  );
}

function nullsOf(block: I32, target: number): I32 {
  return i32.load(block, { memory: COLUMNS, offset: 4 * (target + TargetWord.NULLS) });
}

interface ValueTarget {
  readonly f: FunctionBuilder;
  readonly target: I32;
  readonly at: I32;
  readonly heap: I32;
  readonly used: Local<'i32'>;
  readonly copyBytes: FunctionRef<undefined>;
}

function copyValue(
  { f, target, at, heap, used, copyBytes }: ValueTarget,
  { storage }: RowField,
  source: ValueSource,
): void {
  const from = { memory: source.memory };
  const to = { memory: COLUMNS };
  const address = add(target, shl(at, c(LOG2_BYTES[storage])));
  switch (storage) {
    case 'i32':
      f.do(i32.store(address, i32.load(source.value, from), to));
      break;
    case 'bits': {
      const byteAt = f.let(add(target, shrU(at, c(3))));
      const bit = and(at, c(7));
      const others = and(i32.load8U(byteAt, to), i32.xor(shl(c(1), bit), c(-1)));
      f.do(i32.store8(byteAt, or(others, shl(source.value, bit)), to));
      break;
    }
    case 'view': {
      const view = f.let(source.value);
      const written = f.let(address);
      const length = f.let(i32.load(view, from));
      f.do(v128.store(written, v128.load(view, from), to));
      f.if(i32.gtU(length, c(INLINE_BYTES)), () => {
        const bytes = add(source.heap, i32.load(view, { ...from, offset: 12 }));
        f.do(perform(copyBytes, add(heap, used), bytes, length));
        f.do(i32.store(written, used, { ...to, offset: 12 }));
        f.set(used, add(used, length));
      });
      break;
    }
    default:
      f.do(i64.store(address, i64.load(source.value, from), to));
  }
}

function addMarks(module: ModuleBuilder): Marks {
  const add2 = (body: (f: FunctionBuilder, target: I32, byteAt: I32, bit: I32) => void) =>
    module.function({ params: ['i32', 'i32'], result: undefined }, (f) => {
      const target = f.param(0, 'i32');
      const at = f.param(1, 'i32');
      const validity = i32.load(target, { memory: COLUMNS, offset: 4 * TargetWord.VALIDITY });
      body(f, target, add(validity, shrU(at, c(3))), shl(c(1), and(at, c(7))));
    });
  const nulls = { memory: COLUMNS, offset: 4 * TargetWord.NULLS };
  const count = (f: FunctionBuilder, target: I32, by: number): void =>
    f.do(i32.store(target, add(i32.load(target, nulls), c(by)), nulls));
  const flip = (f: FunctionBuilder, byteAt: I32, bit: I32): void =>
    f.do(
      i32.store8(byteAt, i32.xor(i32.load8U(byteAt, { memory: COLUMNS }), bit), {
        memory: COLUMNS,
      }),
    );
  const isSet = (byteAt: I32, bit: I32): I32 => and(i32.load8U(byteAt, { memory: COLUMNS }), bit);
  return {
    setNull: add2((f, target, byteAt, bit) => {
      // Bits mean something from the first null on.
      f.if(i32.eqz(i32.load(target, nulls)), () => {
        const validity = i32.load(target, { memory: COLUMNS, offset: 4 * TargetWord.VALIDITY });
        const bytes = i32.load(target, { memory: COLUMNS, offset: 4 * TargetWord.VALIDITY_BYTES });
        f.do(memory.fill(validity, c(0xff), bytes, COLUMNS));
      });
      f.if(isSet(byteAt, bit), () => {
        flip(f, byteAt, bit);
        count(f, target, 1);
      });
    }),
    setPresent: add2((f, target, byteAt, bit) => {
      f.if(i32.load(target, nulls), () => {
        f.if(i32.eqz(isSet(byteAt, bit)), () => {
          flip(f, byteAt, bit);
          count(f, target, -1);
        });
      });
    }),
  };
}

/** Those of the gathered columns that have long values. */
function viewsOf({ layout, gathered }: RowShape): readonly number[] {
  return gathered.filter((k) => layout.fields[k]!.storage === 'view');
}

/**
 * `NAME(block, items, count, sums)`: adds to each of `sums` how many bytes of long values the gathered columns
 * of a listed row have.
 */
function addLongOf(module: ModuleBuilder, shape: RowShape, source: Source, name: string): void {
  const params = Array.from({ length: 4 }, () => 'i32' as const);
  module.function(
    { params, result: undefined },
    (f) => {
      const items = f.param(1, 'i32');
      const sums = f.param(3, 'i32');
      const code = source.begin(f, f.param(0, 'i32'));
      const end = f.let(add(items, shl(f.param(2, 'i32'), c(2))));
      const item = f.local('i32');
      const sum = f.local('i32');
      f.while(i32.ltU(items, end), () => {
        f.set(item, i32.load(items, { memory: COLUMNS }));
        f.set(sum, i32.load(sums, { memory: COLUMNS }));
        for (const k of viewsOf(shape)) code.addLong(item, k, sum);
        f.do(i32.store(sums, sum, { memory: COLUMNS }));
        f.increase(items, 4);
        f.increase(sums, 4);
      });
    },
    name,
  );
}
