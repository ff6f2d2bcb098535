/** `module` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { FilePath, OperatorCommon } from './parts.ts';

/** A user's function, called with each row. */
export interface ModuleOperator extends OperatorCommon {
  readonly type: 'module';
  readonly module: FilePath;
  /** Name of the exported function. */
  readonly export: string;
  /** Columns of the rows it returns. */
  readonly schema: Schema;
}
