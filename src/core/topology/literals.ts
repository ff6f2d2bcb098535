/**
 * Which JSON values stand for values of which type: in `constant` and `choice` of a generator.
 *
 * null for every type; `true` and `false` for bool; numbers for int32 and float64; a whole number
 * or a string of digits for int64; a number or a string such as `"12.50"` for decimal; a string as
 * in {@link parseTimestampUs} or epoch milliseconds for timestamp; a string such as `"5s"` for
 * duration; a string for string; base64 for bytes; anything for json.
 *
 * @module
 */

import type { DataType } from '../types.ts';
import { parseDurationUs } from '../units.ts';
import type { JsonValue } from './model.ts';
import { parseTimestampUs } from './timestamp-text.ts';

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Whether `value` stands for a value of `type`. */
export function isLiteralOf(type: DataType, value: JsonValue): boolean {
  if (value === null) return true;
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int32':
      return typeof value === 'number' && (value | 0) === value;
    case 'int64':
      return typeof value === 'string' ? isInt64Text(value) : Number.isSafeInteger(value);
    case 'float64':
      return typeof value === 'number';
    case 'decimal':
      return isDecimal(value, type.precision, type.scale);
    case 'timestamp':
      if (typeof value === 'string') return parseTimestampUs(value) !== undefined;
      return typeof value === 'number';
    case 'duration':
      return typeof value === 'string' && parseDurationUs(value) !== undefined;
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return typeof value === 'string' && BASE64.test(value);
    case 'json':
      return true;
  }
}

function isInt64Text(text: string): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false;
  const value = BigInt(text);
  return value >= MIN_INT64 && value <= MAX_INT64;
}

function isDecimal(value: JsonValue, precision: number, scale: number): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(String(value));
  if (match === null) return false;
  const wholeDigits = (match[1] ?? '').replace(/^0+/, '').length;
  return wholeDigits <= precision - scale && (match[2] ?? '').length <= scale;
}
