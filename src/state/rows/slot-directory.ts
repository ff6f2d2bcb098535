/**
 * Finds the last row kept of a hash. Extendible hashing, as in `group-table.ts`:
 *
 * ```
 *   hash ──▶ high bits ──▶ directory ──▶ segment (one page of buckets)
 *            low bits  ─────────────────▶ first bucket to look at, then the next …
 *
 *   bucket: │ 8 hashes │ numbers of 8 rows, 0 = free │
 * ```
 *
 * Slots of rows that are not kept any more stay until their segment is half full. Then it is *purged*
 * of them and, if that does not help, split in two: bounded work for any size of the table.
 *
 * @module
 */

import type { Arena } from '../arena.ts';
import { TAG_WORDS } from '../arena.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfNumbers } from '../../core/state-io.ts';
import type { PageSource } from './page-source.ts';
import { Bucket, RowWord, SegmentTag } from './shape.ts';

/**
 * Splitting stops at this many bits: then so many hashes begin alike that they are no accident, and
 * segments are chained instead. So are segments where splitting would make a directory of many more
 * entries than there are segments.
 */
const MAX_DEPTH = 20;
const FREE_ENTRIES = 64;
const ENTRIES_PER_SEGMENT = 16;
/** The depth of a segment that others were chained to: it is not split any more. */
const CHAINED = 31;
/** Slots are purged before the numbers of rows come round again, so that no old one looks kept. */
const PURGE_WITHIN_CELLS = 2 ** 30;

const BUCKET_WORDS = Bucket.BYTES / 4;
/** Words from a hash to its row. */
const ROWS_AT = Bucket.ROWS_AT / 4;

/** The slots of one store. */
export class SlotDirectory {
  readonly #arena: Arena;
  readonly #pages: PageSource;
  readonly #block: Int32Array;
  readonly #pageWords: number;
  /** First words of all segments. */
  #segments: number[] = [];
  readonly #copy: Int32Array;
  /** Entries that the directory has room for, and its pages if they are its own. */
  #room: number;
  #ownPages = 0;
  readonly #firstRow: number;
  #areAllKept = true;
  #cellsSincePurge = 0;
  #nextToPurge = 0;

  /**
   * @param block - the words of the kernel's block
   * @param firstWord - where the directory may be as long as it has few entries
   * @param room - how many, a power of two
   */
  constructor(arena: Arena, pages: PageSource, block: Int32Array, firstWord: number, room: number) {
    this.#arena = arena;
    this.#pages = pages;
    this.#block = block;
    this.#pageWords = arena.pageCells * 2;
    this.#copy = new Int32Array(this.#pageWords);
    this.#room = room;
    this.#firstRow = block[RowWord.TAIL]!;
    block[RowWord.DIRECTORY] = firstWord * 4;
    block[RowWord.SHIFT] = 31;
    arena.words[firstWord] = this.#newSegment(0) * 4;
  }

  /** Makes room for a hash whose segment, or the last one chained to it, is full. */
  makeRoom(hash: number): void {
    const { tags } = this.#arena;
    const first = this.#segmentOf(hash);
    let last = first;
    for (;;) {
      const next = tags[this.#tagsOf(last) + SegmentTag.NEXT]!;
      if (next === 0) break;
      last = next / 4;
    }
    if (this.#purge(last)) return;
    const depth = tags[this.#tagsOf(first) + SegmentTag.DEPTH]!;
    if (depth < MAX_DEPTH && (depth < this.#depth || this.#mayDouble())) {
      this.#split(hash, first);
      return;
    }
    tags[this.#tagsOf(last) + SegmentTag.DEPTH] = CHAINED;
    tags[this.#tagsOf(last) + SegmentTag.NEXT] = this.#newSegment(CHAINED) * 4;
  }

  /** The word with the row of a hash; -1: there is none. */
  find(hash: number): number {
    const { words, tags } = this.#arena;
    let segment = this.#segmentOf(hash);
    for (;;) {
      for (let slot = this.#firstSlot(segment, hash); ; slot = this.#nextSlot(segment, slot)) {
        if (words[slot + ROWS_AT] === 0) break;
        if (words[slot] === hash) return slot + ROWS_AT;
      }
      const next = tags[this.#tagsOf(segment) + SegmentTag.NEXT]!;
      if (next === 0) return -1;
      segment = next / 4;
    }
  }

  /** The first word of the first slot for a hash. */
  #firstSlot(segment: number, hash: number): number {
    return segment + ((hash * BUCKET_WORDS) & (this.#pageWords - BUCKET_WORDS));
  }

  /** The slot behind another: in its bucket, or the first of the next one. */
  #nextSlot(segment: number, slot: number): number {
    const next = slot + 1 - segment;
    if (next % Bucket.SLOTS !== 0) return slot + 1;
    return segment + ((next + Bucket.SLOTS) & (this.#pageWords - 1));
  }

  /** To be told of the cells that the log has grown by: purges now and then. */
  age(cells: number): void {
    this.#cellsSincePurge += cells;
    const interval = PURGE_WITHIN_CELLS / this.#segments.length;
    while (this.#cellsSincePurge >= interval) {
      this.#cellsSincePurge -= interval;
      this.#nextToPurge = (this.#nextToPurge + 1) % this.#segments.length;
      this.#purge(this.#segments[this.#nextToPurge]!);
    }
  }

  *state(io: StateIo): Steps {
    this.#segments = yield* stateOfNumbers(io, this.#segments);
    this.#room = io.int(this.#room);
    this.#ownPages = io.int(this.#ownPages);
    this.#areAllKept = io.flag(this.#areAllKept);
    this.#cellsSincePurge = io.float(this.#cellsSincePurge);
    this.#nextToPurge = io.int(this.#nextToPurge);
  }

  /** Takes slots out whose rows are not kept any more; whether that made room for many. */
  #purge(segment: number): boolean {
    const { tags } = this.#arena;
    const tail = this.#block[RowWord.TAIL]!;
    this.#areAllKept &&= tail === this.#firstRow;
    if (this.#areAllKept) return false;
    const span = (this.#block[RowWord.HEAD]! - tail) >>> 0;
    const at = this.#tagsOf(segment) + SegmentTag.COUNT;
    const copy = this.#takeOut(segment);
    let kept = 0;
    for (let from = 0; from < copy.length; from += BUCKET_WORDS) {
      for (let at = from; at < from + Bucket.SLOTS; at++) {
        const row = copy[at + ROWS_AT]!;
        if (row === 0 || (row - tail) >>> 0 >= span) continue;
        this.#put(segment, row, copy[at]!);
        kept++;
      }
    }
    const before = tags[at]!;
    tags[at] = kept;
    // Else it would be full again soon, and a purge goes over the whole of it.
    return kept <= before * 0.75;
  }

  #takeOut(segment: number): Int32Array {
    const { words } = this.#arena;
    const copy = this.#copy;
    for (let i = 0; i < copy.length; i++) copy[i] = words[segment + i]!;
    words.fill(0, segment, segment + this.#pageWords);
    return copy;
  }

  #put(segment: number, row: number, hash: number): void {
    const { words } = this.#arena;
    let slot = this.#firstSlot(segment, hash);
    while (words[slot + ROWS_AT] !== 0) slot = this.#nextSlot(segment, slot);
    words[slot] = hash;
    words[slot + ROWS_AT] = row;
  }

  /** Leading bits of the hash that choose a segment. */
  get #depth(): number {
    return 31 - this.#block[RowWord.SHIFT]!;
  }

  #mayDouble(): boolean {
    return 2 << this.#depth <= FREE_ENTRIES + ENTRIES_PER_SEGMENT * this.#segments.length;
  }

  /** Splits a segment by the next bit of the hash. */
  #split(hash: number, segment: number): void {
    const { words, tags } = this.#arena;
    const depth = tags[this.#tagsOf(segment) + SegmentTag.DEPTH]!;
    if (depth === this.#depth) this.#doubleDirectory();
    const sibling = this.#newSegment(depth + 1);
    // The entries of a segment are adjacent; the sibling gets the upper half of them.
    const entries = 1 << (this.#depth - depth);
    const firstEntry = ((hash >>> 1) >>> (31 - this.#depth)) & -entries;
    const first = this.#directory + firstEntry;
    words.fill(sibling * 4, first + (entries >>> 1), first + entries);
    const copy = this.#takeOut(segment);
    const bit = 30 - depth;
    let moved = 0;
    let total = 0;
    for (let from = 0; from < copy.length; from += BUCKET_WORDS) {
      for (let at = from; at < from + Bucket.SLOTS; at++) {
        const row = copy[at + ROWS_AT]!;
        if (row === 0) continue;
        const isMoved = ((copy[at]! >>> 1) >>> bit) & 1;
        this.#put(isMoved === 1 ? sibling : segment, row, copy[at]!);
        moved += isMoved;
        total++;
      }
    }
    const at = this.#tagsOf(segment);
    tags[at + SegmentTag.DEPTH] = depth + 1;
    tags[at + SegmentTag.COUNT] = total - moved;
    tags[this.#tagsOf(sibling) + SegmentTag.COUNT] = moved;
  }

  #doubleDirectory(): void {
    const { words, pageCells } = this.#arena;
    const depth = this.#depth;
    const entries = 1 << depth;
    const from = this.#directory;
    const isInPlace = 2 * entries <= this.#room;
    const pages = Math.max(1, (2 * entries) / this.#pageWords);
    const to = isInPlace ? from : this.#pages.take(pages) * 2;
    for (let i = entries - 1; i >= 0; i--) {
      words[to + 2 * i + 1] = words[from + i]!;
      words[to + 2 * i] = words[from + i]!;
    }
    if (!isInPlace) {
      for (let p = 0; p < this.#ownPages; p++) this.#pages.release(from / 2 + p * pageCells);
      this.#ownPages = pages;
      this.#room = pages * this.#pageWords;
      this.#block[RowWord.DIRECTORY] = to * 4;
    }
    this.#block[RowWord.SHIFT] = 31 - (depth + 1);
  }

  /** First word of the directory. */
  get #directory(): number {
    return this.#block[RowWord.DIRECTORY]! / 4;
  }

  /** First word of the segment of a hash. */
  #segmentOf(hash: number): number {
    const leading = (hash >>> 1) >>> (31 - this.#depth);
    return this.#arena.words[this.#directory + leading]! / 4;
  }

  /** Where the tags of a segment's page lie. */
  #tagsOf(segment: number): number {
    return (segment / this.#pageWords) * TAG_WORDS;
  }

  #newSegment(depth: number): number {
    const segment = this.#pages.take(1) * 2;
    this.#arena.words.fill(0, segment, segment + this.#pageWords);
    this.#arena.tags[this.#tagsOf(segment) + SegmentTag.DEPTH] = depth;
    this.#segments.push(segment);
    return segment;
  }
}
