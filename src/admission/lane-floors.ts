/** A share of the rows of each lane that is kept whatever they are worth. @module */

import { hash32 } from './dither.ts';

/** Rows between two draws are at most so many. */
const MAX_SKIP = 1e9;

/**
 * Keeps a share of the rows that are below their threshold, by chance.
 *
 * Instead of a draw for each row, how many to skip is drawn once for each that is kept: the number
 * has the geometric distribution.
 */
export class LaneFloors {
  /** The share of each lane; may change. */
  readonly shares: Float64Array;
  readonly #skips: Float64Array;
  #draws: number;

  /** @param seed - another one draws independently */
  constructor(shares: Float64Array, seed: number) {
    this.shares = shares;
    this.#skips = new Float64Array(shares.length).fill(-1);
    this.#draws = seed;
  }

  /** Whether any lane has a share. */
  get areAny(): boolean {
    for (let lane = 0; lane < this.shares.length; lane++) if (this.shares[lane]! > 0) return true;
    return false;
  }

  /** Whether the next row of the lane, which is below its threshold, is kept. @hot */
  keeps(lane: number): boolean {
    const share = this.shares[lane]!;
    if (share <= 0) return false;
    const before = this.#skips[lane]!;
    const left = (before < 0 ? this.#draw(share) : before) - 1;
    this.#skips[lane] = left;
    return left < 0;
  }

  /** How many rows are skipped before the next that is kept. @hot */
  #draw(share: number): number {
    if (share >= 1) return 0;
    const uniform = (hash32(this.#draws++) + 0.5) / 2 ** 32;
    return Math.min(MAX_SKIP, Math.floor(Math.log(uniform) / Math.log1p(-share)));
  }
}
