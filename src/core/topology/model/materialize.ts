/** `materialize` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** Keeps the last rows of a stream in a table, and passes them on. */
export interface MaterializeOperator extends OperatorCommon {
  readonly type: 'materialize';
  readonly table: string;
}
