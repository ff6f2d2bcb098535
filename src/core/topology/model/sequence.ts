/** `sequence` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** Numbers rows. */
export interface SequenceOperator extends OperatorCommon {
  readonly type: 'sequence';
  /** The column with the number. */
  readonly as: string;
  readonly start: number;
  /** Not 0. */
  readonly step: number;
}
