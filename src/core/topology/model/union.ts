/** `union` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/**
 * What columns inputs must have:
 *
 * - `strict`: the same, in the same order
 * - `loose`: any; those with one name have one type, and what an input lacks is null
 * - `cast`: any; those with one name are converted to a type that has the values of all
 */
export type UnionColumns = 'strict' | 'loose' | 'cast';

/** All rows of all inputs. */
export interface UnionOperator extends OperatorCommon {
  readonly type: 'union';
  readonly columns: UnionColumns;
}
