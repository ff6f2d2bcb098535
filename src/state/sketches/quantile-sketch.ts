/**
 * `APPROX_PERCENTILE`: a value at a place of the order, to a relative error, by DDSketch.
 *
 * With γ = (1 + α) / (1 − α), numbers from γ^(i−1) to γ^i are counted together and stand for
 * 2·γ^i / (γ + 1), which is at most α of itself away from any of them (Masson, Rim, Lee: DDSketch, 2019). The counts
 * are a function of the values alone, whatever order they come in, and a value is taken back by counting
 * down: so sketches merge and change exactly. No counts are given up: numbers that span a factor of f take
 * log(f) / (2α) counts at most.
 *
 * Counts lie in a block as a table by key, two cells each:
 *
 * ```
 *  handle │ first cell of the block, 0 = none │ logarithm of its cells │
 *         │ places taken                      │                        │
 *  place  │ key │ 1: taken │ count, a float64 │
 * ```
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { GivenRows, GroupState, ScriptedAccumulator } from '../accumulators/accumulator.ts';
import type { Arena } from '../arena.ts';
import type { BlockStore } from '../blocks/block-store.ts';

/** Words of a handle. */
const FIRST = 0;
const LOG = 1;
const TAKEN = 2;

/** A table begins with eight places. */
const LEAST_LOG = 4;
/** Of so many places three may be taken. */
const OF_PLACES = 4;
const MAY_BE_TAKEN = 3;

/** Keys of positive numbers are around it, of negative ones around its negative; of zero 0. */
const MIDDLE = 1 << 24;
const INFINITE = 1 << 26;
/** Above all numbers. */
const NOT_A_NUMBER = 1 << 27;

/** Counts values by size. */
export class QuantileSketchAccumulator implements ScriptedAccumulator {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #cell: number;
  readonly #fraction: number;
  readonly #gamma: number;
  readonly #perLog: number;
  /** For the keys of one group in order, and its counts by place in that order. */
  #keys = new Float64Array(64);

  /**
   * @param cell - of a handle, in the group's record
   * @param accuracy - α
   */
  constructor(arena: Arena, cell: number, fraction: number, accuracy: number) {
    this.#words = arena.words;
    this.#floats = arena.floats;
    this.#cell = cell;
    this.#fraction = fraction;
    this.#gamma = (1 + accuracy) / (1 - accuracy);
    this.#perLog = 1 / Math.log(this.#gamma);
  }

  update(state: GroupState, given: GivenRows): void {
    this.#change(state, given, 1);
  }

  retract(state: GroupState, given: GivenRows): void {
    this.#change(state, given, -1);
  }

  #change(
    { blocks }: GroupState,
    { column, records, rows, from, to }: GivenRows,
    times: number,
  ): void {
    const values = column!.f64;
    for (let i = from; i < to; i++) {
      this.#count(blocks, 2 * (records[i]! + this.#cell), this.#keyOf(values[rows[i]!]!), times);
    }
  }

  #keyOf(value: number): number {
    if (value > 0) {
      if (value === Infinity) return INFINITE;
      return MIDDLE + Math.ceil(Math.log(value) * this.#perLog);
    }
    if (value < 0) return -this.#keyOf(-value);
    return value === 0 ? 0 : NOT_A_NUMBER;
  }

  #valueOf(key: number): number {
    if (key === 0) return 0;
    if (key < 0) return -this.#valueOf(-key);
    if (key === INFINITE) return Infinity;
    if (key === NOT_A_NUMBER) return NaN;
    return (2 * this.#gamma ** (key - MIDDLE)) / (this.#gamma + 1);
  }

  /** @param at - first word of the handle */
  #count(blocks: BlockStore, at: number, key: number, times: number): void {
    const words = this.#words;
    if (words[at + FIRST] === 0) this.#begin(blocks, at, LEAST_LOG);
    const first = words[at + FIRST]!;
    const mask = (1 << (words[at + LOG]! - 1)) - 1;
    let place = hashOf(key) & mask;
    for (;;) {
      const cell = first + 2 * place;
      if (words[2 * cell + 1] === 0) break;
      if (words[2 * cell] === key) {
        this.#floats[cell + 1] = this.#floats[cell + 1]! + times;
        return;
      }
      place = (place + 1) & mask;
    }
    if ((words[at + TAKEN]! + 1) * OF_PLACES > (mask + 1) * MAY_BE_TAKEN) {
      this.#grow(blocks, at);
      this.#count(blocks, at, key, times);
      return;
    }
    const cell = first + 2 * place;
    words[2 * cell] = key;
    words[2 * cell + 1] = 1;
    this.#floats[cell + 1] = times;
    words[at + TAKEN] = words[at + TAKEN]! + 1;
  }

  #begin(blocks: BlockStore, at: number, log: number): void {
    const words = this.#words;
    const first = blocks.take(log);
    words.fill(0, 2 * first, 2 * (first + (1 << log)));
    words[at + FIRST] = first;
    words[at + LOG] = log;
    words[at + TAKEN] = 0;
  }

  /** Makes room, of twice the size unless many counts are zero by now. */
  #grow(blocks: BlockStore, at: number): void {
    const words = this.#words;
    const [first, log] = [words[at + FIRST]!, words[at + LOG]!];
    const end = first + (1 << log);
    let left = 0;
    for (let cell = first; cell < end; cell += 2) {
      if (words[2 * cell + 1] === 1 && this.#floats[cell + 1] !== 0) left++;
    }
    this.#begin(blocks, at, 2 * left < words[at + TAKEN]! ? log : log + 1);
    for (let cell = first; cell < end; cell += 2) {
      const times = this.#floats[cell + 1]!;
      if (words[2 * cell + 1] === 1 && times !== 0) {
        this.#count(blocks, at, words[2 * cell]!, times);
      }
    }
    blocks.release(first, log);
  }

  merge({ blocks }: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      const source = 2 * (sources[i]! + this.#cell);
      const first = words[source + FIRST]!;
      if (first === 0) continue;
      const end = first + (1 << words[source + LOG]!);
      for (let cell = first; cell < end; cell += 2) {
        if (words[2 * cell + 1] === 0) continue;
        const times = this.#floats[cell + 1]!;
        this.#count(blocks, 2 * (targets[i]! + this.#cell), words[2 * cell]!, times);
      }
    }
  }

  workOf(record: number): number {
    return this.#words[2 * (record + this.#cell) + TAKEN]!;
  }

  /** Counts are copied in any case. */
  own(): void {}

  read(records: Int32Array, count: number, target: Column): number {
    for (let i = 0; i < count; i++) {
      const value = this.#quantile(2 * (records[i]! + this.#cell));
      if (value === undefined) target.setNull(i);
      else target.f64[i] = value;
    }
    return 0;
  }

  /** The value number ⌊p · (n − 1)⌋, from 0; `undefined`: there is none. */
  #quantile(at: number): number | undefined {
    const words = this.#words;
    const first = words[at + FIRST]!;
    if (first === 0) return undefined;
    const end = first + (1 << words[at + LOG]!);
    if (this.#keys.length < end - first) this.#keys = new Float64Array(end - first);
    let [taken, total] = [0, 0];
    for (let cell = first; cell < end; cell += 2) {
      const times = this.#floats[cell + 1]!;
      if (words[2 * cell + 1] === 0 || !(times > 0)) continue;
      total += times;
      // Key and place in one number, so that both are sorted at once.
      this.#keys[taken++] = words[2 * cell]! * 2 ** 24 + (cell - first);
    }
    if (taken === 0) return undefined;
    const keys = this.#keys.subarray(0, taken).sort();
    let left = Math.floor(this.#fraction * (total - 1));
    for (const packed of keys) {
      const key = Math.floor(packed / 2 ** 24);
      left -= this.#floats[first + (packed - key * 2 ** 24) + 1]!;
      if (left < 0) return this.#valueOf(key);
    }
    return undefined;
  }
}

/** Spreads keys, of which neighbours are usual. */
function hashOf(key: number): number {
  const hash = Math.imul(key, 0x9e37_79b1);
  return hash ^ (hash >>> 15);
}
