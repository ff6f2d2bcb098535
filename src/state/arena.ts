/**
 * The memory of one task's state: pages of one size out of one buffer.
 *
 * Everything a keyed operator remembers (hash slots, group records, long strings) lies in pages of
 * its arena and refers to each other by position, never by JavaScript object. So a million groups
 * are no work for the garbage collector, memory is bounded to the byte, a closed window gives its
 * pages to the next one, and WebAssembly can work on the same bytes.
 *
 * The buffer never grows: it is reserved in full, and pages that were never touched cost nothing.
 *
 * Positions are counted in *cells* of 8 bytes (an index into `floats`), or in *words* of 4 bytes
 * (twice that, an index into `words`). Cell 0 is never handed out, so 0 can mean "none".
 *
 * @module
 */

import type { MillraceError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { StateMemory, WasmMemory } from '../core/memory.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import { stateOfLists } from '../core/state-io.ts';

/** Least cells of a page: 4 KiB. Small, because every open window has at least two pages. */
export const MIN_PAGE_CELLS = 512;

/** Words that each page carries beside its content, for its owner; see {@link Arena.tags}. */
export const TAG_WORDS = 4;

/** The tag by which free pages are linked. */
const LINK = TAG_WORDS - 1;

const WASM_PAGE_BYTES = 65536;

/** Pages that are looked at in one piece of writing their state. */
const PAGES_AT_ONCE = 65536;

/** With less than 16 MiB there is no point in going on. */
const LEAST_WASM_PAGES = 256;

/** Offsets of long strings are signed 32-bit numbers in a view. */
const MAX_BYTES = 2 ** 31;

/** Pages of a part of a list: it grows by parts, so that a long one need not be copied. */
const PART = 4096;

/** Pages of a list that become free one by one at once: some µs. */
const FREED_AT_ONCE = 256;

/** Pages of a list that was given back. */
interface FreeList {
  readonly parts: readonly Int32Array[];
  count: number;
}

/** Pages of one size. */
export class Arena {
  /** What kernels import. */
  readonly memory: WasmMemory;
  /** The whole memory as 32-bit words. */
  readonly words: Int32Array;
  /** The whole memory as float64 cells. */
  readonly floats: Float64Array;
  /** The whole memory as bytes. */
  readonly bytes: Uint8Array;
  readonly pageCells: number;
  /**
   * {@link TAG_WORDS} words for each page, at `page / pageCells * TAG_WORDS`; zero when the page is
   * taken. They lie in the first pages.
   */
  readonly tags: Int32Array;
  readonly #firstCell: number;
  readonly #endCell: number;
  readonly #onFull: (limitBytes: number) => MillraceError;
  /** First page never handed out so far. */
  #nextPage: number;
  /** Head of the list of pages given back, linked through the last of their tags; 0 when empty. */
  #freePage = 0;
  #usedPages = 0;
  /** Runs given back, by their pages. */
  readonly #freeRuns = new Map<number, number[]>();
  /** Lists of pages given back as a whole, whose pages are not in the list yet. */
  readonly #freeLists: FreeList[] = [];

  /**
   * @param memory - zeroed
   * @param mostPages - use no more of it than so many pages
   * @param pageCells - cells of a page, a power of two
   * @param onFull - makes the error for a page that is not there
   */
  constructor(
    memory: WasmMemory,
    mostPages: number,
    pageCells: number,
    onFull: (limitBytes: number) => MillraceError,
  ) {
    const { buffer } = memory;
    const isPower = (pageCells & (pageCells - 1)) === 0;
    invariant(isPower && pageCells >= MIN_PAGE_CELLS, `pageCells=${pageCells}`);
    invariant(buffer.byteLength <= MAX_BYTES, `arena of ${buffer.byteLength} bytes`);
    const pages = Math.min(mostPages, Math.floor(buffer.byteLength / (pageCells * 8)));
    this.memory = memory;
    this.words = new Int32Array(buffer, 0, pages * pageCells * 2);
    this.floats = new Float64Array(buffer, 0, pages * pageCells);
    this.bytes = new Uint8Array(buffer, 0, pages * pageCells * 8);
    this.pageCells = pageCells;
    this.tags = new Int32Array(buffer, 0, pages * TAG_WORDS);
    this.#firstCell = Math.ceil((pages * TAG_WORDS) / (pageCells * 2)) * pageCells;
    this.#endCell = pages * pageCells;
    this.#onFull = onFull;
    this.#nextPage = this.#firstCell;
  }

  /**
   * An arena in memory of this thread's own.
   *
   * @param limitBytes - bound on the state; more than 2 GiB counts as 2 GiB
   * @param from - who gives the memory, if somebody does
   */
  static allocate(
    limitBytes: number,
    pageCells: number,
    onFull: (limitBytes: number) => MillraceError,
    from?: StateMemory,
  ): Arena {
    const pageBytes = pageCells * 8;
    const wanted = Math.floor(Math.min(limitBytes, MAX_BYTES) / pageBytes);
    // Beside those that are handed out, the pages of the tags.
    const tagPages = Math.max(1, Math.ceil((wanted * TAG_WORDS) / (pageCells * 2 - TAG_WORDS)));
    const pages = Math.min(wanted + tagPages, MAX_BYTES / pageBytes);
    const bytes = pages * pageBytes;
    const { memory, isUsed } = from?.reserve(bytes) ?? {
      memory: reserveMemory(bytes),
      isUsed: false,
    };
    const arena = new Arena(memory, pages, pageCells, onFull);
    if (isUsed) arena.tags.fill(0);
    return arena;
  }

  /** Bytes of the pages in use. */
  get usedBytes(): number {
    return this.#usedPages * this.pageCells * 8;
  }

  /** Bytes that may be in use. */
  get limitBytes(): number {
    return (this.#endCell - this.#firstCell) * 8;
  }

  /**
   * Takes a page; its content is garbage, its tags are zero.
   *
   * @returns its first cell
   * @throws MillraceError made by `onFull`
   */
  take(): number {
    if (this.#freePage === 0 && this.#freeLists.length > 0) this.#freeSome();
    const free = this.#freePage;
    if (free !== 0) {
      const link = (free / this.pageCells) * TAG_WORDS + LINK;
      this.#freePage = this.tags[link]!;
      this.tags[link] = 0;
      this.#usedPages++;
      return free;
    }
    if (this.#nextPage === this.#endCell && this.#breakRun()) return this.take();
    return this.takeRun(1);
  }

  /**
   * Takes `count` adjacent pages: a run of that length that was given back, or pages never used so
   * far.
   *
   * @returns the first cell of the first
   */
  takeRun(count: number): number {
    const free = this.#freeRuns.get(count)?.pop();
    if (free !== undefined) {
      this.#usedPages += count;
      return free;
    }
    const first = this.#nextPage;
    const end = first + count * this.pageCells;
    if (end > this.#endCell) throw this.#onFull(this.limitBytes);
    this.#nextPage = end;
    this.#usedPages += count;
    return first;
  }

  /** Whether there is a run of so many pages to take. */
  hasRun(count: number): boolean {
    const free = this.#freeRuns.get(count)?.length ?? 0;
    return free > 0 || this.#nextPage + count * this.pageCells <= this.#endCell;
  }

  /** Gives the pages of a run back to be taken as a run again. */
  releaseRun(first: number, count: number): void {
    const runs = this.#freeRuns.get(count);
    if (runs === undefined) this.#freeRuns.set(count, [first]);
    else runs.push(first);
    this.#usedPages -= count;
  }

  /** Makes single pages of a run that was given back; false when there is none. */
  #breakRun(): boolean {
    for (const [count, runs] of this.#freeRuns) {
      const first = runs.pop();
      if (first === undefined) continue;
      this.#usedPages += count;
      for (let i = 0; i < count; i++) this.release(first + i * this.pageCells);
      return true;
    }
    return false;
  }

  /**
   * Gives pages back, however many, at once: what is to be done for each of them waits until they are
   * needed.
   *
   * @param parts - {@link PART} pages each, the last one fewer; belong to the arena from now on
   */
  releaseParts(parts: Int32Array[], count: number): void {
    this.#usedPages -= count;
    this.#freeLists.push({ parts, count });
  }

  /** Puts some pages of a list that was given back into the list of free ones. */
  #freeSome(): void {
    const list = this.#freeLists.at(-1)!;
    for (let i = 0; i < FREED_AT_ONCE && list.count > 0; i++) {
      list.count--;
      this.#free(list.parts[Math.floor(list.count / PART)]![list.count % PART]!);
    }
    if (list.count === 0) this.#freeLists.pop();
  }

  /** Gives a page back; pages of a run one by one. */
  release(page: number): void {
    this.#usedPages--;
    this.#free(page);
  }

  #free(page: number): void {
    const tag = (page / this.pageCells) * TAG_WORDS;
    // No call of `fill`, and no look at the page itself: a window gives thousands back at once.
    for (let t = tag; t < tag + LINK; t++) this.tags[t] = 0;
    this.tags[tag + LINK] = this.#freePage;
    this.#freePage = page;
  }

  /**
   * All pages in use, as they are: every position in them stays what it is. What was taken when the
   * reading one was made is overwritten, so who took it reads its state as well, or has taken the same
   * pages as the written one.
   */
  *state(io: StateIo): Steps {
    io.section('arena', 1);
    const pageCells = io.int(this.pageCells);
    const firstCell = io.int(this.#firstCell);
    const nextPage = io.int(this.#nextPage);
    if (pageCells !== this.pageCells || firstCell !== this.#firstCell) {
      io.fail(
        `its memory has pages of ${pageCells} cells from cell ${firstCell} on, and here ` +
          `${this.pageCells} from ${this.#firstCell}: the limit of the state must be the same`,
      );
    }
    if (nextPage > this.#endCell) io.fail(`it has more pages than the limit allows`);
    while (this.#freeLists.length > 0) {
      this.#freeSome();
      yield;
    }
    this.#nextPage = nextPage;
    this.#freePage = io.int(this.#freePage);
    this.#usedPages = io.int(this.#usedPages);
    yield* stateOfLists(io, this.#freeRuns);
    const tags = this.tags.subarray(0, (nextPage / pageCells) * TAG_WORDS);
    yield* io.memory(new Uint8Array(tags.buffer, tags.byteOffset, tags.byteLength));
    yield* this.#statePages(io, yield* this.#listFree());
  }

  /** A bit for each page that is free; after the tags were read, which link them. */
  *#listFree(): Steps<Uint8Array> {
    const { pageCells } = this;
    const free = new Uint8Array(Math.ceil(this.#nextPage / pageCells / 8));
    const mark = (page: number): void => {
      const number = page / pageCells;
      free[number >>> 3]! |= 1 << (number & 7);
    };
    let count = 0;
    for (let page = this.#freePage; page !== 0;) {
      mark(page);
      page = this.tags[(page / pageCells) * TAG_WORDS + LINK]!;
      if (++count % PAGES_AT_ONCE === 0) yield;
    }
    for (const [length, runs] of this.#freeRuns) {
      for (const first of runs) {
        for (let p = 0; p < length; p++) mark(first + p * pageCells);
      }
    }
    return free;
  }

  *#statePages(io: StateIo, free: Uint8Array): Steps {
    const { pageCells, bytes } = this;
    const isFree = (number: number): boolean => ((free[number >>> 3]! >>> (number & 7)) & 1) === 1;
    const end = this.#nextPage / pageCells;
    for (let from = this.#firstCell / pageCells; from < end;) {
      let to = from;
      while (to < end && to - from < PAGES_AT_ONCE && !isFree(to)) to++;
      if (to > from) yield* io.memory(bytes.subarray(from * pageCells * 8, to * pageCells * 8));
      from = to;
      while (from < end && isFree(from)) {
        from++;
        if (from % PAGES_AT_ONCE === 0) yield;
      }
    }
  }
}

/**
 * Memory that costs nothing until it is touched; less of it where the system has no more.
 *
 * Shared, although one thread uses it: so it can be handed to another with all that is in it, it is
 * WebAssembly's to work on, and reserving it takes 10 µs, where an ArrayBuffer of its size takes
 * 5 ms because it makes the garbage collector run.
 */
export function reserveMemory(bytes: number): WasmMemory {
  let pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  for (;;) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    } catch (error) {
      if (!(error instanceof RangeError) || pages < LEAST_WASM_PAGES) throw error;
      pages = Math.floor(pages / 2);
    }
  }
}

/** Pages that belong together and are given back together. */
export class PageList {
  readonly #arena: Arena;
  /** The first part is small to begin with. */
  #parts: Int32Array[] = [new Int32Array(4)];
  #count = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get count(): number {
    return this.#count;
  }

  /** First cell of the i-th page. */
  at(index: number): number {
    return this.#parts[Math.floor(index / PART)]![index % PART]!;
  }

  /** Takes one more page. */
  take(): number {
    const page = this.#arena.take();
    this.#push(page);
    return page;
  }

  /** Takes adjacent pages. */
  takeRun(count: number): number {
    const first = this.#arena.takeRun(count);
    for (let i = 0; i < count; i++) this.#push(first + i * this.#arena.pageCells);
    return first;
  }

  /** Which pages these are; what is in them is the arena's. */
  *state(io: StateIo): Steps {
    const written = new Int32Array(io.isReading ? 0 : this.#count);
    for (let i = 0; i < written.length; i++) {
      written[i] = this.at(i);
      if (i % PAGES_AT_ONCE === PAGES_AT_ONCE - 1) yield;
    }
    const pages = yield* io.ints(written);
    if (!io.isReading) return;
    this.#count = 0;
    for (let i = 0; i < pages.length; i++) {
      this.#push(pages[i]!);
      if (i % PAGES_AT_ONCE === PAGES_AT_ONCE - 1) yield;
    }
  }

  /** Gives all pages back; many of them, as when a large window closes, at once. */
  releaseAll(): void {
    if (this.#count > FREED_AT_ONCE) {
      this.#arena.releaseParts(this.#parts, this.#count);
      this.#parts = [new Int32Array(4)];
      this.#count = 0;
      return;
    }
    for (let i = 0; i < this.#count; i++) this.#arena.release(this.at(i));
    this.#count = 0;
  }

  #push(page: number): void {
    const part = Math.floor(this.#count / PART);
    const at = this.#count % PART;
    const pages = this.#parts[part] ?? new Int32Array(PART);
    if (at === pages.length) {
      const larger = new Int32Array(at * 2);
      larger.set(pages);
      larger[at] = page;
      this.#parts[part] = larger;
    } else {
      pages[at] = page;
      this.#parts[part] = pages;
    }
    this.#count++;
  }
}
