/** Results of windows that were fired and are not written so far. @module */

import type { DurationUs, TimeUs } from '../../../core/units.ts';

const FLOATS = 7;

/** A list of results. It is `full` at about as many as a batch has rows, but takes more. */
export class FiredWindows {
  readonly #rowCapacity: number;
  #groups: Int32Array;
  #isClosed: Uint8Array;
  /** {@link FLOATS} a result. */
  #floats: Float64Array;
  #count = 0;
  /** Time, lateness and entry of the results that come next. */
  readonly #now = new Float64Array(3);

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

  /**
   * Says when the results that come next are.
   *
   * @param ingestUs - when what fires them entered the engine; `-Infinity` or `Infinity`: unknown
   */
  setTime(timeUs: TimeUs, lateByUs: DurationUs, ingestUs: TimeUs): void {
    const now = this.#now;
    now[0] = timeUs;
    now[1] = lateByUs;
    now[2] = ingestUs;
  }

  /**
   * Adds a result.
   *
   * @param first - number of the first row of the window in its group, from 1 on
   * @param last - number of the last row of the group so far
   */
  add(group: number, isClosed: boolean, first: number, last: number): void {
    if (this.#count === this.#groups.length) this.#grow();
    const i = this.#count++;
    this.#groups[i] = group;
    this.#isClosed[i] = isClosed ? 1 : 0;
    const floats = this.#floats;
    const now = this.#now;
    const at = FLOATS * i;
    floats[at + 2] = first;
    floats[at + 3] = last;
    floats[at + 4] = now[0]!;
    floats[at + 5] = now[1]!;
    floats[at + 6] = now[2]!;
  }

  /** Says where the window of the last result begins and ends, if it is one over a value. */
  setEdges(start: number, end: number): void {
    const at = FLOATS * (this.#count - 1);
    this.#floats[at] = start;
    this.#floats[at + 1] = end;
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
