/**
 * What is known of the kept rows beside their columns, chained by key hash.
 *
 * ```
 *  heads    bucket ─▶ row ⇄ row ⇄ row      linear hashing: one bucket is split per row added, so
 *                                          that no row pays for moving all of them
 *
 *  by row   hash, next                      what a probe of another key looks at
 *           time, mark                      what a probe of the same key looks at
 *           previous
 *           matched
 * ```
 *
 * @module
 */

import type { TimeUs } from '../../core/units.ts';
import type { RowNotes } from './row-notes.ts';
import type { StateBudget } from './state-budget.ts';

/** No row. */
export const NONE = -1;

const ROW_BYTES = 8 + 16 + 4 + 4;
/** In `previous`: the row is the first of its chain. */
const FIRST = -1;
/** In `previous`: the row is in no chain. */
const UNCHAINED = -2;
const FIRST_BUCKETS = 64;

/** Chains of rows, which are numbers below a capacity that grows. */
export class RowChains implements RowNotes {
  /** Two words per row: the hash of its key, and the next row of its chain or {@link NONE}. */
  links = new Int32Array(0);
  /** Two per row: event time, and event time plus lateness. */
  times = new Float64Array(0);
  #previous = new Int32Array(0);
  #matched = new Int32Array(0);
  #heads: Int32Array;
  #buckets = FIRST_BUCKETS;
  #mask = FIRST_BUCKETS - 1;
  #rows = 0;
  readonly #budget: StateBudget;

  constructor(budget: StateBudget) {
    this.#budget = budget;
    budget.take(FIRST_BUCKETS * 4);
    this.#heads = new Int32Array(FIRST_BUCKETS).fill(NONE);
  }

  /** Makes room for rows below `capacity`. */
  grow(capacity: number): void {
    this.#budget.take((capacity - this.#matched.length) * ROW_BYTES);
    this.links = grown(this.links, new Int32Array(2 * capacity));
    this.times = grown(this.times, new Float64Array(2 * capacity));
    this.#previous = grown(this.#previous, new Int32Array(capacity));
    this.#matched = grown(this.#matched, new Int32Array(capacity));
  }

  /** The first row of the chain in which rows with this hash are, or {@link NONE}. */
  first(hash: number): number {
    return this.#heads[this.#bucketOf(hash)]!;
  }

  /** Adds a row, in front of its chain. */
  add(row: number, hash: number, timeUs: TimeUs, markUs: TimeUs, matched: number): void {
    this.links[2 * row] = hash;
    this.times[2 * row] = timeUs;
    this.times[2 * row + 1] = markUs;
    this.#matched[row] = matched;
    this.#linkFirst(row, this.#bucketOf(hash));
    if (++this.#rows > this.#buckets) this.#split();
  }

  /** Takes a row out of its chain, if it is in one. */
  remove(row: number): void {
    if (this.#previous[row] === UNCHAINED) return;
    this.#unlink(row, this.#bucketOf(this.links[2 * row]!));
    this.#previous[row] = UNCHAINED;
    this.#rows--;
  }

  matchesOf(row: number): number {
    return this.#matched[row]!;
  }

  timeUs(row: number): TimeUs {
    return this.times[2 * row]!;
  }

  markUs(row: number): TimeUs {
    return this.times[2 * row + 1]!;
  }

  /** @hot */
  noteMatches(rows: Int32Array, pairs: Uint32Array, count: number, bits: Int32Array): void {
    const matched = this.#matched;
    for (let i = 0; i < count; i++) {
      const pair = pairs[i]!;
      const row = rows[pair]!;
      matched[row] = matched[row]! | bits[pair]!;
    }
  }

  /** @hot */
  readTimes(
    rows: Int32Array,
    pairs: Uint32Array,
    count: number,
    times: Float64Array,
    lateBy: Float64Array,
  ): void {
    const known = this.times;
    for (let i = 0; i < count; i++) {
      const pair = pairs[i]!;
      const at = 2 * rows[pair]!;
      times[pair] = known[at]!;
      lateBy[pair] = known[at + 1]! - known[at]!;
    }
  }

  #bucketOf(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#buckets ? bucket : bucket & (this.#mask >>> 1);
  }

  #linkFirst(row: number, bucket: number): void {
    const second = this.#heads[bucket]!;
    this.links[2 * row + 1] = second;
    this.#previous[row] = FIRST;
    if (second !== NONE) this.#previous[second] = row;
    this.#heads[bucket] = row;
  }

  #unlink(row: number, bucket: number): void {
    const next = this.links[2 * row + 1]!;
    const previous = this.#previous[row]!;
    if (previous === FIRST) this.#heads[bucket] = next;
    else this.links[2 * previous + 1] = next;
    if (next !== NONE) this.#previous[next] = previous;
  }

  /** Adds a bucket, and moves there what belongs there. */
  #split(): void {
    if (this.#buckets === this.#heads.length) this.#growHeads();
    if (this.#buckets > this.#mask) this.#mask = 2 * this.#mask + 1;
    const added = this.#buckets;
    const from = added & (this.#mask >>> 1);
    this.#buckets++;
    let row = this.#heads[from]!;
    while (row !== NONE) {
      const next = this.links[2 * row + 1]!;
      if ((this.links[2 * row]! & this.#mask) === added) {
        this.#unlink(row, from);
        this.#linkFirst(row, added);
      }
      row = next;
    }
  }

  #growHeads(): void {
    const length = this.#heads.length;
    this.#budget.take(length * 4);
    const heads = new Int32Array(2 * length).fill(NONE, length);
    heads.set(this.#heads);
    this.#heads = heads;
  }
}

function grown<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
