/** Columns and lists of rows where a kernel can read them. @module */

import { identitySelection } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';

/** One place for a column; what lies outside the engine's memory is copied into it. */
export class PlacedColumn {
  readonly #memory: KernelMemory;
  readonly #rowCapacity: number;
  #copy: Column | undefined;

  constructor(memory: KernelMemory, rowCapacity: number) {
    this.#memory = memory;
    this.#rowCapacity = rowCapacity;
  }

  /** The column itself, or a copy of `rows[from .. to)` that is valid until the next call. */
  place(column: Column, rows: Uint32Array, from: number, to: number): Column {
    const { buffer } = this.#memory;
    const isHere =
      column.buffer === buffer &&
      (column.storage !== 'view' ||
        column.heap.bytes.buffer === buffer ||
        column.heap.bytes.length === 0);
    return isHere ? column : this.#copyOf(column, rows, from, to);
  }

  #copyOf(column: Column, rows: Uint32Array, from: number, to: number): Column {
    if (this.#copy?.type !== column.type) {
      this.#copy = Column.allocate(column.type, this.#rowCapacity, this.#memory);
    }
    const copy = this.#copy;
    copy.nullCount = column.nullCount;
    if (column.nullCount !== 0)
      copy.validity.set(column.validity.subarray(0, copy.validity.length));
    if (column.storage !== 'view') {
      copy.bytes.set(column.bytes.subarray(0, copy.bytes.length));
      return copy;
    }
    copy.heap.used = 0;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      if (column.isNull(row)) continue;
      copy.setView(row, column.viewSource(row), column.viewStart(row), column.viewLength(row));
    }
    return copy;
  }
}

/** One place for a list of rows. */
export class PlacedRows {
  readonly #memory: KernelMemory;
  readonly #copy: Uint32Array;

  constructor(memory: KernelMemory, rowCapacity: number) {
    this.#memory = memory;
    this.#copy = memory.rows(rowCapacity);
  }

  /** Address of a list; 0: row i is at position i, for all of `from .. to`. */
  place(rows: Uint32Array, from: number, to: number): number {
    if (rows.buffer === this.#memory.buffer) return rows.byteOffset;
    // An identity is an array of its own; do not have one made for each length of a part.
    const isWhole = rows.byteLength === rows.buffer.byteLength;
    if (isWhole && rows === identitySelection(rows.length)) return 0;
    this.#copy.set(rows.subarray(from, to), from);
    return this.#copy.byteOffset;
  }
}
