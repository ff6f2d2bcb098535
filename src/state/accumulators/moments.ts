/**
 * Variances and covariances, nearly independent of the order of the rows.
 *
 * Beside the compensated sum of x (see `float-sum.ts`) goes that of x², of which each product is kept
 * to 106 digits by Dekker's two-product; for two arguments that of x·y. From the sums S of x and Q of
 * x² over n values,
 *
 * ```
 *   n · variance = Q − S² / n
 * ```
 *
 * is computed in pairs of float64 as well. Both sums are right to u·|result| + n²·u²·Σ|terms|, with
 * u = 2^−53 (of the result as a pair: u² instead of u), so that a mean which is 10^6 times the standard
 * deviation costs no digits. Such sums are merged by addition, and rows are taken back by subtraction.
 *
 * Squares beyond the range of float64 (|x| > 1.3 · 10^154), infinities and NaN give NaN.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type { Cells, ValueAccumulator } from './accumulator.ts';
import { addOnes, countOf } from './count.ts';
import { addFloats } from './float-sum.ts';
import { addTwo, multiplyTwo, pair } from './pairs.ts';

/** What is divided by. */
export type MomentKind = 'population' | 'sample';

/** Variance of a float64 column, or covariance of two. */
export class MomentAccumulator implements ValueAccumulator {
  readonly #floats: Float64Array;
  readonly #words: Int32Array;
  readonly #cells: Cells;
  readonly #isSample: boolean;

  /** @param cells - with `squares`, or with `others` and `products` */
  constructor(arena: Arena, cells: Cells, kind: MomentKind) {
    this.#floats = arena.floats;
    this.#words = arena.words;
    this.#cells = cells;
    this.#isSample = kind === 'sample';
  }

  /** Of variances only. */
  add(records: Int32Array, column: Column, rows: Uint32Array, count: number): void {
    const { value, squares } = this.#cells;
    addFloats(this.#floats, value, records, column.f64, rows, count);
    addSquares(this.#floats, squares!, records, column.f64, rows, count);
    addOnes(this.#words, this.#cells.count, records, count);
  }

  read(records: Int32Array, count: number, target: Column): number {
    const { value, others, squares, products } = this.#cells;
    const least = this.#isSample ? 2 : 1;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      const rows = countOf(this.#words, record, this.#cells);
      if (rows < least) {
        target.setNull(i);
        continue;
      }
      const moment =
        squares === undefined
          ? this.#moment(record + value, record + others!, record + products!, rows)
          : Math.max(0, this.#moment(record + value, record + value, record + squares, rows));
      target.f64[i] = moment / (this.#isSample ? rows - 1 : rows);
    }
    return 0;
  }

  /** Σxy − ΣxΣy / n, of sums in two cells each. */
  #moment(first: number, second: number, products: number, rows: number): number {
    const floats = this.#floats;
    addTwo(floats[first]!, floats[first + 1]!);
    const [x, xRest] = [pair.high, pair.low];
    addTwo(floats[second]!, floats[second + 1]!);
    const [y, yRest] = [pair.high, pair.low];
    multiplyTwo(x, y);
    const product = pair.high;
    const rest = pair.low + (x * yRest + xRest * y);
    const quotient = product / rows;
    multiplyTwo(quotient, rows);
    const further = (product - pair.high - pair.low + rest) / rows;
    addTwo(floats[products]!, -quotient);
    return pair.high + (pair.low + (floats[products + 1]! - further));
  }
}

/** @hot */
function addSquares(
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
    multiplyTwo(value, value);
    const rest = pair.low;
    addTwo(floats[at]!, pair.high);
    floats[at] = pair.high;
    floats[at + 1] = floats[at + 1]! + (pair.low + rest);
  }
}
