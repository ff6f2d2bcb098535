/** What a query's plan says to its kernel. Plain data. @module */

import type { QueryAction, TableDefinition } from '../../core/topology/model.ts';
import type { TypedExpr } from '../../expr/index.ts';

/** Expressions are over the input's columns and, behind them, those of the table. */
export interface QueryConfig {
  readonly table: TableDefinition;
  readonly action: QueryAction;
  readonly find: FindConfig;
  readonly where: TypedExpr | undefined;
  /** By column of the table: its value in a new row, and in a row that is changed. */
  readonly inserted: readonly TypedExpr[];
  readonly updated: readonly TypedExpr[];
  /** Columns of the output. */
  readonly select: readonly TypedExpr[];
  readonly misses: 'drop' | 'null' | 'port';
  readonly limit: number;
}

/** How rows of the table are found. */
export type FindConfig =
  /** By all columns of the key, in its order. */
  | { readonly kind: 'key'; readonly values: readonly TypedExpr[] }
  /** By an index, both bounds included. */
  | {
      readonly kind: 'range';
      readonly column: number;
      readonly from: TypedExpr | undefined;
      readonly to: TypedExpr | undefined;
    }
  /** All rows, of which those are meant that are equal in some columns. */
  | {
      readonly kind: 'scan';
      readonly columns: readonly number[];
      readonly values: readonly TypedExpr[];
    };

/** What tasks call a table among what they share. */
export function sharedName(table: string): string {
  return `table ${table}`;
}
