/**
 * `SUM` and `AVG` of float64, nearly independent of the order of the rows.
 *
 * Compensated summation: next to the sum, the rounding errors of all additions are summed, found
 * exactly by Knuth's two-sum (Neumaier's algorithm without its branch). For n values x with the
 * exact sum S, and u = 2^−53,
 *
 * ```
 *   |result − S| ≤ u · |S| + n² · u² · Σ|x|
 * ```
 *
 * (Ogita, Rump, Oishi: Accurate Sum and Dot Product, 2005), for any order and any way of merging
 * partial sums. So two runs differ by twice that at most; without extreme cancellation by the last
 * bit. A NaN, or infinities of both signs, give NaN; infinities of one sign give it. A partial sum
 * beyond the range of float64 gives ±Infinity or NaN, even if further values would bring it back.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type { Cells, ValueAccumulator } from './accumulator.ts';
import { addOnes, countOf } from './count.ts';
import type { SumResult } from './exact-sum.ts';

/** Cell of the summed errors, from the accumulator's first. */
const ERROR = 1;

/** Compensated sum of a float64 column. */
export class FloatSumAccumulator implements ValueAccumulator {
  readonly #floats: Float64Array;
  readonly #words: Int32Array;
  readonly #cells: Cells;
  readonly #result: SumResult;

  constructor(arena: Arena, cells: Cells, result: SumResult) {
    this.#floats = arena.floats;
    this.#words = arena.words;
    this.#cells = cells;
    this.#result = result;
  }

  add(records: Int32Array, column: Column, rows: Uint32Array, count: number): void {
    addFloats(this.#floats, this.#cells.value, records, column.f64, rows, count);
    addOnes(this.#words, this.#cells.count, records, count);
  }

  read(records: Int32Array, count: number, target: Column): number {
    const floats = this.#floats;
    const isMean = this.#result === 'avg';
    for (let i = 0; i < count; i++) {
      const at = records[i]! + this.#cells.value;
      const sum = floats[at]!;
      const rows = countOf(this.#words, records[i]!, this.#cells);
      if (rows === 0) target.setNull(i);
      // The error of an infinite sum is NaN and means nothing.
      const total = Number.isFinite(sum) ? sum + floats[at + ERROR]! : sum;
      target.f64[i] = isMean ? total / rows : total;
    }
    return 0;
  }
}

/** Adds floats to compensated sums in two cells. @hot */
export function addFloats(
  floats: Float64Array,
  cell: number,
  records: Int32Array,
  values: Float64Array,
  rows: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = records[i]! + cell;
    const value = values[rows[i]!]!;
    const sum = floats[at]!;
    const total = sum + value;
    const part = total - sum;
    floats[at] = total;
    floats[at + ERROR] = floats[at + ERROR]! + (sum - (total - part) + (value - part));
  }
}
