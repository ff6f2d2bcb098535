/** JSON numbers into columns. @module */

import type { Column } from '../../../core/column.ts';
import type { FaultCode } from '../../../rows/values/fault.ts';
import { Fault } from '../../../rows/values/fault.ts';
import { parseFloat64 } from '../../../rows/values/float64.ts';
import { parseInt32, parseInt64 } from '../../../rows/values/int64.ts';
import { parseScaled, scaleText } from '../../../rows/values/scaled.ts';
import {
  fastDecimal,
  fastFloat64,
  fastInt32,
  fastInt64,
  fastMilliseconds,
} from '../fast-values.ts';
import { endsValue } from './scan.ts';

const MINUS = 0x2d;
const ZERO = 0x30;
const POINT = 0x2e;

/**
 * Reads a number in its usual spelling into a column of numbers.
 *
 * @returns where it ends, or -1: see {@link parseNumber}
 *
 * @hot
 */
export function fastNumber(column: Column, row: number, bytes: Uint8Array, at: number): number {
  const { type } = column;
  let end = -1;
  switch (type.kind) {
    case 'int32':
      end = fastInt32(column, row, bytes, at);
      break;
    case 'int64':
      end = fastInt64(column, row, bytes, at);
      break;
    case 'float64':
      end = fastFloat64(column, row, bytes, at);
      break;
    case 'decimal':
      end = fastDecimal(column, row, bytes, at, type.scale, type.precision);
      break;
    case 'timestamp':
      end = fastMilliseconds(column, row, bytes, at);
      break;
    default:
      return -1;
  }
  if (end < 0 || !endsValue(bytes[end]!) || bytes[end - 1] === POINT) return -1;
  const first = bytes[at] === MINUS ? at + 1 : at;
  if (bytes[first] === POINT) return -1;
  // JSON knows no leading zeros.
  return bytes[first] === ZERO && end > first + 1 && bytes[first + 1] !== POINT ? -1 : end;
}

/** Reads the JSON number `bytes[from, to)`, whose spelling has been checked, into a column. */
export function parseNumber(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  const { type } = column;
  switch (type.kind) {
    case 'int32':
      return parseWhole32(column, row, bytes, from, to);
    case 'int64': {
      const fault = parseInt64(column, row, bytes, from, to);
      if (fault !== Fault.SYNTAX) return fault;
      return parseScaled(column, row, bytes, from, to, 0, 19, 'refuse');
    }
    case 'float64':
      return parseFloat64(column, row, bytes, from, to);
    case 'decimal':
      return parseScaled(column, row, bytes, from, to, type.scale, type.precision, 'refuse');
    case 'timestamp':
      return parseScaled(column, row, bytes, from, to, 3, 19, 'round');
    default:
      return Fault.SYNTAX;
  }
}

/** A whole number, which may be written as `1.0` or `1e3`, into an int32 row. */
function parseWhole32(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  const fault = parseInt32(column, row, bytes, from, to);
  if (fault !== Fault.SYNTAX) return fault;
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]!);
  const value = scaleText(text, 0, 'refuse');
  if (typeof value === 'number') return value;
  if (BigInt.asIntN(32, value) !== value) return Fault.RANGE;
  column.words[row] = Number(value);
  return Fault.OK;
}
