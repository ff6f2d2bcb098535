/**
 * One JavaScript value into a column.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import type { DataType } from '../core/types.ts';
import { typeName } from '../core/types.ts';
import { writeJson } from './values/cell-parse.ts';
import { durationFromText } from './values/duration.ts';
import type { FaultCode } from './values/fault.ts';
import { describeFault, Fault, showText } from './values/fault.ts';
import { isInt64 } from './values/int64.ts';
import { jsonProblem, jsonText } from './values/json.ts';
import { fitsPrecision, scaleText } from './values/scaled.ts';
import { parseTimestamp } from './values/timestamp-parse.ts';
import { writeText } from './values/utf8.ts';

/** Writes a value of JavaScript's into a row of a column of one type. */
export type ValueWriter = (column: Column, row: number, value: unknown) => FaultCode;

/** Writes a value, which may be null. See `row-writer.ts` for what each type accepts. */
export function writeValue(column: Column, row: number, value: unknown): FaultCode {
  if (value !== null && value !== undefined) return writerOf(column.type)(column, row, value);
  column.setNull(row);
  return Fault.OK;
}

/** Writes values of a type that are not null. */
export function writerOf(type: DataType): ValueWriter {
  switch (type.kind) {
    case 'float64':
      return writeFloat64;
    case 'string':
      return writeString;
    case 'int32':
      return writeInt32;
    case 'int64':
      return writeInt64;
    case 'bool':
      return writeBool;
    case 'timestamp':
      return writeTimestamp;
    case 'duration':
      return writeDuration;
    case 'decimal': {
      const { scale, precision } = type;
      return (column, row, value) => writeDecimal(column, row, value, scale, precision);
    }
    case 'bytes':
      return writeBytes;
    case 'json':
      return writeJsonValue;
  }
}

function writeFloat64(column: Column, row: number, value: unknown): FaultCode {
  if (typeof value !== 'number') return Fault.SYNTAX;
  column.f64[row] = value;
  return Fault.OK;
}

function writeString(column: Column, row: number, value: unknown): FaultCode {
  return typeof value === 'string' ? writeText(column, row, value) : Fault.SYNTAX;
}

function writeBool(column: Column, row: number, value: unknown): FaultCode {
  if (typeof value !== 'boolean') return Fault.SYNTAX;
  column.setBool(row, value);
  return Fault.OK;
}

function writeJsonValue(column: Column, row: number, value: unknown): FaultCode {
  return jsonProblem(value) === undefined ? writeJson(column, row, value) : Fault.SYNTAX;
}

function writeInt32(column: Column, row: number, value: unknown): FaultCode {
  if (typeof value === 'number' && (value | 0) === value) {
    column.words[row] = value;
    return Fault.OK;
  }
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') return Fault.SYNTAX;
  if (!Number.isInteger(number)) return Number.isFinite(number) ? Fault.INEXACT : Fault.RANGE;
  if (number < -2147483648 || number > 2147483647) return Fault.RANGE;
  column.words[row] = number;
  return Fault.OK;
}

function writeInt64(column: Column, row: number, value: unknown): FaultCode {
  if (typeof value === 'number' && (value | 0) === value) {
    column.words[2 * row] = value;
    column.words[2 * row + 1] = value >> 31;
    return Fault.OK;
  }
  if (typeof value === 'bigint') {
    if (!isInt64(value)) return Fault.RANGE;
    column.i64[row] = value;
    return Fault.OK;
  }
  if (typeof value !== 'number') return Fault.SYNTAX;
  if (Number.isSafeInteger(value)) {
    column.setI64FromNumber(row, value);
    return Fault.OK;
  }
  return Number.isFinite(value) && !Number.isInteger(value) ? Fault.INEXACT : Fault.RANGE;
}

/** Milliseconds with a fraction, rounded to microseconds, into an int64 row. */
function writeMilliseconds(column: Column, row: number, ms: number): FaultCode {
  if (!Number.isFinite(ms)) return Fault.RANGE;
  const us = Math.round(ms * 1000);
  if (Number.isSafeInteger(us)) {
    column.setI64FromNumber(row, us);
    return Fault.OK;
  }
  const exact = Number.isInteger(ms) ? BigInt(ms) * 1000n : BigInt(us);
  if (!isInt64(exact)) return Fault.RANGE;
  column.i64[row] = exact;
  return Fault.OK;
}

const ascii = new Uint8Array(64);

function writeTimestamp(column: Column, row: number, value: unknown): FaultCode {
  if (typeof value === 'number') return writeMilliseconds(column, row, value);
  if (value instanceof Date) return writeMilliseconds(column, row, value.getTime());
  if (typeof value !== 'string' || value.length > ascii.length) return Fault.SYNTAX;
  for (let i = 0; i < value.length; i++) ascii[i] = Math.min(value.charCodeAt(i), 0xff);
  return parseTimestamp(column, row, ascii, 0, value.length);
}

function writeDuration(column: Column, row: number, value: unknown): FaultCode {
  if (typeof value === 'number') return writeMilliseconds(column, row, value);
  if (typeof value !== 'string') return Fault.SYNTAX;
  const us = durationFromText(value);
  if (typeof us === 'number') return us;
  column.i64[row] = us;
  return Fault.OK;
}

function writeDecimal(
  column: Column,
  row: number,
  value: unknown,
  scale: number,
  precision: number,
): FaultCode {
  let scaled: bigint | FaultCode;
  if (typeof value === 'bigint') scaled = value * 10n ** BigInt(scale);
  else if (typeof value === 'string') scaled = scaleText(value, scale, 'refuse');
  else if (typeof value === 'number') scaled = scaleText(String(value), scale, 'refuse');
  else return Fault.SYNTAX;
  if (typeof scaled === 'number') return scaled;
  if (!fitsPrecision(scaled, precision)) return Fault.RANGE;
  column.i64[row] = scaled;
  return Fault.OK;
}

function writeBytes(column: Column, row: number, value: unknown): FaultCode {
  let bytes: Uint8Array;
  if (value instanceof Uint8Array) bytes = value;
  else if (ArrayBuffer.isView(value)) {
    bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } else return Fault.SYNTAX;
  return column.setView(row, bytes, 0, bytes.length) ? Fault.OK : Fault.NO_ROOM;
}

/** What the types accept from JavaScript, for messages. */
const EXPECTED: Readonly<Record<DataType['kind'], string>> = {
  bool: 'true or false',
  int32: 'a whole number',
  int64: 'a bigint or a whole number',
  float64: 'a number',
  decimal: 'a text, bigint or number',
  timestamp: 'epoch milliseconds, a Date or ISO 8601',
  duration: 'milliseconds or ISO 8601',
  string: 'a string',
  bytes: 'a Uint8Array',
  json: 'a JSON value',
};

/** A sentence about a value that {@link writeValue} refused. */
export function describeValueFault(fault: FaultCode, type: DataType, value: unknown): string {
  if (type.kind === 'json') {
    const problem = jsonProblem(value) ?? 'a value that is nested too deep';
    return `expected json, found ${problem}`;
  }
  if (fault === Fault.ENCODING) return 'expected string, found a text with a lone surrogate';
  if (fault === Fault.SYNTAX) {
    return `expected ${typeName(type)} (${EXPECTED[type.kind]}), found ${showValue(value)}`;
  }
  if (type.kind === 'int64' && typeof value === 'number' && Number.isInteger(value)) {
    return `${value} is beyond ±2^53: give an int64 that large as a bigint`;
  }
  return describeFault(fault, type, showValue(value));
}

/** A value as messages show it. */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return showText(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value))
        return jsonProblem(value) === undefined ? cut(jsonText(value)) : 'a list';
      if (value instanceof Date) return `Date(${value.getTime()})`;
      return jsonProblem(value) === undefined ? cut(jsonText(value)) : 'an object';
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}

function cut(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
