/** `merge` in its normal form. @module */

import type { OperatorCommon, SortKey } from './parts.ts';

/** All rows of inputs that are in order, in order. */
export interface MergeOperator extends OperatorCommon {
  readonly type: 'merge';
  /** `undefined`: event time. */
  readonly orderBy: SortKey | undefined;
  /** Columns; empty: one group. */
  readonly groupBy: readonly string[];
}
