/** `wsort` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon, SortKey } from './parts.ts';

/** Sorting behind the watermark. */
export interface WsortOperator extends OperatorCommon {
  readonly type: 'wsort';
  /** The order of rows of one event time, or of all where there is none. */
  readonly orderBy: readonly SortKey[];
  /** Columns by which rows may be spread; empty: one order of all rows. */
  readonly groupBy: readonly string[];
  /** A row waits no longer than for rows that are so much later; `undefined`: for the watermark. */
  readonly timeoutUs: DurationUs | undefined;
}
