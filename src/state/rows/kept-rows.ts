/**
 * Rows that are kept to be found by their key, until they expire: a multimap.
 *
 * ```
 *   key ──▶ hash ──▶ slot (SlotDirectory) ──▶ last row with this hash ──▶ the one before it ──▶ …
 *                                             records in the pages of a RowLog
 * ```
 *
 * Rows are kept, found and gathered by the code of a {@link RowKernel}, a batch at a time. It stops where
 * a page or a slot is needed, which is done here.
 *
 * @module
 */

import type { KernelMemory } from '../../core/memory.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Arena } from '../arena.ts';
import { DueRows } from './due-rows.ts';
import { LastRows } from './last-rows.ts';
import type { PageSource } from './page-source.ts';
import { RowKernel } from './row-kernel.ts';
import type { RowLayout } from './row-layout.ts';
import { HASH_AT, NEXT_AT } from './row-layout.ts';
import { RowLog } from './row-log.ts';
import { Need, RowWord } from './shape.ts';
import { SlotDirectory } from './slot-directory.ts';

/** Words of the first page for the directory; the second half of it is for the table of pages. */
const DIRECTORY_WORDS = 64;
/** Pages of rows that one call moves: some ten microseconds. */
const MOST_MOVED_PAGES = 4;
/** Fewer pages are not moved together. */
const LEAST_PAGES = 4;

/** Words of the block that say where the rows are: all others are of a call. */
const STORE_WORDS = [
  RowWord.DIRECTORY,
  RowWord.SHIFT,
  RowWord.TABLE,
  RowWord.TABLE_MASK,
  RowWord.TAIL,
  RowWord.HEAD,
  RowWord.NEXT_BYTE,
  RowWord.END_BYTE,
] as const;

/** What rows are kept with; all lie in the engine's memory, and go by row of the batch. */
export interface KeptFacts {
  /** Hash of the key. */
  readonly hashes: Int32Array;
  readonly times: Float64Array;
  readonly marks: Float64Array;
  /** Where rows are tracked: a word of bits for each. */
  readonly matches: Int32Array;
}

/** What kept rows must be like to be found; by row of the batch, in the engine's memory. */
export interface Wanted {
  readonly hashes: Int32Array;
  /** The least time. */
  readonly earliest: Float64Array;
  /** The largest mark. */
  readonly latest: Float64Array;
}

/** What is kept of rows, and how they are found. */
export interface KeptRowsOptions {
  readonly layout: RowLayout;
  /** Positions of the columns that rows are found by. */
  readonly keys: readonly number[];
  /** Positions of the columns that are gathered. */
  readonly gathered: readonly number[];
  readonly rowCapacity: number;
  /** How many rows are kept at most, those that came last; all if left out. */
  readonly mostRows?: number | undefined;
  /** Where it is told when rows are due, or rows are counted: counts bytes beside those of pages. */
  readonly takeBytes?: (bytes: number) => void;
  /** Number of the first page; other than 1 in tests only. */
  readonly firstPage?: number;
}

/** Rows of one input. Those that were found are known by the address of their record. */
export class KeptRows {
  readonly kernel: RowKernel;
  readonly #arena: Arena;
  readonly #layout: RowLayout;
  readonly #log: RowLog;
  readonly #directory: SlotDirectory;
  /** Numbers of the rows kept by the last call, by position. */
  readonly #ids: Int32Array;
  /** Of rows that were removed and whose place is taken. */
  #removedBytes = 0;
  /** Where it is told when rows are due. */
  readonly #due: DueRows | undefined;
  /** Where not all rows are kept: those that are. */
  readonly #last: LastRows | undefined;

  constructor(memory: KernelMemory, arena: Arena, pages: PageSource, options: KeptRowsOptions) {
    const { keys, gathered, rowCapacity, takeBytes, mostRows, firstPage = 1 } = options;
    const isNumbered = options.layout.isTold || mostRows !== undefined;
    const layout = { ...options.layout, isNumbered };
    const shape = { pageBytes: arena.pageCells * 8, layout, keys, gathered };
    this.kernel = new RowKernel(memory, arena, shape, rowCapacity);
    this.#arena = arena;
    this.#layout = layout;
    this.#ids = memory.words(isNumbered ? rowCapacity : 1);
    const { words, floats } = this.kernel;
    words[RowWord.WALKER_ROWS] = memory.words(rowCapacity).byteOffset;
    words[RowWord.CANDIDATES] = memory.words(rowCapacity).byteOffset;
    const first = pages.take(1) * 2;
    const entries = arena.pageCells;
    const table = { firstWord: first + entries, entries, firstPage };
    this.#log = new RowLog(arena, pages, words, floats, layout.isTimed, table);
    this.#directory = new SlotDirectory(arena, pages, words, first, DIRECTORY_WORDS);
    if (mostRows !== undefined) {
      takeBytes?.(mostRows * LastRows.ROW_BYTES);
      this.#last = new LastRows(mostRows);
    }
    this.#due = layout.isTold
      ? new DueRows(this.kernel, this.#log, arena.pageCells, takeBytes ?? (() => undefined))
      : undefined;
  }

  /**
   * Keeps rows `rows[0 .. count)` of the columns that are bound to the kernel.
   *
   * @param rows - in the engine's memory
   * @throws MillraceError of the source of pages
   */
  append(rows: Uint32Array, count: number, facts: KeptFacts): void {
    const { block, code, words } = this.kernel;
    words[RowWord.HASHES] = facts.hashes.byteOffset;
    words[RowWord.TIMES] = facts.times.byteOffset;
    words[RowWord.MARKS] = facts.marks.byteOffset;
    words[RowWord.MATCHES] = facts.matches.byteOffset;
    let at = 0;
    for (;;) {
      at = code.store(block, rows.byteOffset, this.#ids.byteOffset, at, count);
      if (at === count) break;
      if (words[RowWord.NEED] === Need.PAGE) this.#addPage(words[RowWord.BYTES_NEEDED]!);
      else this.#directory.makeRoom(facts.hashes[rows[at]!]!);
    }
    if (this.#due !== undefined) this.#addDue(this.#due, rows, count, facts.times);
    if (this.#last !== undefined) this.#keepLast(this.#last, count);
  }

  #keepLast(last: LastRows, count: number): void {
    for (let i = 0; i < count; i++) last.push(this.#ids[i]!);
    if (last.first === undefined) this.#log.hideAll();
    else this.#log.hideBefore(last.first);
  }

  /** @hot */
  #addDue(due: DueRows, rows: Uint32Array, count: number, times: Float64Array): void {
    const ids = this.#ids;
    for (let i = 0; i < count; i++) due.add(ids[i]!, times[rows[i]!]!);
  }

  #addPage(bytes: number): void {
    this.#log.addPage(bytes);
    this.#directory.age(Math.max(this.#arena.pageCells, bytes / 8));
  }

  /** Begins to look for the matches of `rows[0 .. count)`, whose keys are bound to the kernel. */
  beginProbe(rows: Uint32Array, count: number, { hashes, earliest, latest }: Wanted): void {
    const { block, code, words } = this.kernel;
    words[RowWord.PROBE_HASHES] = hashes.byteOffset;
    words[RowWord.EARLIEST] = earliest.byteOffset;
    words[RowWord.LATEST] = latest.byteOffset;
    words[RowWord.POSITION] = 0;
    words[RowWord.LEFT] = 0;
    code.find(block, rows.byteOffset, count);
  }

  /**
   * Finds the next pairs of those rows and kept ones.
   *
   * @param found - gets the rows of the batch, `records` the addresses of the kept ones, from 0 on
   * @returns how many there are; 0 at the end
   */
  probe(found: Int32Array, records: Int32Array, most: number): number {
    const { block, code } = this.kernel;
    return code.probe(block, found.byteOffset, records.byteOffset, 0, most);
  }

  timeUs(record: number): TimeUs {
    return this.#arena.floats[(record + this.#layout.timeAt!) / 8]!;
  }

  markUs(record: number): TimeUs {
    return this.#arena.floats[(record + this.#layout.markAt!) / 8]!;
  }

  /** The bits of a tracked row. */
  matchesOf(record: number): number {
    return this.#arena.words[(record + this.#layout.matchesAt!) / 4]!;
  }

  /** Adds bits to a tracked row. */
  addMatches(record: number, bits: number): void {
    const at = (record + this.#layout.matchesAt!) / 4;
    this.#arena.words[at] = this.#arena.words[at]! | bits;
  }

  /** Lists rows that are due, each once: see {@link DueRows.take}. */
  takeDue(boundUs: TimeUs, records: Int32Array): number {
    return this.#due!.take(boundUs, records);
  }

  /** Notes how many matches a tracked row has. */
  setMatches(record: number, matches: number): void {
    this.#arena.words[(record + this.#layout.matchesAt!) / 4] = matches;
  }

  /**
   * Keeps, of some pairs of rows of the batch that is bound and records, those that are equal in all
   * columns.
   *
   * @returns how many there are, from the front of both lists on
   */
  keepSame(found: Int32Array, records: Int32Array, count: number): number {
    const { block, code } = this.kernel;
    return code.same(block, found.byteOffset, records.byteOffset, count);
  }

  /** Removes a timed row: no probe finds it again. Its place stays taken until {@link compact} or its time. */
  remove(record: number): void {
    this.#arena.floats[(record + this.#layout.markAt!) / 8] = NaN;
    this.countRemoved(this.#bytesOf(record));
  }

  /** Takes note of rows that were removed by having no mark. */
  countRemoved(bytes: number): void {
    this.#removedBytes += bytes;
    this.#log.onLetGo ??= (address, bytes) => this.#forgetRemoved(address, address + bytes);
  }

  /** No longer counts the removed rows of a page. */
  #forgetRemoved(start: number, end: number): void {
    for (let record = start; record < end; record += this.#bytesOf(record)) {
      if (this.isRemoved(record)) this.#removedBytes -= this.#bytesOf(record);
    }
  }

  /** Whether a row has been removed. */
  isRemoved(record: number): boolean {
    return Number.isNaN(this.markUs(record));
  }

  /**
   * Moves rows together where those that were removed take more than half of the room: a few pages a
   * call, of which all rows are before a bound.
   */
  compact(boundUs: TimeUs = Infinity): void {
    const pageBytes = this.#arena.pageCells * 8;
    const log = this.#log;
    for (let moved = 0; moved < MOST_MOVED_PAGES; moved++) {
      if (2 * this.#removedBytes < log.pages * pageBytes || log.pages < LEAST_PAGES) return;
      const page = log.closeFirstPage();
      if (page === undefined || page.maxTimeUs >= boundUs) return;
      this.#moveRows(page.address, page.address + page.bytes, -Infinity);
      log.releaseFirst();
    }
  }

  /**
   * Lets go of the rows that were kept first, a page of them.
   *
   * @returns how many rows there were in it; -1: nothing is kept
   */
  evict(): number {
    const page = this.#log.closeFirstPage();
    if (page === undefined) return -1;
    let rows = 0;
    const end = page.address + page.bytes;
    for (let record = page.address; record < end; record += this.#bytesOf(record)) {
      if (!this.isRemoved(record)) rows++;
    }
    this.#log.releaseFirst();
    return rows;
  }

  /** Pages with rows. */
  get pages(): number {
    return this.#log.pages;
  }

  /** Where the rows are; what is in their pages is the arena's. */
  *state(io: StateIo): Steps {
    io.section('kept rows', 1);
    const { words, floats } = this.kernel;
    for (const word of STORE_WORDS) words[word] = io.int(words[word]!);
    floats[RowWord.MAX_TIME / 2] = io.float(floats[RowWord.MAX_TIME / 2]!);
    yield* this.#log.state(io);
    yield* this.#directory.state(io);
    if (this.#due !== undefined) yield* this.#due.state(io);
    if (this.#last !== undefined) yield* this.#last.state(io);
    const removedBytes = io.float(this.#removedBytes);
    this.#removedBytes = removedBytes;
    if (removedBytes > 0) this.countRemoved(0);
  }

  #bytesOf(record: number): number {
    const { cellsAt, fixedBytes } = this.#layout;
    return cellsAt === undefined ? fixedBytes : this.#arena.words[(record + cellsAt) / 4]! * 8;
  }

  /** Lets go of rows whose times are below `boundUs`: of whole pages, in time. */
  release(boundUs: TimeUs): void {
    const log = this.#log;
    log.release(boundUs);
    this.#due?.forget();
    if (this.#last !== undefined) {
      this.#keepLast(this.#last, 0);
      return;
    }
    for (let moved = 0; moved < MOST_MOVED_PAGES; moved++) {
      const page = log.stuckPage;
      if (page === undefined) return;
      this.#moveRows(page.address, page.address + page.bytes, boundUs);
      log.releaseFirst();
      this.#due?.forget();
    }
  }

  /** Keeps the records from one address to another anew, but those removed and those with times below a bound. */
  #moveRows(start: number, end: number, boundUs: TimeUs): void {
    const { floats } = this.#arena;
    const { timeAt, markAt } = this.#layout;
    for (let record = start; record < end;) {
      const bytes = this.#bytesOf(record);
      const timeUs = timeAt === undefined ? 0 : floats[(record + timeAt) / 8]!;
      const isRemoved = markAt !== undefined && Number.isNaN(floats[(record + markAt) / 8]!);
      if (!isRemoved && timeUs >= boundUs) this.#moveRow(record, bytes, timeUs);
      record += bytes;
    }
  }

  #moveRow(record: number, bytes: number, timeUs: TimeUs): void {
    const { words } = this.#arena;
    const { kernel } = this;
    const block = kernel.words;
    if (block[RowWord.NEXT_BYTE]! + bytes > block[RowWord.END_BYTE]!) this.#addPage(bytes);
    const target = block[RowWord.NEXT_BYTE]!;
    const row = block[RowWord.HEAD]!;
    words.copyWithin(target / 4, record / 4, (record + bytes) / 4);
    const slot = this.#directory.find(words[(record + HASH_AT) / 4]!);
    words[(target + NEXT_AT) / 4] = words[slot]!;
    words[slot] = row;
    block[RowWord.NEXT_BYTE] = target + bytes;
    block[RowWord.HEAD] = row + bytes / 8;
    const latest = RowWord.MAX_TIME / 2;
    kernel.floats[latest] = Math.max(kernel.floats[latest]!, timeUs);
    const { toldAt } = this.#layout;
    if (toldAt !== undefined && words[(target + toldAt) / 4] === 0) this.#due!.add(row, timeUs);
  }
}
