/**
 * What decoding has in common whatever the format: rows go into a batch all or nothing, bad ones are
 * rejected with their line, and decoding goes on behind them.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { heapBytesOf } from '../../rows/values/cell-parse.ts';
import { excerpt } from '../../rows/values/fault.ts';
import {
  eventTimeProblem,
  forgetRow,
  hasEventTime,
  tooLargeMessage,
} from '../../rows/values/row-checks.ts';
import type { DecodeProgress, Decoder, DecoderContext, RowParser, RowProblem } from './codec.ts';
import { Parsed } from './codec.ts';
import type { InputWindow } from './input-window.ts';
import { BackOff } from './kernels/back-off.ts';

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Bad rows and blank lines after which a call returns, so that it does not take too long. */
const MOST_SKIPPED_ROWS = 1024;

/** Rows that are parsed before plain ones are looked for again, where none were found for long. */
const MOST_UNUSUAL_ROWS = 63;

/** Decodes the rows that a {@link RowParser} recognises. */
export class RowDecoder implements Decoder {
  readonly #parser: RowParser;
  readonly #context: DecoderContext;
  readonly #timeColumn: number;
  readonly #backOff = new BackOff(MOST_UNUSUAL_ROWS);
  /** Where the decoder stands: before the header, among rows, or inside a line that is given up. */
  #stage: 'start' | 'header' | 'rows' | 'skip' = 'start';
  /** 1-based line at `window.from`. */
  #line = 1;

  constructor(parser: RowParser, context: DecoderContext) {
    this.#parser = parser;
    this.#context = context;
    this.#timeColumn = context.timeColumn;
  }

  decode(window: InputWindow, batch: Batch): DecodeProgress {
    if (this.#stage !== 'rows' && !this.#begin(window)) return 'input';
    for (let skipped = 0; skipped < MOST_SKIPPED_ROWS; skipped++) {
      const end = this.#decodeGood(window, batch);
      if (batch.rowCount >= batch.rowCapacity) return 'batch';
      if (end === Parsed.BLANK) this.#advance(window, this.#parser.next);
      else if (end !== Parsed.INCOMPLETE) {
        if (!this.#rejectRow(window, batch, end)) return 'batch';
      } else if (window.isLast || !window.isFull) return 'input';
      else if (!this.#rejectLong(window)) return 'batch';
      // Inside a line that is given up nothing is decoded before its end has come.
      if (this.#stage !== 'rows' && !this.#begin(window)) return 'input';
    }
    return 'batch';
  }

  /**
   * Decodes rows until the batch is full or something is the matter.
   *
   * @returns what {@link RowParser.parse} returned for the row at `window.from`
   */
  #decodeGood(window: InputWindow, batch: Batch): number {
    const parser = this.#parser;
    const { columns, rowCapacity, heap } = batch;
    const time = columns[this.#timeColumn];
    let row = batch.rowCount;
    let end = 0;
    while (row < rowCapacity) {
      if (window.from < window.to && !this.#backOff.passes()) {
        const plain = parser.parsePlain(window, batch, row);
        if (plain > 0) this.#backOff.succeeded();
        else this.#backOff.failed();
        this.#line += plain;
        row += plain;
        if (row >= rowCapacity) break;
      }
      if (window.from >= window.to) {
        end = Parsed.INCOMPLETE;
        break;
      }
      const heapUsed = heap.used;
      end = parser.parse(window, columns, row);
      const isGood = end >= 0 && (time === undefined || hasEventTime(time, row));
      if (!isGood) {
        heap.used = heapUsed;
        if (end < 0) forgetRow(columns, row);
        break;
      }
      this.#advance(window, end);
      row++;
    }
    batch.setRowCount(row);
    return end;
  }

  /** Moves on behind a row. @hot */
  #advance(window: InputWindow, next: number): void {
    this.#line += this.#parser.lines;
    window.from = next < window.to ? next : window.to;
  }

  /**
   * Deals with a row that {@link #decodeGood} stopped at.
   *
   * @returns false when the batch, or earlier bad rows, must be passed on first
   */
  #rejectRow(window: InputWindow, batch: Batch, end: number): boolean {
    const { columns, rowCount: row } = batch;
    let next = end;
    let problem: RowProblem;
    if (end === Parsed.NO_ROOM) {
      if (batch.heap.used > 0) return false;
      const measured = this.#measure(window);
      next = measured.end;
      if (next >= 0) {
        problem = { message: tooLargeMessage(measured.bytes, batch.heap.capacityBytes) };
      } else {
        // With room for its long values the row turned out to be bad as well.
        problem = this.#parser.problem;
        next = this.#parser.next;
      }
    } else if (end === Parsed.BAD) {
      problem = this.#parser.problem;
      next = this.#parser.next;
    } else {
      const field = this.#context.schema[this.#timeColumn]!.name;
      problem = { message: eventTimeProblem(columns[this.#timeColumn]!, row), field };
      forgetRow(columns, row);
    }
    if (!this.#context.canReject()) return false;
    this.#reject(window, problem, next);
    this.#advance(window, next);
    return true;
  }

  /** Bytes of the long values of the row at `window.from`, and where it ends. */
  #measure(window: InputWindow): { bytes: number; end: number } {
    const columns = this.#context.schema.map((field) => Column.allocate(field.type, 1));
    const end = this.#parser.parse(window, columns, 0);
    return { bytes: heapBytesOf(columns, 0), end };
  }

  /** Gives up a row that is longer than the window may become, at the end of its first line. */
  #rejectLong(window: InputWindow): boolean {
    if (!this.#context.canReject()) return false;
    const message =
      `the row is longer than the limit of ${window.limitBytes} bytes, ` +
      `or a quote is not closed`;
    this.#reject(window, { message }, window.to);
    this.#stage = 'skip';
    return true;
  }

  #reject(window: InputWindow, problem: RowProblem, next: number): void {
    const { bytes, from } = window;
    let to = Math.min(next, window.to);
    while (to > from && (bytes[to - 1] === LINE_FEED || bytes[to - 1] === 0x0d)) to--;
    this.#context.reject({
      message: problem.message,
      file: this.#context.file,
      line: this.#line,
      field: problem.field,
      input: excerpt(bytes, from, to),
    });
  }

  /** Passes what stands before rows; false when that is not all there yet. */
  #begin(window: InputWindow): boolean {
    if (this.#stage === 'skip') return this.#skipLine(window);
    if (this.#stage === 'start') {
      const { bytes, from, to } = window;
      if (to - from < BYTE_ORDER_MARK.length && !window.isLast) return false;
      if (to - from >= 3 && BYTE_ORDER_MARK.every((byte, i) => bytes[from + i] === byte)) {
        window.from += BYTE_ORDER_MARK.length;
      }
      this.#stage = 'header';
    }
    const end = this.#parser.parseHeader(window);
    if (end === Parsed.INCOMPLETE) return false;
    this.#advance(window, end);
    this.#stage = 'rows';
    return true;
  }

  #skipLine(window: InputWindow): boolean {
    const at = window.bytes.indexOf(LINE_FEED, window.from);
    if (at >= window.to) {
      window.from = window.to;
      return false;
    }
    window.from = at + 1;
    this.#line++;
    this.#stage = 'rows';
    return true;
  }
}
