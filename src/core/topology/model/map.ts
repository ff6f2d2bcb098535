/** `map` in its normal form. @module */

import type { OperatorCommon, Select } from './parts.ts';

/** Computes columns. */
export interface MapOperator extends OperatorCommon {
  readonly type: 'map';
  readonly select: Select;
}
