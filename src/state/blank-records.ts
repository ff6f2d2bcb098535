/** Records of no table, to add single rows to. @module */

import type { StateIo, Steps } from '../core/state-io.ts';
import type { Arena } from './arena.ts';
import { PageList } from './arena.ts';
import type { RecordLayout } from './record-layout.ts';

/** As many records as a batch has rows. */
export class BlankRecords {
  readonly #arena: Arena;
  readonly #layout: RecordLayout;
  readonly #records: Int32Array;
  readonly #perPage: number;
  /** The first is a page of records that stay blank; the others are copies of it. None before the first use. */
  readonly #pages: PageList;

  constructor(arena: Arena, layout: RecordLayout, count: number) {
    this.#arena = arena;
    this.#layout = layout;
    this.#perPage = Math.floor(arena.pageCells / layout.cells);
    this.#pages = new PageList(arena);
    this.#records = new Int32Array(count);
  }

  #begin(): void {
    const { cells, template } = this.#layout;
    const { words } = this.#arena;
    const blank = 2 * this.#pages.take();
    const initial = template.subarray(0, 2 * cells);
    for (let i = 0; i < this.#perPage; i++) words.set(initial, blank + 2 * i * cells);
    for (let i = 0; i < this.#records.length; i += this.#perPage) this.#pages.take();
    this.#list();
  }

  #list(): void {
    const perPage = this.#perPage;
    for (let i = 0; i < this.#records.length; i++) {
      const page = this.#pages.at(1 + Math.floor(i / perPage));
      this.#records[i] = page + (i % perPage) * this.#layout.cells;
    }
  }

  /** Which pages they lie in, if there are any. */
  *state(io: StateIo): Steps {
    yield* this.#pages.state(io);
    if (io.isReading && this.#pages.count > 0) this.#list();
  }

  /** The first cells of `count` records, blank again. */
  take(count: number): Int32Array {
    if (this.#pages.count === 0) this.#begin();
    const { words, pageCells } = this.#arena;
    const blank = 2 * this.#pages.at(0);
    const pages = Math.ceil(count / this.#perPage);
    for (let page = 1; page <= pages; page++) {
      words.copyWithin(2 * this.#pages.at(page), blank, blank + 2 * pageCells);
    }
    return this.#records;
  }
}
