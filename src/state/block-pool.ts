/** Blocks of one size in pages of an arena, taken and given back one by one. @module */

import type { StateIo, Steps } from '../core/state-io.ts';
import type { Arena } from './arena.ts';
import { PageList } from './arena.ts';

/** A pool of blocks that begin alike. Its pages are not given back to the arena. */
export class BlockPool {
  readonly #arena: Arena;
  /** The words of a new block, two a cell. */
  readonly #template: Int32Array;
  /** The same as floats, unless one is NaN, whose bits a copy need not keep. */
  readonly #floats: Float64Array | undefined;
  readonly #cells: number;
  readonly #pages: PageList;
  /** First cell of the next block that was never taken, and how many there are in its page. */
  #next = 0;
  #left = 0;
  /** Head of the list of blocks given back, linked through their first words; 0 when empty. */
  #free = 0;

  /** @param template - words of a new block: an even number, and no more than a page has */
  constructor(arena: Arena, template: Int32Array) {
    this.#arena = arena;
    this.#template = template;
    this.#cells = template.length / 2;
    const floats = new Float64Array(template.slice().buffer);
    this.#floats = floats.some(Number.isNaN) ? undefined : floats;
    this.#pages = new PageList(arena);
  }

  /**
   * Takes a block.
   *
   * @returns its first cell
   * @throws MillraceError `ERR_LIMIT_EXCEEDED` when the arena is full
   */
  take(): number {
    const { words, floats } = this.#arena;
    let block = this.#free;
    if (block !== 0) this.#free = words[2 * block]!;
    else block = this.#takeNew();
    const cells = this.#floats;
    if (cells !== undefined) {
      for (let i = 0; i < cells.length; i++) floats[block + i] = cells[i]!;
      return block;
    }
    const template = this.#template;
    const at = 2 * block;
    for (let i = 0; i < template.length; i++) words[at + i] = template[i]!;
    return block;
  }

  #takeNew(): number {
    if (this.#left === 0) {
      this.#next = this.#pages.take();
      this.#left = Math.floor(this.#arena.pageCells / this.#cells);
    }
    const block = this.#next;
    this.#next += this.#cells;
    this.#left--;
    return block;
  }

  *state(io: StateIo): Steps {
    yield* this.#pages.state(io);
    this.#next = io.int(this.#next);
    this.#left = io.int(this.#left);
    this.#free = io.int(this.#free);
  }

  /** Gives a block back; its content is garbage from now on. */
  release(block: number): void {
    this.#arena.words[2 * block] = this.#free;
    this.#free = block;
  }
}
