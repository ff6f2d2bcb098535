/** Integers that do not wrap, as lanes. Every result is exact or marked as failed. @module */

import type { I32, I64 } from '../../../wasm/index.ts';
import { f64, i32, i64, select } from '../../../wasm/index.ts';
import { MAX_INT64, MIN_INT32, MIN_INT64 } from '../../scalar/integer.ts';
import type { Lane, Machine, Operation } from '../lanes.ts';
import { Convert, Int32, Int64, Mask, operation, WIDE_MULTIPLY } from '../operations.ts';
import type { Outcome, LaneRule } from './rule.ts';

type IntegerOperations = typeof Int32 | typeof Int64;

function integersOf({ storage }: Lane): IntegerOperations {
  return storage === 'i32' ? Int32 : Int64;
}

function isNegative(m: Machine, a: Lane): Lane {
  return m.apply(integersOf(a).lt, a, m.constant(a.storage, 0));
}

/** `a + b`: it overflowed where the sign of the sum differs from both operands'. */
export const addIntegers: LaneRule = (m, [a, b]) => {
  const ops = integersOf(a!);
  const value = m.apply(ops.add, a!, b!);
  const signs = m.apply(ops.and, m.apply(ops.xor, a!, value), m.apply(ops.xor, b!, value));
  return { value, fails: isNegative(m, signs) };
};

/** `a - b`. */
export const subtractIntegers: LaneRule = (m, [a, b]) => {
  const ops = integersOf(a!);
  const value = m.apply(ops.sub, a!, b!);
  const signs = m.apply(ops.and, m.apply(ops.xor, a!, b!), m.apply(ops.xor, a!, value));
  return { value, fails: isNegative(m, signs) };
};

/** `a * b` of int32. */
export const multiplyInt32: LaneRule = (m, [a, b]) => {
  const value = m.apply(Int32.mul, a!, b!);
  const exact = m.apply(WIDE_MULTIPLY, a!, b!);
  const widened = m.apply(Convert.int32ToInt64, value);
  return { value, fails: m.apply(Int64.ne, exact, widened) };
};

/** Products of this size and larger may not fit; float64 has them to one part in 2^52. */
const LARGE_PRODUCT = 2 ** 63 * (1 - 2 ** -50);

const isLargeProduct = operation('bits', (a: I64, b: I64) => {
  const product = f64.mul(f64.convertI64S(a), f64.convertI64S(b));
  return i32.eqz(f64.lt(f64.abs(product), f64.const(LARGE_PRODUCT)));
});

/** `a * b` of int64. Products that only just fit count as failed. */
export const multiplyInt64: LaneRule = (m, [a, b]) => ({
  value: m.apply(Int64.mul, a!, b!),
  fails: m.apply(isLargeProduct, a!, b!),
});

/** `a * factor` of int64; fails exactly where it does not fit. */
export function scaleInt64(m: Machine, a: Lane, factor: bigint): Outcome {
  if (factor === 0n || factor === 1n) {
    return { value: factor === 1n ? a : m.constant('i64', 0n) };
  }
  const value = m.apply(Int64.mul, a, m.constant('i64', factor));
  return { value, fails: outside(m, a, ...limitsOfScale(factor)) };
}

/** The values that can be multiplied by a factor. */
function limitsOfScale(factor: bigint): readonly [bigint, bigint] {
  if (factor === -1n) return [-MAX_INT64, MAX_INT64];
  const a = MIN_INT64 / factor;
  const b = MAX_INT64 / factor;
  return a < b ? [a, b] : [b, a];
}

/** Where a value lies outside a range. */
export function outside(m: Machine, a: Lane, least: bigint, greatest: bigint): Lane {
  const below = m.apply(Int64.lt, a, m.constant('i64', least));
  return m.apply(Mask.or, below, m.apply(Int64.gt, a, m.constant('i64', greatest)));
}

/** `a * factor`, stopping at the limits of int64. */
export function scaleStopping(m: Machine, a: Lane, factor: bigint): Lane {
  const [least, greatest] = limitsOfScale(factor);
  const value = m.apply(Int64.mul, a, m.constant('i64', factor));
  const low = m.apply(Int64.lt, a, m.constant('i64', least));
  const high = m.apply(Int64.gt, a, m.constant('i64', greatest));
  return m.select(
    low,
    m.constant('i64', MIN_INT64),
    m.select(high, m.constant('i64', MAX_INT64), value),
  );
}

/** `-a`. */
export const negateInteger: LaneRule = (m, [a]) =>
  subtractIntegers(m, [m.constant(a!.storage, 0), a!]);

/** `ABS(a)`. */
export const absoluteInteger: LaneRule = (m, [a]) => {
  const { value } = negateInteger(m, [a!]);
  const least = a!.storage === 'i32' ? MIN_INT32 : MIN_INT64;
  const fails = m.apply(integersOf(a!).eq, a!, m.constant(a!.storage, least));
  return { value: m.select(isNegative(m, a!), value, a!), fails };
};

// A divisor that would trap is replaced by 1: the row has failed, or the quotient is not looked at.
const divide32 = operation('i32', (a: I32, b: I32) => i32.divS(a, nonZero32(b)));
const divide64 = operation('i64', (a: I64, b: I64) => i64.divS(a, nonZero64(b)));
const remain32 = operation('i32', (a: I32, b: I32) => i32.remS(a, nonZero32(b)));
const remain64 = operation('i64', (a: I64, b: I64) => i64.remS(a, nonZero64(b)));

const nonZero32 = (b: I32): I32 => i32.or(b, i32.eqz(b));
const nonZero64 = (b: I64): I64 => i64.or(b, i64.extendI32U(i64.eqz(b)));

/** `a / b`, towards zero. */
export const divideIntegers: LaneRule = (m, [a, b]) => {
  const ops = integersOf(a!);
  const { storage } = a!;
  const least = m.constant(storage, storage === 'i32' ? MIN_INT32 : MIN_INT64);
  const isLeast = m.apply(ops.eq, a!, least);
  const isMinusOne = m.apply(ops.eq, b!, m.constant(storage, -1));
  const overflows = m.apply(Mask.and, isLeast, isMinusOne);
  // The least value by -1 would trap.
  const safe = m.select(overflows, m.constant(storage, 1), b!);
  const isZero = m.apply(ops.eq, b!, m.constant(storage, 0));
  return {
    value: m.apply(storage === 'i32' ? divide32 : divide64, a!, safe),
    fails: m.apply(Mask.or, overflows, isZero),
  };
};

/** `a % b`, with the sign of `a`. */
export const remainIntegers: LaneRule = (m, [a, b]) => {
  const { storage } = a!;
  const isZero = m.apply(integersOf(a!).eq, b!, m.constant(storage, 0));
  return { value: m.apply(storage === 'i32' ? remain32 : remain64, a!, b!), fails: isZero };
};

/** Quotient by a constant other than 0 and -1. */
export function quotientBy(storage: 'i32' | 'i64', divisor: bigint): Operation {
  return storage === 'i32'
    ? operation('i32', (a: I32) => i32.divS(a, i32.const(Number(divisor))))
    : operation('i64', (a: I64) => i64.divS(a, i64.const(divisor)));
}

/** Remainder by a constant other than 0. */
export function remainderBy(storage: 'i32' | 'i64', divisor: bigint): Operation {
  return storage === 'i32'
    ? operation('i32', (a: I32) => i32.remS(a, i32.const(Number(divisor))))
    : operation('i64', (a: I64) => i64.remS(a, i64.const(divisor)));
}

/** Quotient by a positive constant, rounded down. */
export function floorQuotientBy(divisor: bigint): Operation {
  return operation('i64', (a: I64) => {
    const rest = i64.remS(a, i64.const(divisor));
    // The rest's sign, 0 or -1.
    return i64.add(i64.divS(a, i64.const(divisor)), i64.shrS(rest, i64.const(63n)));
  });
}

/** Quotient by a positive constant, rounded to the nearest, halves away from zero. */
export function roundedQuotientBy(divisor: bigint): Operation {
  return operation('i64', (a: I64) => {
    const quotient = i64.divS(a, i64.const(divisor));
    const rest = i64.remS(a, i64.const(divisor));
    const magnitude = select(i64.ltS(rest, i64.const(0n)), i64.sub(i64.const(0n), rest), rest);
    // 2 · rest ≥ divisor, without a product that could overflow.
    const isUp = i64.geS(magnitude, i64.const((divisor + 1n) / 2n));
    const away = select(i64.ltS(a, i64.const(0n)), i64.const(-1n), i64.const(1n));
    return select(isUp, i64.add(quotient, away), quotient);
  });
}

/** What is left of a value beyond a multiple of a positive constant: never negative. */
export function floorRemainderBy(storage: 'i32' | 'i64', modulus: bigint): Operation {
  if (storage === 'i32') {
    return operation('i32', (a: I32) => {
      const rest = i32.remS(a, i32.const(Number(modulus)));
      return i32.add(rest, i32.and(i32.shrS(rest, i32.const(31)), i32.const(Number(modulus))));
    });
  }
  return operation('i64', (a: I64) => {
    const rest = i64.remS(a, i64.const(modulus));
    return i64.add(rest, i64.and(i64.shrS(rest, i64.const(63n)), i64.const(modulus)));
  });
}
