/** Code that reads digits; see `digit-words.ts`. @module */

import type { F64, I32, I64, Local } from '../../../wasm/index.ts';
import { f64, i32, i64 } from '../../../wasm/index.ts';
import { eightDigits, loadDigits, nonDigits } from './digit-words.ts';
import { FLOAT_POWERS_AT, POWERS_AT } from './layout.ts';
import type { RowCode } from './row-code.ts';

/** Most digits that {@link emitDigits} reads; any such number is an int64. */
export const MOST_DIGITS = 18;

/**
 * The number of the digits in front of the first mark: they are shifted to the end of the word, so
 * that zeros stand in front of them. No digit is 0.
 */
export function setLeadingDigits(c: RowCode, target: Local<'i64'>): void {
  const shift = i64.sub(i64.const(63n), i64.ctz(c.marks));
  c.f.set(c.word, i64.shl(i64.shl(c.word, shift), i64.const(8n)));
  c.f.set(target, eightDigits(c.word));
}

/** How many digits stand in front of the first mark. */
export function countLeading(c: RowCode): I32 {
  return i32.wrapI64(i64.shrU(i64.ctz(c.marks), i64.const(3n)));
}

/** 10^power, for a power of at most 18. */
export function powerOfTen(c: RowCode, power: I32): I64 {
  const address = i32.add(c.block, i32.shl(power, i32.const(3)));
  return i64.load(address, { offset: POWERS_AT });
}

export function floatPowerOfTen(c: RowCode, power: I32): F64 {
  const address = i32.add(c.block, i32.shl(power, i32.const(3)));
  return f64.load(address, { offset: FLOAT_POWERS_AT });
}

/**
 * Reads the digits at `at` into `value`, their number into `count`, and moves behind them. There may
 * be none; with more than {@link MOST_DIGITS} the row is not plain.
 */
export function emitDigits(c: RowCode, value: Local<'i64'>, count: Local<'i32'>): void {
  const { f } = c;
  f.set(c.word, loadDigits(c.at));
  f.set(c.marks, nonDigits(c.word));
  f.if(
    i64.ne(c.marks, i64.const(0n)),
    () => {
      f.set(count, countLeading(c));
      setLeadingDigits(c, value);
    },
    () => emitManyDigits(c, value, count),
  );
  c.advance(count);
}

/** Reads a number of eight digits or more. */
function emitManyDigits(c: RowCode, value: Local<'i64'>, count: Local<'i32'>): void {
  const { f } = c;
  const next = c.f.local('i64');
  f.set(value, eightDigits(c.word));
  f.set(count, i32.const(8));
  const append = (): void => {
    f.set(c.length, countLeading(c));
    setLeadingDigits(c, next);
    f.set(value, i64.add(i64.mul(value, powerOfTen(c, c.length)), next));
    f.set(count, i32.add(count, c.length));
  };
  f.set(c.word, loadDigits(c.at, 8));
  f.set(c.marks, nonDigits(c.word));
  f.if(i64.ne(c.marks, i64.const(0n)), append, () => {
    f.set(next, eightDigits(c.word));
    f.set(value, i64.add(i64.mul(value, i64.const(100_000_000n)), next));
    f.set(count, i32.const(16));
    f.set(c.word, loadDigits(c.at, 16));
    f.set(c.marks, nonDigits(c.word));
    c.slowIf(i64.eqz(c.marks));
    append();
    c.slowIf(i32.gtU(count, i32.const(MOST_DIGITS)));
  });
}

/** Reads a minus sign, if one is there, into `isNegative`. */
export function emitSign(c: RowCode): void {
  c.f.set(c.isNegative, i32.eq(c.byte(), i32.const(0x2d)));
  c.advance(c.isNegative);
}

/** `value`, negated if `isNegative`. */
export function signedValue(c: RowCode): I64 {
  const sign = i64.extendI32U(c.isNegative);
  return i64.add(i64.xor(c.value, i64.sub(i64.const(0n), sign)), sign);
}
