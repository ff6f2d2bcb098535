/** `unlock` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** Hands rows on, and says that the next row of their key may pass the `lock` of the same lock set. */
export interface UnlockOperator extends OperatorCommon {
  readonly type: 'unlock';
  /** Columns; not empty. */
  readonly key: readonly string[];
  readonly lockset: string;
}
