/** Bytes of long strings inside an arena. @module */

import type { StateIo, Steps } from '../core/state-io.ts';
import type { Arena } from './arena.ts';
import { PageList } from './arena.ts';

/** Hands out byte ranges that live until all of them are given back. */
export class ByteStore {
  readonly #pages: PageList;
  readonly #pageBytes: number;
  /** Next free byte, and the end of the page it lies in. */
  #next = 0;
  #end = 0;

  constructor(arena: Arena) {
    this.#pages = new PageList(arena);
    this.#pageBytes = arena.pageCells * 8;
  }

  /** Takes `length` bytes; returns the offset of the first in the arena. */
  take(length: number): number {
    if (length > this.#end - this.#next) {
      // A large value has pages of its own, so that the rest of the current page is not lost.
      if (length > this.#pageBytes >>> 2) return this.#takePages(length);
      this.#next = this.#pages.take() * 8;
      this.#end = this.#next + this.#pageBytes;
    }
    const offset = this.#next;
    this.#next += length;
    return offset;
  }

  /**
   * Takes pages for `length` bytes at least.
   *
   * @returns the offset of the first byte, and the end
   */
  takeRegion(length: number): readonly [start: number, end: number] {
    const pages = Math.ceil(length / this.#pageBytes);
    const start = this.#takePages(length);
    return [start, start + pages * this.#pageBytes];
  }

  #takePages(length: number): number {
    const pages = Math.ceil(length / this.#pageBytes);
    return (pages === 1 ? this.#pages.take() : this.#pages.takeRun(pages)) * 8;
  }

  *state(io: StateIo): Steps {
    yield* this.#pages.state(io);
    this.#next = io.float(this.#next);
    this.#end = io.float(this.#end);
  }

  /** Gives everything back. */
  clear(): void {
    this.#pages.releaseAll();
    this.#next = 0;
    this.#end = 0;
  }
}
