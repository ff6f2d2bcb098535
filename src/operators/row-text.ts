/** A row as a short text, for messages and dead letters. @module */

import type { Column } from '../core/column.ts';
import type { Schema } from '../core/schema.ts';
import type { DataType } from '../core/types.ts';
import { durationToText } from '../rows/values/duration.ts';
import { decodeJson, jsonText } from '../rows/values/json.ts';

/** A column and its name. */
export interface NamedColumn {
  readonly name: string;
  readonly column: Column;
}

/** Longest text, in characters. */
const MOST_CHARACTERS = 1024;
/** Longest value in it. */
const MOST_VALUE_CHARACTERS = 200;
const MOST_VALUE_BYTES = 4 * MOST_VALUE_CHARACTERS;
/** A json value of more bytes is not decoded for a few characters of it. */
const MOST_JSON_BYTES = 65_536;
/** ±8.64e15 ms, the range of a Date. */
const MAX_DATE_MS = 8.64e15;

/** The columns of a batch with their names. */
export function nameColumns(schema: Schema, columns: readonly Column[]): NamedColumn[] {
  return schema.map(({ name }, c) => ({ name, column: columns[c]! }));
}

/** Like JSON: `{"id":7,"at":"2026-01-01T00:00:00.000Z","name":"x"}`; a long one is cut. */
export function rowText(columns: Iterable<NamedColumn>, row: number): string {
  let text = '';
  for (const { name, column } of columns) {
    text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${cellText(column, row)}`;
    if (text.length > MOST_CHARACTERS) return `${text.slice(0, MOST_CHARACTERS - 1)}…`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function cellText(column: Column, row: number): string {
  if (column.isNull(row)) return 'null';
  switch (column.storage) {
    case 'bits':
      return String(column.getBool(row));
    case 'i32':
      return String(column.words[row]!);
    case 'f64':
      return String(column.f64[row]!);
    case 'i64':
      return integerText(column.i64[row]!, column.type);
    case 'view':
      return bytesText(column, row);
  }
}

function integerText(value: bigint, type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return scaledText(value, type.scale);
    case 'timestamp': {
      const ms = Number(value) / 1000;
      return Math.abs(ms) > MAX_DATE_MS ? `"${value}us"` : `"${new Date(ms).toISOString()}"`;
    }
    case 'duration':
      return `"${durationToText(value)}"`;
    default:
      return String(value);
  }
}

function scaledText(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function bytesText(column: Column, row: number): string {
  const start = column.viewStart(row);
  const length = column.viewLength(row);
  const source = column.viewSource(row);
  if (column.type.kind === 'json' && length <= MOST_JSON_BYTES) {
    return cut(jsonText(decodeJson(source.slice(start, start + length))));
  }
  const bytes = source.slice(start, start + Math.min(length, MOST_VALUE_BYTES));
  if (column.type.kind === 'string') return JSON.stringify(cut(new TextDecoder().decode(bytes)));
  const hex = Array.from(bytes.subarray(0, MOST_VALUE_CHARACTERS / 2), (byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  return `"0x${hex.join('')}"`;
}

function cut(text: string): string {
  return text.length <= MOST_VALUE_CHARACTERS ? text : `${text.slice(0, MOST_VALUE_CHARACTERS)}…`;
}
