/** `top` in its normal form. @module */

import type { OperatorCommon, SortKey, Window } from './parts.ts';

/** The best rows of each group. */
export interface TopOperator extends OperatorCommon {
  readonly type: 'top';
  /** At least 1. */
  readonly n: number;
  /** Not empty. */
  readonly orderBy: readonly SortKey[];
  /** Columns; empty: one group. */
  readonly groupBy: readonly string[];
  /** `input`: rows of one event time are of one window. `undefined`: over the whole input. */
  readonly window: Window | 'input' | undefined;
  readonly ties: boolean;
  /** The column that has the rank. */
  readonly rank: string | undefined;
}
