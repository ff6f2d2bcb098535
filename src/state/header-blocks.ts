/** Small blocks of one size in pages of an arena: the headers of tables. @module */

import type { StateIo, Steps } from '../core/state-io.ts';
import { stateOfMap, stateOfNumbers } from '../core/state-io.ts';
import type { Arena } from './arena.ts';

/** Words of a block. */
export const BLOCK_WORDS = 32;

/** Hands out blocks; a page goes back when none of its blocks is in use. */
export class HeaderBlocks {
  readonly #arena: Arena;
  readonly #pageWords: number;
  /** First word of blocks that are free, in any page. */
  #free: number[] = [];
  /** Blocks in use, by first word of their page. */
  readonly #used = new Map<number, number>();

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#pageWords = arena.pageCells * 2;
  }

  /** Takes a block of zeros; returns its first word. */
  take(): number {
    if (this.#free.length === 0) this.#takePage();
    const block = this.#free.pop()!;
    const page = this.#pageOf(block);
    this.#used.set(page, this.#used.get(page)! + 1);
    this.#arena.words.fill(0, block, block + BLOCK_WORDS);
    return block;
  }

  /** Gives a block back. */
  release(block: number): void {
    const page = this.#pageOf(block);
    const used = this.#used.get(page)! - 1;
    this.#free.push(block);
    this.#used.set(page, used);
    if (used > 0) return;
    this.#used.delete(page);
    this.#free = this.#free.filter((free) => this.#pageOf(free) !== page);
    this.#arena.release(page / 2);
  }

  *state(io: StateIo): Steps {
    this.#free = yield* stateOfNumbers(io, this.#free);
    yield* stateOfMap(io, this.#used);
  }

  #takePage(): void {
    const page = this.#arena.take() * 2;
    this.#used.set(page, 0);
    for (let block = this.#pageWords - BLOCK_WORDS; block >= 0; block -= BLOCK_WORDS) {
      this.#free.push(page + block);
    }
  }

  #pageOf(block: number): number {
    return block - (block % this.#pageWords);
  }
}
