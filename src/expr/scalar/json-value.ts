/** JSON values among themselves: equality, order, kinds; and values of other types as JSON. @module */

import type { DataType } from '../../core/types.ts';
import type { JsonValue, Value } from '../value.ts';
import { toBase64 } from './byte-text.ts';
import { decimalToNumber } from './decimal.ts';
import { isList, isObject } from './json-path.ts';
import { compareText } from './text.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';

/** A kind of JSON value, by its name. */
export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/** Kinds in the order in which values of different kinds are sorted. */
const KINDS: readonly JsonKind[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** The kind of a JSON value. */
export function jsonKind(value: JsonValue): JsonKind {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    case 'object':
      return 'object';
    default:
      return 'number';
  }
}

/**
 * Order of two JSON values, 0 when they are equal: by kind, then by value. Lists compare by their
 * elements, then by length; objects by their members in the order of their names. NaN is greatest.
 */
export function compareJson(a: JsonValue, b: JsonValue): number {
  const kind = jsonKind(a);
  const byKind = KINDS.indexOf(kind) - KINDS.indexOf(jsonKind(b));
  if (byKind !== 0) return byKind;
  switch (kind) {
    case 'null':
      return 0;
    case 'boolean':
      return Number(a) - Number(b);
    case 'number':
      return compareNumbers(a as number | bigint, b as number | bigint);
    case 'string':
      return compareText(a as string, b as string);
    case 'array':
      return compareLists(a as readonly JsonValue[], b as readonly JsonValue[]);
    case 'object':
      return compareLists(entriesOf(a), entriesOf(b));
  }
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function compareLists(a: readonly JsonValue[], b: readonly JsonValue[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compareJson(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function entriesOf(value: JsonValue): readonly JsonValue[] {
  return isObject(value) ? Object.entries(value).sort(([a], [b]) => compareText(a, b)) : [];
}

/** A text that two values share exactly if they are equal. */
export function jsonIdentity(value: JsonValue): string {
  if (isList(value)) return `[${value.map(jsonIdentity).join()}]`;
  if (isObject(value)) {
    const members = entriesOf(value) as readonly (readonly [string, JsonValue])[];
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonIdentity(member)}`).join()}}`;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  return String(typeof value === 'number' ? value + 0 : value);
}

/**
 * A value of any type as JSON: numbers as numbers (a decimal as the nearest float64), timestamps and
 * durations in ISO 8601, bytes in base64, and null for NaN and infinities.
 */
export function toJson(value: Value, type: DataType): JsonValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'float64':
      return Number.isFinite(value) ? (value as number) + 0 : null;
    case 'int64':
      return wholeNumber(value as bigint);
    case 'decimal':
      return type.scale === 0
        ? wholeNumber(value as bigint)
        : decimalToNumber(value as bigint, type.scale);
    case 'timestamp':
      return formatTimestamp(value as bigint);
    case 'duration':
      return formatDuration(value as bigint);
    case 'bytes':
      return toBase64(value as Uint8Array);
    default:
      return value as JsonValue;
  }
}

/** A number where it is exact, as JSON columns have it, else a bigint. */
function wholeNumber(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
