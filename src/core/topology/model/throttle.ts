/** `throttle` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** Rows up to a rate, or as far as there is room; the others are dropped. */
export interface ThrottleOperator extends OperatorCommon {
  readonly type: 'throttle';
  /** Rows a second, of all tasks together; `undefined`: any. */
  readonly rate: number | undefined;
  /** Rows that may come at once after a pause. */
  readonly burst: number;
  /** What happens when there is no room behind it. */
  readonly onFull: 'block' | 'drop';
}
