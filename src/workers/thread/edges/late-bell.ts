/**
 * Ringing other workers not for each slot, but for some.
 *
 * To wake a thread that sleeps costs some 10 µs, half of what it takes to fill a slot. A consumer that
 * is faster than its producer would fall asleep, and be woken, for each one. So it is rung when half a
 * ring has been passed on, and when a turn of the worker ends, which is within about a millisecond: what
 * a row may wait in an open slot as well.
 *
 * No wake-up is lost: the ring is rung after its words were stored, and before this worker can sleep,
 * since it sleeps only after a turn in which nothing moved.
 *
 * @module
 */

import type { Bell } from '../../../ringbuf/index.ts';

/** The bells of those at the other end of a ring. */
export class LateBell {
  readonly #bells: readonly Bell[];
  readonly #slotsPerRing: number;
  #slots = 0;

  /** @param slots - of the ring */
  constructor(bells: readonly Bell[], slots: number) {
    this.#bells = bells;
    this.#slotsPerRing = Math.max(1, slots >>> 1);
  }

  /** A slot was handed over. @hot */
  note(): void {
    this.#slots++;
    if (this.#slots >= this.#slotsPerRing) this.ring();
  }

  /** The turn ends. @hot */
  ring(): void {
    if (this.#slots === 0) return;
    this.#slots = 0;
    for (let b = 0; b < this.#bells.length; b++) this.#bells[b]!.ring();
  }
}
