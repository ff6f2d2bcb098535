/**
 * What `CAST` means for each pair of types.
 *
 * | from | to | rule |
 * | --- | --- | --- |
 * | float64, decimal | integers | towards zero |
 * | float64, decimal, string | decimal | half away from zero; a float64 counts as its shortest text |
 * | integers | timestamp, duration | milliseconds, and back (rounded down, towards zero) |
 * | bool | numbers | 0 and 1; integers to bool: not zero |
 * | string | anything | surrounding white space is skipped |
 * | anything but bytes | string | as in CSV and JSON Lines |
 * | bytes | string | UTF-8, and back |
 *
 * @module
 */

import type { DataType, TypeKind } from '../../core/types.ts';
import { BOOL, FLOAT64, INT64, STRING, typeName } from '../../core/types.ts';
import { badCast, RowError, shownText } from '../row-error.ts';
import type { JsonValue, Value } from '../value.ts';
import type { DecimalType } from './decimal.ts';
import {
  checkDecimal,
  decimalToNumber,
  formatDecimal,
  MAX_PRECISION,
  parseDecimalAs,
  powerOfTen,
  rescale,
} from './decimal.ts';
import { formatFloat, parseFloat64 } from './float.ts';
import { checkInt64, fitsInt32, fitsInt64 } from './integer.ts';
import { jsonText, parseJsonText } from './json-text.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './time-text.ts';

const NUMERIC: readonly TypeKind[] = ['int32', 'int64', 'float64', 'decimal'];

/** The kinds that each kind can be cast to, beside itself. */
const TARGETS: Readonly<Record<TypeKind, readonly TypeKind[]>> = {
  bool: ['int32', 'int64', 'float64', 'decimal', 'string'],
  int32: [...NUMERIC, 'bool', 'string', 'timestamp', 'duration'],
  int64: [...NUMERIC, 'bool', 'string', 'timestamp', 'duration'],
  float64: [...NUMERIC, 'string'],
  decimal: [...NUMERIC, 'string'],
  timestamp: ['int64', 'string'],
  duration: ['int64', 'string'],
  string: [...NUMERIC, 'bool', 'timestamp', 'duration', 'bytes', 'json'],
  bytes: ['string'],
  json: ['string', 'bool', ...NUMERIC],
};

/** Whether `CAST` knows a way from one type to another. */
export function canCast(from: DataType, to: DataType): boolean {
  return from.kind === to.kind || TARGETS[from.kind].includes(to.kind);
}

/**
 * Casts a value that is not null.
 *
 * @throws RowError `badCast` when the value has no counterpart, `overflow` when it is too large
 */
export function castValue(value: Value, from: DataType, to: DataType): Value {
  if (from.kind === 'json' && to.kind !== 'json') return castJson(value as JsonValue, to);
  switch (to.kind) {
    case 'bool':
      return toBool(value, from);
    case 'int32':
      return toInt32(value, from);
    case 'int64':
      return toInt64(value, from);
    case 'float64':
      return toFloat64(value, from);
    case 'decimal':
      return toDecimal(value, from, to);
    case 'timestamp':
    case 'duration':
      return toTime(value, from, to);
    case 'string':
      return toText(value, from);
    case 'bytes':
      return value instanceof Uint8Array ? value : new TextEncoder().encode(value as string);
    case 'json':
      return from.kind === 'json' ? value : parseJson(value as string);
  }
}

const TRUE_WORDS = /^(?:true|t|yes|y|on|1)$/i;
const FALSE_WORDS = /^(?:false|f|no|n|off|0)$/i;

function toBool(value: Value, from: DataType): boolean {
  if (from.kind !== 'string')
    return typeof value === 'boolean' ? value : value !== 0 && value !== 0n;
  const text = (value as string).trim();
  if (TRUE_WORDS.test(text)) return true;
  if (FALSE_WORDS.test(text)) return false;
  throw badCast(shown(value, from), 'bool');
}

function toInt32(value: Value, from: DataType): number {
  switch (from.kind) {
    case 'int32':
      return value as number;
    case 'bool':
      return value === true ? 1 : 0;
    case 'float64': {
      const whole = Math.trunc(value as number) + 0;
      if (!fitsInt32(whole)) throw badCast(formatFloat(value as number), 'int32');
      return whole;
    }
    default: {
      const wide = toInt64(value, from, 'int32');
      const narrow = Number(wide);
      if (!fitsInt32(narrow)) throw badCast(shown(value, from), 'int32');
      return narrow;
    }
  }
}

function toInt64(value: Value, from: DataType, target = 'int64'): bigint {
  switch (from.kind) {
    case 'bool':
      return value === true ? 1n : 0n;
    case 'int32':
      return BigInt(value as number);
    case 'float64': {
      const x = value as number;
      if (!(x > -9223372036854777856 && x < 9223372036854775808))
        throw badCast(formatFloat(x), target);
      return BigInt(Math.trunc(x));
    }
    case 'decimal':
      return (value as bigint) / powerOfTen(from.scale);
    case 'timestamp':
      return floorToMillis(value as bigint);
    case 'duration':
      return (value as bigint) / 1000n;
    case 'string': {
      const text = (value as string).trim();
      if (!/^[+-]?\d{1,40}$/.test(text)) throw badCast(shown(value, from), target);
      const whole = BigInt(text.startsWith('+') ? text.slice(1) : text);
      if (!fitsInt64(whole)) throw badCast(shown(value, from), target);
      return whole;
    }
    default:
      return value as bigint;
  }
}

/** Milliseconds, rounded down, so that a timestamp lies in the millisecond it is cast to. */
function floorToMillis(us: bigint): bigint {
  return us >= 0n ? us / 1000n : -((-us + 999n) / 1000n);
}

function toFloat64(value: Value, from: DataType): number {
  switch (from.kind) {
    case 'bool':
      return value === true ? 1 : 0;
    case 'int64':
      return Number(value);
    case 'decimal':
      return decimalToNumber(value as bigint, from.scale);
    case 'string': {
      const parsed = parseFloat64((value as string).trim());
      if (parsed === undefined) throw badCast(shown(value, from), 'float64');
      return parsed;
    }
    default:
      return value as number;
  }
}

function toDecimal(value: Value, from: DataType, to: DecimalType): bigint {
  switch (from.kind) {
    case 'decimal':
      return checkDecimal(rescale(value as bigint, from.scale, to.scale), to);
    case 'float64':
    case 'string': {
      const text = from.kind === 'string' ? (value as string).trim() : formatFloat(value as number);
      const unscaled = parseDecimalAs(text, to);
      if (unscaled === undefined) throw badCast(shown(value, from), typeName(to));
      return unscaled;
    }
    default:
      return checkDecimal(rescale(toInt64(value, from), 0, to.scale), to);
  }
}

function toTime(value: Value, from: DataType, to: DataType): bigint {
  if (from.kind === to.kind) return value as bigint;
  if (from.kind !== 'string') return checkInt64(toInt64(value, from) * 1000n, to.kind);
  const text = value as string;
  const us = to.kind === 'timestamp' ? parseTimestamp(text) : parseDuration(text);
  if (us === undefined) throw badCast(shown(value, from), to.kind);
  return us;
}

function toText(value: Value, from: DataType): string {
  switch (from.kind) {
    case 'float64':
      return formatFloat(value as number);
    case 'decimal':
      return formatDecimal(value as bigint, from.scale);
    case 'timestamp':
      return formatTimestamp(value as bigint);
    case 'duration':
      return formatDuration(value as bigint);
    case 'bytes':
      return decodeUtf8(value as Uint8Array);
    default:
      return String(value);
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RowError('badCast', 'cannot cast bytes that are not UTF-8 to string');
  }
}

function parseJson(text: string): JsonValue {
  const parsed = parseJsonText(text);
  if (parsed === undefined) throw badCast(shownText(text), 'json');
  return parsed.value;
}

/** A JSON scalar as if it were of the type it has; to a string, also objects and arrays as text. */
function castJson(value: JsonValue, to: DataType): Value {
  const from = scalarTypeOf(value);
  if (to.kind === 'string') return from?.kind === 'string' ? value : jsonText(value);
  if (from === undefined || !canCast(from, to)) throw badCast(jsonText(value), typeName(to));
  return castValue(value, from, to);
}

function scalarTypeOf(value: JsonValue): DataType | undefined {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'number':
      return FLOAT64;
    case 'boolean':
      return BOOL;
    case 'bigint':
      return fitsInt64(value) ? INT64 : { kind: 'decimal', precision: MAX_PRECISION, scale: 0 };
    default:
      return undefined;
  }
}

function shown(value: Value, from: DataType): string {
  return from.kind === 'string' ? shownText(value as string) : toText(value, from);
}
