/** The key of a row: the values that an instance sees. @module */

import type { Batch } from '../../core/batch.ts';
import { readValue } from '../../rows/row-reader.ts';

const BIGINTS = { int64: 'bigint' } as const;

/** Reads the key columns of rows of one input. */
export class KeyReader {
  readonly #columns: readonly number[];

  constructor(columns: readonly number[]) {
    this.#columns = columns;
  }

  /** The values, in the order of the columns. */
  values(batch: Batch, row: number): unknown[] {
    return this.#columns.map((c) => readValue(batch.columns[c]!, row, BIGINTS));
  }
}
