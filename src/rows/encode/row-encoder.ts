/** Rows as text. @module */

import type { Column } from '../../core/column.ts';
import type { ByteWriter } from '../values/byte-writer.ts';

/** Turns rows into bytes. */
export interface RowEncoder {
  /** Writes what stands before the rows. */
  writeHeader(out: ByteWriter): void;
  /** Writes one row with its line end. */
  writeRow(out: ByteWriter, columns: readonly Column[], row: number): void;
}
