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
import { readPairs, setNulls } from './count.ts';

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
    const { value } = this.#cells;
    setNulls(words, this.#cells, records, count, target);
    // Of a null the value means nothing.
    switch (this.#storage) {
      case 'bits':
        for (let i = 0; i < count; i++) target.setBool(i, words[2 * (records[i]! + value)] === 1);
        break;
      case 'i32':
        for (let i = 0; i < count; i++) target.words[i] = words[2 * (records[i]! + value)]!;
        break;
      default:
        readPairs(words, value, records, count, target.words);
    }
    return 0;
  }
}
