/**
 * Finds the record of a row's group, and makes one for a group not seen before.
 *
 * Extendible hashing over pages of an arena:
 *
 * ```
 *   hash ──▶ high bits ──▶ directory ──▶ segment (one page of slots)
 *            low bits  ─────────────────▶ first slot to look at, then the next …
 *
 *   slot: │ record's first cell, 0 = free │ hash │
 * ```
 *
 * A segment that is half full is split in two: some hundred slots are moved, 4 µs. So a table of any
 * size grows without a stall; a table in one piece stands still for half a second at ten million
 * groups. Records never move while the table lives.
 *
 * Rows are looked up by the code of a {@link GroupKernel}, a batch at a time. It stops where the table
 * has to make room, which is done here.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import { Heap } from '../core/column.ts';
import type { Arena } from './arena.ts';
import { PageList, TAG_WORDS } from './arena.ts';
import { ByteStore } from './byte-store.ts';
import { BLOCK_WORDS } from './header-blocks.ts';
import type { GroupKernel } from './kernel/group-kernel.ts';
import { HeaderWord, Need, SegmentTag } from './kernel/shape.ts';
import { readKey } from './keys.ts';
import type { RecordLayout } from './record-layout.ts';

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

/** Where a header's block has room for a directory of a few segments. */
const FIRST_ENTRY = 16;

/**
 * Up to so many groups, processors hide by themselves how far away slots and records are. Up to the
 * second number it is enough to touch the slots of some rows before.
 */
const MOST_CACHED_GROUPS = 65_536;
const MOST_NEAR_GROUPS = 524_288;

/** Rows that go through one pass after the other, so that what one has touched is there for the next. */
const ROWS_AT_ONCE = 256;

/** Records by key, in an arena. */
export class GroupTable {
  readonly arena: Arena;
  readonly layout: RecordLayout;
  readonly kernel: GroupKernel;
  /** How many of the kernel's `fresh` are of the last {@link assign} of this table. */
  freshCount = 0;
  /** Where long strings of this table's accumulators lie. */
  readonly bytes: ByteStore;
  /** What a column with keys of this table has for a heap. */
  readonly heap: Heap;
  /** First word of the header; 0: the table has no pages. */
  #header = 0;
  /** Pages of the directory, where it is larger than its part of the header's block. */
  #directoryPages = 0;
  readonly #segments: PageList;
  readonly #records: PageList;
  readonly #recordsPerPage: number;
  readonly #pageWords: number;
  /** Whether a null key was ever looked for. */
  #hasNullKeys = false;
  /** Room for long strings that was put aside for one too long for it. */
  #bytesAside: readonly [start: number, end: number] = [0, 0];
  #splitCopy: Int32Array | undefined;

  constructor(kernel: GroupKernel) {
    const { arena, layout } = kernel;
    this.arena = arena;
    this.layout = layout;
    this.kernel = kernel;
    this.bytes = new ByteStore(arena);
    this.heap = new Heap(arena.bytes);
    this.heap.used = arena.bytes.length;
    this.#segments = new PageList(arena);
    this.#records = new PageList(arena);
    this.#recordsPerPage = Math.floor(arena.pageCells / layout.cells);
    this.#pageWords = arena.pageCells * 2;
  }

  /** Groups in the table. */
  get count(): number {
    return this.#header === 0 ? 0 : this.arena.words[this.#header + HeaderWord.COUNT]!;
  }

  /**
   * Finds or makes the records of the rows bound to the kernel, at positions `from .. to`, which are
   * hashed: the kernel's `records` get the first cell of each.
   */
  assign(from: number, to: number): void {
    const header = this.#beginRows();
    const { kernel } = this;
    const { block, code } = kernel;
    const before = this.count;
    const isLarge = before > MOST_CACHED_GROUPS;
    if (isLarge) code.touchSlots(block, header, from, to);
    let at = from;
    for (;;) {
      if (this.#hasNullKeys) at = code.findNull(block, header, at, to);
      else at = code.find(block, header, at, to);
      if (at === to) break;
      this.#makeRoom(kernel.hashes[at]!);
    }
    this.freshCount = this.count - before;
    if (isLarge) code.touchRecords(kernel.records.byteOffset, from, to);
  }

  /** Adds those rows to the aggregates of their records; the kernel's `records` are garbage then. */
  add(from: number, to: number): void {
    const { kernel } = this;
    const isLarge = this.count > MOST_CACHED_GROUPS;
    const inPasses = this.#hasNullKeys || kernel.hasNulls || this.count > MOST_NEAR_GROUPS;
    for (let start = from; start < to; start += ROWS_AT_ONCE) {
      const end = Math.min(start + ROWS_AT_ONCE, to);
      if (inPasses) {
        this.assign(start, end);
        kernel.update(start, end);
      } else this.#addAtOnce(start, end, isLarge);
    }
  }

  #addAtOnce(from: number, to: number, isLarge: boolean): void {
    const header = this.#beginRows();
    const { kernel } = this;
    const { block, code } = kernel;
    if (isLarge) code.touchSlots(block, header, from, to);
    let at = from;
    for (;;) {
      at = code.add(block, header, at, to);
      if (at === to) return;
      this.#makeRoom(kernel.hashes[at]!);
    }
  }

  /** Prepares for rows; the address of the header. */
  #beginRows(): number {
    if (this.#header === 0) this.#begin();
    this.kernel.listFresh(this.count);
    if (this.kernel.hasNullKeys) this.#hasNullKeys = true;
    return this.#header * 4;
  }

  /**
   * Finds or makes records with the keys of other tables' records.
   *
   * @param sources - in memory, as `targets`, which gets this table's records
   * @param copies - whether long strings are copied, not borrowed
   */
  assignRecords(sources: Int32Array, count: number, targets: Int32Array, copies: boolean): void {
    if (this.#header === 0) this.#begin();
    const { block, code } = this.kernel;
    const header = this.#header * 4;
    const [from, to] = [sources.byteOffset, targets.byteOffset];
    let at = 0;
    for (;;) {
      at = code.findRecords(block, header, from, to, at, count, copies ? 1 : 0);
      if (at === count) return;
      this.#makeRoom(this.arena.words[2 * sources[at]!]!);
    }
  }

  #begin(): void {
    const { words } = this.arena;
    const header = this.kernel.headers.take();
    words[header + HeaderWord.DIRECTORY] = (header + FIRST_ENTRY) * 4;
    words[header + HeaderWord.SHIFT] = 31;
    this.#header = header;
    words[header + FIRST_ENTRY] = this.#newSegment(0) * 4;
  }

  /** Makes what the kernel asked for on its way to a new record. */
  #makeRoom(hash: number): void {
    const { words } = this.arena;
    const header = this.#header;
    switch (words[header + HeaderWord.NEED]) {
      case Need.RECORDS:
        words[header + HeaderWord.NEXT_RECORD] = this.#records.take();
        words[header + HeaderWord.RECORDS_LEFT] = this.#recordsPerPage;
        break;
      case Need.SLOTS:
        this.#makeSlots(hash);
        break;
      default:
        this.#makeBytes(words[header + HeaderWord.BYTES_NEEDED]!);
    }
  }

  #makeBytes(needed: number): void {
    const { words } = this.arena;
    const at = this.#header + HeaderWord.NEXT_BYTE;
    const end = this.#header + HeaderWord.END_BYTE;
    const [asideStart, asideEnd] = this.#bytesAside;
    const left: readonly [number, number] = [words[at]!, words[end]!];
    const isAsideEnough = asideEnd - asideStart >= needed;
    const [start, stop] = isAsideEnough ? this.#bytesAside : this.bytes.takeRegion(needed);
    if (isAsideEnough || left[1] - left[0] > asideEnd - asideStart) this.#bytesAside = left;
    words[at] = start;
    words[end] = stop;
  }

  /** Splits the segment of a hash, or chains another to the last of its chain. */
  #makeSlots(hash: number): void {
    const { tags } = this.arena;
    let segment = this.#segmentOf(hash);
    const depth = tags[this.#tagsOf(segment) + SegmentTag.DEPTH]!;
    if (depth < MAX_DEPTH && (depth < this.#depth || this.#mayDouble())) {
      this.#split(hash, segment);
      return;
    }
    for (;;) {
      const at = this.#tagsOf(segment);
      tags[at + SegmentTag.DEPTH] = CHAINED;
      const next = tags[at + SegmentTag.NEXT]!;
      if (next === 0) break;
      segment = next / 4;
    }
    tags[this.#tagsOf(segment) + SegmentTag.NEXT] = this.#newSegment(CHAINED) * 4;
  }

  /** Leading bits of the hash that choose a segment. */
  get #depth(): number {
    return 31 - this.arena.words[this.#header + HeaderWord.SHIFT]!;
  }

  #mayDouble(): boolean {
    return 2 << this.#depth <= FREE_ENTRIES + ENTRIES_PER_SEGMENT * this.#segments.count;
  }

  /** Splits a segment by the next bit of the hash. */
  #split(hash: number, segment: number): void {
    const { words, tags } = this.arena;
    const pageWords = this.#pageWords;
    const depth = tags[this.#tagsOf(segment) + SegmentTag.DEPTH]!;
    if (depth === this.#depth) this.#doubleDirectory();
    const sibling = this.#newSegment(depth + 1);
    // The entries of a segment are adjacent; the sibling gets the upper half of them.
    const entries = 1 << (this.#depth - depth);
    const firstEntry = ((hash >>> 1) >>> (31 - this.#depth)) & -entries;
    const directory = this.#directory;
    words.fill(
      sibling * 4,
      directory + firstEntry + (entries >>> 1),
      directory + firstEntry + entries,
    );

    const copy = (this.#splitCopy ??= new Int32Array(pageWords));
    for (let i = 0; i < pageWords; i++) copy[i] = words[segment + i]!;
    words.fill(0, segment, segment + pageWords);
    const bit = 30 - depth;
    let moved = 0;
    let total = 0;
    for (let from = 0; from < pageWords; from += 2) {
      if (copy[from] === 0) continue;
      const isMoved = ((copy[from + 1]! >>> 1) >>> bit) & 1;
      const target = isMoved === 1 ? sibling : segment;
      let slot = (copy[from + 1]! << 1) & (pageWords - 2);
      while (words[target + slot] !== 0) slot = (slot + 2) & (pageWords - 2);
      words[target + slot] = copy[from]!;
      words[target + slot + 1] = copy[from + 1]!;
      moved += isMoved;
      total++;
    }
    const at = this.#tagsOf(segment);
    tags[at + SegmentTag.DEPTH] = depth + 1;
    tags[at + SegmentTag.COUNT] = total - moved;
    tags[this.#tagsOf(sibling) + SegmentTag.COUNT] = moved;
  }

  #doubleDirectory(): void {
    const { arena } = this;
    const { words } = arena;
    const depth = this.#depth;
    const entries = 1 << depth;
    const from = this.#directory;
    const pages = Math.max(1, (2 * entries) / this.#pageWords);
    const isInPlace = 2 * entries <= this.#directoryEntries;
    const to = isInPlace ? from : (pages === 1 ? arena.take() : arena.takeRun(pages)) * 2;
    for (let i = entries - 1; i >= 0; i--) {
      words[to + 2 * i + 1] = words[from + i]!;
      words[to + 2 * i] = words[from + i]!;
    }
    if (!isInPlace) {
      this.#releaseDirectory();
      this.#directoryPages = pages;
      words[this.#header + HeaderWord.DIRECTORY] = to * 4;
    }
    words[this.#header + HeaderWord.SHIFT] = 31 - (depth + 1);
  }

  #releaseDirectory(): void {
    const first = this.#directory / 2;
    if (this.#directoryPages === 1) this.arena.release(first);
    else if (this.#directoryPages > 1) this.arena.releaseRun(first, this.#directoryPages);
    this.#directoryPages = 0;
  }

  /** Entries that the directory has room for. */
  get #directoryEntries(): number {
    if (this.#directoryPages > 0) return this.#directoryPages * this.#pageWords;
    return BLOCK_WORDS - FIRST_ENTRY;
  }

  /** First word of the directory. */
  get #directory(): number {
    return this.arena.words[this.#header + HeaderWord.DIRECTORY]! / 4;
  }

  /** First word of the segment of a hash. */
  #segmentOf(hash: number): number {
    return this.arena.words[this.#directory + ((hash >>> 1) >>> (31 - this.#depth))]! / 4;
  }

  /** Where the tags of a segment's page lie. */
  #tagsOf(segment: number): number {
    return (segment / this.#pageWords) * TAG_WORDS;
  }

  #newSegment(depth: number): number {
    const segment = this.#segments.take() * 2;
    this.arena.words.fill(0, segment, segment + this.#pageWords);
    this.arena.tags[this.#tagsOf(segment) + SegmentTag.DEPTH] = depth;
    return segment;
  }

  /**
   * Lists the records of groups `from .. from + count`, in the order they were made.
   *
   * @param records - gets them from position 0 on
   */
  listRecords(from: number, count: number, records: Int32Array): void {
    const cells = this.layout.cells;
    let page = Math.floor(from / this.#recordsPerPage);
    let inPage = from - page * this.#recordsPerPage;
    for (let i = 0; i < count; i++) {
      if (inPage === this.#recordsPerPage) {
        inPage = 0;
        page++;
      }
      records[i] = this.#records.at(page) + inPage * cells;
      inPage++;
    }
  }

  /**
   * Copies the `key`-th key of `records[0 .. count)` to rows `0 .. count` of `target`, whose heap
   * becomes this table's; so the copy is valid until the table is cleared.
   */
  readKey(key: number, records: Int32Array, count: number, target: Column): void {
    target.heap = this.heap;
    readKey(this.arena, this.layout.keys[key]!, records, count, target);
  }

  /** Forgets all groups and gives the pages back. */
  clear(): void {
    if (this.#header === 0) return;
    this.#releaseDirectory();
    this.kernel.headers.release(this.#header);
    this.#header = 0;
    this.#segments.releaseAll();
    this.#records.releaseAll();
    this.bytes.clear();
    this.#bytesAside = [0, 0];
    this.freshCount = 0;
    this.#hasNullKeys = false;
  }
}
