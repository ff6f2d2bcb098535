/** `resample` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** Rows of the first input, with values that the second has at their times. */
export interface ResampleOperator extends OperatorCommon {
  readonly type: 'resample';
  /** Columns of both inputs that a row and its values have in common; may be empty. */
  readonly key: readonly string[];
  /** Columns of the second input; not empty. */
  readonly values: readonly string[];
  readonly method: 'linear' | 'previous' | 'nearest';
  /** How far in time values may be from a row; given unless the method is `previous`. */
  readonly withinUs: DurationUs | undefined;
}
