/** Operations that are one instruction, or nearly. @module */

import type { V128, Value } from '../../wasm/index.ts';
import { f64, f64x2, i32, i32x4, i64, i64x2, i8x16, v128 } from '../../wasm/index.ts';
import type { LaneStorage, Operation } from './lanes.ts';

/** A function of single values, whatever their types. */
type RowRule = (...args: never[]) => Value;

/** An operation from an instruction for a row and, if there is one, that for a vector. */
export function operation(
  result: LaneStorage,
  row: RowRule,
  block?: (...args: V128[]) => V128,
): Operation {
  const byRow = { result, row: (args: readonly Value[]) => row(...(args as never[])) };
  if (block === undefined) return byRow;
  return {
    ...byRow,
    block: (args) => args[0]!.map((_, p) => block(...args.map((parts) => parts[p]!))),
  };
}

const words = (...positions: readonly number[]): readonly number[] =>
  positions.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]);
const upperHalf = (a: V128): V128 => i8x16.shuffle(a, a, words(2, 3, 2, 3));
const evenWords = (a: V128, b: V128): V128 => i8x16.shuffle(a, b, words(0, 2, 4, 6));
const lowHalves = (a: V128, b: V128): V128 => i8x16.shuffle(a, b, words(0, 1, 4, 5));

/** Logic on masks. */
export const Mask = {
  and: operation('bits', i32.and, v128.and),
  or: operation('bits', i32.or, v128.or),
  xor: operation('bits', i32.xor, v128.xor),
  not: operation('bits', i32.eqz, v128.not),
  /** `a AND NOT b`. */
  andNot: operation('bits', (a: never, b: never) => i32.and(a, i32.eqz(b)), v128.andnot),
};

export const Int32 = {
  add: operation('i32', i32.add, i32x4.add),
  sub: operation('i32', i32.sub, i32x4.sub),
  mul: operation('i32', i32.mul, i32x4.mul),
  and: operation('i32', i32.and, v128.and),
  or: operation('i32', i32.or, v128.or),
  xor: operation('i32', i32.xor, v128.xor),
  eq: operation('bits', i32.eq, i32x4.eq),
  ne: operation('bits', i32.ne, i32x4.ne),
  lt: operation('bits', i32.ltS, i32x4.ltS),
  le: operation('bits', i32.leS, i32x4.leS),
  gt: operation('bits', i32.gtS, i32x4.gtS),
  ge: operation('bits', i32.geS, i32x4.geS),
};

export const Int64 = {
  add: operation('i64', i64.add, i64x2.add),
  sub: operation('i64', i64.sub, i64x2.sub),
  mul: operation('i64', i64.mul, i64x2.mul),
  and: operation('i64', i64.and, v128.and),
  or: operation('i64', i64.or, v128.or),
  xor: operation('i64', i64.xor, v128.xor),
  eq: operation('bits', i64.eq, i64x2.eq),
  ne: operation('bits', i64.ne, i64x2.ne),
  lt: operation('bits', i64.ltS, i64x2.ltS),
  le: operation('bits', i64.leS, i64x2.leS),
  gt: operation('bits', i64.gtS, i64x2.gtS),
  ge: operation('bits', i64.geS, i64x2.geS),
};

export const Float64 = {
  add: operation('f64', f64.add, f64x2.add),
  sub: operation('f64', f64.sub, f64x2.sub),
  mul: operation('f64', f64.mul, f64x2.mul),
  div: operation('f64', f64.div, f64x2.div),
  neg: operation('f64', f64.neg, f64x2.neg),
  abs: operation('f64', f64.abs, f64x2.abs),
  sqrt: operation('f64', f64.sqrt, f64x2.sqrt),
  floor: operation('f64', f64.floor, f64x2.floor),
  ceil: operation('f64', f64.ceil, f64x2.ceil),
  trunc: operation('f64', f64.trunc, f64x2.trunc),
  min: operation('f64', f64.min, f64x2.min),
  max: operation('f64', f64.max, f64x2.max),
  eq: operation('bits', f64.eq, f64x2.eq),
  ne: operation('bits', f64.ne, f64x2.ne),
  lt: operation('bits', f64.lt, f64x2.lt),
  le: operation('bits', f64.le, f64x2.le),
  gt: operation('bits', f64.gt, f64x2.gt),
  ge: operation('bits', f64.ge, f64x2.ge),
};

/** Conversions that lose nothing, or say what they lose. */
export const Convert = {
  int32ToInt64: {
    result: 'i64',
    row: ([a]) => i64.extendI32S(a as never),
    block: ([a]) => [i64x2.extendLowI32x4S(a![0]!), i64x2.extendHighI32x4S(a![0]!)],
  },
  int32ToFloat: {
    result: 'f64',
    row: ([a]) => f64.convertI32S(a as never),
    block: ([a]) => [f64x2.convertLowI32x4S(a![0]!), f64x2.convertLowI32x4S(upperHalf(a![0]!))],
  },
  /** To the nearest float64, ties to even. */
  int64ToFloat: operation('f64', f64.convertI64S),
  /** The low half. */
  int64ToInt32: {
    result: 'i32',
    row: ([a]) => i32.wrapI64(a as never),
    block: ([a]) => [evenWords(a![0]!, a![1]!)],
  },
  /** Towards zero, stopping at the limits. */
  floatToInt32: {
    result: 'i32',
    row: ([a]) => i32.truncSatF64S(a as never),
    block: ([a]) => [lowHalves(i32x4.truncSatF64x2SZero(a![0]!), i32x4.truncSatF64x2SZero(a![1]!))],
  },
  /** Towards zero, stopping at the limits. */
  floatToInt64: operation('i64', i64.truncSatF64S),
} satisfies Record<string, Operation>;

/** The whole product of two int32. */
export const WIDE_MULTIPLY: Operation = {
  result: 'i64',
  row: ([a, b]) => i64.mul(i64.extendI32S(a as never), i64.extendI32S(b as never)),
  block: ([a, b]) => [
    i64x2.extmulLowI32x4S(a![0]!, b![0]!),
    i64x2.extmulHighI32x4S(a![0]!, b![0]!),
  ],
};
