/** Integers that do not wrap, as lanes. Every result is exact or marked as failed. @module */

import type { I32, I64, V128 } from '../../../wasm/index.ts';
import { f64, i32, i64, i64x2, select } from '../../../wasm/index.ts';
import { MAX_INT64, MIN_INT32, MIN_INT64 } from '../../scalar/integer.ts';
import type { Lane, Machine, Operation } from '../lanes.ts';
import { Convert, Int32, Int64, Mask, operation, WIDE_MULTIPLY } from '../operations.ts';
import { floorRemainder32, quotient32, remainder32 } from './divide-int32.ts';
import type { Outcome, LaneRule } from './rule.ts';

type IntegerOperations = typeof Int32 | typeof Int64;

function integersOf({ storage }: Lane): IntegerOperations {
  return storage === 'i32' ? Int32 : Int64;
}

function isNegative(m: Machine, a: Lane): Lane {
  return m.apply(integersOf(a).lt, a, m.constant(a.storage, 0));
}

/** The rows of {@link Outcome.fails} as a mask. */
export function failureMask(m: Machine, fails: Lane): Lane {
  return fails.storage === 'bits' ? fails : isNegative(m, fails);
}

/** Rows that fail in either way. */
export function eitherFails(m: Machine, a: Lane, b: Lane): Lane {
  if (a.storage !== b.storage || a.storage === 'bits') {
    return m.apply(Mask.or, failureMask(m, a), failureMask(m, b));
  }
  return m.apply(integersOf(a).or, a, b);
}

/** `a + b`: it overflowed where the sign of the sum differs from both operands'. */
export const addIntegers: LaneRule = (m, [a, b]) => {
  const ops = integersOf(a!);
  const value = m.apply(ops.add, a!, b!);
  const signs = m.apply(ops.and, m.apply(ops.xor, a!, value), m.apply(ops.xor, b!, value));
  return { value, fails: signs };
};

/** `a - b`. */
export const subtractIntegers: LaneRule = (m, [a, b]) => {
  const ops = integersOf(a!);
  const value = m.apply(ops.sub, a!, b!);
  const signs = m.apply(ops.and, m.apply(ops.xor, a!, b!), m.apply(ops.xor, a!, value));
  return { value, fails: signs };
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
  const value = multiplyBy(m, a, factor);
  return { value, fails: outside(m, a, ...limitsOfScale(factor)) };
}

/** The values that can be multiplied by a factor. */
function limitsOfScale(factor: bigint): readonly [bigint, bigint] {
  if (factor === -1n) return [-MAX_INT64, MAX_INT64];
  const a = MIN_INT64 / factor;
  const b = MAX_INT64 / factor;
  return a < b ? [a, b] : [b, a];
}

/** More shifts than this cost more than a product. */
const MOST_SHIFTS = 3;

/** `a * factor`, which may wrap. Vectors have no product of 64 bits, so V8 makes one of three of 32. */
function multiplyBy(m: Machine, a: Lane, factor: bigint): Lane {
  const digits = signedDigits(factor);
  if (digits.length > MOST_SHIFTS) return m.apply(Int64.mul, a, m.constant('i64', factor));
  const shifted = ({ shift }: SignedDigit, x: V128): V128 =>
    shift === 0 ? x : i64x2.shl(x, i32.const(shift));
  // From the highest digit on: that of a positive factor is positive.
  const block = (x: V128): V128 =>
    digits.reduce((sum: V128 | undefined, digit) => {
      const term = shifted(digit, x);
      if (sum !== undefined) return digit.isNegative ? i64x2.sub(sum, term) : i64x2.add(sum, term);
      return digit.isNegative ? i64x2.neg(term) : term;
    }, undefined)!;
  return m.apply(
    operation('i64', (x: I64) => i64.mul(x, i64.const(factor)), block),
    a,
  );
}

interface SignedDigit {
  readonly shift: number;
  readonly isNegative: boolean;
}

/** A number other than 0 as few powers of two, added and subtracted: the highest first. */
function signedDigits(value: bigint): readonly SignedDigit[] {
  const digits: SignedDigit[] = [];
  for (let rest = value, shift = 0; rest !== 0n; shift++) {
    if ((rest & 1n) === 1n) {
      const digit = 2n - (rest & 3n);
      digits.unshift({ shift, isNegative: digit < 0n });
      rest -= digit;
    }
    rest >>= 1n;
  }
  return digits;
}

/** Where a value lies outside a range that has 0 in it: negative there, see {@link Outcome.fails}. */
export function outside(m: Machine, a: Lane, least: bigint, greatest: bigint): Lane {
  if (greatest - least <= MAX_INT64) {
    // A difference wraps only where the other one is negative.
    const above = m.apply(Int64.sub, m.constant('i64', greatest), a);
    return m.apply(Int64.or, above, m.apply(Int64.sub, a, m.constant('i64', least)));
  }
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
    ? quotient32(Number(divisor))
    : operation('i64', (a: I64) => i64.divS(a, i64.const(divisor)));
}

/** Remainder by a constant other than 0. */
export function remainderBy(storage: 'i32' | 'i64', divisor: bigint): Operation {
  return storage === 'i32'
    ? remainder32(Number(divisor))
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
  if (storage === 'i32') return floorRemainder32(Number(modulus));
  return operation('i64', (a: I64) => {
    const rest = i64.remS(a, i64.const(modulus));
    return i64.add(rest, i64.and(i64.shrS(rest, i64.const(63n)), i64.const(modulus)));
  });
}
