/** `COUNT`, and the cell that counts. @module */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type { Cells, ValueAccumulator } from './accumulator.ts';

const TWO_32 = 4294967296;

/** A count: an int64, read as a number. */
export function readCount(words: Int32Array, cell: number): number {
  return words[2 * cell + 1]! * TWO_32 + (words[2 * cell]! >>> 0);
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

/** Counts rows. */
export class CountAccumulator implements ValueAccumulator {
  readonly #words: Int32Array;
  readonly #cell: number;

  constructor(arena: Arena, { count }: Cells) {
    this.#words = arena.words;
    this.#cell = count;
  }

  add(records: Int32Array, _column: Column, _rows: Uint32Array, count: number): void {
    addOnes(this.#words, this.#cell, records, count);
  }

  read(records: Int32Array, count: number, target: Column): number {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      const at = 2 * (records[i]! + this.#cell);
      target.words[2 * i] = words[at]!;
      target.words[2 * i + 1] = words[at + 1]!;
    }
    return 0;
  }
}
