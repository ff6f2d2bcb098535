/**
 * Rows kept in memory to be written in order.
 *
 * Nulls come first, false before true, strings and bytes by their bytes, NaN behind all numbers;
 * where a key is descending all of that is reversed. Rows with equal keys keep the order in which
 * they came.
 *
 * @module
 */

import { Batch } from '../../core/batch.ts';
import { layoutBatch } from '../../core/batch-layout.ts';
import type { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { appendColumns, TUPLE_TOO_LARGE } from '../../core/gather.ts';
import { invariant } from '../../core/invariant.ts';
import { fieldIndex, type Schema } from '../../core/schema.ts';
import { compareValues } from '../../core/compare-values.ts';
import type { SortKey } from '../../core/topology/model.ts';
import { heapBytesOf } from '../../rows/values/cell-parse.ts';

/** Memory that the rows of one sink may take. */
export const SORT_LIMIT_BYTES = 256 * 1024 * 1024;

/** Room for long values in a chunk of rows. */
const HEAP_BYTES_PER_ROW = 64;

/** Column to sort by, and 1 or -1. */
interface Key {
  readonly column: number;
  readonly direction: 1 | -1;
}

/** Collects rows, then gives them back in order. */
export class SortedRows {
  readonly #schema: Schema;
  readonly #keys: readonly Key[];
  readonly #rowCapacity: number;
  readonly #node: string;
  readonly #limitBytes: number;
  readonly #chunks: Batch[] = [];
  #bytes = 0;

  /**
   * @param orderBy - columns of the schema
   * @param rowCapacity - rows of a chunk, a multiple of 64
   */
  constructor(
    schema: Schema,
    orderBy: readonly SortKey[],
    rowCapacity: number,
    node: string,
    limitBytes = SORT_LIMIT_BYTES,
  ) {
    this.#schema = schema;
    this.#keys = orderBy.map(({ column, descending }) => {
      const index = fieldIndex(schema, column);
      invariant(index >= 0, `no column '${column}' to sort by`);
      return { column: index, direction: descending ? -1 : 1 };
    });
    this.#rowCapacity = rowCapacity;
    this.#node = node;
    this.#limitBytes = limitBytes;
  }

  /**
   * Keeps copies of the selected rows.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  add({ columns, selection, selected }: Batch): void {
    let chunk = this.#chunks.at(-1) ?? this.#addChunk(0);
    for (let from = 0; from < selected;) {
      const count = appendColumns(chunk, columns, selection, from, selected);
      if (count > 0) {
        from += count;
        continue;
      }
      const neededBytes = count === TUPLE_TOO_LARGE ? heapBytesOf(columns, selection[from]!) : 0;
      chunk = this.#addChunk(neededBytes);
    }
  }

  /** The numbers of all rows, in order; row r of chunk c has the number c × capacity + r. */
  inOrder(): Uint32Array {
    const capacity = this.#rowCapacity;
    const total = this.#chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
    const order = new Uint32Array(total);
    let at = 0;
    this.#chunks.forEach((chunk, c) => {
      for (let row = 0; row < chunk.rowCount; row++) order[at++] = c * capacity + row;
    });
    return order.sort((a, b) => this.#compare(a, b));
  }

  /** The columns that the row of a number lies in. */
  columnsOf(number: number): readonly Column[] {
    return this.#chunks[Math.floor(number / this.#rowCapacity)]!.columns;
  }

  /** Where in its columns the row of a number lies. */
  rowOf(number: number): number {
    return number % this.#rowCapacity;
  }

  #addChunk(neededHeapBytes: number): Batch {
    const heapBytes = Math.max(neededHeapBytes, this.#rowCapacity * HEAP_BYTES_PER_ROW);
    const layout = layoutBatch(
      { schema: this.#schema, hasTime: false },
      this.#rowCapacity,
      heapBytes,
    );
    this.#bytes += layout.slotBytes;
    if (this.#bytes > this.#limitBytes) {
      throw new MillraceError(
        'ERR_LIMIT_EXCEEDED',
        `orderBy keeps all rows in memory: more than the limit of ${this.#limitBytes} bytes`,
        { node: this.#node },
      );
    }
    const chunk = Batch.allocate(layout);
    chunk.reset();
    this.#chunks.push(chunk);
    return chunk;
  }

  #compare(a: number, b: number): number {
    const capacity = this.#rowCapacity;
    const chunkA = this.#chunks[Math.floor(a / capacity)]!;
    const chunkB = this.#chunks[Math.floor(b / capacity)]!;
    for (const { column, direction } of this.#keys) {
      const columnA = chunkA.columns[column]!;
      const columnB = chunkB.columns[column]!;
      const result = compareValues(columnA, a % capacity, columnB, b % capacity);
      if (result !== 0) return result * direction;
    }
    return a - b;
  }
}
