/** Numbers and timestamps as text, straight into bytes. @module */

import type { Column } from '../../core/column.ts';
import type { ByteWriter } from './byte-writer.ts';
import { floatToText } from './float64.ts';
import { isSafeRow } from './int64.ts';
import { scaledToText } from './scaled.ts';

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Writes a whole number within ±2^53. @hot */
export function writeInteger(out: ByteWriter, value: number): void {
  out.ensure(20);
  if (value < 0) {
    out.bytes[out.length++] = MINUS;
    value = -value;
  }
  let width = 1;
  for (let limit = 10; limit <= value; limit *= 10) width++;
  writePadded(out, value, width);
}

/**
 * Writes the last `width` digits of a number that is not negative. The caller made room.
 *
 * @hot
 */
function writePadded(out: ByteWriter, value: number, width: number): void {
  const { bytes } = out;
  let at = out.length + width - 1;
  let rest = value;
  for (; rest > 0x7fffffff && at >= out.length; at--) {
    const quotient = Math.floor(rest / 10);
    bytes[at] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
  let small = rest | 0;
  for (; at >= out.length; at--) {
    const quotient = (small / 10) | 0;
    bytes[at] = ZERO + (small - quotient * 10);
    small = quotient;
  }
  out.length += width;
}

/**
 * Writes a float in its shortest form, without a call into the runtime where it is whole or has up
 * to three decimal places.
 *
 * @hot
 */
export function writeFloat(out: ByteWriter, value: number): void {
  const thousandths = Math.round(value * 1000);
  // At most 15 digits: then no other text as short reads back equal.
  if (thousandths / 1000 !== value || Math.abs(thousandths) >= 1e15 || value === 0) {
    out.ascii(floatToText(value));
    return;
  }
  out.ensure(24);
  const magnitude = Math.abs(thousandths);
  if (value < 0) out.bytes[out.length++] = MINUS;
  const whole = Math.floor(magnitude / 1000);
  writeInteger(out, whole);
  const fraction = magnitude - whole * 1000;
  if (fraction === 0) return;
  out.bytes[out.length++] = POINT;
  if (fraction % 100 === 0) writePadded(out, fraction / 100, 1);
  else if (fraction % 10 === 0) writePadded(out, fraction / 10, 2);
  else writePadded(out, fraction, 3);
}

/** Writes an int64 row. */
export function writeInt64(out: ByteWriter, column: Column, row: number): void {
  if (isSafeRow(column, row)) writeInteger(out, column.getI64AsNumber(row));
  else out.ascii(String(column.i64[row]!));
}

/** Writes a decimal row with all its decimal places. */
export function writeDecimal(out: ByteWriter, column: Column, row: number, scale: number): void {
  if (!isSafeRow(column, row) || scale > 15) {
    out.ascii(scaledToText(column.i64[row]!, scale));
    return;
  }
  out.ensure(24);
  let value = column.getI64AsNumber(row);
  if (value < 0) {
    out.byte(MINUS);
    value = -value;
  }
  const unit = 10 ** scale;
  const whole = Math.floor(value / unit);
  writeInteger(out, whole);
  if (scale === 0) return;
  out.byte(POINT);
  writePadded(out, value - whole * unit, scale);
}

/** Writes a timestamp row as `2026-01-01T00:00:10.000Z`, with microseconds if they are not zero. */
export function writeTimestamp(out: ByteWriter, column: Column, row: number): void {
  if (isSafeRow(column, row)) {
    const us = column.getI64AsNumber(row);
    const seconds = Math.floor(us / 1_000_000);
    writeInstant(out, seconds, us - seconds * 1_000_000);
    return;
  }
  const us = column.i64[row]!;
  const micros = Number(((us % 1_000_000n) + 1_000_000n) % 1_000_000n);
  writeInstant(out, Number((us - BigInt(micros)) / 1_000_000n), micros);
}

/** Writes an instant given as whole seconds since 1970 and 0 ≤ `micros` < 10^6. */
function writeInstant(out: ByteWriter, seconds: number, micros: number): void {
  out.ensure(32);
  const days = Math.floor(seconds / 86400);
  const secondOfDay = seconds - days * 86400;
  writeCachedDate(out, days);
  out.bytes[out.length++] = 0x54;
  writePadded(out, Math.floor(secondOfDay / 3600), 2);
  out.bytes[out.length++] = 0x3a;
  writePadded(out, Math.floor(secondOfDay / 60) % 60, 2);
  out.bytes[out.length++] = 0x3a;
  writePadded(out, secondOfDay % 60, 2);
  out.bytes[out.length++] = POINT;
  if (micros % 1000 === 0) writePadded(out, micros / 1000, 3);
  else writePadded(out, micros, 6);
  out.bytes[out.length++] = 0x5a;
}

const date = new Uint8Array(16);
let dateLength = 0;
let dateDays = NaN;

/** Writes a date, which is mostly the one that was written before. */
function writeCachedDate(out: ByteWriter, days: number): void {
  if (days === dateDays) {
    for (let i = 0; i < dateLength; i++) out.bytes[out.length++] = date[i]!;
    return;
  }
  const start = out.length;
  writeDate(out, days);
  dateDays = days;
  dateLength = out.length - start;
  date.set(out.bytes.subarray(start, out.length));
}

/** Writes the date that lies `days` after 1970-01-01; the inverse of `daysFromCivil`. */
function writeDate(out: ByteWriter, days: number): void {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36524) -
      Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999) {
    writePadded(out, year, 4);
  } else {
    out.bytes[out.length++] = year < 0 ? MINUS : 0x2b;
    writePadded(out, Math.abs(year), 6);
  }
  out.bytes[out.length++] = MINUS;
  writePadded(out, month, 2);
  out.bytes[out.length++] = MINUS;
  writePadded(out, dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1, 2);
}
