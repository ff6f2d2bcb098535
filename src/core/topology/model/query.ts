/** `query` in its normal form. @module */

import type { Expression, NamedExpression, OperatorCommon, Select } from './parts.ts';

/** Reads or changes a table, for each row. */
export interface QueryOperator extends OperatorCommon {
  readonly type: 'query';
  readonly table: string;
  readonly action: QueryAction;
  /** Columns of the table and what they are equal to; empty: all rows. */
  readonly key: readonly NamedExpression[];
  /** An index and its bounds, both included; `undefined`: none. */
  readonly range: QueryRange | undefined;
  /** Over the input and `t`, the row of the table; `undefined`: all that were found. */
  readonly where: Expression | undefined;
  /** Columns of the table and their new values, over the input and `t`. */
  readonly set: readonly NamedExpression[];
  /** `undefined`: the columns of the input, and those of the table that it has not. */
  readonly select: Select | undefined;
  /** What becomes of an input row that found no row. */
  readonly misses: 'drop' | 'null' | 'port';
  /** Rows of the table that one row finds, at most. */
  readonly limit: number;
}

/** What a query does. */
export type QueryAction = 'read' | 'insert' | 'update' | 'upsert' | 'delete';

/** Rows whose value lies between two bounds. */
export interface QueryRange {
  readonly column: string;
  readonly from: Expression | undefined;
  readonly to: Expression | undefined;
}
