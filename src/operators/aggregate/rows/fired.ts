/** Results of windows that were fired and are not written so far. @module */

import type { TimeUs } from '../../../core/units.ts';

/** What is known of a result beside its aggregates. */
export interface FiredWindow {
  group: number;
  /** Where the window begins and ends, if it is one over a value. */
  start: number;
  end: number;
  /** Numbers of its first and last row in the group, from 1 on. */
  first: number;
  last: number;
  isClosed: boolean;
  timeUs: TimeUs;
  lateByUs: number;
  /** When the row that fired it entered the engine; `-Infinity`: unknown. */
  ingestUs: TimeUs;
}

const FLOATS = 7;

/** A list of results. It is `full` at about as many as a batch has rows, but takes more. */
export class FiredWindows {
  readonly #rowCapacity: number;
  #groups: Int32Array;
  #isClosed: Uint8Array;
  /** {@link FLOATS} a result. */
  #floats: Float64Array;
  #count = 0;

  constructor(rowCapacity: number) {
    this.#rowCapacity = rowCapacity;
    this.#groups = new Int32Array(rowCapacity);
    this.#isClosed = new Uint8Array(rowCapacity);
    this.#floats = new Float64Array(FLOATS * rowCapacity);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.#rowCapacity;
  }

  /** Adds a result. */
  add(fired: FiredWindow): void {
    if (this.#count === this.#groups.length) this.#grow();
    const i = this.#count++;
    this.#groups[i] = fired.group;
    this.#isClosed[i] = fired.isClosed ? 1 : 0;
    const floats = this.#floats;
    const at = FLOATS * i;
    floats[at] = fired.start;
    floats[at + 1] = fired.end;
    floats[at + 2] = fired.first;
    floats[at + 3] = fired.last;
    floats[at + 4] = fired.timeUs;
    floats[at + 5] = fired.lateByUs;
    floats[at + 6] = fired.ingestUs;
  }

  #grow(): void {
    const size = 2 * this.#groups.length;
    const [groups, closed, floats] = [this.#groups, this.#isClosed, this.#floats];
    this.#groups = new Int32Array(size);
    this.#groups.set(groups);
    this.#isClosed = new Uint8Array(size);
    this.#isClosed.set(closed);
    this.#floats = new Float64Array(FLOATS * size);
    this.#floats.set(floats);
  }

  /** Forgets all results. */
  clear(): void {
    this.#count = 0;
  }

  groupOf(i: number): number {
    return this.#groups[i]!;
  }

  isClosed(i: number): boolean {
    return this.#isClosed[i] === 1;
  }

  start(i: number): number {
    return this.#floats[FLOATS * i]!;
  }

  end(i: number): number {
    return this.#floats[FLOATS * i + 1]!;
  }

  first(i: number): number {
    return this.#floats[FLOATS * i + 2]!;
  }

  last(i: number): number {
    return this.#floats[FLOATS * i + 3]!;
  }

  timeUs(i: number): TimeUs {
    return this.#floats[FLOATS * i + 4]!;
  }

  lateByUs(i: number): number {
    return this.#floats[FLOATS * i + 5]!;
  }

  ingestUs(i: number): TimeUs {
    return this.#floats[FLOATS * i + 6]!;
  }
}
