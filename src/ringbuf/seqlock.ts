/**
 * Consistent snapshots of a few float64 values: one writer, many readers, nobody waits.
 *
 * A watermark, an admission threshold, a task's gauges. There are two copies. The writer fills the
 * one that readers are not being sent to, then points them to it.
 *
 * ```
 *   ┌─────────┬───────────────────────────┬───────────────────────────┐
 *   │ version │ copy 0: low high low high │ copy 1: low high low high │
 *   └─────────┴───────────────────────────┴───────────────────────────┘
 * ```
 *
 * ## Why a snapshot never mixes two writes
 *
 * To write version v + 1 the writer (D) stores the values into copy (v + 1) mod 2, then (V) stores
 * `version` = v + 1. The reader (1) loads `version` v, (2) loads the values from copy v mod 2 and
 * (3) loads `version` again. The next store into that copy belongs to version v + 2 and so comes after
 * (V) of v + 1. If (3) still sees v, then (2) came before that, and all values are version v's.
 * Otherwise the reader starts again: each new start means that a write was completed meanwhile.
 * A writer that dies between (D) and (V) leaves the last complete version readable, unlike with the
 * usual odd-and-even lock, where readers would spin for ever.
 *
 * The values are moved by `Atomics` too: plain accesses could race with the writer, and a racing
 * read is not promised to be ordered with (3).
 *
 * `test/model/seqlock.model.test.ts` runs every interleaving of a write and a read, twice over.
 *
 * @module
 */

import { invariant } from '../core/invariant.ts';
import { type Allocator, wordsAt } from './arena.ts';
import { wholeLines } from './layout.ts';

/** Where a seqlock lies: plain data, fit for posting. */
export interface SeqlockAddress {
  readonly byteOffset: number;
  /** float64 values in a snapshot. */
  readonly values: number;
}

const VERSION = 0;
const FIRST_COPY = 1;
const WORDS_PER_VALUE = 2;

/** Bytes that {@link allocateSeqlock} takes. */
export function seqlockBytes(values: number): number {
  return wholeLines((FIRST_COPY + 2 * values * WORDS_PER_VALUE) * Int32Array.BYTES_PER_ELEMENT);
}

/** Reserves a snapshot of `values` float64 values, all 0, on lines of its own. */
export function allocateSeqlock(arena: Allocator, values: number): SeqlockAddress {
  invariant(Number.isInteger(values) && values > 0, `not a number: values=${values}`);
  return { byteOffset: arena.allocate(seqlockBytes(values)), values };
}

/** The writing end: at most one at a time. */
export class SeqlockWriter {
  readonly #words: Int32Array;
  readonly #values: number;
  /** The values last written, and the same bytes as words. */
  readonly #current: Float64Array;
  readonly #currentWords: Int32Array;
  /** What lies in the two copies, one behind the other. */
  readonly #stored: Int32Array;
  #version: number;

  /** Goes on from the values that are there, so that a replacement may open it again. */
  constructor(buffer: SharedArrayBuffer, address: SeqlockAddress) {
    this.#words = wordsAt(buffer, address.byteOffset, seqlockBytes(address.values));
    this.#values = address.values;
    this.#current = new Float64Array(address.values);
    this.#currentWords = new Int32Array(this.#current.buffer);
    this.#version = readSnapshot(this.#words, this.#currentWords);
    this.#stored = new Int32Array(2 * this.#currentWords.length);
    for (let word = 0; word < this.#stored.length; word++) {
      this.#stored[word] = Atomics.load(this.#words, FIRST_COPY + word);
    }
  }

  /** Publishes all values at once. Up to 15 ns for each that is new to its copy: per batch, not per row. @hot */
  write(values: Float64Array): void {
    invariant(values.length === this.#values, 'a snapshot is written whole');
    this.#current.set(values);
    this.#publish();
  }

  /** Publishes one changed value together with the others as they are; nothing if it is equal. @hot */
  set(index: number, value: number): void {
    if (Object.is(this.#current[index], value)) return;
    this.#current[index] = value;
    this.#publish();
  }

  #publish(): void {
    const version = (this.#version + 1) | 0;
    const current = this.#currentWords;
    const stored = this.#stored;
    const words = current.length;
    const copy = (version & 1) * words;
    // (D) A word that the copy has already need not be stored: nobody else stores there.
    for (let word = 0; word < words; word++) {
      const value = current[word]!;
      if (stored[copy + word] === value) continue;
      stored[copy + word] = value;
      Atomics.store(this.#words, FIRST_COPY + copy + word, value);
    }
    // (V) After (D): from here on readers are sent to the new copy.
    Atomics.store(this.#words, VERSION, version);
    this.#version = version;
  }
}

/** A reading end: as many as you like, in any thread. */
export class SeqlockReader {
  readonly #words: Int32Array;
  readonly #values: Float64Array;
  readonly #valueWords: Int32Array;

  constructor(buffer: SharedArrayBuffer, address: SeqlockAddress) {
    this.#words = wordsAt(buffer, address.byteOffset, seqlockBytes(address.values));
    this.#values = new Float64Array(address.values);
    this.#valueWords = new Int32Array(this.#values.buffer);
  }

  /** The newest complete snapshot. The array is the reader's own and changes at the next call. @hot */
  read(): Float64Array {
    readSnapshot(this.#words, this.#valueWords);
    return this.#values;
  }

  /** One value of the newest complete snapshot. @hot */
  get(index: number): number {
    return this.read()[index]!;
  }

  /** Changes with every write: equal versions mean equal snapshots (until it wraps, 2^32 writes later). */
  version(): number {
    // (1)
    return Atomics.load(this.#words, VERSION);
  }
}

/** Copies the newest complete snapshot; its version is the answer. */
function readSnapshot(words: Int32Array, into: Int32Array): number {
  for (;;) {
    // (1)
    const version = Atomics.load(words, VERSION);
    const at = FIRST_COPY + (version & 1) * into.length;
    // (2)
    for (let word = 0; word < into.length; word++) into[word] = Atomics.load(words, at + word);
    // (3)
    if (Atomics.load(words, VERSION) === version) return version;
  }
}
