/**
 * `MIN` and `MAX` of types of fixed width.
 *
 * Floats are ordered with NaN above all numbers, so `MAX` is NaN as soon as there is one and `MIN`
 * only when there is nothing else; 0 and −0 are equal, and the result is 0. False is below true.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Storage } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { Accumulator, Cells } from './accumulator.ts';
import { countOf } from './count.ts';

/** Which end of the order is wanted. */
export type Extreme = 'min' | 'max';

/** Storage of types of fixed width. */
export type FixedStorage = Exclude<Storage, 'view'>;

/** Words that a record begins with: no value is beyond them, so the first one replaces them. */
export const INITIAL_EXTREMES: Readonly<
  Record<Extreme, Readonly<Record<FixedStorage, readonly number[]>>>
> = {
  min: {
    bits: [1],
    i32: [0x7fff_ffff],
    i64: [-1, 0x7fff_ffff],
    f64: [0, 0x7ff8_0000],
  },
  max: {
    bits: [0],
    i32: [-0x8000_0000],
    i64: [0, -0x8000_0000],
    f64: [0, -0x0010_0000],
  },
};

/** Least or greatest value of a column. */
export class ExtremeAccumulator implements Accumulator {
  readonly #words: Int32Array;
  readonly #cells: Cells;
  readonly #storage: FixedStorage;

  constructor(arena: Arena, storage: FixedStorage, cells: Cells) {
    this.#words = arena.words;
    this.#storage = storage;
    this.#cells = cells;
  }

  read(records: Int32Array, count: number, target: Column): number {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      if (countOf(words, records[i]!, this.#cells) === 0) target.setNull(i);
      else this.#readOne(records[i]! + this.#cells.value, i, target);
    }
    return 0;
  }

  #readOne(cell: number, row: number, target: Column): void {
    const words = this.#words;
    switch (this.#storage) {
      case 'bits':
        target.setBool(row, words[2 * cell] === 1);
        break;
      case 'i32':
        target.words[row] = words[2 * cell]!;
        break;
      default:
        target.words[2 * row] = words[2 * cell]!;
        target.words[2 * row + 1] = words[2 * cell + 1]!;
    }
  }
}
