/** `random_drop` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** Drops rows by chance. */
export interface RandomDropOperator extends OperatorCommon {
  readonly type: 'random_drop';
  /** The share of rows that are dropped: 0 to 1, or the name of a parameter with its `$`. */
  readonly rate: number | string;
  /** 0 to 2^32 − 1. */
  readonly seed: number;
  /** Columns: rows that are equal in them are all dropped or all kept. Empty: each row by itself. */
  readonly groupBy: readonly string[];
}
