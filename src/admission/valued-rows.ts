/** What gates know of rows. @module */

import type { RowUnits } from './unit-gate.ts';

/** Rows of a batch with what they are worth: columns by row. */
export interface ValuedRows {
  values: Float64Array;
  /** The words of `values`. */
  words: Int32Array;
  /** The lane of each row; the gate adds the bin of rows that are counted. */
  readonly tags: Int32Array;
  /** One for rows that are never dropped; left out: every row may be. */
  readonly kept?: Uint8Array | undefined;
  /** For how many rows each stands, 1 at first: multiplied for rows that were kept by chance. */
  readonly weights?: Float64Array | undefined;
  /** Whole units are shed; left out: single rows. */
  readonly units?: RowUnits | undefined;
}
