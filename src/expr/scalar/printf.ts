/** Texts with places for values, as `printf` has them: `%-8s`, `%05d`, `%,.2f`, `%x`, `%e`, `%%`. @module */

import type { DataType } from '../../core/types.ts';
import { isInteger, STRING, typeName } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import type { Value } from '../value.ts';
import { castValue } from './cast.ts';
import { formatDecimal, rescale } from './decimal.ts';
import { formatFloat } from './float.ts';
import { sliceText, textLength } from './text.ts';

/** A place for a value. */
export interface Place {
  readonly conversion: 's' | 'd' | 'x' | 'X' | 'o' | 'b' | 'f' | 'e' | 'E';
  /** Any of `-`, `0`, `+`, blank and `,`. */
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

/** A part of a format: text, or a place. */
export type FormatPart = string | Place;

const PLACE = /%([-0+ ,]*)(\d{0,4})(?:\.(\d{1,2}))?([a-zA-Z%]?)/g;
const CONVERSIONS = 'sdxXobfeE';
const MOST_WIDTH = 1000;
/** Most digits behind the point. */
const MOST_DIGITS = 60;

/** Splits a format. @throws RowError `badArgument` at a `%` without meaning */
export function parseFormat(format: string): readonly FormatPart[] {
  const parts: FormatPart[] = [];
  let at = 0;
  for (const match of format.matchAll(PLACE)) {
    const [whole, flags = '', width = '', precision, conversion = ''] = match;
    if (match.index > at) parts.push(format.slice(at, match.index));
    at = match.index + whole.length;
    if (whole === '%%') {
      parts.push('%');
      continue;
    }
    if (conversion === '' || !CONVERSIONS.includes(conversion)) {
      throw badArgument(
        `'${whole}' has no meaning in a format; write %s, %d, %f, %e, %x, %o, %b or %%`,
      );
    }
    if (Number(width) > MOST_WIDTH || Number(precision ?? 0) > MOST_DIGITS) {
      throw badArgument(
        `'${whole}' is wider than ${MOST_WIDTH}, or has more than ${MOST_DIGITS} digits`,
      );
    }
    parts.push({
      conversion: conversion as Place['conversion'],
      flags,
      width: Number(width),
      precision: precision === undefined ? undefined : Number(precision),
    });
  }
  if (at < format.length) parts.push(format.slice(at));
  return parts;
}

/**
 * Checks that a format has a place for each value, of a kind that the value has.
 *
 * @throws RowError `badArgument`
 */
export function checkFormat(parts: readonly FormatPart[], types: readonly DataType[]): void {
  const places = parts.filter((part) => typeof part !== 'string');
  if (places.length !== types.length) {
    throw badArgument(`the format has places for ${places.length} values, found ${types.length}`);
  }
  for (const [i, { conversion }] of places.entries()) {
    const type = types[i]!;
    const { kind } = type;
    const fits =
      conversion === 's' ||
      isInteger(type) ||
      (/[feE]/.test(conversion) && (kind === 'float64' || kind === 'decimal'));
    if (!fits) throw badArgument(`%${conversion} takes no ${typeName(type)}`);
  }
}

/** The text for values that are not null, after {@link checkFormat}. */
export function formatValues(
  parts: readonly FormatPart[],
  values: readonly Value[],
  types: readonly DataType[],
): string {
  let next = 0;
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
    } else {
      text += formatPlace(part, values[next]!, types[next]!);
      next++;
    }
  }
  return text;
}

/** A number with so many digits behind the point, and commas between thousands. */
export function formatNumber(value: Value, type: DataType, digits: number): string {
  return formatPlace({ conversion: 'f', flags: ',', width: 0, precision: digits }, value, type);
}

function formatPlace(place: Place, value: Value, type: DataType): string {
  const { conversion, precision } = place;
  switch (conversion) {
    case 's': {
      const text = castValue(value, type, STRING) as string;
      return filled(
        place,
        '',
        precision === undefined ? text : sliceText(text, 0, precision),
        false,
      );
    }
    case 'd':
      return signed(place, String(value));
    case 'f':
      return signed(place, fixed(value, type, precision ?? 6));
    case 'e':
    case 'E': {
      const text = exponential(Number(castValue(value, type, { kind: 'float64' })), precision ?? 6);
      return signed(place, conversion === 'e' ? text : text.toUpperCase());
    }
    default:
      return filled(place, '', digits(conversion, value), true);
  }
}

const RADIX: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 };

/** An integer in two's complement. */
function digits(conversion: string, value: Value): string {
  const bits =
    typeof value === 'bigint' ? BigInt.asUintN(64, value) : BigInt((value as number) >>> 0);
  const text = bits.toString(RADIX[conversion]);
  return conversion === 'X' ? text.toUpperCase() : text;
}

/** A number with exactly so many digits behind the point, rounded half away from zero. */
function fixed(value: Value, type: DataType, precision: number): string {
  if (type.kind === 'decimal') {
    return formatDecimal(rescale(value as bigint, type.scale, precision), precision);
  }
  if (typeof value === 'bigint' || type.kind === 'int32') {
    return precision === 0 ? String(value) : `${String(value)}.${'0'.repeat(precision)}`;
  }
  const x = value as number;
  if (!Number.isFinite(x)) return formatFloat(x);
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  const magnitude = Math.abs(x);
  if (magnitude < 1e21) return sign + magnitude.toFixed(precision);
  return sign + BigInt(magnitude).toString() + (precision === 0 ? '' : `.${'0'.repeat(precision)}`);
}

/** `1.500000e+05`: two digits of the exponent at least. */
function exponential(x: number, precision: number): string {
  if (!Number.isFinite(x)) return formatFloat(x);
  const text = x.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
  return Object.is(x, -0) ? `-${text}` : text;
}

/** Adds a sign and commas as the flags say, then fills up. */
function signed(place: Place, text: string): string {
  const isNegative = text.startsWith('-');
  const { flags } = place;
  const sign = isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  let magnitude = isNegative ? text.slice(1) : text;
  const isNumber = /^\d/.test(magnitude);
  if (flags.includes(',') && isNumber) {
    const [whole = '', ...rest] = magnitude.split(/(?=[.e])/i);
    magnitude = whole.replace(/\B(?=(?:\d{3})+$)/g, ',') + rest.join('');
  }
  return filled(place, sign, magnitude, isNumber);
}

function filled({ flags, width }: Place, sign: string, text: string, takesZeros: boolean): string {
  const missing = width - textLength(sign) - textLength(text);
  if (missing <= 0) return sign + text;
  if (flags.includes('-')) return sign + text + ' '.repeat(missing);
  if (takesZeros && flags.includes('0')) return sign + '0'.repeat(missing) + text;
  return ' '.repeat(missing) + sign + text;
}
