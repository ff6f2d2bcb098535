/**
 * Division of int32 by constants in vectors, which have no instruction for it: a quotient is the upper half of
 * a product.
 *
 * For d > 1 and p ≥ 32 let M = ⌊2^p / d⌋ + 1. Then ⌊a · M / 2^p⌋ is ⌊a / d⌋ for all 0 ≤ a < 2^31, and one less
 * than the quotient towards zero for all -2^31 ≤ a < 0, if 2^31 · (M · d - 2^p) ≤ 2^p: what M is too large by adds less
 * than 1 / d to a / d, and takes less from it. Some p ≤ 62 does, as M · d - 2^p ≤ d.
 *
 * @module
 */

import type { I32, V128 } from '../../../wasm/index.ts';
import { i32, i32x4, i64x2, i8x16, lanes, v128 } from '../../../wasm/index.ts';
import type { Operation } from '../lanes.ts';
import { operation } from '../operations.ts';

const LEAST = -0x8000_0000;
/** The odd 32-bit lanes of two vectors. */
const ODD_WORDS = [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31];

/** `a / divisor`, towards zero; not by 0 or -1. */
export function quotient32(divisor: number): Operation {
  const row = (a: I32): I32 => i32.divS(a, i32.const(divisor));
  return operation('i32', row, hasMagic(divisor) ? (a) => quotient(a, divisor) : undefined);
}

/** `a % divisor`, with the sign of `a`; not by 0. */
export function remainder32(divisor: number): Operation {
  const row = (a: I32): I32 => i32.remS(a, i32.const(divisor));
  return operation('i32', row, hasMagic(divisor) ? (a) => remainder(a, divisor) : undefined);
}

/** What is left of a value beyond a multiple of a positive constant: never negative. */
export function floorRemainder32(modulus: number): Operation {
  const row = (a: I32): I32 => {
    const rest = i32.remS(a, i32.const(modulus));
    return i32.add(rest, i32.and(i32.shrS(rest, i32.const(31)), i32.const(modulus)));
  };
  const block = (a: V128): V128 => {
    const rest = remainder(a, modulus);
    return i32x4.add(rest, v128.and(i32x4.shrS(rest, i32.const(31)), all(modulus)));
  };
  return operation('i32', row, hasMagic(modulus) ? block : undefined);
}

function hasMagic(divisor: number): boolean {
  return Math.abs(divisor) > 1 && divisor !== LEAST;
}

const all = (value: number): V128 => lanes.i32x4(value, value, value, value);

function remainder(a: V128, divisor: number): V128 {
  const positive = Math.abs(divisor);
  return i32x4.sub(a, i32x4.mul(quotient(a, positive), all(positive)));
}

function quotient(a: V128, divisor: number): V128 {
  const { multiplier, shift, isBeyond } = magicOf(Math.abs(divisor));
  const factor = all(multiplier);
  const low = i64x2.extmulLowI32x4S(a, factor);
  const high = i64x2.extmulHighI32x4S(a, factor);
  const upper = i8x16.shuffle(low, high, ODD_WORDS);
  const product = isBeyond ? i32x4.add(upper, a) : upper;
  const below = shift === 0 ? product : i32x4.shrS(product, i32.const(shift));
  // -1 where `a` is negative.
  const sign = i32x4.shrS(a, i32.const(31));
  return divisor < 0 ? i32x4.sub(sign, below) : i32x4.sub(below, sign);
}

interface Magic {
  /** M, less 2^32 if that is beyond int32. */
  readonly multiplier: number;
  /** p - 32. */
  readonly shift: number;
  readonly isBeyond: boolean;
}

function magicOf(divisor: number): Magic {
  const d = BigInt(divisor);
  let p = 32n;
  const multiplierOf = (): bigint => (1n << p) / d + 1n;
  while ((multiplierOf() * d - (1n << p)) << 31n > 1n << p) p++;
  const multiplier = multiplierOf();
  return {
    multiplier: Number(BigInt.asIntN(32, multiplier)),
    shift: Number(p - 32n),
    isBeyond: multiplier >= 1n << 31n,
  };
}
