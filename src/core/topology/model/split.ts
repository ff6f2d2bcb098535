/** `split` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** All rows on each of several outputs, one output after the other. */
export interface SplitOperator extends OperatorCommon {
  readonly type: 'split';
  /** Two or more. */
  readonly outputs: readonly string[];
  /** What goes to all outputs before the next does. */
  readonly each: 'batch' | 'row';
}
