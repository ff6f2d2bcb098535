/** Rows of the input beside rows of the table: what expressions of queries are over. @module */

import { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { Table } from './table.ts';

/**
 * Columns of the table by row of the input: each row has the one that it found. There is room for them twice:
 * as a row was before it was changed, so many rows further on.
 */
export class Pairs {
  /** The input's columns, and behind them the table's as gathered. */
  readonly batch: Batch;
  /** The same with no row of the table. */
  readonly nones: Batch;
  /** The table's columns: rows as they are, and from {@link rowCapacity} on as they were. */
  readonly own: readonly Column[];
  readonly rowCapacity: number;
  readonly #table: Table;
  readonly #none: readonly Column[];

  constructor(table: Table, hasTime: boolean, { rowCapacity, memory }: KernelContext) {
    this.#table = table;
    this.rowCapacity = rowCapacity;
    this.batch = Batch.view(rowCapacity, hasTime);
    this.nones = Batch.view(rowCapacity, hasTime);
    this.own = table.columns.map(({ type }) => Column.allocate(type, 2 * rowCapacity, memory));
    this.#none = table.columns.map(({ type }) => {
      const column = Column.allocate(type, rowCapacity, memory);
      for (let row = 0; row < rowCapacity; row++) column.setNull(row);
      return column;
    });
  }

  /** Begins with rows of a batch. */
  begin(input: Batch): void {
    const { own, batch, nones } = this;
    batch.shareColumns(input);
    nones.shareColumns(input);
    const width = input.columns.length;
    for (let c = 0; c < own.length; c++) {
      own[c]!.clearNulls();
      own[c]!.heap.used = 0;
      batch.columns[width + c] = own[c]!;
      nones.columns[width + c] = this.#none[c]!;
    }
  }

  /** Gathers some columns of the rows that `rows[0 .. count)` have found. */
  gather(positions: readonly number[], slots: Int32Array, rows: Uint32Array, count: number): void {
    for (const c of positions) {
      this.#table.columns[c]!.gather(slots, rows, 0, count, this.own[c]!, 0);
    }
  }

  /** Gathers those rows as they were: before they change. */
  gatherBefore(slots: Int32Array, rows: Uint32Array, count: number): void {
    for (let c = 0; c < this.own.length; c++) {
      this.#table.columns[c]!.gather(slots, rows, 0, count, this.own[c]!, this.rowCapacity);
    }
  }

  /** The row has found none. */
  setNone(row: number): void {
    for (let c = 0; c < this.own.length; c++) this.own[c]!.setNull(row);
  }
}
