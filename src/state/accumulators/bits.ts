/** `BIT_AND`, `BIT_OR` and `BIT_XOR` of integers. @module */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type { Cells, ValueAccumulator } from './accumulator.ts';
import { addOnes, countOf } from './count.ts';

/** Bits of integers, as an int64 in a cell. */
export class BitAccumulator implements ValueAccumulator {
  readonly #words: Int32Array;
  readonly #cells: Cells;

  constructor(arena: Arena, cells: Cells) {
    this.#words = arena.words;
    this.#cells = cells;
  }

  /** Of `BIT_XOR`: the others are the same for distinct values. */
  add(records: Int32Array, column: Column, rows: Uint32Array, count: number): void {
    const words = this.#words;
    const { value } = this.#cells;
    const isWide = column.storage === 'i64';
    for (let i = 0; i < count; i++) {
      const at = 2 * (records[i]! + value);
      const row = rows[i]!;
      const low = isWide ? column.words[2 * row]! : column.words[row]!;
      const high = isWide ? column.words[2 * row + 1]! : low >> 31;
      words[at] = words[at]! ^ low;
      words[at + 1] = words[at + 1]! ^ high;
    }
    addOnes(words, this.#cells.count, records, count);
  }

  read(records: Int32Array, count: number, target: Column): number {
    const words = this.#words;
    const isWide = target.storage === 'i64';
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      const at = 2 * (record + this.#cells.value);
      if (countOf(words, record, this.#cells) === 0) target.setNull(i);
      if (!isWide) {
        target.words[i] = words[at]!;
        continue;
      }
      target.words[2 * i] = words[at]!;
      target.words[2 * i + 1] = words[at + 1]!;
    }
    return 0;
  }
}
