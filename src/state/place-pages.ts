/** Pages side by side where a table has places for its keys. @module */

import type { StateIo } from '../core/state-io.ts';
import type { GroupKernel } from './kernel/group-kernel.ts';

/** What is asked of a table that has places. */
export interface Groups {
  readonly count: number;
  listRecords(from: number, count: number, records: Int32Array): void;
}

/** One part in so many of an arena. */
const SHARE_OF_ARENA = 16;

/** After so many calls in which one row in eight had no place, they all go. */
export const MOST_STRIKES = 8;
export const STRIKE_SHARE = 8;

/** A power of two of pages, or none. */
export class PlacePages {
  readonly #kernel: GroupKernel;
  /** Places in a page: its words. */
  readonly #pageWords: number;
  #count = 0;
  #first = 0;

  constructor(kernel: GroupKernel) {
    this.#kernel = kernel;
    this.#pageWords = kernel.arena.pageCells * 2;
  }

  /** Pages; 0: there are none. */
  get count(): number {
    return this.#count;
  }

  /** First word of them. */
  get first(): number {
    return this.#first;
  }

  /** Places in all of them. */
  get places(): number {
    return this.#count * this.#pageWords;
  }

  /** Pages for so many places. */
  pagesFor(places: number): number {
    return 2 ** Math.ceil(Math.log2(Math.max(1, places / this.#pageWords)));
  }

  /** Whether there may be so many in place of those there are: by the share of an arena that places have. */
  mayTake(pages: number): boolean {
    const { arena, placePages } = this.#kernel;
    const { limitBytes, usedBytes } = arena;
    const pageBytes = this.#pageWords * 4;
    if (usedBytes + pages * pageBytes > limitBytes / 2 || !arena.hasRun(pages)) return false;
    return (placePages + pages - this.#count) * pageBytes <= limitBytes / SHARE_OF_ARENA;
  }

  /**
   * Takes pages in place of those there are, whose content is copied to `shift` places behind the front;
   * the rest is zero.
   */
  replace(pages: number, shift: number): void {
    const { arena } = this.#kernel;
    const { words } = arena;
    const to = arena.takeRun(pages) * 2;
    const { places } = this;
    words.fill(0, to, to + shift);
    words.copyWithin(to + shift, this.#first, this.#first + places);
    words.fill(0, to + shift + places, to + pages * this.#pageWords);
    this.release();
    this.#hold(to, pages);
  }

  /** Takes those of another, which has none then, in place of its own. */
  takeOver(other: PlacePages): void {
    this.release();
    [this.#first, this.#count] = [other.#first, other.#count];
    [other.#first, other.#count] = [0, 0];
  }

  #hold(first: number, pages: number): void {
    this.#kernel.placePages += pages - this.#count;
    this.#first = first;
    this.#count = pages;
  }

  /** Gives them back. */
  release(): void {
    if (this.#count === 0) return;
    this.#kernel.arena.releaseRun(this.#first / 2, this.#count);
    this.#hold(0, 0);
  }

  /** Which they are; what is in them is the arena's. */
  state(io: StateIo): void {
    const pages = io.int(this.#count);
    this.#hold(io.int(this.#first), pages);
  }
}
