/**
 * Code that fills columns of generated numbers: the same bits as `numbers.ts` and `random.ts`, four rows
 * at a time.
 *
 * Every function writes `count` values from the address `target` on.
 *
 * @module
 */

import type { KernelMemory } from '../../core/memory.ts';
import type {
  F64,
  FunctionBuilder,
  I32,
  Local,
  ModuleList,
  V128,
  ValueType,
} from '../../wasm/index.ts';
import {
  compileModule,
  ENGINE,
  f64,
  f64x2,
  i32,
  i32x4,
  i64,
  i8x16,
  Import,
  instantiate,
  lanes,
  ModuleBuilder,
  v128,
} from '../../wasm/index.ts';

const { add } = i32;
const c = i32.const;
const GOLDEN = 0x9e37_79b9;
const TWO_53 = 9007199254740992;
const FOUR = 4;

/** The functions over a worker's memory. */
export interface RunKernels {
  /** int32 `first`, `first + step`, … */
  readonly sequence: (target: number, count: number, first: number, step: number) => void;
  /** int64, of whole numbers within ±2^53. */
  readonly times: (target: number, count: number, first: number, step: number) => void;
  /** float64 `low + u · span`, u uniform in `0 ≤ u < 1`; `row` is the low half of the first row's number. */
  readonly floats: (
    target: number,
    count: number,
    row: number,
    keyA: number,
    keyB: number,
    low: number,
    span: number,
  ) => void;
  /** int32 `min(first + ⌊u · values⌋, last)`. */
  readonly integers: (
    target: number,
    count: number,
    row: number,
    keyA: number,
    keyB: number,
    first: number,
    values: number,
    last: number,
  ) => void;
}

const MODULE_KEY = 'generated runs';

/** Makes the functions. */
export function runKernels(memory: KernelMemory): RunKernels {
  return instantiate(compileModule(MODULE_KEY, build), memory) as unknown as RunKernels;
}

/** Adds their module, for the thread that plans. */
export function addRunKernels(list: ModuleList): void {
  list.add(MODULE_KEY, build);
}

function build(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const add = (
    name: keyof RunKernels,
    params: readonly ValueType[],
    body: (f: FunctionBuilder) => void,
  ): void => {
    module.function({ params, result: undefined }, body, name);
  };
  add('sequence', ['i32', 'i32', 'i32', 'i32'], writeSequence);
  add('times', ['i32', 'i32', 'f64', 'f64'], writeTimes);
  add('floats', ['i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'f64'], writeFloats);
  add('integers', ['i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'f64', 'f64'], writeIntegers);
  return module.build();
}

function writeSequence(f: FunctionBuilder): void {
  const target = f.param(0, 'i32');
  const step = f.param(3, 'i32');
  const steps = f.let(i32x4.mul(i32x4.splat(step), lanes.i32x4(0, 1, 2, 3)));
  const four = f.let(i32x4.add(i32x4.splat(f.param(2, 'i32')), steps));
  byFour(f, target, 2, f.param(1, 'i32'), (store) => {
    store([four]);
    f.set(four, i32x4.add(four, i32x4.splat(i32.shl(step, c(2)))));
  });
}

function writeTimes(f: FunctionBuilder): void {
  const target = f.param(0, 'i32');
  const left = f.param(1, 'i32');
  const value = f.let(i64.truncSatF64S(f.param(2, 'f64')));
  const step = f.let(i64.truncSatF64S(f.param(3, 'f64')));
  f.while(i32.gtS(left, c(0)), () => {
    f.do(i64.store(target, value));
    f.set(value, i64.add(value, step));
    f.increase(target, 8);
    f.increase(left, -1);
  });
}

/** Spreads every bit of four numbers over all of them. */
function mix(f: FunctionBuilder, value: V128): Local<'v128'> {
  const x = f.let(value);
  const turn = (shift: number, factor: number): void =>
    f.set(x, i32x4.mul(v128.xor(x, i32x4.shrU(x, c(shift))), i32x4.splat(c(factor))));
  turn(16, 0x7feb_352d);
  turn(15, 0x846c_a68b);
  f.set(x, v128.xor(x, i32x4.shrU(x, c(16))));
  return x;
}

/** Numbers of rows and keys of a stream, from parameters 2 to 4. */
interface Draws {
  readonly rows: Local<'v128'>;
  readonly keyA: V128;
  readonly keyB: V128;
}

function draws(f: FunctionBuilder): Draws {
  const first = i32x4.splat(f.param(2, 'i32'));
  return {
    rows: f.let(i32x4.add(first, lanes.i32x4(0, 1, 2, 3))),
    keyA: f.let(i32x4.splat(f.param(3, 'i32'))),
    keyB: f.let(i32x4.splat(f.param(4, 'i32'))),
  };
}

/** Four numbers in `0 ≤ u < 1`, and on to the next rows. */
function units(f: FunctionBuilder, { rows, keyA, keyB }: Draws): readonly [V128, V128] {
  const row = f.let(i32x4.add(mix(f, v128.xor(rows, keyA)), keyB));
  const draw = (n: number): V128 => mix(f, v128.xor(row, i32x4.splat(c(Math.imul(GOLDEN, n)))));
  const high = f.let(i32x4.shrU(draw(1), c(5)));
  const low = f.let(i32x4.shrU(draw(2), c(6)));
  f.set(rows, i32x4.add(rows, i32x4.splat(c(FOUR))));
  const pair = (upper: boolean): V128 => {
    const half = (x: V128): V128 =>
      upper ? i8x16.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]) : x;
    const whole = f64x2.mul(f64x2.convertLowI32x4U(half(high)), f64x2.splat(f64.const(67_108_864)));
    const sum = f64x2.add(whole, f64x2.convertLowI32x4U(half(low)));
    // A power of two: as exact as to divide.
    return f.let(f64x2.mul(sum, f64x2.splat(f64.const(1 / TWO_53))));
  };
  return [pair(false), pair(true)];
}

function writeFloats(f: FunctionBuilder): void {
  const stream = draws(f);
  const splat = (value: F64): V128 => f.let(f64x2.splat(value));
  const [low, span] = [splat(f.param(5, 'f64')), splat(f.param(6, 'f64'))];
  byFour(f, f.param(0, 'i32'), 3, f.param(1, 'i32'), (store) =>
    store(units(f, stream).map((unit) => f64x2.add(low, f64x2.mul(unit, span)))),
  );
}

function writeIntegers(f: FunctionBuilder): void {
  const stream = draws(f);
  const splat = (value: F64): V128 => f.let(f64x2.splat(value));
  const first = splat(f.param(5, 'f64'));
  const values = splat(f.param(6, 'f64'));
  const last = splat(f.param(7, 'f64'));
  byFour(f, f.param(0, 'i32'), 2, f.param(1, 'i32'), (store) => {
    const [a, b] = units(f, stream).map((unit) => {
      const value = f64x2.add(first, f64x2.floor(f64x2.mul(unit, values)));
      return i32x4.truncSatF64x2SZero(f64x2.pmin(last, value));
    }) as [V128, V128];
    store([i8x16.shuffle(a, b, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])]);
  });
}

/**
 * Runs `body` for every four values; it stores them, as vectors. Of the last four only as many are kept
 * as there are left.
 */
function byFour(
  f: FunctionBuilder,
  target: Local<'i32'>,
  log2Bytes: 2 | 3,
  count: Local<'i32'>,
  body: (store: (vectors: readonly V128[]) => void) => void,
): void {
  const store = (vectors: readonly V128[]): void => {
    const kept = vectors.map((vector) => f.let(vector));
    f.if(
      i32.geS(count, c(FOUR)),
      () => kept.forEach((vector, i) => f.do(v128.store(target, vector, { offset: 16 * i }))),
      () => kept.forEach((vector, i) => storeSome(f, target, log2Bytes, count, vector, i)),
    );
  };
  f.while(i32.gtS(count, c(0)), () => {
    body(store);
    f.set(target, add(target, c(FOUR << log2Bytes)));
    f.increase(count, -FOUR);
  });
}

function storeSome(
  f: FunctionBuilder,
  target: I32,
  log2Bytes: 2 | 3,
  count: I32,
  vector: V128,
  position: number,
): void {
  const inVector = 16 >> log2Bytes;
  for (let lane = 0; lane < inVector; lane++) {
    const value = position * inVector + lane;
    const offset = value << log2Bytes;
    f.if(i32.gtS(count, c(value)), () =>
      f.do(
        log2Bytes === 2
          ? v128.store32Lane(target, vector, lane, { offset })
          : v128.store64Lane(target, vector, lane, { offset }),
      ),
    );
  }
}
