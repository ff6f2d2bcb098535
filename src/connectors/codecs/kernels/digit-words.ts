/**
 * Digits, eight at a time.
 *
 * Eight bytes are loaded as one int64, the first of them lowest. XOR with `00000000` leaves the values
 * of digits, and something above 9 for every other byte.
 *
 * @module
 */

import type { I32, I64, Local } from '../../../wasm/index.ts';
import { i64, tee } from '../../../wasm/index.ts';

const ZEROS = 0x3030303030303030n;
const HIGH_BITS = 0x8080808080808080n;
/** 0x7f − 9 in each byte: sets the high bit of what is no digit. */
const ABOVE_NINE = 0x7676767676767676n;

/** The eight bytes at an address as digits; `pattern` holds the bytes that become 0. */
export function loadDigits(at: I32, offset = 0, pattern: bigint = ZEROS): I64 {
  return i64.xor(i64.load(at, { offset }), i64.const(pattern));
}

/**
 * The high bit of each byte of `word` that is no digit; right up to the first such byte, which is all
 * that is looked at: a carry may spoil what lies behind it.
 */
export function nonDigits(word: Local<'i64'>): I64 {
  const sum = i64.add(word, i64.const(ABOVE_NINE));
  return i64.and(i64.or(sum, word), i64.const(HIGH_BITS));
}

/** Each byte times ten plus the one behind it: the numbers of pairs of digits. */
export function pairs(word: I64): I64 {
  return i64.add(i64.mul(word, i64.const(10n)), i64.shrU(word, i64.const(8n)));
}

/** The number of eight digits in `word`, which is overwritten. */
export function eightDigits(word: Local<'i64'>): I64 {
  const part = (value: I64, weights: bigint): I64 =>
    i64.mul(i64.and(value, i64.const(0x000000ff_000000ffn)), i64.const(weights));
  // Pairs 0 and 2 count 10^6 and 10^2, pairs 1 and 3 count 10^4 and 1; the sums come out on top.
  const even = part(tee(word, pairs(word)), 0x000f4240_00000064n);
  const odd = part(i64.shrU(word, i64.const(16n)), 0x00002710_00000001n);
  return i64.shrU(i64.add(even, odd), i64.const(32n));
}
