/**
 * The text of one value into a column, whatever the type: what is between two delimiters of a CSV
 * line, or inside the quotes of a JSON string.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import { decodeBase64, decodedBytes } from './base64.ts';
import { durationFromText } from './duration.ts';
import type { FaultCode } from './fault.ts';
import { Fault } from './fault.ts';
import { parseFloat64 } from './float64.ts';
import { parseInt32, parseInt64 } from './int64.ts';
import { encodeJson, parseJsonText } from './json.ts';
import { parseScaled } from './scaled.ts';
import { parseTimestamp } from './timestamp-parse.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Writes the value that `bytes[from, to)` spells.
 *
 * A string is taken as it is: the caller has checked that it is UTF-8.
 */
export function parseCell(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  const { type } = column;
  switch (type.kind) {
    case 'string':
      return column.setView(row, bytes, from, to - from) ? Fault.OK : Fault.NO_ROOM;
    case 'int32':
      return parseInt32(column, row, bytes, from, to);
    case 'int64':
      return parseInt64(column, row, bytes, from, to);
    case 'float64':
      return parseFloat64(column, row, bytes, from, to);
    case 'decimal':
      return parseScaled(column, row, bytes, from, to, type.scale, type.precision, 'refuse');
    case 'timestamp':
      return parseTimestamp(column, row, bytes, from, to);
    case 'bool':
      return parseBool(column, row, bytes, from, to);
    case 'duration':
      return parseDuration(column, row, bytes, from, to);
    case 'bytes':
      return parseBytes(column, row, bytes, from, to);
    case 'json':
      return parseJson(column, row, bytes, from, to);
  }
}

const TRUE = Uint8Array.of(0x74, 0x72, 0x75, 0x65);
const FALSE = Uint8Array.of(0x66, 0x61, 0x6c, 0x73, 0x65);

/** Whether `bytes[from, to)` is exactly `expected`. @hot */
export function equalsAt(
  bytes: Uint8Array,
  from: number,
  to: number,
  expected: Uint8Array,
): boolean {
  if (to - from !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) {
    if (bytes[from + i] !== expected[i]) return false;
  }
  return true;
}

/** `true` or `false`, in lower case. */
function parseBool(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  const isTrue = equalsAt(bytes, from, to, TRUE);
  if (!isTrue && !equalsAt(bytes, from, to, FALSE)) return Fault.SYNTAX;
  column.setBool(row, isTrue);
  return Fault.OK;
}

function parseDuration(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  const us = durationFromText(utf8.decode(bytes.subarray(from, to)));
  if (typeof us === 'number') return us;
  column.i64[row] = us;
  return Fault.OK;
}

let scratch = new Uint8Array(1024);

function parseBytes(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  const most = decodedBytes(to - from);
  if (most > scratch.length) scratch = new Uint8Array(most);
  const length = decodeBase64(bytes, from, to, scratch);
  if (length < 0) return Fault.SYNTAX;
  return column.setView(row, scratch, 0, length) ? Fault.OK : Fault.NO_ROOM;
}

/** JSON text; the text `null` makes the row null. */
function parseJson(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  const parsed = parseJsonText(utf8.decode(bytes.subarray(from, to)));
  return parsed === undefined ? Fault.SYNTAX : writeJson(column, row, parsed.value);
}

/** Writes a JSON value into a json row; `null` makes the row null. */
export function writeJson(column: Column, row: number, value: unknown): FaultCode {
  if (value === null) {
    column.setNull(row);
    return Fault.OK;
  }
  const encoded = encodeJson(value);
  if (encoded === undefined) return Fault.SYNTAX;
  return column.setView(row, encoded, 0, encoded.length) ? Fault.OK : Fault.NO_ROOM;
}

/** Bytes of the heap that one row takes. */
export function heapBytesOf(columns: readonly Column[], row: number): number {
  let bytes = 0;
  for (const column of columns) {
    if (column.storage !== 'view' || column.isNull(row)) continue;
    const length = column.viewLength(row);
    if (length > INLINE_BYTES) bytes += length;
  }
  return bytes;
}
