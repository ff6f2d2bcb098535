/** Writes rows that are made one by one into columns. @module */

import type { Batch } from '../../../../src/core/batch.ts';
import type { ColumnWriter } from '../model/column-writer.ts';
import type { RowMaker } from '../model/rows.ts';
import { SCHEMAS } from '../model/schemas.ts';
import { eventOf, type Kind } from '../model/timeline.ts';

/** Writes rows of one kind. */
export class RowColumnWriter implements ColumnWriter {
  /** More than the longest row has: what is missing to the mean size is made up for by a fifth more. */
  readonly rowHeapBytes = 1024;
  readonly #rows: RowMaker;
  readonly #kind: Kind;
  readonly #encoder = new TextEncoder();
  readonly #bytes = new Uint8Array(1024);

  constructor(rows: RowMaker, kind: Kind) {
    this.#rows = rows;
    this.#kind = kind;
  }

  write(batch: Batch, first: number, count: number): void {
    const kind = this.#kind;
    const schema = SCHEMAS[kind];
    for (let i = 0; i < count; i++) {
      const made = this.#rows[kind](eventOf(kind, first + i));
      const values = made as unknown as Readonly<Record<string, number | string>>;
      const row = batch.rowCount + i;
      for (let c = 0; c < schema.length; c++) {
        const { name, type } = schema[c]!;
        const column = batch.columns[c]!;
        const value = values[name]!;
        if (typeof value === 'string') {
          const { written } = this.#encoder.encodeInto(value, this.#bytes);
          column.setView(row, this.#bytes, 0, written);
        } else {
          column.setI64FromNumber(row, type.kind === 'timestamp' ? value * 1000 : value);
        }
      }
    }
    batch.setRowCount(batch.rowCount + count);
  }
}
