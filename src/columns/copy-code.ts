/**
 * Code that copies values of rows to the end of another column.
 *
 * Every function here is told *which* rows by two parameters, `rows` and `first`: row `i` is the one
 * whose number stands at `rows + 4 * i`; or, if `rows` is 0, row `first + i`.
 *
 * @module
 */

import { INLINE_BYTES } from '../core/column.ts';
import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../wasm/index.ts';
import { f64, i32, i32x4, i64, lanes, memory, perform, v128 } from '../wasm/index.ts';

const { add, shl, sub } = i32;
const c = i32.const;

/** Values copied in one turn of a loop. */
const UNROLL = 4;
const VECTOR_BYTES = 16;
/** From here on the bulk instruction is faster than a loop. */
const BULK_BYTES = 512;

/** `copyRun(target, source, bytes)`: copies bytes that do not overlap, 4 of them or at least 8. */
export function addCopyRun(module: ModuleBuilder): FunctionRef<undefined> {
  return module.function({ params: ['i32', 'i32', 'i32'], result: undefined }, (f) => {
    const target = f.param(0, 'i32');
    const source = f.param(1, 'i32');
    const bytes = f.param(2, 'i32');
    f.if(i32.geU(bytes, c(BULK_BYTES)), () => {
      f.do(memory.copy(target, source, bytes));
      f.return();
    });
    const end = f.let(add(target, bytes));
    const sourceEnd = f.let(add(source, bytes));
    const back = (at: I32, by: number): I32 => sub(at, c(by));
    // The last piece of each size overlaps the one before it.
    f.if(i32.geU(bytes, c(VECTOR_BYTES)), () => {
      const last = f.let(back(end, VECTOR_BYTES));
      f.while(i32.ltU(target, last), () => {
        f.do(v128.store(target, v128.load(source)));
        f.increase(target, VECTOR_BYTES);
        f.increase(source, VECTOR_BYTES);
      });
      f.do(v128.store(last, v128.load(back(sourceEnd, VECTOR_BYTES))));
      f.return();
    });
    f.if(i32.geU(bytes, c(8)), () => {
      f.do(i64.store(target, i64.load(source)));
      f.do(i64.store(back(end, 8), i64.load(back(sourceEnd, 8))));
      f.return();
    });
    f.do(i32.store(target, i32.load(source)));
  });
}

/** `isRun(rows, count)`: whether the numbers at `rows`, at least one, are consecutive. */
export function addIsRun(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32'], result: 'i32' }, (f) => {
    const rows = f.param(0, 'i32');
    const count = f.param(1, 'i32');
    const first = f.let(i32.load(rows));
    const lastAt = f.let(add(rows, shl(sub(count, c(1)), c(2))));
    f.if(i32.ne(sub(i32.load(lastAt), first), sub(count, c(1))), () => f.return(c(0)));
    const wanted = f.let(i32x4.add(i32x4.splat(first), lanes.i32x4(0, 1, 2, 3)));
    const others = f.local('v128');
    const end = f.let(sub(lastAt, c(3 * 4)));
    f.while(i32.leS(rows, end), () => {
      f.set(others, v128.or(others, v128.xor(v128.load(rows), wanted)));
      f.set(wanted, i32x4.add(wanted, i32x4.splat(c(4))));
      f.increase(rows, VECTOR_BYTES);
    });
    f.if(v128.anyTrue(others), () => f.return(c(0)));
    const row = f.let(i32x4.extractLane(wanted, 0));
    f.while(i32.leS(rows, lastAt), () => {
      f.if(i32.ne(i32.load(rows), row), () => f.return(c(0)));
      f.increase(rows, 4);
      f.increase(row, 1);
    });
    f.return(c(1));
  });
}

/** Copies one value; addresses without the offset, in bytes, that is added to the target's. */
type CopyOne = (f: FunctionBuilder, target: I32, source: I32, offset: number) => void;

/** `copy(target, source, rows, count)` for listed rows of values of `2^log2Bytes` bytes. */
function addCopyListed(
  module: ModuleBuilder,
  log2Bytes: number,
  copyOne: CopyOne,
): FunctionRef<undefined> {
  return module.function({ params: ['i32', 'i32', 'i32', 'i32'], result: undefined }, (f) => {
    const target = f.param(0, 'i32');
    const source = f.param(1, 'i32');
    const rows = f.param(2, 'i32');
    const count = f.param(3, 'i32');
    const turn = (values: number): void => {
      const from = Array.from({ length: values }, (_, i) =>
        f.let(add(source, shl(i32.load(rows, { offset: 4 * i }), c(log2Bytes)))),
      );
      from.forEach((at, i) => copyOne(f, target, at, i << log2Bytes));
      f.increase(target, values << log2Bytes);
      f.increase(rows, values * 4);
      f.increase(count, -values);
    };
    f.while(i32.geS(count, c(UNROLL)), () => turn(UNROLL));
    f.while(i32.gtS(count, c(0)), () => turn(1));
  });
}

/** Functions that copy listed values, by the logarithm of their size in bytes. */
export function addCopiesOfListed(
  module: ModuleBuilder,
): ReadonlyMap<number, FunctionRef<undefined>> {
  return new Map([
    [
      2,
      addCopyListed(module, 2, (f, target, source, offset) =>
        f.do(i32.store(target, i32.load(source), { offset })),
      ),
    ],
    [
      3,
      addCopyListed(module, 3, (f, target, source, offset) =>
        f.do(i64.store(target, i64.load(source), { offset })),
      ),
    ],
    [
      4,
      addCopyListed(module, 4, (f, target, source, offset) =>
        f.do(v128.store(target, v128.load(source), { offset })),
      ),
    ],
  ]);
}

/** Runs `body` for each row, once for lists and once for runs. */
function eachRow(
  f: FunctionBuilder,
  rows: Local<'i32'>,
  first: Local<'i32'>,
  count: I32,
  body: (row: Local<'i32'>) => void,
): void {
  const left = f.let(count);
  const row = f.local('i32');
  f.if(
    rows,
    () =>
      f.while(i32.gtS(left, c(0)), () => {
        f.set(row, i32.load(rows));
        body(row);
        f.increase(rows, 4);
        f.increase(left, -1);
      }),
    () => {
      f.set(row, first);
      f.while(i32.gtS(left, c(0)), () => {
        body(row);
        f.increase(row, 1);
        f.increase(left, -1);
      });
    },
  );
}

/** Whether a row is null, given a bitmap that may be missing. */
function isNull(validity: I32, row: I32): I32 {
  const byte = i32.load8U(add(validity, i32.shrU(row, c(3))));
  const isMarked = i32.eqz(i32.and(i32.shrU(byte, i32.and(row, c(7))), c(1)));
  return i32.and(i32.ne(validity, c(0)), isMarked);
}

/**
 * `copyViews(target, source, rows, first, count, validity, sourceHeap, targetHeap, used)`: copies views and
 * their long values behind the `used` bytes of the target's heap. The answer is how many are used then.
 */
export function addCopyViews(
  module: ModuleBuilder,
  copyRun: FunctionRef<undefined>,
): FunctionRef<'i32'> {
  const params = Array.from({ length: 9 }, () => 'i32' as const);
  return module.function({ params, result: 'i32' }, (f) => {
    const target = f.param(0, 'i32');
    const source = f.param(1, 'i32');
    const validity = f.param(5, 'i32');
    const sourceHeap = f.param(6, 'i32');
    const targetHeap = f.param(7, 'i32');
    const used = f.param(8, 'i32');
    const view = f.local('i32');
    const length = f.local('i32');
    eachRow(f, f.param(2, 'i32'), f.param(3, 'i32'), f.param(4, 'i32'), (row) => {
      f.set(view, add(source, shl(row, c(4))));
      f.do(v128.store(target, v128.load(view)));
      f.set(length, i32.load(view));
      f.if(i32.gtU(length, c(INLINE_BYTES)), () => {
        f.if(
          isNull(validity, row),
          () => f.do(i32.store(target, c(0))),
          () => {
            const from = add(sourceHeap, i32.load(view, { offset: 12 }));
            f.do(
              perform(copyRun, add(targetHeap, used), from, length),
              i32.store(target, used, { offset: 12 }),
            );
            f.set(used, add(used, length));
          },
        );
      });
      f.increase(target, VECTOR_BYTES);
    });
    f.return(used);
  });
}

/** `copyLate(target, source, rows, first, count)`: copies float64; how many are not 0. */
export function addCopyLate(module: ModuleBuilder): FunctionRef<'i32'> {
  const params = Array.from({ length: 5 }, () => 'i32' as const);
  return module.function({ params, result: 'i32' }, (f) => {
    const target = f.param(0, 'i32');
    const source = f.param(1, 'i32');
    const late = f.local('i32');
    const value = f.local('f64');
    eachRow(f, f.param(2, 'i32'), f.param(3, 'i32'), f.param(4, 'i32'), (row) => {
      f.set(value, f64.load(add(source, shl(row, c(3)))));
      f.do(f64.store(target, value));
      f.set(late, add(late, f64.ne(value, f64.const(0))));
      f.increase(target, 8);
    });
    f.return(late);
  });
}
