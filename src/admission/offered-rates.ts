/** How fast rows are offered, by lane and bin, as a mean that forgets. @module */

import type { QueueContents } from './queue-contents.ts';
import { BINS } from './value-bins.ts';

/** Rows a millisecond that a source offers. */
export class OfferedRates {
  /** `lane * BINS + bin`: rows a millisecond. */
  readonly rates: Float64Array;
  /** The same of all bins of a lane. */
  readonly laneRates: Float64Array;
  readonly #contents: QueueContents;
  readonly #seen: Int32Array;
  readonly #memoryMs: number;

  /** @param memoryMs - what is older than that weighs a third */
  constructor(contents: QueueContents, memoryMs: number) {
    this.#contents = contents;
    this.#memoryMs = memoryMs;
    this.rates = new Float64Array(contents.lanes * BINS);
    this.laneRates = new Float64Array(contents.lanes);
    this.#seen = new Int32Array(contents.lanes * BINS);
  }

  /**
   * Looks at what was offered since the last call.
   *
   * @param elapsedMs - greater than 0
   * @returns how many bins of lanes rows have been offered of, with those between
   * @hot
   */
  update(elapsedMs: number): number {
    const { offered, lanes } = this.#contents;
    const weight = -Math.expm1(-elapsedMs / this.#memoryMs);
    const perMs = weight / elapsedMs;
    let used = 0;
    for (let lane = 0; lane < lanes; lane++) {
      const end = lane * BINS + this.#contents.binsEnd(lane);
      if (end === lane * BINS) continue;
      used += end - lane * BINS - this.#contents.lowestBin(lane);
      let sum = 0;
      for (let cell = lane * BINS + this.#contents.lowestBin(lane); cell < end; cell++) {
        const now = offered[cell]!;
        const rows = (now - this.#seen[cell]!) | 0;
        this.#seen[cell] = now;
        const rate = this.rates[cell]! * (1 - weight) + rows * perMs;
        this.rates[cell] = rate;
        sum += rate;
      }
      this.laneRates[lane] = sum;
    }
    return used;
  }
}
