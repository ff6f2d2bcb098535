/** Whole numbers as text: any int64, exactly, without a bigint. @module */

import type { Column } from '../../core/column.ts';
import type { FaultCode } from './fault.ts';
import { Fault } from './fault.ts';

const TWO_32 = 4294967296;
const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;

/** Most digits that are exact in a number whatever they are. */
export const SAFE_DIGITS = 15;

/**
 * Writes the whole number `bytes[from, to)` into an int64 row.
 *
 * @hot
 */
export function parseInt64(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  let at = from;
  const sign = at < to ? bytes[at]! : 0;
  if (sign === MINUS || sign === PLUS) at++;
  if (at >= to) return Fault.SYNTAX;
  while (at < to - 1 && bytes[at] === ZERO) at++;
  const digits = to - at;
  if (digits > 19) return onlyDigits(bytes, at, to) ? Fault.RANGE : Fault.SYNTAX;
  let value = 0;
  // The last nine digits of a long number are kept apart, so that both parts stay exact.
  const split = digits > SAFE_DIGITS ? to - 9 : to;
  for (; at < split; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return Fault.SYNTAX;
    value = value * 10 + digit;
  }
  if (split === to) {
    column.setI64FromNumber(row, sign === MINUS ? -value : value);
    return Fault.OK;
  }
  let low = 0;
  for (; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return Fault.SYNTAX;
    low = low * 10 + digit;
  }
  return setScaled(column, row, value, low, sign === MINUS);
}

/**
 * Writes ±(`billions` × 10^9 + `rest`) into an int64 row; all steps are exact in numbers.
 *
 * @hot
 */
function setScaled(
  column: Column,
  row: number,
  billions: number,
  rest: number,
  isNegative: boolean,
): FaultCode {
  const lowPart = billions % 65536;
  const highProduct = ((billions - lowPart) / 65536) * 1e9;
  const lowProduct = (highProduct % 65536) * 65536 + lowPart * 1e9 + rest;
  let high = Math.floor(highProduct / 65536) + Math.floor(lowProduct / TWO_32);
  let low = lowProduct % TWO_32;
  if (isNegative) {
    if (high > 0x80000000 || (high === 0x80000000 && low > 0)) return Fault.RANGE;
    high = low === 0 ? -high : -high - 1;
    low = low === 0 ? 0 : TWO_32 - low;
  } else if (high > 0x7fffffff) {
    return Fault.RANGE;
  }
  column.words[2 * row] = low | 0;
  column.words[2 * row + 1] = high | 0;
  return Fault.OK;
}

/**
 * Writes the whole number `bytes[from, to)` into an int32 row.
 *
 * @hot
 */
export function parseInt32(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  let at = from;
  const sign = at < to ? bytes[at]! : 0;
  if (sign === MINUS || sign === PLUS) at++;
  if (at >= to) return Fault.SYNTAX;
  let value = 0;
  for (; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return Fault.SYNTAX;
    value = value * 10 + digit;
  }
  if (sign === MINUS) value = -value;
  if (value < -2147483648 || value > 2147483647) return Fault.RANGE;
  column.words[row] = value;
  return Fault.OK;
}

function onlyDigits(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** Whether a bigint is an int64. */
export function isInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}

/** Whether an int64 row lies within ±2^53, so that it is exact as a number. */
export function isSafeRow(column: Column, row: number): boolean {
  const high = column.words[2 * row + 1]!;
  return high >= -0x200000 && high < 0x200000;
}
