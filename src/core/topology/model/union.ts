/** `union` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** All rows of all inputs; their schemas must agree. */
export interface UnionOperator extends OperatorCommon {
  readonly type: 'union';
}
