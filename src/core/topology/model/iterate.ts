/** `iterate` in its normal form. @module */

import type { Expression, OperatorCommon } from './parts.ts';

/** A row for each whole number of a range. */
export interface IterateOperator extends OperatorCommon {
  readonly type: 'iterate';
  /** The column with the number. */
  readonly as: string;
  readonly from: Expression;
  /** The last number that may come; `undefined`: only {@link while} ends it. */
  readonly to: Expression | undefined;
  /** Not 0; negative ones count down. */
  readonly step: number;
  /** The range ends before the first number for which this is not true. */
  readonly while: Expression | undefined;
  /** Rows that one row may give; at least 1. */
  readonly limit: number;
}
