/** What is known of rows beside their columns. @module */

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
  /** Notes that the rows of some pairs have found a match. */
  noteMatches(rows: Int32Array, pairs: Uint32Array, count: number): void;
}
