/** Members of a plain object in a JSON text, one of single values without escapes, into columns. @module */

import type { Column } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import { ColumnNames } from '../column-names.ts';
import { equalsAt } from '../values/cell-parse.ts';
import { Fault } from '../values/fault.ts';
import { parseFloat64 } from '../values/float64.ts';
import { parseInt32, parseInt64 } from '../values/int64.ts';
import { parseScaled } from '../values/scaled.ts';
import { parseTimestamp } from '../values/timestamp-parse.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const NO = -1;
/** Longer numbers may not be exact in JavaScript. */
const MOST_SHARP = 15;

const utf8 = new TextEncoder();
const [TRUE, FALSE, NULL, PROTO] = ['true', 'false', 'null', '__proto__'].map((word) =>
  utf8.encode(word),
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** The first byte from `at` on that is no white space. @hot */
function skipSpace(bytes: Uint8Array, at: number, to: number): number {
  while (at < to) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}

/** The quote that ends a string without escapes. @hot */
function closingQuote(bytes: Uint8Array, at: number, to: number): number {
  for (; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte === BACKSLASH) return NO;
  }
  return NO;
}

/** End of digits, of which there is one at least. @hot */
function digitsEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  return at === from ? NO : at;
}

/** End of a number as JSON has it. @hot */
function numberEnd(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let at = digitsEnd(bytes, first, to);
  // JSON knows no leading zeros.
  if (at < 0 || (bytes[first] === ZERO && at > first + 1)) return NO;
  if (at < to && bytes[at] === 0x2e) {
    at = digitsEnd(bytes, at + 1, to);
    if (at < 0) return NO;
  }
  if (at < to && (bytes[at]! | 0x20) === 0x65) {
    const sign = bytes[at + 1]!;
    at = digitsEnd(bytes, sign === MINUS || sign === 0x2b ? at + 2 : at + 1, to);
  }
  return at;
}

/** Writes such objects into columns. */
export class TextMembers {
  readonly #names: ColumnNames;
  /** By column: the number of the text that had it last. */
  readonly #seen: Float64Array;
  #texts = 0;

  constructor(columns: Schema) {
    this.#names = new ColumnNames(columns);
    this.#seen = new Float64Array(columns.length);
  }

  /**
   * Writes the members of the object `bytes[from .. to)` to row `row` of all columns; null where there is
   * none.
   *
   * @returns false where the text is not plain, or something does not fit
   *
   * @hot
   */
  write(
    columns: readonly Column[],
    row: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const text = ++this.#texts;
    let at = skipSpace(bytes, from, to);
    if (at >= to || bytes[at] !== 0x7b) return false;
    at = skipSpace(bytes, at + 1, to);
    if (at < to && bytes[at] === 0x7d) at++;
    else at = this.#members(columns, row, bytes, at, to, text);
    if (at < 0 || skipSpace(bytes, at, to) !== to) return false;
    const seen = this.#seen;
    for (let c = 0; c < seen.length; c++) if (seen[c] !== text) columns[c]!.setNull(row);
    return true;
  }

  /** Writes the members from the first one on; where the object ends. @hot */
  #members(
    columns: readonly Column[],
    row: number,
    bytes: Uint8Array,
    first: number,
    to: number,
    text: number,
  ): number {
    let at = first;
    for (;;) {
      if (at >= to || bytes[at] !== QUOTE) return NO;
      const close = closingQuote(bytes, at + 1, to);
      if (close < 0 || equalsAt(bytes, at + 1, close, PROTO)) return NO;
      const c = this.#names.find(bytes, at + 1, close - at - 1);
      at = skipSpace(bytes, close + 1, to);
      if (at >= to || bytes[at] !== 0x3a) return NO;
      at = skipSpace(bytes, at + 1, to);
      if (c < 0) {
        at = skippedEnd(bytes, at, to);
      } else {
        at = writeValue(columns[c]!, row, bytes, at, to);
        this.#seen[c] = text;
      }
      if (at < 0) return NO;
      at = skipSpace(bytes, at, to);
      if (at >= to) return NO;
      if (bytes[at] === 0x7d) return at + 1;
      if (bytes[at] !== 0x2c) return NO;
      at = skipSpace(bytes, at + 1, to);
    }
  }
}

/** End of a word that may stand for a value. @hot */
function wordEnd(bytes: Uint8Array, at: number, to: number, word: Uint8Array): number {
  const end = at + word.length;
  return end <= to && equalsAt(bytes, at, end, word) ? end : NO;
}

/** End of a single value. @hot */
function valueEnd(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return NO;
  switch (bytes[at]) {
    case QUOTE: {
      const close = closingQuote(bytes, at + 1, to);
      return close < 0 ? NO : close + 1;
    }
    case 0x74:
      return wordEnd(bytes, at, to, TRUE);
    case 0x66:
      return wordEnd(bytes, at, to, FALSE);
    case 0x6e:
      return wordEnd(bytes, at, to, NULL);
    default:
      return numberEnd(bytes, at, to);
  }
}

/** The same for one that no column wants, which yet has to be one that could be stored. @hot */
function skippedEnd(bytes: Uint8Array, at: number, to: number): number {
  const end = valueEnd(bytes, at, to);
  const first = bytes[at]!;
  if (end < 0 || first === QUOTE || first >= 0x61) return end;
  if (end - at > MOST_SHARP) return NO;
  for (let i = at; i < end; i++) if ((bytes[i]! | 0x20) === 0x65) return NO;
  return end;
}

/** Writes the value at `at`; its end. @hot */
function writeValue(
  column: Column,
  row: number,
  bytes: Uint8Array,
  at: number,
  to: number,
): number {
  const end = valueEnd(bytes, at, to);
  if (end < 0) return NO;
  const first = bytes[at]!;
  if (first === 0x6e) {
    column.setNull(row);
    return end;
  }
  column.setPresent(row);
  let fault: number = Fault.SYNTAX;
  if (first === QUOTE) fault = writeQuoted(column, row, bytes, at + 1, end - 1);
  else if (first <= NINE) fault = writeNumber(column, row, bytes, at, end);
  else if (column.type.kind === 'bool') {
    column.setBool(row, first === 0x74);
    fault = Fault.OK;
  }
  return fault === Fault.OK ? end : NO;
}

/** @hot */
function writeQuoted(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  switch (column.type.kind) {
    case 'string':
      return column.setView(row, bytes, from, to - from) ? Fault.OK : Fault.NO_ROOM;
    case 'timestamp':
      return parseTimestamp(column, row, bytes, from, to);
    case 'decimal':
      return parseDecimal(column, row, bytes, from, to);
    default:
      return Fault.SYNTAX;
  }
}

/** @hot */
function writeNumber(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  switch (column.type.kind) {
    case 'int32':
      return parseInt32(column, row, bytes, from, to);
    case 'int64':
      return parseInt64(column, row, bytes, from, to);
    case 'float64':
      return parseFloat64(column, row, bytes, from, to);
    case 'decimal':
      // JavaScript's numbers keep 15 digits, whichever they are.
      return to - from > MOST_SHARP ? Fault.INEXACT : parseDecimal(column, row, bytes, from, to);
    default:
      return Fault.SYNTAX;
  }
}

/** @hot */
function parseDecimal(
  column: Column,
  row: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const { type } = column;
  if (type.kind !== 'decimal') return Fault.SYNTAX;
  return parseScaled(column, row, bytes, from, to, type.scale, type.precision, 'refuse');
}
