/**
 * The pages in which rows are kept, in the order they came: a log that is let go from its front.
 *
 * ```
 *   number of a row = page × cells of a page + cell       modulo 2^32
 *
 *   tail ┌──────┬──────┬──────┬──────┬─────┐ head
 *        │ page │ page │ page │ page │ pa… │             table: address of each page
 *        └──────┴──────┴──────┴──────┴─────┘
 * ```
 *
 * A page has *expired* when all its rows are older than a bound. Those at the front are let go at once;
 * rows in chains that lead there are told by their numbers, so nothing else has to be touched. A page
 * that expired behind one that did not waits: see {@link RowLog.stuckPage}.
 *
 * @module
 */

import type { TimeUs } from '../../core/units.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfNumbers } from '../../core/state-io.ts';
import type { Arena } from '../arena.ts';
import { ExpiryQueue } from '../expiry-queue.ts';
import type { PageSource } from './page-source.ts';
import { RowWord } from './shape.ts';

const MAX_TIME_FLOAT = RowWord.MAX_TIME / 2;
/** As many may wait behind a page that has not expired, and half of all. */
const FEW_PAGES = 4;

/** A page that is not there any more. */
const GONE: PageState = { run: 0, address: 0, bytes: 0, maxTimeUs: 0, hasExpired: true };

/** What is known of a page, or of the first of several that hold one row. */
interface PageState {
  /** Pages that belong together; 0: the number was passed over. */
  readonly run: number;
  readonly address: number;
  /** Bytes with rows. */
  bytes: number;
  maxTimeUs: TimeUs;
  hasExpired: boolean;
}

function statePage(io: StateIo, page: PageState | undefined): PageState {
  return {
    run: io.int(page?.run ?? 0),
    address: io.float(page?.address ?? 0),
    bytes: io.float(page?.bytes ?? 0),
    maxTimeUs: io.float(page?.maxTimeUs ?? 0),
    hasExpired: io.flag(page?.hasExpired ?? false),
  };
}

/** The pages of one store. Tells the kernel by its block where they are. */
export class RowLog {
  readonly #arena: Arena;
  readonly #pages: PageSource;
  readonly #block: Int32Array;
  readonly #floats: Float64Array;
  readonly #isTimed: boolean;
  /** Numbers of pages are below this. */
  readonly #pageNumbers: number;
  /** By page number, modulo the entries of the table. */
  #states: (PageState | undefined)[];
  /** Pages that are closed, as items, by their largest time. */
  readonly #queue = new ExpiryQueue();
  #items: (PageState | undefined)[] = [];
  #freeItems: number[] = [];
  #itemCapacity = 0;
  /** Pages of the table, where it has its own. */
  #tablePages = 0;
  /** Number of the first page, and the one behind the last. */
  #first: number;
  #end: number;
  /** Pages there were before the numbers last came round. */
  #pagesBefore = 0;
  /** The page that takes rows. */
  #open: PageState | undefined;
  #closedPages = 0;
  #expiredPages = 0;
  /** Told where the rows of each page lie that is let go. */
  onLetGo: ((address: number, bytes: number) => void) | undefined;

  /**
   * @param block - the words of the kernel's block
   * @param firstWord - where the table may be as long as it has few entries
   * @param entries - how many, a power of two
   * @param firstPage - number of the first page, not 0
   */
  constructor(
    arena: Arena,
    pages: PageSource,
    block: Int32Array,
    floats: Float64Array,
    isTimed: boolean,
    { firstWord, entries, firstPage }: { firstWord: number; entries: number; firstPage: number },
  ) {
    this.#arena = arena;
    this.#pages = pages;
    this.#block = block;
    this.#floats = floats;
    this.#isTimed = isTimed;
    this.#pageNumbers = 2 ** 32 / arena.pageCells;
    this.#states = Array.from({ length: entries }, () => undefined);
    this.#first = firstPage;
    this.#end = firstPage;
    block[RowWord.TABLE] = firstWord * 4;
    block[RowWord.TABLE_MASK] = (entries - 1) * 4;
    block[RowWord.TAIL] = this.#numberOf(firstPage);
    block[RowWord.HEAD] = this.#numberOf(firstPage);
  }

  /** Ends the page that takes rows, and begins one with room for a record of so many bytes. */
  addPage(bytes: number): void {
    const pageBytes = this.#arena.pageCells * 8;
    const run = Math.ceil(bytes / pageBytes);
    this.close();
    // Number 0 would look like a free slot, and a record must not lie on both sides of it.
    const number = this.#end % this.#pageNumbers;
    if (number === 0 || number + run > this.#pageNumbers) this.#skipToOne();
    while (this.pages + run > this.#states.length) this.#growTable();
    const address = this.#pages.take(run) * 8;
    const maxTimeUs = this.#isTimed ? -Infinity : 0;
    const page = { run, address, bytes: 0, maxTimeUs, hasExpired: false };
    this.#place(this.#end, page);
    this.#open = page;
    this.#block[RowWord.HEAD] = this.#numberOf(this.#end);
    this.#block[RowWord.NEXT_BYTE] = address;
    this.#block[RowWord.END_BYTE] = address + run * pageBytes;
    this.#floats[MAX_TIME_FLOAT] = maxTimeUs;
    this.#end += run;
  }

  /** Ends the page that takes rows. The next row needs another. */
  close(): void {
    const page = this.#open;
    if (page === undefined) return;
    page.bytes = this.#block[RowWord.NEXT_BYTE]! - page.address;
    page.maxTimeUs = this.#floats[MAX_TIME_FLOAT]!;
    this.#open = undefined;
    this.#block[RowWord.END_BYTE] = this.#block[RowWord.NEXT_BYTE]!;
    // The numbers of the rest of the page are passed over.
    this.#block[RowWord.HEAD] = this.#numberOf(this.#end);
    this.#queue.push(this.#newItem(page), page.maxTimeUs);
    this.#closedPages += page.run;
  }

  /** Lets go of pages in which all times are below `boundUs`, as far as none before them is left. */
  release(boundUs: TimeUs): void {
    if (this.#open !== undefined && this.#floats[MAX_TIME_FLOAT]! < boundUs) this.close();
    for (;;) {
      const item = this.#queue.take(boundUs);
      if (item < 0) break;
      const page = this.#items[item]!;
      this.#items[item] = undefined;
      this.#freeItems.push(item);
      if (page.hasExpired) continue;
      page.hasExpired = true;
      this.#expiredPages += page.run;
    }
    this.#letGoOfFirst();
  }

  /** Lets go of the pages at the front that have expired. */
  #letGoOfFirst(): void {
    while (this.#first !== this.#end && this.#states[this.#entryOf(this.#first)]!.hasExpired) {
      this.#letGo();
    }
  }

  #newItem(page: PageState): number {
    const item = this.#freeItems.pop() ?? this.#items.length;
    this.#items[item] = page;
    if (item >= this.#itemCapacity) {
      this.#itemCapacity = Math.max(16, 2 * item);
      this.#queue.grow(this.#itemCapacity);
    }
    return item;
  }

  /** The first page, if it has not expired and holds up many that have: its rows should be moved. */
  get stuckPage(): { readonly address: number; readonly bytes: number } | undefined {
    if (this.#expiredPages <= FEW_PAGES + this.#closedPages / 2) return undefined;
    return this.#states[this.#entryOf(this.#first)];
  }

  /** Lets go of the pages before that of a row, and hides the rows before it. */
  hideBefore(row: number): void {
    const tail = this.#block[RowWord.TAIL]!;
    const span = (this.#block[RowWord.HEAD]! - tail) >>> 0;
    if ((row - tail) >>> 0 >= span) return;
    const page = this.pageOf(row) - this.#pagesBefore;
    while (this.#first + this.#states[this.#entryOf(this.#first)]!.run <= page) {
      this.closeFirstPage();
      this.releaseFirst();
    }
    this.#block[RowWord.TAIL] = row;
  }

  /** Hides all rows. */
  hideAll(): void {
    while (this.closeFirstPage() !== undefined) this.releaseFirst();
  }

  /** Where the rows of the first page lie, which takes no more; `undefined`: there is none. */
  closeFirstPage(): Readonly<PageState> | undefined {
    if (this.#first === this.#end) return undefined;
    const first = this.#states[this.#entryOf(this.#first)]!;
    if (first === this.#open) this.close();
    return first;
  }

  /** Lets go of the first page, whose rows were moved or are not wanted, and of those it held up. */
  releaseFirst(): void {
    const page = this.#states[this.#entryOf(this.#first)]!;
    page.hasExpired = true;
    this.#expiredPages += page.run;
    this.#letGoOfFirst();
  }

  /** Pages with rows. */
  get pages(): number {
    return this.#end - this.#first;
  }

  /** The address of a row's record. */
  addressOf(row: number): number {
    const { words, pageCells } = this.#arena;
    const entry = this.#entryOf(Math.floor((row >>> 0) / pageCells));
    return words[this.#block[RowWord.TABLE]! / 4 + entry]! + (row & (pageCells - 1)) * 8;
  }

  /** The page of a row that is kept, counted from the first one ever. */
  pageOf(row: number): number {
    const page = Math.floor((row >>> 0) / this.#arena.pageCells);
    return this.#pagesBefore + (page < this.#first ? page + this.#pageNumbers : page);
  }

  /** The first page, counted so. */
  get firstPage(): number {
    return this.#pagesBefore + this.#first;
  }

  #letGo(): void {
    const entry = this.#entryOf(this.#first);
    const { run, address, bytes } = this.#states[entry]!;
    const { pageCells } = this.#arena;
    this.onLetGo?.(address, bytes);
    for (let p = 0; p < run; p++) this.#pages.release(address / 8 + p * pageCells);
    this.#states[entry] = undefined;
    this.#closedPages -= run;
    this.#expiredPages -= run;
    this.#first += Math.max(1, run);
    if (this.#first >= this.#pageNumbers && this.#end >= this.#pageNumbers) {
      this.#first -= this.#pageNumbers;
      this.#end -= this.#pageNumbers;
      this.#pagesBefore += this.#pageNumbers;
    }
    this.#block[RowWord.TAIL] = this.#numberOf(this.#first);
  }

  /** What is known of the pages; the words of the block are the store's. */
  *state(io: StateIo): Steps {
    this.#first = io.float(this.#first);
    this.#end = io.float(this.#end);
    this.#pagesBefore = io.float(this.#pagesBefore);
    this.#tablePages = io.int(this.#tablePages);
    this.#closedPages = io.int(this.#closedPages);
    this.#expiredPages = io.int(this.#expiredPages);
    this.#itemCapacity = io.int(this.#itemCapacity);
    yield* this.#queue.state(io);
    this.#freeItems = yield* stateOfNumbers(io, this.#freeItems);
    yield* this.#statePages(io);
  }

  /** Pages in the order of their numbers, with the item that stands for each; -1: none does. */
  *#statePages(io: StateIo): Steps {
    const entries = io.int(this.#states.length);
    const itemOf = new Map(this.#items.map((page, item) => [page, item]));
    const itemCount = io.int(this.#items.length);
    const open = this.#open;
    if (io.isReading) {
      this.#states = Array.from({ length: entries }, () => undefined);
      // What the queue still has of pages that were let go of early is passed over.
      this.#items = Array.from({ length: itemCount }, () => GONE);
      this.#open = undefined;
    }
    for (let number = this.#first; number < this.#end;) {
      const known = this.#states[this.#entryOf(number)];
      const item = io.int(known === undefined ? -1 : (itemOf.get(known) ?? -1));
      const isOpen = io.flag(known !== undefined && known === open);
      const page = statePage(io, known);
      if (io.isReading) {
        this.#states[this.#entryOf(number)] = page;
        if (item >= 0) this.#items[item] = page;
        if (isOpen) this.#open = page;
      }
      number += Math.max(1, page.run);
      if (io.isDue) yield;
    }
  }

  /** Passes page numbers over up to 1. */
  #skipToOne(): void {
    while (this.#end % this.#pageNumbers !== 1) {
      while (this.pages + 1 > this.#states.length) this.#growTable();
      const hole = { run: 0, address: 0, bytes: 0, maxTimeUs: 0, hasExpired: true };
      this.#place(this.#end, hole);
      this.#end++;
    }
  }

  #numberOf(page: number): number {
    return ((page % this.#pageNumbers) * this.#arena.pageCells) | 0;
  }

  #entryOf(page: number): number {
    return page & (this.#states.length - 1);
  }

  /** Writes the addresses of a page's run to the table. */
  #place(number: number, page: PageState): void {
    const { words, pageCells } = this.#arena;
    const table = this.#block[RowWord.TABLE]! / 4;
    this.#states[this.#entryOf(number)] = page;
    for (let p = 0; p < page.run; p++) {
      words[table + this.#entryOf(number + p)] = page.address + p * pageCells * 8;
    }
  }

  #growTable(): void {
    const { pageCells } = this.#arena;
    const old = this.#states;
    const from = this.#block[RowWord.TABLE]! / 8;
    const entries = 2 * old.length;
    const pages = Math.max(1, entries / (pageCells * 2));
    const table = this.#pages.take(pages);
    const first = this.#first;
    this.#states = Array.from({ length: entries }, () => undefined);
    this.#block[RowWord.TABLE] = table * 8;
    this.#block[RowWord.TABLE_MASK] = (entries - 1) * 4;
    for (let number = first; number < this.#end;) {
      const page = old[number & (old.length - 1)]!;
      this.#place(number, page);
      number += Math.max(1, page.run);
    }
    for (let p = 0; p < this.#tablePages; p++) this.#pages.release(from + p * pageCells);
    this.#tablePages = pages;
  }
}
