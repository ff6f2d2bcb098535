/**
 * Decimal text as a scaled int64: `12.5` at scale 2 is 1250. Serves decimals, and numbers of epoch
 * milliseconds (microseconds at scale 3).
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { FaultCode } from './fault.ts';
import { Fault } from './fault.ts';
import { isInt64, SAFE_DIGITS } from './int64.ts';

const ZERO = 0x30;
const POINT = 0x2e;

/** What becomes of decimal places beyond the scale: they must be zeros, or they are rounded. */
export type ExtraPlaces = 'refuse' | 'round';

/** 10^n as numbers, n ≤ 22: all exact. */
export const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, n) =>
  Number(`1e${n}`),
);

/**
 * Writes `bytes[from, to)` × 10^scale into an int64 row.
 *
 * @param precision - digits that the scaled value may have; 19: any int64
 *
 * @hot
 */
export function parseScaled(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  scale: number,
  precision: number,
  extra: ExtraPlaces,
): FaultCode {
  let at = from;
  const sign = at < to ? bytes[at]! : 0;
  if (sign === 0x2d || sign === 0x2b) at++;
  let value = 0;
  let places = -1;
  let digits = 0;
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
      return parseScaledSlowly(column, row, bytes, from, to, scale, precision, extra);
    }
  }
  if (digits === 0) return Fault.SYNTAX;
  const missing = scale - (places < 0 ? 0 : places);
  if (missing < 0 || digits + missing > SAFE_DIGITS) {
    return parseScaledSlowly(column, row, bytes, from, to, scale, precision, extra);
  }
  value *= POWERS_OF_TEN[missing]!;
  if (precision < SAFE_DIGITS && value >= POWERS_OF_TEN[precision]!) return Fault.RANGE;
  column.setI64FromNumber(row, sign === 0x2d ? -value : value);
  return Fault.OK;
}

function parseScaledSlowly(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  scale: number,
  precision: number,
  extra: ExtraPlaces,
): FaultCode {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]!);
  const value = scaleText(text, scale, extra);
  if (typeof value === 'number') return value;
  if (!fitsPrecision(value, precision)) return Fault.RANGE;
  column.i64[row] = value;
  return Fault.OK;
}

/** Whether a scaled value has at most `precision` digits; 19 stands for any int64. */
export function fitsPrecision(value: bigint, precision: number): boolean {
  if (precision > 18) return isInt64(value);
  const limit = BigInt(POWERS_OF_TEN[precision]!);
  return value < limit && value > -limit;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
/** No int64 has more digits; longer texts need not be computed. */
const MOST_DIGITS = 40;

/** A decimal text, exponents allowed, × 10^scale; or what is wrong with it. */
export function scaleText(text: string, scale: number, extra: ExtraPlaces): bigint | FaultCode {
  const match = DECIMAL.exec(text);
  if (match === null) return Fault.SYNTAX;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole.length + fraction.length === 0) return Fault.SYNTAX;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  const shift = scale - fraction.length + Number(exponent);
  const isNegative = sign === '-';
  if (digits.length + shift > MOST_DIGITS) return Fault.RANGE;
  if (shift >= 0) return signed(BigInt(digits) * 10n ** BigInt(shift), isNegative);
  const kept = digits.slice(0, shift);
  const rest = digits.length + shift < 0 ? '0' : digits.slice(shift);
  if (extra === 'refuse' && /[1-9]/.test(digits.slice(shift))) return Fault.INEXACT;
  const roundedUp = rest.charCodeAt(0) >= 0x35 ? 1n : 0n;
  return signed(BigInt(kept === '' ? '0' : kept) + roundedUp, isNegative);
}

function signed(value: bigint, isNegative: boolean): bigint {
  return isNegative ? -value : value;
}

/** The text of a scaled value with all its decimal places: 1250 at scale 2 is `12.50`. */
export function scaledToText(value: bigint, scale: number): string {
  const isNegative = value < 0n;
  const digits = String(isNegative ? -value : value).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`;
  return isNegative ? `-${text}` : text;
}
