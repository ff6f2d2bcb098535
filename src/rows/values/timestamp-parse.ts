/**
 * Timestamps as text: ISO 8601 with or without zone (without is UTC), `YYYY-MM-DD HH:MM:SS[.ffffff]`,
 * a date alone, or a number of epoch milliseconds.
 *
 * Microseconds are kept: more decimal places of a second are cut off, a finer number of milliseconds
 * is rounded. The calendar is the proleptic Gregorian one; years beyond 9999 have a sign and six
 * digits. There is no leap second and no hour 24.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { FaultCode } from './fault.ts';
import { Fault } from './fault.ts';
import { isInt64 } from './int64.ts';
import { parseScaled } from './scaled.ts';

const DASH = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;

/** Most days, in magnitude, whose microseconds are surely exact in a number. */
const SAFE_DAYS = 104_000;

/**
 * Writes the timestamp `bytes[from, to)` into an int64 row, as microseconds.
 *
 * @hot
 */
export function parseTimestamp(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  if (to - from >= 10) {
    if (bytes[from + 4] === DASH) return parseIso(column, row, bytes, from, to, 4);
    const first = bytes[from]!;
    if ((first === DASH || first === PLUS) && bytes[from + 7] === DASH) {
      return parseIso(column, row, bytes, from, to, 7);
    }
  }
  return parseScaled(column, row, bytes, from, to, 3, 19, 'round');
}

/** @hot */
function parseIso(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  yearLength: number,
): FaultCode {
  const year = parseYear(bytes, from, yearLength);
  const date = from + yearLength;
  const month = twoDigits(bytes, date + 1, to);
  const day = twoDigits(bytes, date + 4, to);
  if (Number.isNaN(year) || month < 1 || day < 1 || bytes[date + 3] !== DASH) return Fault.SYNTAX;
  if (month > 12 || day > daysInMonth(year, month)) return Fault.RANGE;
  const clockUs = parseClock(bytes, date + 6, to);
  if (Number.isNaN(clockUs)) return Fault.SYNTAX;
  if (clockUs === Infinity) return Fault.RANGE;
  return setInstant(column, row, daysFromCivil(year, month, day), clockUs);
}

/**
 * Microseconds since midnight UTC of the day that was named: `[from, to)` is nothing, or
 * `Thh:mm[:ss[.f…]][zone]`.
 *
 * @returns NaN when it is neither, `Infinity` when an hour, minute or second is too large
 *
 * @hot
 */
function parseClock(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to) return 0;
  const separator = bytes[from]!;
  if (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) return NaN;
  const hour = twoDigits(bytes, from + 1, to);
  const minute = twoDigits(bytes, from + 4, to);
  if (hour < 0 || minute < 0 || bytes[from + 3] !== COLON) return NaN;
  let at = from + 6;
  let second = 0;
  let micros = 0;
  if (at < to && bytes[at] === COLON) {
    second = twoDigits(bytes, at + 1, to);
    if (second < 0) return NaN;
    at += 3;
    if (at < to && (bytes[at] === POINT || bytes[at] === COMMA)) {
      const digitsFrom = at + 1;
      at = skipDigits(bytes, digitsFrom, to);
      if (at === digitsFrom) return NaN;
      micros = fractionMicros(bytes, digitsFrom, at);
    }
  }
  const seconds = hour * 3600 + minute * 60 + second - parseZone(bytes, at, to);
  const isInRange = hour <= 23 && minute <= 59 && second <= 59;
  return isInRange || Number.isNaN(seconds) ? seconds * 1_000_000 + micros : Infinity;
}

/** Writes a day's start plus microseconds; through a bigint where a number would not be exact. */
function setInstant(column: Column, row: number, days: number, clockUs: number): FaultCode {
  if (days <= SAFE_DAYS && days >= -SAFE_DAYS) {
    column.setI64FromNumber(row, days * 86_400_000_000 + clockUs);
    return Fault.OK;
  }
  const value = BigInt(days) * 86_400_000_000n + BigInt(clockUs);
  if (!isInt64(value)) return Fault.RANGE;
  column.i64[row] = value;
  return Fault.OK;
}

/** The year of four digits, or of a sign and six; NaN when it is none. @hot */
function parseYear(bytes: Uint8Array, from: number, length: number): number {
  const hasSign = length > 4;
  let year = 0;
  for (let at = hasSign ? from + 1 : from; at < from + length; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    year = year * 10 + digit;
  }
  return hasSign && bytes[from] === DASH ? -year : year;
}

/** The number of two digits at `at`, or -1. @hot */
function twoDigits(bytes: Uint8Array, at: number, to: number): number {
  if (at + 2 > to) return -1;
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/** @hot */
function skipDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= ZERO && bytes[at]! <= 0x39) at++;
  return at;
}

/** The first six digits of a fraction of a second. @hot */
function fractionMicros(bytes: Uint8Array, from: number, to: number): number {
  let micros = 0;
  for (let i = 0; i < 6; i++) {
    micros = micros * 10 + (from + i < to ? bytes[from + i]! - ZERO : 0);
  }
  return micros;
}

/** Seconds east of UTC: nothing, `Z`, `+hh`, `+hhmm`, `+hh:mm`; NaN for anything else. @hot */
function parseZone(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 0) return 0;
  const first = bytes[from]!;
  if (length === 1) return first === 0x5a || first === 0x7a ? 0 : NaN;
  if (first !== PLUS && first !== DASH) return NaN;
  const hours = twoDigits(bytes, from + 1, to);
  let minutes = 0;
  if (length === 5) minutes = twoDigits(bytes, from + 3, to);
  else if (length === 6 && bytes[from + 3] === COLON) minutes = twoDigits(bytes, from + 4, to);
  else if (length !== 3) return NaN;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN;
  const seconds = hours * 3600 + minutes * 60;
  return first === DASH ? -seconds : seconds;
}

const MONTH_DAYS = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** @hot */
function daysInMonth(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : MONTH_DAYS[month]!;
}

/**
 * Days from 1970-01-01 to a date: years begin in March, so that the leap day is the last one.
 *
 * @hot
 */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}
