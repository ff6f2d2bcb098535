/**
 * Codecs: bytes ↔ rows. A codec is a {@link RowParser} for reading, which knows what a row looks
 * like, and a `RowEncoder` of `src/rows` for writing. What all formats share (batches, bad rows, lines,
 * rows that are too large) is in `row-decoder.ts`.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { BadRow } from '../../core/connector.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { Schema } from '../../core/schema.ts';
import type { InputWindow } from './input-window.ts';

/** What a decoder needs to know of its source; a part of `SourceContext`, and the file's name. */
export interface DecoderContext {
  readonly node: string;
  readonly schema: Schema;
  /** Column that must hold an event time in every row, or -1. */
  readonly timeColumn: number;
  /** Name of the file, for messages. */
  readonly file: string;
  /** Where kernels work; without it rows are decoded one by one. Input and batches must lie in it. */
  readonly memory?: KernelMemory | undefined;
  reject(row: BadRow): void;
  canReject(): boolean;
}

/**
 * Why a decoder stopped.
 *
 * - `input`: it needs more input; when the window {@link InputWindow.isLast is the last}, all rows
 *   were decoded.
 * - `batch`: the batch must be passed on first, or bad rows must be.
 */
export type DecodeProgress = 'input' | 'batch';

/** Turns bytes into rows. */
export interface Decoder {
  /**
   * Appends rows to `batch` and advances `window.from` past them.
   *
   * @throws MillraceError `ERR_BAD_ROW` when nothing can be decoded: a header without a column
   */
  decode(window: InputWindow, batch: Batch): DecodeProgress;
}

/** What {@link RowParser.parse} returns beside the position behind the row. */
export const Parsed = {
  /** The row goes on behind the window. */
  INCOMPLETE: -1,
  /** See {@link RowParser.problem}; the next row begins at {@link RowParser.next}. */
  BAD: -2,
  /** The row is whole and good, but the batch's heap cannot take it. */
  NO_ROOM: -3,
  /** A blank line, which is no row; the next row begins at {@link RowParser.next}. */
  BLANK: -4,
} as const;

/** What is wrong with a row. */
export interface RowProblem {
  readonly message: string;
  readonly field?: string | undefined;
}

/**
 * Knows what a row looks like.
 *
 * `bytes[window.to]` is always a line feed, so that a scan needs no check for the end: a line end at
 * `window.to` or behind it is real only in the last window.
 */
export interface RowParser {
  /** Where the next row begins, after `BAD` and `BLANK`. */
  readonly next: number;
  /** Line feeds in the last row, its own included; set by `parse` whatever it returns. */
  readonly lines: number;
  /** What is wrong, after `BAD`. */
  readonly problem: RowProblem;

  /**
   * Reads what stands before the rows, from `window.from`; called until it does not return
   * `INCOMPLETE`.
   *
   * @returns where the rows begin, or `INCOMPLETE`
   * @throws MillraceError `ERR_BAD_ROW` when a column is missing
   */
  parseHeader(window: InputWindow): number;

  /**
   * Decodes rows of the plainest kind, one line each and all good, from `window.from` on into `batch`
   * from `row` on, and moves `window.from` behind them. `batch.rowCount` is the caller's.
   *
   * @returns how many; those behind them are for {@link parse}
   */
  parsePlain(window: InputWindow, batch: Batch, row: number): number;

  /**
   * Writes the row that begins at `window.from` into `row` of `columns`; what it wrote is garbage
   * unless it succeeds.
   *
   * @returns the position behind the row's line end, or one of {@link Parsed}
   */
  parse(window: InputWindow, columns: readonly Column[], row: number): number;
}
