/** `waitfor` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { Expression, OperatorCommon } from './parts.ts';

/** Rows of the first input, each held until a row of the second lets it go. */
export interface WaitforOperator extends OperatorCommon {
  readonly type: 'waitfor';
  /** Columns of both inputs that a row and the one that lets it go have in common; may be empty. */
  readonly key: readonly string[];
  /** Which rows of the second input let rows go; `undefined`: all. */
  readonly where: Expression | undefined;
  /** How much later than a row the one may be that lets it go; `undefined`: any time. */
  readonly timeoutUs: DurationUs | undefined;
}
