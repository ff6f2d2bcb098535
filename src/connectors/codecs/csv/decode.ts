/**
 * CSV into columns: RFC 4180 with a header line, LF or CRLF, any delimiter.
 *
 * A line must have as many fields as the header. Columns are found by name; fields whose name the
 * schema lacks are passed over. Null is the unquoted null text; a quoted field is never null. A
 * blank line is no row, except in a file of one field, where it is a row with an empty field.
 *
 * A row whose quotes are broken (text behind a closing quote, or no closing quote before the end of
 * the file) is given up at the end of its first line.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import { MillraceError } from '../../../core/errors.ts';
import type { CsvFormat } from '../../../core/topology/model.ts';
import { equalsAt, parseCell } from '../../../rows/values/cell-parse.ts';
import type { FaultCode } from '../../../rows/values/fault.ts';
import { describeFault, excerpt, Fault, showText } from '../../../rows/values/fault.ts';
import { isUtf8 } from '../../../rows/values/utf8.ts';
import type { DecoderContext, RowParser, RowProblem } from '../codec.ts';
import { Parsed } from '../codec.ts';
import {
  fastBool,
  fastDecimal,
  fastFloat64,
  fastInt32,
  fastInt64,
  FastTimestamp,
} from '../fast-values.ts';
import type { InputWindow } from '../input-window.ts';
import type { RowKernel } from '../kernels/row-kernel.ts';
import { mapHeader } from './header.ts';
import { isPlainDelimiter, makeCsvKernel } from './kernel.ts';
import {
  CARRIAGE_RETURN,
  fieldEnd,
  isFieldEnd,
  LINE_FEED,
  QUOTE,
  QuotedScan,
  RowScan,
  unquote,
} from './scan.ts';

/** What is wrong with a row beside a value. */
const Broken = { NONE: 0, UNCLOSED: 1, AFTER_QUOTE: 2, TOO_FEW: 3, TOO_MANY: 4 } as const;

const text = new TextDecoder();

/** Recognises the rows of a CSV file. */
export class CsvRowParser implements RowParser {
  next = 0;
  lines = 0;
  problem: RowProblem = { message: '' };

  readonly #context: DecoderContext;
  readonly #delimiter: number;
  readonly #hasHeader: boolean;
  readonly #nullText: Uint8Array;
  /** First byte of the null text; -1 where it is empty. */
  readonly #nullFirst: number;
  /** The delimiter occurs in no number or timestamp. */
  readonly #isPlainDelimiter: boolean;
  readonly #timestamp = new FastTimestamp();
  readonly #quoted = new QuotedScan();
  readonly #row = new RowScan();
  /** For each field of a line: its column, or -1. */
  #targets: Int32Array;
  #scratch = new Uint8Array(1024);
  #kernel: RowKernel | undefined;

  // What went wrong in the row at hand.
  #fault: FaultCode = Fault.OK;
  #broken: number = Broken.NONE;
  #faultField = 0;
  #faultText = '';

  readonly #format: CsvFormat;

  constructor(format: CsvFormat, context: DecoderContext) {
    this.#context = context;
    this.#format = format;
    this.#delimiter = format.delimiter.charCodeAt(0);
    this.#hasHeader = format.header;
    this.#nullText = new TextEncoder().encode(format.nullText);
    this.#nullFirst = this.#nullText[0] ?? -1;
    this.#isPlainDelimiter = isPlainDelimiter(format.delimiter);
    this.#targets = Int32Array.from(context.schema, (_, i) => i);
  }

  parseHeader(window: InputWindow): number {
    this.lines = 0;
    if (!this.#hasHeader) {
      this.#kernel = makeCsvKernel(this.#format, this.#targets, this.#context);
      return window.from;
    }
    const { bytes, from, to, isLast } = window;
    if (from >= to && !isLast) return Parsed.INCOMPLETE;
    if (from >= to) this.#failHeader('the file is empty, expected a header line');
    const extent = this.#row.scan(bytes, from, to, this.#delimiter);
    if (extent === 'malformed') this.#failHeader('the header has text behind a closing quote');
    if (extent === 'unclosed' || this.#row.end > to) {
      if (!isLast && !window.isFull) return Parsed.INCOMPLETE;
      if (extent === 'unclosed') this.#failHeader('the header has a quote that is not closed');
    }
    this.#targets = Int32Array.from(mapHeader(this.#fieldTexts(bytes, from, to), this.#context));
    this.#kernel = makeCsvKernel(this.#format, this.#targets, this.#context);
    this.lines = this.#row.lineFeeds;
    return this.#row.end;
  }

  #failHeader(message: string): never {
    const { file, node } = this.#context;
    throw new MillraceError('ERR_BAD_ROW', `${file}:1: ${message}`, { node });
  }

  /** The texts of the fields of a row whose quotes are in order. */
  #fieldTexts(bytes: Uint8Array, from: number, to: number): string[] {
    const texts: string[] = [];
    let at = from;
    for (;;) {
      if (bytes[at] === QUOTE && at < to) {
        this.#quoted.scan(bytes, at + 1, to);
        texts.push(text.decode(bytes.subarray(at + 1, this.#quoted.close)).replaceAll('""', '"'));
        at = this.#quoted.close + 1;
      } else {
        const end = fieldEnd(bytes, at, this.#delimiter);
        texts.push(text.decode(bytes.subarray(at, end)));
        at = end;
      }
      if (bytes[at] !== this.#delimiter) return texts;
      at++;
    }
  }

  /** @hot */
  parsePlain(window: InputWindow, batch: Batch, row: number): number {
    return this.#kernel === undefined ? 0 : this.#kernel.decode(window, batch, row);
  }

  /** @hot */
  parse(window: InputWindow, columns: readonly Column[], row: number): number {
    const { bytes, from, to } = window;
    const delimiter = this.#delimiter;
    const targets = this.#targets;
    const last = targets.length - 1;
    this.lines = 1;
    if (last > 0 && isLineEnd(bytes, from)) {
      this.next = bytes[from] === LINE_FEED ? from + 1 : from + 2;
      return this.next > to && !window.isLast ? Parsed.INCOMPLETE : Parsed.BLANK;
    }
    let at = from;
    for (let field = 0; field <= last; field++) {
      const target = targets[field]!;
      const column = target < 0 ? undefined : columns[target]!;
      let end = this.#fastCell(column, row, window, at);
      if (end < 0) end = this.#cell(column, row, window, at);
      if (end < 0) return this.#giveUp(window, field);
      const terminator = bytes[end]!;
      at = end + 1;
      if (terminator === delimiter && end < to) {
        if (field < last) continue;
        this.#broken = Broken.TOO_MANY;
        return this.#giveUp(window, field);
      }
      if (field < last) {
        this.#broken = Broken.TOO_FEW;
        return this.#giveUp(window, field);
      }
      if (terminator === CARRIAGE_RETURN) at++;
    }
    return at > to && !window.isLast ? Parsed.INCOMPLETE : at;
  }

  /**
   * Reads an unquoted field in its usual spelling.
   *
   * @returns where the field ends, or -1: see {@link #cell}
   *
   * @hot
   */
  #fastCell(column: Column | undefined, row: number, window: InputWindow, at: number): number {
    const { bytes } = window;
    const delimiter = this.#delimiter;
    const first = bytes[at]!;
    if (first === QUOTE || first === this.#nullFirst || !this.#isPlainDelimiter) return -1;
    if (column === undefined) return fieldEnd(bytes, at, delimiter);
    if (first === delimiter || first <= CARRIAGE_RETURN) {
      if (this.#nullFirst >= 0 || !isFieldEnd(bytes, at, delimiter)) return -1;
      column.setNull(row);
      return at;
    }
    let end = -1;
    switch (column.storage) {
      case 'view': {
        if (column.type.kind !== 'string' || !window.isUtf8) return -1;
        end = fieldEnd(bytes, at, delimiter);
        return column.setView(row, bytes, at, end - at) ? end : -1;
      }
      case 'i32':
        end = fastInt32(column, row, bytes, at);
        break;
      case 'f64':
        end = fastFloat64(column, row, bytes, at);
        break;
      case 'i64':
        end = this.#fastInt64(column, row, bytes, at);
        break;
      case 'bits':
        end = fastBool(column, row, bytes, at);
        break;
    }
    return end >= 0 && isFieldEnd(bytes, end, delimiter) ? end : -1;
  }

  /** Reads a value that is stored as an int64. @hot */
  #fastInt64(column: Column, row: number, bytes: Uint8Array, at: number): number {
    const { type } = column;
    switch (type.kind) {
      case 'int64':
        return fastInt64(column, row, bytes, at);
      case 'timestamp':
        return this.#timestamp.read(column, row, bytes, at);
      case 'decimal':
        return fastDecimal(column, row, bytes, at, type.scale, type.precision);
      default:
        return -1;
    }
  }

  /**
   * Reads a field of any spelling.
   *
   * @returns where it ends, or -1 when something is wrong with it
   */
  #cell(column: Column | undefined, row: number, window: InputWindow, from: number): number {
    const { bytes, to } = window;
    if (bytes[from] === QUOTE && from < to) return this.#quotedCell(column, row, window, from);
    const end = fieldEnd(bytes, from, this.#delimiter);
    if (column === undefined) return end;
    if (equalsAt(bytes, from, end, this.#nullText)) {
      column.setNull(row);
      return end;
    }
    return this.#value(column, row, window, bytes, from, end) ? end : -1;
  }

  #quotedCell(column: Column | undefined, row: number, window: InputWindow, from: number): number {
    const { bytes, to } = window;
    const quoted = this.#quoted;
    if (!quoted.scan(bytes, from + 1, to)) {
      this.#broken = Broken.UNCLOSED;
      return -1;
    }
    this.lines += quoted.lineFeeds;
    const end = quoted.close + 1;
    if (!isFieldEnd(bytes, end, this.#delimiter)) {
      this.#broken = Broken.AFTER_QUOTE;
      return -1;
    }
    if (column === undefined) return end;
    if (quoted.doubled === 0) {
      return this.#value(column, row, window, bytes, from + 1, quoted.close) ? end : -1;
    }
    const length = quoted.close - from - 1;
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(2 * length);
    const written = unquote(bytes, from + 1, quoted.close, this.#scratch);
    return this.#value(column, row, window, this.#scratch, 0, written) ? end : -1;
  }

  /** Writes the value `source[from, to)`; false when it is not one of the column's type. */
  #value(
    column: Column,
    row: number,
    window: InputWindow,
    source: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const isText = window.isUtf8 || isUtf8(source, from, to);
    const fault = isText ? parseCell(column, row, source, from, to) : Fault.ENCODING;
    if (fault === Fault.OK) return true;
    this.#fault = fault;
    if (fault !== Fault.NO_ROOM) this.#faultText = excerpt(source, from, to);
    return false;
  }

  /** Finds out where a row ends that cannot be read, and what to call its trouble. */
  #giveUp(window: InputWindow, field: number): number {
    const { bytes, from, to, isLast } = window;
    const fault = this.#fault;
    let broken = this.#broken;
    this.#fault = Fault.OK;
    this.#broken = Broken.NONE;
    this.#faultField = field;
    const extent = this.#row.scan(bytes, from, to, this.#delimiter);
    if (extent === 'unclosed' && !isLast) return Parsed.INCOMPLETE;
    if (extent === 'whole') {
      if (this.#row.end > to && !isLast) return Parsed.INCOMPLETE;
      this.next = this.#row.end;
      this.lines = this.#row.lineFeeds;
      if (fault === Fault.NO_ROOM) return Parsed.NO_ROOM;
    } else {
      // Both messages of a row with broken quotes are true; that of the quotes says more.
      broken = extent === 'unclosed' ? Broken.UNCLOSED : Broken.AFTER_QUOTE;
      this.next = bytes.indexOf(LINE_FEED, from) + 1;
      this.lines = 1;
      if (this.next > to && !isLast) return Parsed.INCOMPLETE;
    }
    this.problem = this.#describe(fault, broken);
    return Parsed.BAD;
  }

  #describe(fault: FaultCode, broken: number): RowProblem {
    const expected = this.#targets.length;
    switch (broken) {
      case Broken.UNCLOSED:
        return { message: 'a quoted field is not closed' };
      case Broken.AFTER_QUOTE:
        return { message: 'text follows the closing quote of a field' };
      case Broken.TOO_FEW:
      case Broken.TOO_MANY:
        return { message: `expected ${expected} fields, found ${this.#row.fields}` };
      default: {
        const { name, type } = this.#context.schema[this.#targets[this.#faultField]!]!;
        return { message: describeFault(fault, type, showText(this.#faultText)), field: name };
      }
    }
  }
}

/** @hot */
function isLineEnd(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]!;
  return byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED);
}
