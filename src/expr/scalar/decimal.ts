/**
 * Decimals: integers scaled by a power of ten, exact, at most 18 digits.
 *
 * The value of `(unscaled, scale)` is unscaled / 10^scale. Rounding is half away from zero.
 *
 * @module
 */

import type { DataType } from '../../core/types.ts';
import { divisionByZero, overflow } from '../row-error.ts';
import type { ArithmeticOperator } from '../ast.ts';
import { typeName } from '../../core/types.ts';

/** A decimal type. */
export type DecimalType = Extract<DataType, { kind: 'decimal' }>;

/** Most digits of a decimal. */
export const MAX_PRECISION = 18;

const POWERS: readonly bigint[] = Array.from({ length: 64 }, (_, i) => 10n ** BigInt(i));

/** 10^exponent, 0 ≤ exponent < 64. */
export function powerOfTen(exponent: number): bigint {
  return POWERS[exponent]!;
}

/** numerator / denominator, rounded to an integer. @throws RowError `divisionByZero` */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n) throw divisionByZero();
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const twice = rest < 0n ? -2n * rest : 2n * rest;
  const bound = denominator < 0n ? -denominator : denominator;
  if (twice < bound) return quotient;
  return numerator < 0n === denominator < 0n ? quotient + 1n : quotient - 1n;
}

/** The same value at another scale, rounded where digits are lost. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  return to >= from
    ? unscaled * powerOfTen(to - from)
    : divideRounded(unscaled, powerOfTen(from - to));
}

/** `unscaled` as a value of `type`. @throws RowError `overflow` when it has too many digits */
export function checkDecimal(unscaled: bigint, type: DecimalType): bigint {
  if (!fitsPrecision(unscaled, type.precision)) throw overflow(typeName(type));
  return unscaled;
}

/** Whether a number has at most so many digits. */
export function fitsPrecision(unscaled: bigint, precision: number): boolean {
  const limit = powerOfTen(precision);
  return unscaled < limit && unscaled > -limit;
}

/**
 * An operation on decimals of any scales; exact, then rounded once to the scale of `type`.
 *
 * @throws RowError `overflow`, `divisionByZero`
 */
export function decimalArithmetic(
  operator: ArithmeticOperator,
  a: bigint,
  aScale: number,
  b: bigint,
  bScale: number,
  type: DecimalType,
): bigint {
  const common = Math.max(aScale, bScale);
  const left = rescale(a, aScale, common);
  const right = rescale(b, bScale, common);
  switch (operator) {
    case '+':
      return checkDecimal(rescale(left + right, common, type.scale), type);
    case '-':
      return checkDecimal(rescale(left - right, common, type.scale), type);
    case '*':
      return checkDecimal(rescale(a * b, aScale + bScale, type.scale), type);
    case '/':
      return checkDecimal(divideRounded(left * powerOfTen(type.scale), right), type);
    case '%':
      if (right === 0n) throw divisionByZero();
      return checkDecimal(rescale(left % right, common, type.scale), type);
  }
}

/** All digits of a decimal: `-12.50`. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A number as written in decimal; `undefined` when it is none. Exact. */
export function parseDecimal(text: string): { unscaled: bigint; scale: number } | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole.length + fraction.length === 0 || whole.length + fraction.length > 2000)
    return undefined;
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent);
  const unscaled = sign === '-' ? -digits : digits;
  return scale >= 0
    ? { unscaled, scale }
    : { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 };
}

/**
 * A written number rounded to `type`; `undefined` when it is no number.
 *
 * @throws RowError `overflow` when it has too many digits before the point
 */
export function parseDecimalAs(text: string, type: DecimalType): bigint | undefined {
  const parsed = parseDecimal(text);
  if (parsed === undefined) return undefined;
  const { unscaled, scale } = parsed;
  const rounded =
    scale <= type.scale
      ? unscaled * 10n ** BigInt(type.scale - scale)
      : divideRounded(unscaled, 10n ** BigInt(scale - type.scale));
  return checkDecimal(rounded, type);
}

/** The nearest float64. */
export function decimalToNumber(unscaled: bigint, scale: number): number {
  return Number(formatDecimal(unscaled, scale));
}
