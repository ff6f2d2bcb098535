/** `exec` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { DurationUs } from '../../units.ts';
import type { FileFormat, OperatorCommon } from './parts.ts';

/** Rows through a process outside of the engine. */
export interface ExecOperator extends OperatorCommon {
  readonly type: 'exec';
  /** Name of a command that the engine's options allow. */
  readonly command: string;
  /** Behind those that the options have. */
  readonly args: readonly string[];
  /** `row`: it answers each row by one, in their order; `stream`: it gives rows as it likes. */
  readonly per: 'row' | 'stream';
  /** How rows are written to it, and how it writes rows. */
  readonly format: FileFormat;
  readonly schema: Schema;
  /** How long it may take for a batch (`row`), and to end when its input has. */
  readonly timeoutUs: DurationUs;
  /** How often it is started anew when it has ended by itself. */
  readonly restarts: number;
}
