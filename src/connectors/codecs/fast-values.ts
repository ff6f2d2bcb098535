/**
 * Numbers, timestamps and truth values in their usual spelling, read in one pass.
 *
 * Each function writes the value that begins at `from` and returns where it ends, or -1 when the
 * text is not so usual: then the slower way decides, and finds what is wrong. Whether a value may
 * end there is the caller's to check. Scans stop at a line feed at the latest; up to 20 bytes
 * behind it are looked at.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import { SAFE_DIGITS } from '../../rows/values/int64.ts';
import { POWERS_OF_TEN } from '../../rows/values/scaled.ts';
import { daysFromCivil } from '../../rows/values/timestamp-parse.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;

/** An int32 of at most nine digits. @hot */
export function fastInt32(column: Column, row: number, bytes: Uint8Array, from: number): number {
  const isNegative = bytes[from] === MINUS;
  const start = isNegative ? from + 1 : from;
  let at = start;
  let value = 0;
  let digit = bytes[at]! - ZERO;
  while (digit >= 0 && digit <= 9) {
    value = (value * 10 + digit) | 0;
    digit = bytes[++at]! - ZERO;
  }
  const digits = at - start;
  if (digits === 0 || digits > 9) return -1;
  column.words[row] = isNegative ? -value : value;
  return at;
}

/** An int64 of at most 15 digits. @hot */
export function fastInt64(column: Column, row: number, bytes: Uint8Array, from: number): number {
  const isNegative = bytes[from] === MINUS;
  const start = isNegative ? from + 1 : from;
  let at = start;
  let value = 0;
  let digit = bytes[at]! - ZERO;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = bytes[++at]! - ZERO;
  }
  const digits = at - start;
  if (digits === 0 || digits > SAFE_DIGITS) return -1;
  column.setI64FromNumber(row, isNegative ? -value : value);
  return at;
}

/** A number without exponent, of at most 15 digits. @hot */
export function fastFloat64(column: Column, row: number, bytes: Uint8Array, from: number): number {
  const isNegative = bytes[from] === MINUS;
  const start = isNegative ? from + 1 : from;
  let at = start;
  let value = 0;
  let digit = bytes[at]! - ZERO;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = bytes[++at]! - ZERO;
  }
  let digits = at - start;
  if (bytes[at] === POINT) {
    const fraction = ++at;
    digit = bytes[at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = bytes[++at]! - ZERO;
    }
    digits += at - fraction;
    if (digits > SAFE_DIGITS) return -1;
    value /= POWERS_OF_TEN[at - fraction]!;
  }
  if (digits === 0 || digits > SAFE_DIGITS) return -1;
  column.f64[row] = isNegative ? -value : value;
  return at;
}

/** A decimal of at most 15 digits, with at most `scale` decimal places. @hot */
export function fastDecimal(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  scale: number,
  precision: number,
): number {
  const isNegative = bytes[from] === MINUS;
  const start = isNegative ? from + 1 : from;
  let at = start;
  let value = 0;
  let digit = bytes[at]! - ZERO;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = bytes[++at]! - ZERO;
  }
  let digits = at - start;
  let places = 0;
  if (bytes[at] === POINT) {
    const fraction = ++at;
    digit = bytes[at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = bytes[++at]! - ZERO;
    }
    places = at - fraction;
    digits += places;
  }
  const missing = scale - places;
  if (digits === 0 || missing < 0 || digits + missing > SAFE_DIGITS) return -1;
  value *= POWERS_OF_TEN[missing]!;
  if (value >= POWERS_OF_TEN[precision]!) return -1;
  column.setI64FromNumber(row, isNegative ? -value : value);
  return at;
}

const TRUE = 0x65757274;
const FALSE_HEAD = 0x736c6166;

/** `true` or `false`. @hot */
export function fastBool(column: Column, row: number, bytes: Uint8Array, from: number): number {
  const head =
    bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24);
  if (head === TRUE) {
    column.setBool(row, true);
    return from + 4;
  }
  if (head !== FALSE_HEAD || bytes[from + 4] !== 0x65) return -1;
  column.setBool(row, false);
  return from + 5;
}

/**
 * Timestamps as `2026-01-01T00:00:10`, with blank for `T`, up to six decimal places and `Z` if need
 * be; or whole epoch milliseconds. Rows that follow each other mostly have the same date: its days
 * are worked out once.
 */
export class FastTimestamp {
  #date = -1;
  #dateSeconds = 0;

  /** @hot */
  read(column: Column, row: number, bytes: Uint8Array, from: number): number {
    if (bytes[from + 4] !== MINUS) return fastMilliseconds(column, row, bytes, from);
    if (bytes[from + 7] !== MINUS || bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) {
      return -1;
    }
    const separator = bytes[from + 10];
    if (separator !== 0x54 && separator !== 0x20) return -1;
    const year = twoDigits(bytes, from) * 100 + twoDigits(bytes, from + 2);
    const date = (year * 100 + twoDigits(bytes, from + 5)) * 100 + twoDigits(bytes, from + 8);
    const hour = twoDigits(bytes, from + 11);
    const minute = twoDigits(bytes, from + 14);
    const second = twoDigits(bytes, from + 17);
    // A character that is no digit makes its number NaN, which no comparison holds for.
    if (!(hour <= 23 && minute <= 59 && second <= 59)) return -1;
    if (date !== this.#date && !this.#setDate(date)) return -1;
    let at = from + 19;
    let micros = 0;
    if (bytes[at] === POINT) {
      const fraction = ++at;
      let digit = bytes[at]! - ZERO;
      while (digit >= 0 && digit <= 9) {
        micros = micros * 10 + digit;
        digit = bytes[++at]! - ZERO;
      }
      const places = at - fraction;
      if (places === 0 || places > 6) return -1;
      micros *= POWERS_OF_TEN[6 - places]!;
    }
    if (bytes[at] === 0x5a) at++;
    const seconds = this.#dateSeconds + hour * 3600 + minute * 60 + second;
    column.setI64FromNumber(row, seconds * 1_000_000 + micros);
    return at;
  }

  /** Remembers a date of 1900 to 2199 given as year, month and day in one number. */
  #setDate(date: number): boolean {
    const day = date % 100;
    const month = Math.floor(date / 100) % 100;
    const year = Math.floor(date / 10000);
    // The 29th, 30th and 31st are left to the slower way where the month may not have them.
    if (!(year >= 1900 && year <= 2199 && month >= 1 && month <= 12 && day >= 1)) return false;
    if (day > 31 || (day > 28 && month === 2) || (day > 30 && SHORT_MONTHS.has(month)))
      return false;
    this.#date = date;
    this.#dateSeconds = daysFromCivil(year, month, day) * 86400;
    return true;
  }
}

const SHORT_MONTHS = new Set([4, 6, 9, 11]);

/** Whole epoch milliseconds that are not negative. @hot */
export function fastMilliseconds(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
): number {
  let at = from;
  let value = 0;
  let digit = bytes[at]! - ZERO;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = bytes[++at]! - ZERO;
  }
  const digits = at - from;
  if (digits === 0 || digits > SAFE_DIGITS - 3) return -1;
  column.setI64FromNumber(row, value * 1000);
  return at;
}

/** The number of two digits, NaN where one is none. @hot */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}
