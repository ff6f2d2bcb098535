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
/** Between prices so close together a straight line is drawn: a fiftieth of a bin. */
const EXACT = 1.001;

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
  /** The part of the price that a lane pays. */
  readonly parts: Float64Array;
  /** The most that a lane pays for a millisecond; left out: no lane has a bound. */
  readonly caps?: Float64Array;
}

/** Some of the lanes: `lanes[from .. to)`. */
export interface LaneGroup {
  readonly lanes: Int32Array;
  from: number;
  to: number;
}

/** Terms that ask nothing of other workers, keep no floors, and where every lane pays the price. */
export function plainTerms(lanes: number): LaneTerms {
  return {
    workMs: new Float64Array(lanes),
    rest: new Float64Array(lanes),
    utility: new Float64Array(lanes).fill(1),
    floors: new Float64Array(lanes),
    parts: new Float64Array(lanes).fill(1),
  };
}

/** Amounts of rows by lane and bin, as sums from the top. */
export class WorkCurve {
  /** `lane * (BINS + 1) + bin`: rows of the lane in that bin or a higher one. */
  readonly #tails: Float64Array;
  /** First bin of each lane that has rows, and the end of its bins. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** Lanes from here on have never had rows. */
  #end = 0;

  constructor(lanes: number) {
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
    if (low < end && lane >= this.#end) this.#end = lane + 1;
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
  workAt(price: number, terms: LaneTerms, only?: LaneGroup): number {
    const end = only === undefined ? this.#end : only.to;
    let work = 0;
    for (let i = only === undefined ? 0 : only.from; i < end; i++) {
      const lane = only === undefined ? i : only.lanes[i]!;
      const cost = terms.workMs[lane]!;
      if (cost <= 0 || this.#from[lane]! >= this.#to[lane]!) continue;
      const kept = this.rowsAbove(lane, positionAt(price, terms, lane));
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
    let work = 0;
    for (let lane = 0; lane < this.#end; lane++) {
      const cost = terms.workMs[lane]!;
      if (cost <= 0 || this.#from[lane]! >= this.#to[lane]!) continue;
      const position = Math.floor(positionAt(price, terms, lane));
      work += cost * this.rowsAbove(lane, position);
    }
    return work;
  }

  /** Utility of the rows that are kept at a price, each worth the middle of its bin. */
  utilityAt(price: number, terms: LaneTerms): number {
    let sum = 0;
    for (let lane = 0; lane < this.#end; lane++) {
      if (terms.workMs[lane]! <= 0) continue;
      const position = positionAt(price, terms, lane);
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
   * The least price at which no more than so much work is kept, but for a thousandth of a bin: 0 if all is.
   *
   * @param near - a price that it may be close to, from which the search starts
   * @param only - the lanes to look at; left out: all
   * @hot
   */
  priceFor(budgetMs: number, terms: LaneTerms, near: number, only?: LaneGroup): number {
    let low = near > MIN_PRICE && near < MAX_PRICE ? near : 1;
    let high = low;
    let factor = 1.01;
    let workHigh = this.workAt(low, terms, only);
    let workLow = workHigh;
    if (workLow > budgetMs) {
      do {
        low = high;
        workLow = workHigh;
        high *= factor;
        factor *= factor;
        workHigh = this.workAt(high, terms, only);
      } while (high < MAX_PRICE && workHigh > budgetMs);
    } else {
      if (this.workAt(0, terms, only) <= budgetMs) return 0;
      do {
        high = low;
        workHigh = workLow;
        low /= factor;
        factor *= factor;
        workLow = this.workAt(low, terms, only);
      } while (low > MIN_PRICE && workLow <= budgetMs);
    }
    if (low < MIN_PRICE) return MIN_PRICE;
    if (high > MAX_PRICE) return MAX_PRICE;
    for (let step = 0; step < STEPS && high > low * EXACT; step++) {
      const middle = high > 1.5 * low ? Math.sqrt(low * high) : (low + high) / 2;
      const work = this.workAt(middle, terms, only);
      if (work > budgetMs) {
        low = middle;
        workLow = work;
      } else {
        high = middle;
        workHigh = work;
      }
    }
    // Within a bin work is a straight line.
    return high - (high - low) * ((budgetMs - workHigh) / (workLow - workHigh));
  }
}

/** The position of a lane at a price of this worker. @hot */
function positionAt(price: number, terms: LaneTerms, lane: number): number {
  const worth = terms.utility[lane]!;
  if (!(worth > 0)) return NEVER_DROPPED;
  const asked = price * terms.parts[lane]!;
  const paid = terms.caps === undefined ? asked : Math.min(asked, terms.caps[lane]!);
  const own = paid * terms.workMs[lane]!;
  return positionOf((terms.rest[lane]! + own) / worth);
}
