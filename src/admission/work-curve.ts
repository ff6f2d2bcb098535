/**
 * How much work is kept at a price: rows by lane and bin, added up from the highest bin down.
 *
 * @module
 */

import type { QueueContents } from './queue-contents.ts';
import { BINS, NEVER_DROPPED, positionOf, thresholdAt } from './value-bins.ts';

/** The most that a price may be. */
const MAX_PRICE = 2 ** 200;
const MIN_PRICE = 2 ** -200;
/** Steps of a search for a price. */
const STEPS = 24;
/** How exact a price is found: a hundredth of a bin. */
const EXACT = 1.0005;

/** What rows cost and are worth at one worker, by lane. */
export interface LaneTerms {
  /** Milliseconds of work that a row brings to this worker. */
  readonly workMs: Float64Array;
  /** What a row costs at other workers, at their prices. */
  readonly rest: Float64Array;
  /** Utility of a unit of value. */
  readonly utility: Float64Array;
  /** The fraction of rows that is kept at any price. */
  readonly floors: Float64Array;
  /**
   * The most that a lane pays for a millisecond, as long as the price is no higher than the highest
   * of them; beyond it all rise in proportion. Infinity for lanes that pay the price.
   */
  readonly caps: Float64Array;
}

/** Terms that ask nothing of other workers, keep no floors and have no caps. */
export function plainTerms(lanes: number): LaneTerms {
  return {
    workMs: new Float64Array(lanes),
    rest: new Float64Array(lanes),
    utility: new Float64Array(lanes).fill(1),
    floors: new Float64Array(lanes),
    caps: new Float64Array(lanes).fill(Infinity),
  };
}

/** What a lane pays for a millisecond at a price; `highest` is the highest of all caps. @hot */
export function priceOfLane(price: number, cap: number, highest: number): number {
  if (price <= highest) return Math.min(price, cap);
  return highest > 0 ? cap * (price / highest) : 0;
}

/** The highest of some caps. @hot */
export function highestCap(caps: Float64Array): number {
  let highest = 0;
  for (let lane = 0; lane < caps.length; lane++) highest = Math.max(highest, caps[lane]!);
  return highest;
}

/** Amounts of rows by lane and bin, as sums from the top. */
export class WorkCurve {
  readonly lanes: number;
  /** `lane * (BINS + 1) + bin`: rows of the lane in that bin or a higher one. */
  readonly #tails: Float64Array;
  /** First bin of each lane that has rows, and the end of its bins. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;

  constructor(lanes: number) {
    this.lanes = lanes;
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
    const tails = this.#tails;
    for (let lane = 0; lane < contents.lanes; lane++) {
      const low = contents.lowestBin(lane);
      const at = (first + lane) * (BINS + 1);
      const cells = lane * BINS;
      let sum = 0;
      this.#begin(first + lane, low, contents.binsEnd(lane));
      for (let bin = contents.binsEnd(lane) - 1; bin >= low; bin--) {
        const rows = (entered[cells + bin]! - left[cells + bin]!) | 0;
        if (rows > 0) sum += rows;
        tails[at + bin] = sum;
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
    const tails = this.#tails;
    for (let lane = 0; lane < contents.lanes; lane++) {
      const low = contents.lowestBin(lane);
      const at = (first + lane) * (BINS + 1);
      const cells = lane * BINS;
      let sum = 0;
      this.#begin(first + lane, low, contents.binsEnd(lane));
      for (let bin = contents.binsEnd(lane) - 1; bin >= low; bin--) {
        sum += amounts[cells + bin]!;
        tails[at + bin] = sum;
      }
    }
  }

  /** @hot */
  #begin(lane: number, low: number, end: number): void {
    this.#from[lane] = low;
    this.#to[lane] = end;
    this.#tails[lane * (BINS + 1) + end] = 0;
  }

  /** All rows of a lane. @hot */
  rows(lane: number): number {
    const from = this.#from[lane]!;
    return from < this.#to[lane]! ? this.#tails[lane * (BINS + 1) + from]! : 0;
  }

  /** Rows of a lane at or above a position, with a fraction of the bin it lies in. @hot */
  rowsAbove(lane: number, position: number): number {
    const from = this.#from[lane]!;
    const to = this.#to[lane]!;
    if (from >= to) return 0;
    const at = lane * (BINS + 1);
    if (position <= from) return this.#tails[at + from]!;
    if (position >= to) return 0;
    // What is never dropped has the last bin, and is kept at any position.
    const bin = Math.floor(Math.min(position, NEVER_DROPPED));
    const above = this.#tails[at + bin + 1]!;
    return above + (this.#tails[at + bin]! - above) * (1 - (position - bin));
  }

  /**
   * Work on this worker of the rows that are kept at its price.
   *
   * @param only - the lanes to look at; left out: all
   * @hot
   */
  workAt(price: number, terms: LaneTerms, only?: Int32Array): number {
    const highest = highestCap(terms.caps);
    const lanes = only === undefined ? this.lanes : only.length;
    let work = 0;
    for (let i = 0; i < lanes; i++) {
      const lane = only === undefined ? i : only[i]!;
      const cost = terms.workMs[lane]!;
      if (cost <= 0 || this.#from[lane]! >= this.#to[lane]!) continue;
      const kept = this.rowsAbove(lane, positionAt(price, terms, lane, highest));
      work += cost * (kept + terms.floors[lane]! * (this.rows(lane) - kept));
    }
    return work;
  }

  /**
   * Work of the rows that are kept at a price together with the bins that it lies in, as they are
   * where rows of these bins were chosen already.
   *
   * @hot
   */
  workOfBinsAt(price: number, terms: LaneTerms): number {
    const highest = highestCap(terms.caps);
    let work = 0;
    for (let lane = 0; lane < this.lanes; lane++) {
      const cost = terms.workMs[lane]!;
      if (cost <= 0 || this.#from[lane]! >= this.#to[lane]!) continue;
      const position = Math.floor(positionAt(price, terms, lane, highest));
      work += cost * this.rowsAbove(lane, position);
    }
    return work;
  }

  /** Utility of the rows that are kept at a price, each worth the middle of its bin. */
  utilityAt(price: number, terms: LaneTerms): number {
    const highest = highestCap(terms.caps);
    let sum = 0;
    for (let lane = 0; lane < this.lanes; lane++) {
      if (terms.workMs[lane]! <= 0) continue;
      const position = positionAt(price, terms, lane, highest);
      const floor = terms.floors[lane]!;
      for (let bin = this.#from[lane]!; bin < Math.min(this.#to[lane]!, NEVER_DROPPED); bin++) {
        const share = Math.min(1, Math.max(0, bin + 1 - position));
        const rows = this.rowsAbove(lane, bin) - this.rowsAbove(lane, bin + 1);
        const value = (thresholdAt(bin) + thresholdAt(bin + 1)) / 2;
        sum += terms.utility[lane]! * value * rows * (share + floor * (1 - share));
      }
    }
    return sum;
  }

  /**
   * The least price at which no more than so much work is kept: 0 if all is.
   *
   * @param near - a price that it may be close to, from which the search starts
   * @param only - the lanes to look at; left out: all
   * @hot
   */
  priceFor(budgetMs: number, terms: LaneTerms, near: number, only?: Int32Array): number {
    if (this.workAt(0, terms, only) <= budgetMs) return 0;
    let low = near > MIN_PRICE && near < MAX_PRICE ? near : 1;
    let high = low;
    let factor = 1.01;
    if (this.workAt(low, terms, only) > budgetMs) {
      do {
        low = high;
        high *= factor;
        factor *= factor;
      } while (high < MAX_PRICE && this.workAt(high, terms, only) > budgetMs);
    } else {
      do {
        high = low;
        low /= factor;
        factor *= factor;
      } while (low > MIN_PRICE && this.workAt(low, terms, only) <= budgetMs);
    }
    low = Math.max(low, MIN_PRICE);
    high = Math.min(high, MAX_PRICE);
    for (let step = 0; step < STEPS && high > low * EXACT; step++) {
      const middle = high > 1.5 * low ? Math.sqrt(low * high) : (low + high) / 2;
      if (this.workAt(middle, terms, only) > budgetMs) low = middle;
      else high = middle;
    }
    return high;
  }
}

/** The position of a lane at a price of this worker. @hot */
function positionAt(price: number, terms: LaneTerms, lane: number, highest: number): number {
  const worth = terms.utility[lane]!;
  if (!(worth > 0)) return NEVER_DROPPED;
  const own = priceOfLane(price, terms.caps[lane]!, highest) * terms.workMs[lane]!;
  return positionOf((terms.rest[lane]! + own) / worth);
}
