/**
 * Thresholds of lanes: which bins are kept, and of the bin at the boundary which rows.
 *
 * A row of bin `b` has the rank `b` with 20 bits of a hash of its sequence number behind it; it is
 * kept if that reaches the position of its lane, in the same unit. So of the bin that the position
 * lies in, the fraction above it is kept, by chance that can be replayed.
 *
 * @module
 */

import { hash32 } from './dither.ts';
import { NEVER_DROPPED, positionOf, thresholdAt } from './value-bins.ts';

/** Bits of the hash that are compared. */
const DITHER_BITS = 20;
const DITHER_SHIFT = 32 - DITHER_BITS;

/** Thresholds by lane. */
export class Thresholds {
  /** The position of each lane, in units of 2^-20 bins. */
  readonly ranks: Int32Array;

  constructor(lanes: number) {
    this.ranks = new Int32Array(lanes);
  }

  /** Whether nothing is dropped. */
  get passesAll(): boolean {
    for (let lane = 0; lane < this.ranks.length; lane++) if (this.ranks[lane] !== 0) return false;
    return true;
  }

  /** The position of a lane. */
  position(lane: number): number {
    return this.ranks[lane]! / 2 ** DITHER_BITS;
  }

  /** The threshold of a lane: the least value that is kept; 0 if all is. */
  value(lane: number): number {
    return thresholdAt(this.position(lane));
  }

  /** Sets the threshold of a lane: rows of at least that value are kept. @hot */
  set(lane: number, threshold: number): void {
    this.setPosition(lane, positionOf(threshold));
  }

  /** Sets the threshold of a lane so that the whole bin that it lies in is kept. @hot */
  setWhole(lane: number, threshold: number): void {
    this.setPosition(lane, Math.floor(positionOf(threshold)));
  }

  /** Sets the position of a lane. @hot */
  setPosition(lane: number, position: number): void {
    const whole = Math.min(NEVER_DROPPED, position) * 2 ** DITHER_BITS;
    this.ranks[lane] = Math.round(whole);
  }

  /** Keeps everything. @hot */
  clear(): void {
    this.ranks.fill(0);
  }
}

/** The bin that a threshold lies in, by its rank. @hot */
export function boundaryBin(rank: number): number {
  return rank >> DITHER_BITS;
}

/**
 * The rank of a row: its bin and the dither of its sequence number.
 *
 * @hot
 */
export function rankOf(bin: number, sequence: number): number {
  return (bin << DITHER_BITS) | (hash32(sequence) >>> DITHER_SHIFT);
}
