/** `unnest` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { OperatorCommon } from './parts.ts';

/** A row for each element of a list. */
export interface UnnestOperator extends OperatorCommon {
  readonly type: 'unnest';
  /** The json column with the list. */
  readonly column: string;
  /** What elements become: members by name, or the element itself as the only column. At least one. */
  readonly columns: Schema;
  /** The column with the position of the element, from 0; `undefined`: none. */
  readonly position: string | undefined;
  /** A row without elements gives one row, with nulls. */
  readonly outer: boolean;
  /** The column with the list stays. */
  readonly keep: boolean;
}
