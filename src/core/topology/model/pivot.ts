/** `pivot` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { OperatorCommon } from './parts.ts';

/** Members of an object, or entries of a list, as columns. */
export interface PivotOperator extends OperatorCommon {
  readonly type: 'pivot';
  /** The json column. */
  readonly column: string;
  /** Members of a list's objects that name a column and hold its value; `undefined`: an object. */
  readonly entries: { readonly key: string; readonly value: string } | undefined;
  /** At least one. */
  readonly columns: Schema;
  /** The json column stays. */
  readonly keep: boolean;
}
