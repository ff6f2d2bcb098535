/**
 * JSON Lines into columns: one object a line, its members in any order.
 *
 * A member of a name the schema lacks is passed over (but must be JSON); a column without a member is
 * null; of members with the same name the last counts. Integers are exact whatever their size;
 * `1.0` and `1e3` are integers too. Where the schema says
 *
 * - timestamp: a number is epoch milliseconds, a string ISO 8601
 * - decimal: a number or a string, exactly
 * - float64: a number, or one of the strings `NaN`, `Infinity`, `-Infinity`
 * - duration, bytes: a string (ISO 8601, base64)
 * - json: any value
 *
 * Blank lines are no rows.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import { parseCell } from '../../../rows/values/cell-parse.ts';
import type { FaultCode } from '../../../rows/values/fault.ts';
import { describeFault, excerpt, Fault, showText } from '../../../rows/values/fault.ts';
import { isUtf8 } from '../../../rows/values/utf8.ts';
import type { DecoderContext, RowParser, RowProblem } from '../codec.ts';
import { Parsed } from '../codec.ts';
import { FastTimestamp } from '../fast-values.ts';
import type { InputWindow } from '../input-window.ts';
import { FieldOrder } from './field-order.ts';
import type { ShapeKernels } from './kernels.ts';
import { makeShapeKernels } from './kernels.ts';
import { fastNumber, parseNumber } from './number.ts';
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  endsValue,
  JsonScan,
  numberEnd,
  OPEN_BRACE,
  QUOTE,
  skipSpace,
  wordEnd,
} from './scan.ts';
import { unescape, Unescaped } from './unescape.ts';

const LINE_FEED = 0x0a;

/** Recognises the rows of a JSON Lines file. */
export class JsonlRowParser implements RowParser {
  next = 0;
  lines = 1;
  problem: RowProblem = { message: '' };

  readonly #context: DecoderContext;
  readonly #order: FieldOrder;
  readonly #scan = new JsonScan();
  readonly #timestamp = new FastTimestamp();
  readonly #kernels: ShapeKernels | undefined;
  #scratch = new Uint8Array(1024);

  // What went wrong in the row at hand.
  #fault: FaultCode = Fault.OK;
  #faultColumn = -1;
  #faultAt = 0;
  /** What was expected at `#faultAt`, where the line is no JSON. */
  #expected = '';

  constructor(context: DecoderContext) {
    this.#context = context;
    this.#kernels = makeShapeKernels(context);
    this.#order = new FieldOrder(context.schema.map((field) => field.name));
  }

  parseHeader(window: InputWindow): number {
    this.lines = 0;
    return window.from;
  }

  /** @hot */
  parsePlain(window: InputWindow, batch: Batch, row: number): number {
    return this.#kernels === undefined ? 0 : this.#kernels.decode(window, batch, row);
  }

  parse(window: InputWindow, columns: readonly Column[], row: number): number {
    const { bytes, from, to } = window;
    this.lines = 1;
    let at = skipSpace(bytes, from);
    if (bytes[at] === LINE_FEED) {
      this.next = at + 1;
      return at >= to && !window.isLast ? Parsed.INCOMPLETE : Parsed.BLANK;
    }
    if (bytes[at] === OPEN_BRACE) at = this.#members(window, columns, row, at);
    else at = this.#broken(at, 'a JSON object');
    if (at >= 0) {
      at = skipSpace(bytes, at);
      if (bytes[at] !== LINE_FEED) at = this.#broken(at, 'the end of the line');
    }
    if (at < 0) return this.#giveUp(window);
    if (at >= to && !window.isLast) return Parsed.INCOMPLETE;
    this.#order.setAbsentNull(columns, row);
    if (at < to) this.#kernels?.learn(bytes, from, at + 1);
    return at + 1;
  }

  /** Reads the object that opens at `open`; returns where it ends, or -1. @hot */
  #members(window: InputWindow, columns: readonly Column[], row: number, open: number): number {
    const { bytes } = window;
    const order = this.#order;
    order.begin();
    let at = skipSpace(bytes, open + 1);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    for (;;) {
      if (bytes[at] !== QUOTE) return this.#broken(at, 'a name in quotes');
      let target = order.match(bytes, at + 1);
      if (target >= 0) {
        at = order.end;
      } else {
        const close = this.#scan.stringEnd(bytes, at + 1);
        if (close < 0) return this.#broken(this.#scan.failedAt, 'the rest of a string');
        target = this.#find(bytes, at + 1, close);
        at = close + 1;
      }
      if (bytes[at] !== COLON) {
        at = skipSpace(bytes, at);
        if (bytes[at] !== COLON) return this.#broken(at, "':'");
      }
      at++;
      if (bytes[at] === 0x20) at = skipSpace(bytes, at);
      at = target < 0 ? this.#pass(bytes, at) : this.#member(window, columns, row, target, at);
      if (at < 0) return -1;
      if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
      if (bytes[at] === CLOSE_BRACE) return at + 1;
      if (bytes[at] !== COMMA) return this.#broken(at, "',' or '}'");
      at++;
      if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
    }
  }

  /** The column named by the text of a string, -1 if none is. */
  #find(bytes: Uint8Array, from: number, to: number): number {
    if (!this.#scan.hasEscape) return this.#order.find(bytes, from, to);
    const length = unescape(bytes, from, to, this.#scratchFor(to - from));
    return length < 0 ? -1 : this.#order.find(this.#scratch, 0, length);
  }

  /** Passes over a value that no column wants. */
  #pass(bytes: Uint8Array, at: number): number {
    const end = this.#scan.valueEnd(bytes, at);
    return end < 0 ? this.#broken(this.#scan.failedAt, 'a JSON value') : end;
  }

  /** Reads the value at `at` into a column; returns where it ends, or -1. @hot */
  #member(
    window: InputWindow,
    columns: readonly Column[],
    row: number,
    target: number,
    at: number,
  ): number {
    const { bytes } = window;
    const column = columns[target]!;
    this.#faultColumn = target;
    this.#faultAt = at;
    if (this.#order.isRepeated(target)) column.setPresent(row);
    const first = bytes[at]!;
    if (first === QUOTE) return this.#string(window, column, row, at);
    const end = fastNumber(column, row, bytes, at);
    if (end >= 0) return end;
    if (first === 0x6e) {
      column.setNull(row);
      const nullEnd = wordEnd(bytes, at, 'null');
      return nullEnd < 0 ? this.#broken(at, 'a JSON value') : nullEnd;
    }
    return this.#other(window, column, row, at);
  }

  #string(window: InputWindow, column: Column, row: number, at: number): number {
    const { bytes } = window;
    const { kind } = column.type;
    if (kind === 'json') return this.#json(window, column, row, at);
    const from = at + 1;
    if (kind === 'timestamp') {
      const end = this.#timestamp.read(column, row, bytes, from);
      if (end >= 0 && bytes[end] === QUOTE) return end + 1;
    }
    const close = this.#scan.stringEnd(bytes, from);
    if (close < 0) return this.#broken(this.#scan.failedAt, 'the rest of a string');
    let source: Uint8Array = bytes;
    let start = from;
    let end = close;
    if (this.#scan.hasEscape) {
      end = unescape(bytes, from, close, this.#scratchFor(close - from));
      if (end === Unescaped.BAD_ESCAPE) return this.#broken(at, 'a string with good escapes');
      if (end < 0) return this.#refuse(Fault.ENCODING);
      source = this.#scratch;
      start = 0;
    }
    if (kind === 'int32' || kind === 'int64' || kind === 'bool') return this.#refuse(Fault.SYNTAX);
    if (!window.isUtf8 && !isUtf8(source, start, end)) return this.#refuse(Fault.ENCODING);
    if (kind === 'float64' && end > start && (source[end - 1]! | 0x20) < 0x61) {
      return this.#refuse(Fault.SYNTAX); // a number in quotes
    }
    const fault = parseCell(column, row, source, start, end);
    return fault === Fault.OK ? close + 1 : this.#refuse(fault);
  }

  /** Reads a value that is neither a string nor null nor a number in its usual spelling. */
  #other(window: InputWindow, column: Column, row: number, at: number): number {
    const { bytes } = window;
    const { kind } = column.type;
    if (kind === 'json') return this.#json(window, column, row, at);
    const end = numberEnd(bytes, at);
    if (end >= 0 && endsValue(bytes[end]!)) {
      const fault = parseNumber(column, row, bytes, at, end);
      return fault === Fault.OK ? end : this.#refuse(fault);
    }
    if (kind === 'bool') {
      const isTrue = bytes[at] === 0x74;
      const boolEnd = wordEnd(bytes, at, isTrue ? 'true' : 'false');
      column.setBool(row, isTrue);
      if (boolEnd >= 0) return boolEnd;
    }
    const otherEnd = this.#scan.valueEnd(bytes, at);
    const isValue = otherEnd >= 0 && endsValue(bytes[otherEnd]!);
    return isValue ? this.#refuse(Fault.SYNTAX) : this.#broken(at, 'a JSON value');
  }

  #json(window: InputWindow, column: Column, row: number, at: number): number {
    const { bytes } = window;
    const end = this.#pass(bytes, at);
    if (end < 0) return -1;
    if (!window.isUtf8 && !isUtf8(bytes, at, end)) return this.#refuse(Fault.ENCODING);
    const fault = parseCell(column, row, bytes, at, end);
    return fault === Fault.OK ? end : this.#refuse(fault);
  }

  #scratchFor(length: number): Uint8Array {
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(2 * length);
    return this.#scratch;
  }

  /** Takes note that the line is no JSON. */
  #broken(at: number, expected: string): -1 {
    this.#faultColumn = -1;
    this.#faultAt = at;
    this.#expected = expected;
    return -1;
  }

  /** Takes note that a value is not one of its column's. */
  #refuse(fault: FaultCode): -1 {
    this.#fault = fault;
    return -1;
  }

  #giveUp(window: InputWindow): number {
    const { bytes, from, to, isLast } = window;
    const fault = this.#fault;
    this.#fault = Fault.OK;
    const end = bytes.indexOf(LINE_FEED, from);
    if (end >= to && !isLast) return Parsed.INCOMPLETE;
    this.next = end + 1;
    if (this.#faultColumn < 0) {
      this.problem = { message: this.#describeBroken(bytes, from, end) };
      return Parsed.BAD;
    }
    if (fault === Fault.NO_ROOM) return Parsed.NO_ROOM;
    const { name, type } = this.#context.schema[this.#faultColumn]!;
    const at = this.#faultAt;
    const valueEnd = this.#scan.valueEnd(bytes, at);
    const shown = excerpt(bytes, at, valueEnd < 0 ? end : valueEnd);
    const message = describeFault(fault, type, shown.length > 80 ? cut(shown) : shown);
    this.problem = { message, field: name };
    return Parsed.BAD;
  }

  #describeBroken(bytes: Uint8Array, from: number, end: number): string {
    const at = Math.min(this.#faultAt, end);
    const found =
      at >= end ? 'the end of the line' : showText(excerpt(bytes, at, end).slice(0, 20));
    return `not JSON: expected ${this.#expected} at byte ${at - from + 1}, found ${found}`;
  }
}

function cut(shown: string): string {
  return `${shown.slice(0, 79)}…`;
}
