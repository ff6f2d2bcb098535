/** `window_drop` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** Drops whole windows by chance. */
export interface WindowDropOperator extends OperatorCommon {
  readonly type: 'window_drop';
  /** The share of windows that are dropped: 0 to 1. */
  readonly rate: number;
  /** 0 to 2^32 − 1. */
  readonly seed: number;
  readonly sizeUs: DurationUs;
  /** `0 < slideUs ≤ sizeUs`. */
  readonly slideUs: DurationUs;
  readonly offsetUs: DurationUs;
  /** Columns of the windows' groups: each group's windows are dropped or kept for themselves. */
  readonly groupBy: readonly string[];
  /** Rows that go into windows, or windows' results with their `window_start`. */
  readonly of: 'rows' | 'results';
}
