/** `parse` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { CsvFormat, JsonlFormat, OperatorCommon } from './parts.ts';

/** Columns from a text in a column. */
export interface ParseOperator extends OperatorCommon {
  readonly type: 'parse';
  /** The string column with the text. */
  readonly column: string;
  readonly format: CsvFormat | JsonlFormat;
  /** Members of the object by name, or fields of the record in order; at least one. */
  readonly columns: Schema;
  /** The column with the text stays. */
  readonly keep: boolean;
}
