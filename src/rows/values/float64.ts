/**
 * Floating-point text, correctly rounded both ways.
 *
 * A text with at most 15 digits and a power of ten of at most 22 is one exact division or
 * multiplication (Clinger's fast path); everything else is left to `Number`.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { FaultCode } from './fault.ts';
import { Fault } from './fault.ts';
import { SAFE_DIGITS } from './int64.ts';
import { POWERS_OF_TEN } from './scaled.ts';

const ZERO = 0x30;
const POINT = 0x2e;

/**
 * Writes the number `bytes[from, to)` into a float64 row: `1`, `-1.5`, `.5`, `1e-7`, `NaN`,
 * `Infinity`, `inf`.
 *
 * @hot
 */
export function parseFloat64(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  let at = from;
  const sign = at < to ? bytes[at]! : 0;
  if (sign === 0x2d || sign === 0x2b) at++;
  let value = 0;
  let digits = 0;
  let places = -1;
  for (; at < to; at++) {
    const byte = bytes[at]!;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (places >= 0) places++;
    } else if (byte === POINT && places < 0) {
      places = 0;
    } else {
      return parseSlowly(column, row, bytes, from, to);
    }
  }
  if (digits === 0) return Fault.SYNTAX;
  if (digits > SAFE_DIGITS) return parseSlowly(column, row, bytes, from, to);
  if (places > 0) value /= POWERS_OF_TEN[places]!;
  column.f64[row] = sign === 0x2d ? -value : value;
  return Fault.OK;
}

function parseSlowly(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): FaultCode {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]!);
  const value = textToFloat(text);
  if (value === undefined) return Fault.SYNTAX;
  if (value === 'range') return Fault.RANGE;
  column.f64[row] = value;
  return Fault.OK;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NON_FINITE = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

/** A number as text; `range` when it is too large for a float64, `undefined` when it is none. */
export function textToFloat(text: string): number | 'range' | undefined {
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : 'range';
  }
  const special = NON_FINITE.exec(text);
  if (special === null) return undefined;
  if (special[2] !== undefined) return NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

/** The shortest text that reads back equal; `NaN`, `Infinity`, `-Infinity`; `-0` keeps its sign. */
export function floatToText(value: number): string {
  return value === 0 && 1 / value < 0 ? '-0' : String(value);
}
