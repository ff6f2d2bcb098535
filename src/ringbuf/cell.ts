/**
 * One shared integer, for the few meeting points that are neither ring nor counter: the
 * checkpoint epoch asked for, the length of an append-only dictionary, a turn in a hand-over.
 *
 * What a thread wrote to shared memory before `set` is visible to a thread after a `get` that saw
 * the value: the same happens-before edge as `publish` and `peek` of a ring, with letters (P) and (C) there.
 *
 * @module
 */

import { type Allocator, wordsAt } from './arena.ts';
import { LINE_BYTES } from './layout.ts';

/** Bytes that {@link allocateCell} takes: a line of its own. */
export const CELL_BYTES = LINE_BYTES;

/** Reserves a cell that holds 0; the answer is what {@link SharedCell} takes as `byteOffset`. */
export function allocateCell(arena: Allocator): number {
  return arena.allocate(CELL_BYTES);
}

/** A shared int32. Values wrap at 2^31. To wake a thread that waits for it, ring its bell after. */
export class SharedCell {
  /** Postable, enough to make the same cell elsewhere. */
  readonly byteOffset: number;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer, byteOffset: number) {
    this.byteOffset = byteOffset;
    this.#words = wordsAt(buffer, byteOffset, CELL_BYTES);
  }

  /** Takes part in the total order: (C). @hot */
  get(): number {
    return Atomics.load(this.#words, 0);
  }

  /** Takes part in the total order: (P). @hot */
  set(value: number): void {
    Atomics.store(this.#words, 0, value);
  }

  /** Adds `n`; the answer is the value before. (P) and (C) in one. */
  add(n: number): number {
    return Atomics.add(this.#words, 0, n);
  }

  /** Sets `value` if the cell holds `expected`; whether it did. (P) and (C) in one. */
  replace(expected: number, value: number): boolean {
    return Atomics.compareExchange(this.#words, 0, expected, value) === expected;
  }
}
