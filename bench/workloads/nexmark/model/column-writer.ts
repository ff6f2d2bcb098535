/** What fills the columns of one kind of rows. @module */

import type { Batch } from '../../../../src/core/batch.ts';

/** Fills columns. */
export interface ColumnWriter {
  /** Room that a row takes in the heap at most. */
  readonly rowHeapBytes: number;
  /**
   * Writes the rows number `first` to `first + count − 1` of the kind behind those of `batch`, which
   * has room for them.
   */
  write(batch: Batch, first: number, count: number): void;
}
