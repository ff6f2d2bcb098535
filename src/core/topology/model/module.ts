/** `module` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { FilePath, OperatorCommon } from './parts.ts';

/** A user's function, called with each row or each batch. */
export interface ModuleOperator extends OperatorCommon {
  readonly type: 'module';
  readonly module: FilePath;
  /** Name of the exported function. */
  readonly export: string;
  readonly per: 'row' | 'batch';
  /** Columns of the rows it returns, or of the batches it fills. */
  readonly schema: Schema;
}
