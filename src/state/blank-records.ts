/** Records of no table, to add single rows to. @module */

import type { Arena } from './arena.ts';
import { PageList } from './arena.ts';
import type { RecordLayout } from './record-layout.ts';

/** As many records as a batch has rows. */
export class BlankRecords {
  readonly #arena: Arena;
  readonly #records: Int32Array;
  readonly #perPage: number;
  /** The first is a page of records that stay blank; the others are copies of it. */
  readonly #pages: PageList;

  constructor(arena: Arena, layout: RecordLayout, count: number) {
    const perPage = Math.floor(arena.pageCells / layout.cells);
    this.#arena = arena;
    this.#perPage = perPage;
    this.#pages = new PageList(arena);
    const blank = this.#pages.take();
    const template = layout.template.subarray(0, 2 * layout.cells);
    for (let i = 0; i < perPage; i++) arena.words.set(template, 2 * (blank + i * layout.cells));
    this.#records = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      if (i % perPage === 0) this.#pages.take();
      const page = this.#pages.at(1 + Math.floor(i / perPage));
      this.#records[i] = page + (i % perPage) * layout.cells;
    }
  }

  /** The first cells of `count` records, blank again. */
  take(count: number): Int32Array {
    const { words, pageCells } = this.#arena;
    const blank = 2 * this.#pages.at(0);
    const pages = Math.ceil(count / this.#perPage);
    for (let page = 1; page <= pages; page++) {
      words.copyWithin(2 * this.#pages.at(page), blank, blank + 2 * pageCells);
    }
    return this.#records;
  }
}
