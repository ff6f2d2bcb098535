/**
 * What is known of the kept rows beside their columns, chained by key hash.
 *
 * ```
 *  heads    bucket ─▶ row ⇄ row ⇄ row      linear hashing: one bucket is split per row added, so
 *                                          that no row pays for moving all of them
 *
 *  a row    │ hash │ next │ previous │ matched │ time (float64) │ mark (float64) │   32 bytes
 * ```
 *
 * A row lies in half a cache line, since a probe looks at all of it and rows lie anywhere.
 *
 * @module
 */

import type { TimeUs } from '../../core/units.ts';
import type { RowNotes } from './row-notes.ts';
import type { StateBudget } from './state-budget.ts';

/** No row. */
export const NONE = -1;

/** Int32 words of a row. */
export const ROW_WORDS = 8;
/** Of {@link ROW_WORDS}: the hash of its key. */
export const HASH = 0;
/** Of {@link ROW_WORDS}: the next row of its chain, or {@link NONE}. */
export const NEXT = 1;
const PREVIOUS = 2;
/** 1 when it has found a match. */
const MATCHED = 3;

/** Float64 words of a row, the same memory as {@link ROW_WORDS}. */
export const ROW_FLOATS = 4;
/** Of {@link ROW_FLOATS}: event time. */
export const TIME = 2;
/** Of {@link ROW_FLOATS}: event time plus lateness. */
export const MARK = 3;

const ROW_BYTES = 4 * ROW_WORDS;
/** In PREVIOUS: the row is the first of its chain. */
const FIRST = -1;
/** In PREVIOUS: the row is in no chain. */
const UNCHAINED = -2;
const FIRST_BUCKETS = 64;

/** Chains of rows, which are numbers below a capacity that grows. */
export class RowChains implements RowNotes {
  /** {@link ROW_WORDS} per row. Replaced by {@link grow}. */
  words = new Int32Array(0);
  /** {@link ROW_FLOATS} per row. Replaced by {@link grow}. */
  floats = new Float64Array(0);
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
    this.#budget.take(capacity * ROW_BYTES - this.words.byteLength);
    const words = new Int32Array(capacity * ROW_WORDS);
    words.set(this.words);
    this.words = words;
    this.floats = new Float64Array(words.buffer);
  }

  /** The first row of the chain in which rows with this hash are, or {@link NONE}. */
  first(hash: number): number {
    return this.#heads[this.#bucketOf(hash)]!;
  }

  /** Adds a row, in front of its chain. */
  add(row: number, hash: number, timeUs: TimeUs, markUs: TimeUs, matched: number): void {
    this.words[row * ROW_WORDS + HASH] = hash;
    this.words[row * ROW_WORDS + MATCHED] = matched;
    this.floats[row * ROW_FLOATS + TIME] = timeUs;
    this.floats[row * ROW_FLOATS + MARK] = markUs;
    this.#linkFirst(row, this.#bucketOf(hash));
    if (++this.#rows > this.#buckets) this.#split();
  }

  /** Takes a row out of its chain, if it is in one. */
  remove(row: number): void {
    const words = this.words;
    if (words[row * ROW_WORDS + PREVIOUS] === UNCHAINED) return;
    this.#unlink(row, this.#bucketOf(words[row * ROW_WORDS + HASH]!));
    words[row * ROW_WORDS + PREVIOUS] = UNCHAINED;
    this.#rows--;
  }

  /** Whether {@link noteMatches} was told of a row. */
  hasMatch(row: number): boolean {
    return this.words[row * ROW_WORDS + MATCHED] !== 0;
  }

  /** @hot */
  noteMatches(rows: Int32Array, pairs: Uint32Array, count: number): void {
    const words = this.words;
    for (let i = 0; i < count; i++) words[rows[pairs[i]!]! * ROW_WORDS + MATCHED] = 1;
  }

  /** @hot */
  readTimes(
    rows: Int32Array,
    pairs: Uint32Array,
    count: number,
    times: Float64Array,
    lateBy: Float64Array,
  ): void {
    const floats = this.floats;
    for (let i = 0; i < count; i++) {
      const pair = pairs[i]!;
      const at = rows[pair]! * ROW_FLOATS;
      times[pair] = floats[at + TIME]!;
      lateBy[pair] = floats[at + MARK]! - floats[at + TIME]!;
    }
  }

  #bucketOf(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#buckets ? bucket : bucket & (this.#mask >>> 1);
  }

  #linkFirst(row: number, bucket: number): void {
    const words = this.words;
    const second = this.#heads[bucket]!;
    words[row * ROW_WORDS + NEXT] = second;
    words[row * ROW_WORDS + PREVIOUS] = FIRST;
    if (second !== NONE) words[second * ROW_WORDS + PREVIOUS] = row;
    this.#heads[bucket] = row;
  }

  #unlink(row: number, bucket: number): void {
    const words = this.words;
    const next = words[row * ROW_WORDS + NEXT]!;
    const previous = words[row * ROW_WORDS + PREVIOUS]!;
    if (previous === FIRST) this.#heads[bucket] = next;
    else words[previous * ROW_WORDS + NEXT] = next;
    if (next !== NONE) words[next * ROW_WORDS + PREVIOUS] = previous;
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
      const next = this.words[row * ROW_WORDS + NEXT]!;
      if ((this.words[row * ROW_WORDS + HASH]! & this.#mask) === added) {
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
