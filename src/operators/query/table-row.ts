/** Rows of tables. @module */

import type { Value } from '../../expr/index.ts';

/** A row of a table. */
export interface TableRow {
  /** Rows are numbered as they are inserted. */
  readonly number: number;
  values: readonly Value[];
}
