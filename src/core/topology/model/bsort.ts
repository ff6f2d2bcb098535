/** `bsort` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon, SortKey } from './parts.ts';

/** How much a bsort keeps back. */
export type SortBuffer =
  /** So many rows of each group. */
  | { readonly kind: 'rows'; readonly rows: number }
  /** Rows of each group whose values are within this of the last in the order; µs if `isDuration`. */
  | { readonly kind: 'range'; readonly span: number; readonly isDuration: boolean };

/** Approximate sorting with a bounded buffer. */
export interface BsortOperator extends OperatorCommon {
  readonly type: 'bsort';
  /** Empty: by event time. */
  readonly orderBy: readonly SortKey[];
  /** Columns; empty: one group. */
  readonly groupBy: readonly string[];
  readonly buffer: SortBuffer;
  /** A group without a row for so long, by event time, is forgotten; `undefined`: never. */
  readonly ttlUs: DurationUs | undefined;
}
