/** `lookup` in its normal form. @module */

import type { OperatorCommon, TableFile } from './parts.ts';

/** Adds to each row the columns of the one row of a table that has its key. */
export interface LookupOperator extends OperatorCommon {
  readonly type: 'lookup';
  readonly table: TableFile;
  /** At least one. */
  readonly on: readonly LookupKey[];
  readonly kind: LookupKind;
}

/**
 * `inner` drops rows without a match, `left` keeps them with nulls; `semi` keeps rows with a match,
 * `anti` those without, as they are.
 */
export type LookupKind = 'inner' | 'left' | 'semi' | 'anti';

/** A column of the input and the one of the table that it has to equal. */
export interface LookupKey {
  readonly input: string;
  readonly table: string;
  readonly pointer: string;
}
