/**
 * Blocks of the arena for what groups remember in varying size: lists, sketches, long strings.
 *
 * A record refers to a block by its first cell and the logarithm of its cells. Blocks are of powers of
 * two, from {@link LEAST_LOG} on; those that are given back are linked through their first words and
 * taken again, or halved. A store belongs to one state and its pages go back with it, all at once: so
 * what a window's groups remember is let go without a look at the groups.
 *
 * @module
 */

import type { Arena } from '../arena.ts';
import { PageList } from '../arena.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfMap } from '../../core/state-io.ts';

/** Cells of the smallest block: 16 bytes. */
export const LEAST_LOG = 1;

const MOST_LOG = 28;

/** Hands out blocks until all are taken back. */
export class BlockStore {
  readonly #arena: Arena;
  /** Pages of blocks that are smaller than a page. */
  readonly #pages: PageList;
  readonly #pageLog: number;
  /** First cells of free blocks, by logarithm; 0: none. */
  readonly #free = new Int32Array(MOST_LOG + 1);
  /** Larger blocks: their pages, by first cell. */
  readonly #runs = new Map<number, number>();
  /** What is left of the last page. */
  #next = 0;
  #end = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#pages = new PageList(arena);
    this.#pageLog = 31 - Math.clz32(arena.pageCells);
  }

  /**
   * Takes a block of 2^`log` cells, whose content is garbage; returns its first cell.
   *
   * @throws MillraceError where the arena is full
   */
  take(log: number): number {
    const free = this.#free[log]!;
    if (free !== 0) {
      this.#free[log] = this.#arena.words[2 * free]!;
      return free;
    }
    if (log >= this.#pageLog) return this.#takeRun(log);
    const cells = 1 << log;
    if (this.#end - this.#next < cells) {
      const halved = this.#halve(log);
      if (halved !== 0) return halved;
      this.#splitRest();
      this.#next = this.#pages.take();
      this.#end = this.#next + this.#arena.pageCells;
    }
    const block = this.#next;
    this.#next += cells;
    return block;
  }

  #takeRun(log: number): number {
    const pages = 1 << (log - this.#pageLog);
    const block = pages === 1 ? this.#arena.take() : this.#arena.takeRun(pages);
    this.#runs.set(block, pages);
    return block;
  }

  /** Takes the front of a larger free block and frees the rest; 0: there is none. */
  #halve(log: number): number {
    let larger = log + 1;
    while (larger < this.#pageLog && this.#free[larger] === 0) larger++;
    if (larger >= this.#pageLog) return 0;
    const block = this.#free[larger]!;
    this.#free[larger] = this.#arena.words[2 * block]!;
    for (let half = larger - 1; half >= log; half--) this.release(block + (1 << half), half);
    return block;
  }

  /** Frees what is left of a page. */
  #splitRest(): void {
    for (let log = this.#pageLog - 1; log >= LEAST_LOG; log--) {
      if (this.#end - this.#next < 1 << log) continue;
      this.release(this.#next, log);
      this.#next += 1 << log;
    }
  }

  /** Gives a block back. */
  release(block: number, log: number): void {
    if (log >= this.#pageLog) {
      this.#releaseRun(block, this.#runs.get(block)!);
      this.#runs.delete(block);
      return;
    }
    this.#arena.words[2 * block] = this.#free[log]!;
    this.#free[log] = block;
  }

  #releaseRun(block: number, pages: number): void {
    if (pages === 1) this.#arena.release(block);
    else this.#arena.releaseRun(block, pages);
  }

  /** Takes room for bytes; returns the offset of the first in the arena. */
  takeBytes(length: number): number {
    return this.take(logOfBytes(length)) * 8;
  }

  /** Gives it back. */
  releaseBytes(offset: number, length: number): void {
    this.release(offset / 8, logOfBytes(length));
  }

  *state(io: StateIo): Steps {
    yield* this.#pages.state(io);
    for (let log = 0; log <= MOST_LOG; log++) this.#free[log] = io.int(this.#free[log]!);
    yield* stateOfMap(io, this.#runs);
    this.#next = io.int(this.#next);
    this.#end = io.int(this.#end);
  }

  /** Takes all blocks back. */
  clear(): void {
    this.#pages.releaseAll();
    for (const [block, pages] of this.#runs) this.#releaseRun(block, pages);
    this.#runs.clear();
    this.#free.fill(0);
    this.#next = 0;
    this.#end = 0;
  }
}

/** The logarithm of the cells of the smallest block with room for so many bytes. */
export function logOfBytes(length: number): number {
  const cells = (length + 7) >>> 3;
  return Math.max(LEAST_LOG, 32 - Math.clz32(Math.max(1, cells) - 1));
}
