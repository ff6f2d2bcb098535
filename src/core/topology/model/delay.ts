/** `delay` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** Rows as they are, later, and at a cost. */
export interface DelayOperator extends OperatorCommon {
  readonly type: 'delay';
  /** How long each row is held, by the worker's clock. */
  readonly forUs: DurationUs;
  /** Steps of a random number generator that each row costs. */
  readonly churn: number;
}
