/** The reading end of a sink with connector `embedded`. @module */

import { RowReader, type RowObject, readValue } from '../../rows/row-reader.ts';
import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import { fieldIndex, type Schema } from '../../core/schema.ts';
import type { OutputBatches } from './output-batches.ts';

/** What an `int64` is at the JavaScript surface. */
export type Int64Mode = 'bigint' | 'number';

/** What a column of an {@link OutputBatch} is handed out as. */
export type ColumnValues = Int32Array | Float64Array | BigInt64Array | readonly unknown[];

/**
 * Rows that came out of the engine, still in the ring's own memory.
 *
 * Rows made from it are the program's own. Typed arrays from {@link column} are views of the ring:
 * valid until the loop that got the batch asks for the next one.
 */
export class OutputBatch implements Iterable<RowObject> {
  readonly schema: Schema;
  readonly #batch: Batch;
  readonly #reader: RowReader;
  readonly #int64: Int64Mode;

  constructor(batch: Batch, schema: Schema, reader: RowReader, int64: Int64Mode) {
    this.#batch = batch;
    this.schema = schema;
    this.#reader = reader;
    this.#int64 = int64;
  }

  get rowCount(): number {
    return this.#batch.rowCount;
  }

  /** Row `index` as an object by column name. */
  row(index: number): RowObject {
    return this.#reader.read(this.#batch, index);
  }

  *[Symbol.iterator](): IterableIterator<RowObject> {
    for (let row = 0; row < this.#batch.rowCount; row++) yield this.row(row);
  }

  /**
   * A column: a typed-array view for int32, int64, decimal, timestamp, duration (int64 units) and
   * float64; a list of values for the others. See {@link isNull} for nulls in a view.
   *
   * @throws MillraceError `ERR_USAGE` when there is no such column
   */
  column(name: string): ColumnValues {
    const index = this.#indexOf(name);
    const column = this.#batch.columns[index]!;
    const rows = this.#batch.rowCount;
    switch (column.storage) {
      case 'i32':
        return column.words.subarray(0, rows);
      case 'f64':
        return column.f64.subarray(0, rows);
      case 'i64':
        return column.i64.subarray(0, rows);
      default:
        return Array.from({ length: rows }, (_, row) =>
          readValue(column, row, { int64: this.#int64 }),
        );
    }
  }

  /** Whether a value is null. */
  isNull(name: string, row: number): boolean {
    return this.#batch.columns[this.#indexOf(name)]!.isNull(row);
  }

  #indexOf(name: string): number {
    const index = fieldIndex(this.schema, name);
    if (index < 0) {
      const names = this.schema.map((field) => field.name).join(', ');
      throw new MillraceError('ERR_USAGE', `no column '${name}'; there are ${names}`);
    }
    return index;
  }
}

/** What an output is made of. */
export interface OutputParts {
  readonly name: string;
  readonly schema: Schema;
  readonly int64: Int64Mode;
  /** Begins to read. */
  readonly open: () => OutputBatches;
}

/**
 * The batches of an embedded sink, in order.
 *
 * The engine waits for a program that does not read: its rings fill, then its inputs refuse. A loop
 * that is left early may be taken up again by another. Of a sink with `keep` each loop is a reader
 * of its own, which begins with what is kept.
 */
export class Output implements AsyncIterable<OutputBatch> {
  readonly #parts: OutputParts;
  readonly #reader: RowReader;

  constructor(parts: OutputParts) {
    this.#parts = parts;
    this.#reader = new RowReader(parts.schema, { int64: parts.int64 });
  }

  get name(): string {
    return this.#parts.name;
  }

  /** The columns of its rows. */
  get schema(): Schema {
    return this.#parts.schema;
  }

  /**
   * Iterates over batches until the end of the stream.
   *
   * @throws MillraceError the engine's error after a failure; `ERR_USAGE` for a second reader
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<OutputBatch, void, undefined> {
    const { open, schema, int64 } = this.#parts;
    const batches = open();
    try {
      for (;;) {
        const batch = await batches.next();
        if (batch === undefined) return;
        try {
          if (batch.rowCount > 0) yield new OutputBatch(batch, schema, this.#reader, int64);
        } finally {
          batches.release();
        }
      }
    } finally {
      batches.close();
    }
  }

  /** Every row until the end, as objects; for results that fit in memory. */
  async rows(): Promise<RowObject[]> {
    const rows: RowObject[] = [];
    for await (const batch of this) for (const row of batch) rows.push(row);
    return rows;
  }
}
