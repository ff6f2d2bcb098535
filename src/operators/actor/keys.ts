/** The key of a row: the values an instance sees, and the text that it is found by. @module */

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

  /** Different for different keys of the same types; `undefined` where a value is null. */
  static idOf(values: readonly unknown[]): string | undefined {
    if (values.length === 1) return textOf(values[0]);
    let id = '';
    for (const value of values) {
      const text = textOf(value);
      if (text === undefined) return undefined;
      id += `${text.length}:${text}`;
    }
    return id;
  }
}

function textOf(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (value instanceof Uint8Array) return value.join();
  // The two zeros are one key, as everywhere.
  return Object.is(value, -0) ? '0' : String(value);
}
