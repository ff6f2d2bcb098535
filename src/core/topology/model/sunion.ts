/** `sunion` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** All rows of several inputs in one order, by buckets of event time. */
export interface SunionOperator extends OperatorCommon {
  readonly type: 'sunion';
  /** Length of a bucket. */
  readonly intervalUs: DurationUs;
}
