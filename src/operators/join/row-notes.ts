/** What is known of rows beside their columns. @module */

import type { TimeUs } from '../../core/units.ts';

/** Facts of the rows of one side, of a batch or kept ones. */
export interface RowNotes {
  /**
   * Writes event times and lateness of the rows of some pairs.
   *
   * @param rows - by pair: the row
   * @param pairs - `pairs[0 .. count)` are wanted
   * @param times - by pair
   * @param lateBy - by pair
   */
  readTimes(
    rows: Int32Array,
    pairs: Uint32Array,
    count: number,
    times: Float64Array,
    lateBy: Float64Array,
  ): void;
  /**
   * Notes that the rows of some pairs have found a match.
   *
   * @param bits - by pair: what {@link matchesOf} is to have beside what it had
   */
  noteMatches(rows: Int32Array, pairs: Uint32Array, count: number, bits: Int32Array): void;
  /**
   * Notes that a row has found a match.
   *
   * @returns whether it had not found one with these bits before
   */
  noteMatch(row: number, bits: number): boolean;
  /** The bits that were noted of a row; 0: it has found no match. */
  matchesOf(row: number): number;
  timeUs(row: number): TimeUs;
  /** Event time plus lateness. */
  markUs(row: number): TimeUs;
}
