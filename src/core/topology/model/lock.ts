/** `lock` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** Lets one row of each key pass, until an `unlock` of the same lock set has it. */
export interface LockOperator extends OperatorCommon {
  readonly type: 'lock';
  /** Columns; not empty. */
  readonly key: readonly string[];
  readonly lockset: string;
}
