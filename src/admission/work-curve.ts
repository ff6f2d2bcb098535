/**
 * How much work is kept at a price: rows by lane and bin, added up from the highest bin down.
 *
 * @module
 */

import type { QueueContents } from './queue-contents.ts';
import { BINS, NEVER_DROPPED, positionOf } from './value-bins.ts';

/** The most that a price may be. */
const MAX_PRICE = 2 ** 200;
const MIN_PRICE = 2 ** -200;
/** Halvings of an octave in a search for a price: a thousandth of a bin. */
const STEPS = 24;

/** What rows cost and are worth at one worker, by lane. */
export interface LaneTerms {
  /** Milliseconds of work that a row brings to this worker. */
  readonly workMs: Float64Array;
  /** What a row costs at other workers, at their prices. */
  readonly rest: Float64Array;
  /** Utility of a unit of value. */
  readonly utility: Float64Array;
}

/** Amounts of rows by lane and bin, as sums from the top. */
export class WorkCurve {
  readonly #lanes: number;
  /** `lane * (BINS + 1) + bin`: rows of the lane in that bin or a higher one. */
  readonly #tails: Float64Array;
  /** First bin of each lane that has rows, and the end of its bins. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;

  constructor(lanes: number) {
    this.#lanes = lanes;
    this.#tails = new Float64Array(lanes * (BINS + 1));
    this.#from = new Int32Array(lanes).fill(BINS);
    this.#to = new Int32Array(lanes);
  }

  /**
   * Takes what waits in a ring as the amounts of the lanes from `first` on.
   *
   * @hot
   */
  loadContents(contents: QueueContents, first: number): void {
    const { entered, left } = contents;
    for (let lane = 0; lane < contents.lanes; lane++) {
      const low = contents.lowestBin(lane);
      const end = contents.binsEnd(lane);
      const at = (first + lane) * (BINS + 1);
      const cells = lane * BINS;
      let sum = 0;
      this.#begin(first + lane, low, end);
      for (let bin = end - 1; bin >= low; bin--) {
        const rows = (entered[cells + bin]! - left[cells + bin]!) | 0;
        if (rows > 0) sum += rows;
        this.#tails[at + bin] = sum;
      }
    }
  }

  /**
   * Takes amounts by lane and bin as those of the lanes from `first` on.
   *
   * @param contents - the ring they are about, for the bins that occur
   * @hot
   */
  loadAmounts(amounts: Float64Array, contents: QueueContents, first: number): void {
    for (let lane = 0; lane < contents.lanes; lane++) {
      const low = contents.lowestBin(lane);
      const end = contents.binsEnd(lane);
      const at = (first + lane) * (BINS + 1);
      let sum = 0;
      this.#begin(first + lane, low, end);
      for (let bin = end - 1; bin >= low; bin--) {
        sum += amounts[lane * BINS + bin]!;
        this.#tails[at + bin] = sum;
      }
    }
  }

  /** @hot */
  #begin(lane: number, low: number, end: number): void {
    this.#from[lane] = low;
    this.#to[lane] = end;
    this.#tails[lane * (BINS + 1) + end] = 0;
  }

  /** Rows of a lane at or above a position, with a fraction of the bin it lies in. @hot */
  rowsAbove(lane: number, position: number): number {
    const from = this.#from[lane]!;
    const to = this.#to[lane]!;
    if (from >= to) return 0;
    const at = lane * (BINS + 1);
    if (position <= from) return this.#tails[at + from]!;
    // What is never dropped is kept at any position.
    if (position >= to) return 0;
    const bin = Math.floor(Math.min(position, NEVER_DROPPED));
    const above = this.#tails[at + bin + 1]!;
    return above + (this.#tails[at + bin]! - above) * (1 - (position - bin));
  }

  /** Work on this worker of the rows that are kept at its price. @hot */
  workAt(price: number, terms: LaneTerms): number {
    const { workMs, rest, utility } = terms;
    let work = 0;
    for (let lane = 0; lane < this.#lanes; lane++) {
      const cost = workMs[lane]!;
      if (cost <= 0) continue;
      const worth = utility[lane]!;
      const threshold = worth > 0 ? (rest[lane]! + price * cost) / worth : Infinity;
      work += cost * this.rowsAbove(lane, positionOf(threshold));
    }
    return work;
  }

  /**
   * The least price at which no more than so much work is kept: 0 if all is.
   *
   * @param near - a price that it may be close to, from which the search starts
   * @hot
   */
  priceFor(budgetMs: number, terms: LaneTerms, near: number): number {
    if (this.workAt(0, terms) <= budgetMs) return 0;
    let low = near > MIN_PRICE && near < MAX_PRICE ? near : 1;
    let high = low;
    let factor = 1.1;
    if (this.workAt(low, terms) > budgetMs) {
      do {
        low = high;
        high *= factor;
        factor *= factor;
      } while (high < MAX_PRICE && this.workAt(high, terms) > budgetMs);
    } else {
      do {
        high = low;
        low /= factor;
        factor *= factor;
      } while (low > MIN_PRICE && this.workAt(low, terms) <= budgetMs);
    }
    for (let step = 0; step < STEPS && high > low * 1.0001; step++) {
      const middle = high > 1.5 * low ? Math.sqrt(low * high) : (low + high) / 2;
      if (this.workAt(middle, terms) > budgetMs) low = middle;
      else high = middle;
    }
    return high;
  }
}
