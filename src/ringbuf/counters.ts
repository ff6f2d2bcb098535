/**
 * Counters with one writer that any thread may read at any time, exact up to 2^53.
 *
 * A count lies in two words: `low`, its low 32 bits, and `high`, the count divided by 2^31. The two
 * overlap in one bit: the top bit of `low` is the bottom bit of `high`. That bit tells a reader
 * whether the two belong together.
 *
 * ```
 *   bit   52 …………………………………… 32  31  30 ……………………………………… 0
 *         └────────── high ────────┘
 *                              └────────────── low ────────────┘
 * ```
 *
 * ## Why a read never tears
 *
 * The writer stores (H) `high`, if it changed, then (L) `low`, and never moves a count by 2^31 or more
 * at once, so `high` grows by at most one between two stores of `low`.
 * The reader loads `high` (1), `low` (2), and `high` again (3), until (1) and (3) agree on h. Then `high` was h
 * throughout, as it only grows, so (2) saw a `low` stored while `high` was h, or the last one from before,
 * when `high` was h − 1. The shared bit says which: it differs between neighbours.
 * A reader that tries again does so because the count has passed a multiple of 2^31 meanwhile; a
 * writer that dies between (H) and (L) holds nobody up.
 *
 * `test/model/counters.model.test.ts` runs every interleaving at the edge.
 *
 * @module
 */

import { invariant } from '../core/invariant.ts';
import { type Allocator, wordsAt } from './arena.ts';
import { wholeLines } from './layout.ts';

/** Where a block of counters lies: plain data, fit for posting. */
export interface CounterAddress {
  readonly byteOffset: number;
  readonly counters: number;
}

const WORDS_PER_COUNTER = 2;
const HALF = 2 ** 31;
/** The most that `high` may grow by in one step is one; see the module comment. */
const MAX_STEP = HALF - 1;

/** Bytes that {@link allocateCounters} takes. */
export function counterBytes(counters: number): number {
  return wholeLines(counters * WORDS_PER_COUNTER * Int32Array.BYTES_PER_ELEMENT);
}

/** Reserves `counters` counters for one writer, each 0, on lines of their own. */
export function allocateCounters(arena: Allocator, counters: number): CounterAddress {
  invariant(Number.isInteger(counters) && counters > 0, `not a number: counters=${counters}`);
  return { byteOffset: arena.allocate(counterBytes(counters)), counters };
}

/**
 * The writing end of a block of counters: at most one at a time.
 *
 * Opened again after its thread was lost, it goes on from the counts that are there.
 */
export class CounterBlock {
  readonly #words: Int32Array;
  /** Our own copies: what we count with; the shared words are for the others. */
  readonly #totals: Float64Array;
  readonly #highs: Int32Array;

  constructor(buffer: SharedArrayBuffer, address: CounterAddress) {
    this.#words = wordsAt(buffer, address.byteOffset, counterBytes(address.counters));
    this.#totals = new Float64Array(address.counters);
    this.#highs = new Int32Array(address.counters);
    for (let index = 0; index < address.counters; index++) {
      const total = readCounter(this.#words, index);
      this.#totals[index] = total;
      this.#highs[index] = highOf(total);
    }
  }

  /**
   * Adds `n`, an integer from 0 up. One store (7 ns) on nearly every call: for batches, not rows.
   *
   * @hot
   */
  add(index: number, n: number): void {
    if (n > MAX_STEP) {
      this.#addInSteps(index, n);
      return;
    }
    const total = this.#totals[index]! + n;
    this.#totals[index] = total;
    const high = highOf(total);
    if (high !== this.#highs[index]!) {
      this.#highs[index] = high;
      // (H) Before (L): a reader that finds the halves apart knows which way.
      Atomics.store(this.#words, index * WORDS_PER_COUNTER + 1, high);
    }
    // (L)
    Atomics.store(this.#words, index * WORDS_PER_COUNTER, total | 0);
  }

  /** The count as the writer knows it: no shared access. */
  total(index: number): number {
    return this.#totals[index]!;
  }

  /** For restored counts; some 5 ns for every 10^9. */
  #addInSteps(index: number, n: number): void {
    let left = n;
    for (; left > MAX_STEP; left -= MAX_STEP) this.add(index, MAX_STEP);
    this.add(index, left);
  }
}

/** A reading end of a block of counters: as many as you like, in any thread. */
export class CounterReader {
  readonly counters: number;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer, address: CounterAddress) {
    this.counters = address.counters;
    this.#words = wordsAt(buffer, address.byteOffset, counterBytes(address.counters));
  }

  /** The count at some moment during the call: exact, and never less than an earlier answer. */
  read(index: number): number {
    return readCounter(this.#words, index);
  }
}

function highOf(total: number): number {
  return (total / HALF) | 0;
}

function readCounter(words: Int32Array, index: number): number {
  const at = index * WORDS_PER_COUNTER;
  for (;;) {
    // (1), (2), (3) of the module comment.
    const high = Atomics.load(words, at + 1);
    const low = Atomics.load(words, at);
    if (Atomics.load(words, at + 1) !== high) continue;
    const lowIsOlder = low >>> 31 !== (high & 1);
    return (lowIsOlder ? high - 1 : high) * HALF + (low & MAX_STEP);
  }
}
