/**
 * `PRODUCT` of float64, nearly independent of the order of the rows.
 *
 * The product is a pair of floats (see `pairs.ts`) times a power of 2^{@link STEP}, so it neither
 * overflows nor vanishes on the way; zeros, infinities and NaN are counted beside it. For n values the
 * result is right to u + 8·n·u² of itself, u = 2^−53. A value is taken back by division.
 *
 * ```
 *  cells 0, 1 │ high, low
 *  cell 2     │ power of 2^STEP │ zeros │
 *  cell 3     │ infinities      │ NaNs  │
 * ```
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type {
  Cells,
  GivenRows,
  GroupState,
  ScriptedAccumulator,
  ValueAccumulator,
} from './accumulator.ts';
import { addCount, countOf } from './count.ts';
import { addTwo, multiplyTwo, pair } from './pairs.ts';

/** What the cells of a record begin with, as words: the product 1. */
export const PRODUCT_START = [0, 0x3ff0_0000, 0, 0, 0, 0, 0, 0];

const STEP = 400;
const LARGE = 2 ** STEP;
const SMALL = 2 ** -STEP;

/** Words from the accumulator's first. */
const EXPONENT = 4;
const ZEROS = 5;
const INFINITIES = 6;
const NANS = 7;

/** Product of a float64 column. */
export class ProductAccumulator implements ScriptedAccumulator, ValueAccumulator {
  readonly #floats: Float64Array;
  readonly #words: Int32Array;
  readonly #cells: Cells;

  constructor(arena: Arena, cells: Cells) {
    this.#floats = arena.floats;
    this.#words = arena.words;
    this.#cells = cells;
  }

  add(records: Int32Array, column: Column, rows: Uint32Array, count: number): void {
    this.#change(records, column, rows, 0, count, 1);
  }

  update(_state: GroupState, { records, column, rows, from, to }: GivenRows): void {
    this.#change(records, column!, rows, from, to, 1);
  }

  retract(_state: GroupState, { records, column, rows, from, to }: GivenRows): void {
    this.#change(records, column!, rows, from, to, -1);
  }

  #change(
    records: Int32Array,
    { f64 }: Column,
    rows: Uint32Array,
    from: number,
    to: number,
    by: 1 | -1,
  ): void {
    const { value, count } = this.#cells;
    for (let i = from; i < to; i++) {
      const record = records[i]!;
      addCount(this.#words, record + count, by);
      this.#take(record + value, f64[rows[i]!]!, by);
    }
  }

  /** Multiplies by a value, or divides by it. */
  #take(cell: number, value: number, by: 1 | -1): void {
    const words = this.#words;
    const at = 2 * cell;
    const isFinite = Math.abs(value) < Infinity;
    if (value !== 0 && isFinite) {
      // The value's own exponent is taken off, so that nothing overflows.
      const step = Math.abs(value) > LARGE ? 1 : Math.abs(value) < SMALL ? -1 : 0;
      const scaled = step === 0 ? value : value * (step === 1 ? SMALL : LARGE);
      const outer = Math.abs(scaled) > LARGE ? 1 : Math.abs(scaled) < SMALL ? -1 : 0;
      const factor = outer === 0 ? scaled : scaled * (outer === 1 ? SMALL : LARGE);
      words[at + EXPONENT] = words[at + EXPONENT]! + by * (step + outer);
      if (by === 1) this.#multiply(cell, factor, 0);
      else this.#divide(cell, factor);
      return;
    }
    const counter = value === 0 ? ZEROS : value === value ? INFINITIES : NANS;
    words[at + counter] = words[at + counter]! + by;
    if (counter === INFINITIES && value < 0) {
      this.#floats[cell] = -this.#floats[cell]!;
      this.#floats[cell + 1] = -this.#floats[cell + 1]!;
    }
  }

  #multiply(cell: number, high: number, low: number): void {
    const floats = this.#floats;
    const [x, xRest] = [floats[cell]!, floats[cell + 1]!];
    multiplyTwo(x, high);
    addTwo(pair.high, pair.low + (x * low + xRest * high));
    this.#store(cell, pair.high, pair.low);
  }

  #divide(cell: number, by: number): void {
    const floats = this.#floats;
    const [x, xRest] = [floats[cell]!, floats[cell + 1]!];
    const quotient = x / by;
    multiplyTwo(quotient, by);
    const rest = (x - pair.high - pair.low + xRest) / by;
    addTwo(quotient, rest);
    this.#store(cell, pair.high, pair.low);
  }

  /** Keeps the pair within the range in which its products neither overflow nor vanish. */
  #store(cell: number, high: number, low: number): void {
    const magnitude = Math.abs(high);
    const scale = magnitude > LARGE ? SMALL : magnitude < SMALL ? LARGE : 1;
    this.#floats[cell] = high * scale;
    this.#floats[cell + 1] = low * scale;
    if (scale === 1) return;
    const at = 2 * cell + EXPONENT;
    this.#words[at] = this.#words[at]! + (scale === SMALL ? 1 : -1);
  }

  merge(_target: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      const [target, source] = [targets[i]!, sources[i]!];
      addCount(words, target + this.#cells.count, countOf(words, source, this.#cells));
      const [to, from] = [target + this.#cells.value, source + this.#cells.value];
      for (let word = EXPONENT; word <= NANS; word++) {
        words[2 * to + word] = words[2 * to + word]! + words[2 * from + word]!;
      }
      this.#multiply(to, this.#floats[from]!, this.#floats[from + 1]!);
    }
  }

  own(): void {}

  read(records: Int32Array, count: number, target: Column): number {
    for (let i = 0; i < count; i++) {
      if (countOf(this.#words, records[i]!, this.#cells) === 0) target.setNull(i);
      else target.f64[i] = this.#result(records[i]! + this.#cells.value);
    }
    return 0;
  }

  #result(cell: number): number {
    const words = this.#words;
    const at = 2 * cell;
    const [zeros, infinities] = [words[at + ZEROS]!, words[at + INFINITIES]!];
    if (words[at + NANS]! > 0 || (zeros > 0 && infinities > 0)) return NaN;
    if (zeros > 0) return 0;
    let result = this.#floats[cell]! + this.#floats[cell + 1]!;
    if (infinities > 0) return result * Infinity;
    const exponent = words[at + EXPONENT]!;
    const scale = exponent > 0 ? LARGE : SMALL;
    // Beyond four steps all is infinite, or nothing.
    for (let step = Math.min(Math.abs(exponent), 5); step > 0; step--) result *= scale;
    return result;
  }
}
