/** Rows of a batch as often as asked, without a copy of their long values. @module */

import type { Batch } from '../core/batch.ts';
import { Column } from '../core/column.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { DataType } from '../core/types.ts';

/** Columns and times of rows in a list, each of which may be there several times. */
export class RepeatedRows {
  readonly #columns: readonly Column[];
  readonly #timeWords: Int32Array;
  readonly #lateBy: Float64Array;

  constructor(
    types: readonly DataType[],
    hasTime: boolean,
    rowCapacity: number,
    memory: KernelMemory,
  ) {
    this.#columns = types.map((type) => Column.allocate(type, rowCapacity, memory));
    const { buffer, byteOffset } = memory.allocate(hasTime ? 16 * rowCapacity : 0);
    const rows = hasTime ? rowCapacity : 0;
    this.#timeWords = new Int32Array(buffer, byteOffset + 8 * rows, 2 * rows);
    this.#lateBy = new Float64Array(buffer, byteOffset, rows);
  }

  /**
   * Has `target` show columns of `rows[0 .. count)`, densely, with their times.
   *
   * @param positions - of the columns
   */
  take(
    batch: Batch,
    positions: readonly number[],
    rows: Uint32Array,
    count: number,
    target: Batch,
  ): void {
    for (let k = 0; k < positions.length; k++) {
      const column = this.#columns[k]!;
      repeat(batch.columns[positions[k]!]!, column, rows, count);
      target.columns[k] = column;
    }
    target.shareRows(batch);
    target.rowCount = count;
    if (!batch.hasTime) return;
    repeatPairs(batch.timeWords, this.#timeWords, rows, count);
    target.timeWords = this.#timeWords;
    if (batch.lateCount === 0) return;
    let late = 0;
    for (let i = 0; i < count; i++) {
      const lateBy = batch.lateBy[rows[i]!]!;
      this.#lateBy[i] = lateBy;
      if (lateBy > 0) late++;
    }
    target.lateBy = this.#lateBy;
    target.lateCount = late;
  }
}

function repeat(source: Column, target: Column, rows: Uint32Array, count: number): void {
  target.clearNulls();
  switch (source.storage) {
    case 'i32':
      repeatWords(source.words, target.words, rows, count);
      break;
    case 'bits':
      for (let i = 0; i < count; i++) target.setBool(i, source.getBool(rows[i]!));
      break;
    case 'view':
      target.heap = source.heap;
      repeatViews(source.words, target.words, rows, count);
      break;
    default:
      repeatPairs(source.words, target.words, rows, count);
  }
  if (source.nullCount === 0) return;
  for (let i = 0; i < count; i++) if (source.isNull(rows[i]!)) target.setNull(i);
}

/** @hot */
function repeatWords(
  source: Int32Array,
  target: Int32Array,
  rows: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) target[i] = source[rows[i]!]!;
}

/** @hot */
function repeatPairs(
  source: Int32Array,
  target: Int32Array,
  rows: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const from = 2 * rows[i]!;
    target[2 * i] = source[from]!;
    target[2 * i + 1] = source[from + 1]!;
  }
}

/** @hot */
function repeatViews(
  source: Int32Array,
  target: Int32Array,
  rows: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const from = 4 * rows[i]!;
    const to = 4 * i;
    target[to] = source[from]!;
    target[to + 1] = source[from + 1]!;
    target[to + 2] = source[from + 2]!;
    target[to + 3] = source[from + 3]!;
  }
}
