/**
 * `a % d = 0` without a division, for a constant `d`.
 *
 * With d = d0 · 2^k, d0 odd and not 1, and n bits: a is divisible by d exactly if (a · d0⁻¹ + A) rotated right by k
 * is at most B, unsigned, where A = ⌊(2^(n-1) − 1) / d0⌋ with its low k bits cleared and B = ⌊2A / 2^k⌋.
 * Multiplying by the inverse maps the multiples of d0, and only those, to the small numbers around zero.
 *
 * @module
 */

import type { I32, I64, V128 } from '../../../wasm/index.ts';
import { i32, i32x4, i64, v128 } from '../../../wasm/index.ts';
import { MIN_INT32, MIN_INT64 } from '../../scalar/integer.ts';
import type { Lane, Machine, Operation } from '../lanes.ts';
import { Int32, Int64, Mask, operation } from '../operations.ts';

/** The test for a constant; `undefined` where a remainder is as good. */
export function isDivisibleBy(
  storage: 'i32' | 'i64',
  divisor: bigint,
): ((m: Machine, a: Lane) => Lane) | undefined {
  const least = storage === 'i32' ? BigInt(MIN_INT32) : MIN_INT64;
  if (divisor === 0n || divisor === least) return undefined;
  const positive = divisor < 0n ? -divisor : divisor;
  if ((positive & (positive - 1n)) === 0n) return lowBitsClear(storage, positive - 1n);
  const magic = magicOf(storage === 'i32' ? 32 : 64, positive);
  return storage === 'i32' ? divisible32(magic) : (m, a) => m.apply(divisible64(magic), a);
}

/** The test for a power of two. */
function lowBitsClear(storage: 'i32' | 'i64', bits: bigint): (m: Machine, a: Lane) => Lane {
  const { and, eq } = storage === 'i32' ? Int32 : Int64;
  return (m, a) => m.apply(eq, m.apply(and, a, m.constant(storage, bits)), m.constant(storage, 0));
}

interface Magic {
  readonly inverse: bigint;
  readonly offset: bigint;
  readonly bound: bigint;
  readonly shift: number;
}

function magicOf(bits: number, divisor: bigint): Magic {
  let odd = divisor;
  let shift = 0;
  for (; (odd & 1n) === 0n; odd >>= 1n) shift++;
  // Each step doubles the bits that are right; an odd number is its own inverse in three.
  let inverse = odd;
  for (let right = 3; right < bits; right *= 2) {
    inverse = BigInt.asUintN(bits, inverse * (2n - odd * inverse));
  }
  const low = (1n << BigInt(shift)) - 1n;
  const offset = (((1n << BigInt(bits - 1)) - 1n) / odd) & ~low;
  return { inverse, offset, bound: (2n * offset) >> BigInt(shift), shift };
}

function divisible32({ inverse, offset, bound, shift }: Magic): (m: Machine, a: Lane) => Lane {
  const word = (value: bigint): number => Number(BigInt.asIntN(32, value));
  const atMost: Operation = operation('bits', i32.leU, i32x4.leU);
  const rotate: Operation = operation(
    'i32',
    (a: I32) => i32.rotr(a, i32.const(shift)),
    (a: V128) => v128.or(i32x4.shrU(a, i32.const(shift)), i32x4.shl(a, i32.const(32 - shift))),
  );
  return (m, a) => {
    const product = m.apply(Int32.mul, a, m.constant('i32', word(inverse)));
    const shifted = m.apply(Int32.add, product, m.constant('i32', word(offset)));
    const rotated = shift === 0 ? shifted : m.apply(rotate, shifted);
    return m.apply(atMost, rotated, m.constant('i32', word(bound)));
  };
}

function divisible64({ inverse, offset, bound, shift }: Magic): Operation {
  return operation('bits', (a: I64) => {
    const shifted = i64.add(i64.mul(a, i64.const(inverse)), i64.const(offset));
    const rotated = shift === 0 ? shifted : i64.rotr(shifted, i64.const(BigInt(shift)));
    return i64.leU(rotated, i64.const(bound));
  });
}

/** The opposite of a test. */
export function negated(test: (m: Machine, a: Lane) => Lane): (m: Machine, a: Lane) => Lane {
  return (m, a) => m.apply(Mask.not, test(m, a));
}
