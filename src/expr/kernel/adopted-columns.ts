/** The columns that kernels read, where they find them. @module */

import { Column, INLINE_BYTES, validityBytes, valueBytes } from '../../core/column.ts';
import { invariant } from '../../core/invariant.ts';
import type { BatchOptions } from '../batch/vector-node.ts';
import type { TypedColumn } from '../typed.ts';

/**
 * The columns of batches as kernels can read them: those that lie elsewhere, or whose long values do, are
 * copied first. One for each expression.
 */
export class AdoptedColumns {
  readonly #read: readonly TypedColumn[];
  readonly #options: BatchOptions;
  /** By the column's index; made when they are needed. */
  readonly #copies: Column[] = [];
  readonly #columns: Column[] = [];

  /** @param read - no other columns are looked at */
  constructor(read: readonly TypedColumn[], options: BatchOptions) {
    this.#read = read;
    this.#options = options;
  }

  /**
   * The same columns, or copies of those that have to be.
   *
   * @returns valid until the next call
   */
  of(columns: readonly Column[], selection: Uint32Array, selected: number): readonly Column[] {
    const read = this.#read;
    for (let i = 0; i < read.length; i++) {
      if (!this.#isHere(columns[read[i]!.index]!)) return this.#adopt(columns, selection, selected);
    }
    return columns;
  }

  /** @hot */
  #isHere({ buffer, storage, heap }: Column): boolean {
    const here = this.#options.memory.buffer;
    return buffer === here && (storage !== 'view' || heap.used === 0 || heap.bytes.buffer === here);
  }

  #adopt(columns: readonly Column[], selection: Uint32Array, selected: number): readonly Column[] {
    const adopted = this.#columns;
    for (let i = 0; i < columns.length; i++) adopted[i] = columns[i]!;
    for (const { index, type } of this.#read) {
      const column = columns[index]!;
      if (this.#isHere(column)) continue;
      const { rowCapacity, memory } = this.#options;
      const copy = (this.#copies[index] ??= Column.allocate(type, rowCapacity, memory));
      copyRows(copy, column, selection, selected);
      adopted[index] = copy;
    }
    return adopted;
  }
}

/** Values of all rows up to the last selected one; long values of selected rows only. */
function copyRows(copy: Column, column: Column, selection: Uint32Array, selected: number): void {
  const rows = selection[selected - 1]! + 1;
  copy.bytes.set(column.bytes.subarray(0, valueBytes(column.storage, rows)));
  copy.nullCount = column.nullCount;
  if (column.nullCount !== 0) {
    copy.validity.set(column.validity.subarray(0, validityBytes(rows)));
  }
  if (column.storage !== 'view' || column.heap.used === 0) return;
  copy.heap.used = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    if (column.isNull(row)) continue;
    const length = column.viewLength(row);
    if (length <= INLINE_BYTES) continue;
    const isStored = copy.setView(row, column.viewSource(row), column.viewStart(row), length);
    invariant(isStored, 'the long values of a batch take less than 2 GiB');
  }
}
