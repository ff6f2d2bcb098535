/** `COUNT`, and the cell that counts. @module */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type { Cells, ValueAccumulator } from './accumulator.ts';

const TWO_32 = 4294967296;

/** A count: an int64, read as a number. */
function readCount(words: Int32Array, cell: number): number {
  return words[2 * cell + 1]! * TWO_32 + (words[2 * cell]! >>> 0);
}

/** How many rows count for an accumulator in a record. */
export function countOf(words: Int32Array, record: number, { count, missing }: Cells): number {
  const rows = readCount(words, record + count);
  return missing === undefined ? rows : rows - readCount(words, record + missing);
}

/** Sets rows of a column to null whose records have no rows that count. */
export function setNulls(
  words: Int32Array,
  cells: Cells,
  records: Int32Array,
  count: number,
  target: Column,
): void {
  const { count: cell, missing } = cells;
  if (missing !== undefined) {
    for (let i = 0; i < count; i++) {
      if (countOf(words, records[i]!, cells) === 0) target.setNull(i);
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    const at = 2 * (records[i]! + cell);
    if ((words[at]! | words[at + 1]!) === 0) target.setNull(i);
  }
}

/** Copies a cell of `records[0 .. count)` to pairs of words. @hot */
export function readPairs(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  count: number,
  target: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = 2 * (records[i]! + cell);
    target[2 * i] = words[at]!;
    target[2 * i + 1] = words[at + 1]!;
  }
}

/** Adds one to the counts of `records[0 .. count)`. @hot */
export function addOnes(words: Int32Array, cell: number, records: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const at = 2 * (records[i]! + cell);
    const low = (words[at]! + 1) | 0;
    words[at] = low;
    if (low === 0) words[at + 1] = words[at + 1]! + 1;
  }
}

/** Adds a number to the count in a cell. @hot */
export function addCount(words: Int32Array, cell: number, by: number): void {
  const count = readCount(words, cell) + by;
  words[2 * cell] = count | 0;
  words[2 * cell + 1] = Math.floor(count / TWO_32);
}

/** Counts rows. */
export class CountAccumulator implements ValueAccumulator {
  readonly #words: Int32Array;
  readonly #cells: Cells;

  constructor(arena: Arena, cells: Cells) {
    this.#words = arena.words;
    this.#cells = cells;
  }

  add(records: Int32Array, _column: Column, _rows: Uint32Array, count: number): void {
    addOnes(this.#words, this.#cells.count, records, count);
  }

  read(records: Int32Array, count: number, target: Column): number {
    const words = this.#words;
    if (this.#cells.missing === undefined) {
      readPairs(words, this.#cells.count, records, count, target.words);
      return 0;
    }
    for (let i = 0; i < count; i++) {
      target.setI64FromNumber(i, countOf(words, records[i]!, this.#cells));
    }
    return 0;
  }
}
