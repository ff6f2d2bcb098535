/** Fields of a plain CSV record, one without quotes and line ends, into columns. @module */

import type { Column } from '../../core/column.ts';
import { equalsAt, parseCell } from '../values/cell-parse.ts';
import { Fault } from '../values/fault.ts';

const encoder = new TextEncoder();
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Reads records with one delimiter. */
export class RecordFields {
  /** -1: not one byte, which is left to others. */
  readonly #delimiter: number;
  readonly #nullText: Uint8Array;

  constructor(delimiter: string, nullText: string) {
    const bytes = encoder.encode(delimiter);
    this.#delimiter = bytes.length === 1 ? bytes[0]! : -1;
    this.#nullText = encoder.encode(nullText);
  }

  /**
   * Writes the fields of `bytes[from .. to)` to row `row` of all columns, in order.
   *
   * @returns false where the record is not plain, has another number of fields, or one that does not fit
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
    const delimiter = this.#delimiter;
    if (delimiter < 0) return false;
    let start = from;
    for (let c = 0; c < columns.length; c++) {
      if (start > to || bytes[start] === QUOTE) return false;
      let end = start;
      for (; end < to; end++) {
        const byte = bytes[end]!;
        if (byte === delimiter) break;
        if (byte === LINE_FEED || byte === CARRIAGE_RETURN) return false;
      }
      const column = columns[c]!;
      if (equalsAt(bytes, start, end, this.#nullText)) {
        column.setNull(row);
      } else {
        column.setPresent(row);
        if (parseCell(column, row, bytes, start, end) !== Fault.OK) return false;
      }
      start = end + 1;
    }
    return start === to + 1;
  }
}
