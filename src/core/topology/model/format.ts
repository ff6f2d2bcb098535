/** `format` in its normal form. @module */

import type { CsvFormat, JsonlFormat, OperatorCommon } from './parts.ts';

/** A text from columns. */
export interface FormatOperator extends OperatorCommon {
  readonly type: 'format';
  /** The column with the text. */
  readonly as: string;
  readonly format: CsvFormat | JsonlFormat;
  /** The columns that are written; `undefined`: all of the input's. */
  readonly columns: readonly string[] | undefined;
  /** The columns that are written stay. */
  readonly keep: boolean;
}
