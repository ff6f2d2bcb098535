/** Records that no table has: each is taken and given back by itself. @module */

import type { StateIo, Steps } from '../core/state-io.ts';
import type { Arena } from './arena.ts';
import { PageList } from './arena.ts';
import type { RecordLayout } from './record-layout.ts';

/** Where a free record has the next one. */
const LINK_WORD = 0;

/** Hands out records of one layout. */
export class LooseRecords {
  readonly #arena: Arena;
  readonly #pages: PageList;
  readonly #template: Int32Array;
  readonly #cells: number;
  readonly #perPage: number;
  /** Records of the last page that were never taken. */
  #left = 0;
  #next = 0;
  /** The first of those given back; 0: there is none. */
  #free = 0;

  constructor(arena: Arena, layout: RecordLayout) {
    this.#arena = arena;
    this.#pages = new PageList(arena);
    this.#cells = layout.cells;
    this.#template = layout.template.subarray(0, 2 * layout.cells);
    this.#perPage = Math.floor(arena.pageCells / layout.cells);
  }

  /**
   * Takes a record to which no row was added.
   *
   * @param keyed - a record that has the keys in the same cells, the first `keyCells` of it
   * @returns its first cell
   */
  take(keyed: number, keyCells: number): number {
    const record = this.#takeAny();
    const { words } = this.#arena;
    const [to, from] = [2 * record, 2 * keyed];
    for (let w = 0; w < 2 * keyCells; w++) words[to + w] = words[from + w]!;
    const template = this.#template;
    for (let w = 2 * keyCells; w < template.length; w++) words[to + w] = template[w]!;
    return record;
  }

  #takeAny(): number {
    const free = this.#free;
    if (free !== 0) {
      this.#free = this.#arena.words[2 * free + LINK_WORD]!;
      return free;
    }
    if (this.#left === 0) {
      this.#next = this.#pages.take();
      this.#left = this.#perPage;
    }
    const record = this.#next;
    this.#next += this.#cells;
    this.#left--;
    return record;
  }

  /** Gives a record back, to be taken again. */
  release(record: number): void {
    this.#arena.words[2 * record + LINK_WORD] = this.#free;
    this.#free = record;
  }

  *state(io: StateIo): Steps {
    yield* this.#pages.state(io);
    this.#left = io.int(this.#left);
    this.#next = io.int(this.#next);
    this.#free = io.int(this.#free);
  }

  /** Gives all records back, and their pages. */
  releaseAll(): void {
    this.#pages.releaseAll();
    this.#free = 0;
    this.#left = 0;
  }
}
