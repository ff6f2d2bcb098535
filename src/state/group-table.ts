/**
 * Finds the record of a row's group, and makes one for a group not seen before.
 *
 * Extendible hashing over pages of an arena:
 *
 * ```
 *   hash ──▶ bits from the 9th on ──▶ directory ──▶ segment (one page of chunks)
 *            highest bits ────────────────────────▶ first chunk to look at, then the next …
 *            low bits ────────────────────────────▶ tag, by which a chunk's slots are chosen
 * ```
 *
 * A chunk is a line of the cache: twelve tags, which are compared in one instruction, and the
 * addresses of twelve records. So a row needs two lines, the chunk's and the record's, and nearly
 * never takes a branch that was not foretold.
 *
 * A segment that is three quarters full is split in two: some hundred slots are moved, some µs. So a table of
 * any size grows without a stall; a table in one piece stands still for half a second at ten million
 * groups. Segments fill up at different times, but for bad luck: so that many which do at once are no stall
 * either, a call splits some dozens at most, and others take more until a later one. Records never move while
 * the table lives.
 *
 * Rows are looked up by the code of a {@link GroupKernel}, a batch at a time. It stops where the table
 * has to make room, which is done here.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import { Heap } from '../core/column.ts';
import { invariant } from '../core/invariant.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import type { Arena } from './arena.ts';
import { PageList, TAG_WORDS } from './arena.ts';
import { ByteStore } from './byte-store.ts';
import { BLOCK_WORDS } from './header-blocks.ts';
import { KeyPlaces } from './key-places.ts';
import type { GroupKernel } from './kernel/group-kernel.ts';
import type { KernelExports } from './kernel/module.ts';
import { Chunk, HashBit, HeaderWord, Need, SegmentTag } from './kernel/shape.ts';
import { readKey } from './keys.ts';
import { RemovedKeys } from './removed-keys.ts';
import { removeSlot } from './slot-removal.ts';
import type { RecordLayout } from './record-layout.ts';

/**
 * Splitting stops at this many bits: then so many hashes begin alike that they are no accident, and
 * segments are chained instead. So are segments where splitting would make a directory of many more
 * entries than there are segments.
 */
const MAX_DEPTH = 18;
const FREE_ENTRIES = 64;
const ENTRIES_PER_SEGMENT = 16;

/** The depth of a segment that others were chained to: it is not split any more. */
const CHAINED = 31;

/**
 * A call splits so many bytes of segments: in one of 4 KiB some hundred records are moved, some µs. Keys whose
 * hashes are no worse than random have a third of it split by 1,024 rows.
 */
const MOST_SPLIT_BYTES = 256 * 1024;
/**
 * Slots that a segment is granted at a time when it cannot be split, and in all, for each of its chunks: so it
 * is asked for often enough to be split by another call before it is crowded.
 */
const GRANT = 1 / 8;
const MOST_GRANTED = 2;

/** Where a header's block has room for a directory of a few segments. */
const FIRST_ENTRY = 16;

/** In tables of up to so many bytes, processors hide by themselves how far away things are. */
const MOST_CACHED_BYTES = 10 * 1024 * 1024;
/** Bytes of a group beside its record: its slot, and a long string. */
const SLOT_BYTES = 12;
const STRING_BYTES = 64;

/** Rows that go through one pass after the other, so that what one has touched is there for the next. */
const ROWS_AT_ONCE = 256;
/** The same in tables that are near; the lists of rows stay so as well. */
const ROWS_NEAR = 1024;

/** A table in which one row of so many has a new group is growing. */
const GROWING_SHARE = 8;

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
  readonly #mostCachedGroups: number;
  /** Whether a null key was ever looked for. */
  #hasNullKeys = false;
  /** Whether many of the last rows had new groups: no use to guess. */
  #isGrowing = true;
  /** Segments that the call at hand may still split. */
  #splitsLeft = 0;
  readonly #mostSplits: number;
  /** Of records that were removed; `undefined`: none ever was. */
  #removed: RemovedKeys | undefined;
  /** Room for long strings that was put aside for one too long for it. */
  #bytesAside: readonly [start: number, end: number] = [0, 0];
  readonly #places: KeyPlaces;

  constructor(kernel: GroupKernel) {
    const { arena, layout } = kernel;
    this.arena = arena;
    this.layout = layout;
    this.kernel = kernel;
    this.bytes = new ByteStore(arena);
    this.heap = new Heap(arena.bytes);
    this.heap.used = arena.bytes.length;
    this.#places = new KeyPlaces(kernel);
    this.#segments = new PageList(arena);
    this.#records = new PageList(arena);
    this.#recordsPerPage = Math.floor(arena.pageCells / layout.cells);
    this.#pageWords = arena.pageCells * 2;
    this.#mostSplits = Math.max(1, MOST_SPLIT_BYTES / (arena.pageCells * 8));
    const strings = layout.keys.filter(({ storage }) => storage === 'view').length;
    const groupBytes = layout.cells * 8 + SLOT_BYTES + strings * STRING_BYTES;
    this.#mostCachedGroups = Math.floor(MOST_CACHED_BYTES / groupBytes);
  }

  /** Groups in the table. */
  get count(): number {
    return this.#header === 0 ? 0 : this.arena.words[this.#header + HeaderWord.COUNT]!;
  }

  /** Whether records are found by the places of dense keys. */
  get isDense(): boolean {
    return this.#places.isDense;
  }

  /** Whether records are found by the places of scattered keys. */
  get isScattered(): boolean {
    return this.#places.isScattered;
  }

  /**
   * Finds or makes the records of the rows bound to the kernel, at positions `from .. to`, which are
   * hashed: the kernel's `records` get the first cell of each.
   */
  assign(from: number, to: number): void {
    this.#splitsLeft = this.#mostSplits;
    this.#assign(from, to);
  }

  #assign(from: number, to: number): void {
    const header = this.#beginRows();
    const { kernel } = this;
    const { block, code } = kernel;
    const before = this.count;
    kernel.hashNow();
    if (before > this.#mostCachedGroups) code.touchChunks(block, header, from, to);
    let at = from;
    for (;;) {
      if (this.#hasNullKeys) at = code.findNull(block, header, at, to);
      else at = code.find(block, header, at, to);
      if (at === to) break;
      this.#makeRoom(kernel.hashes[at]!);
    }
    this.freshCount = this.count - before;
  }

  /**
   * Finds the records of the rows bound to the kernel, at positions `from .. to`, which are hashed; 0 where
   * the table has none. Only of a kernel that looks up.
   */
  lookUp(from: number, to: number): void {
    const { kernel } = this;
    kernel.hashNow();
    if (this.#header === 0) kernel.records.fill(0, from, to);
    else kernel.code.lookUp!(kernel.block, this.#header * 4, from, to);
  }

  /**
   * Adds those rows to the aggregates of their records; the kernel's `records` are garbage then, unless
   * there are no aggregates.
   */
  add(from: number, to: number): void {
    const { kernel } = this;
    this.#splitsLeft = this.#mostSplits;
    for (let start = from, end = from; start < to; start = end) {
      const before = this.count;
      end = Math.min(start + (before > this.#mostCachedGroups ? ROWS_AT_ONCE : ROWS_NEAR), to);
      if (this.#isGrowing || this.#hasNullKeys || kernel.hasNulls) {
        this.#assign(start, end);
        kernel.update(start, end);
      } else if (this.#places.isDense) this.#addDense(start, end);
      else if (this.#places.isScattered) {
        this.#addAll(kernel.code.addScattered!, this.#beginRows(), start, end);
      } else this.#addKnown(start, end);
      const rows = end - start;
      this.#isGrowing = (this.count - before) * GROWING_SHARE > rows;
      if (this.#hasNullKeys) this.#places.refuse(this.#header);
      else this.#places.follow(this.#header, this, rows, this.#isGrowing);
    }
  }

  /** The same where nothing is null; most rows have groups that were seen before. */
  #addKnown(from: number, to: number): void {
    const header = this.#beginRows();
    const { kernel } = this;
    const { block, code } = kernel;
    const isLarge = this.count > this.#mostCachedGroups;
    kernel.hashNow();
    // Its loads do not wait for each other: chunks need no pass of their own.
    code.guess(block, header, from, to);
    if (isLarge) code.touchGuesses(block, from, to);
    this.#addAll(code.add, header, from, to);
  }

  /** The same where keys are integers close to each other. */
  #addDense(from: number, to: number): void {
    const header = this.#beginRows();
    const { block, code } = this.kernel;
    if (this.count > this.#mostCachedGroups) code.touchDense!(block, header, from, to);
    this.#addAll(code.addDense!, header, from, to);
  }

  /** Adds rows by one of the kernel's functions that stop where the table has to make room. */
  #addAll(add: KernelExports['add'], header: number, from: number, to: number): void {
    const { block, hashes } = this.kernel;
    let at = from;
    for (;;) {
      at = add(block, header, at, to);
      if (at === to) return;
      this.#makeRoom(hashes[at]!);
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
    this.#splitsLeft = this.#mostSplits;
    const { block, code } = this.kernel;
    const header = this.#header * 4;
    const [from, to] = [sources.byteOffset, targets.byteOffset];
    for (let start = 0; start < count; start += ROWS_AT_ONCE) {
      const end = Math.min(start + ROWS_AT_ONCE, count);
      if (this.count > this.#mostCachedGroups) code.touchFor(block, header, from, start, end);
      let at = start;
      for (;;) {
        at = code.findRecords(block, header, from, to, at, end, copies ? 1 : 0);
        if (at === end) break;
        this.#makeRoom(this.arena.words[2 * sources[at]!]!);
      }
    }
  }

  /** Says that records with the keys of another table were, or will be, assigned. */
  noteKeysOf(other: GroupTable): void {
    if (other.#hasNullKeys) this.#hasNullKeys = true;
  }

  #begin(): void {
    const { words } = this.arena;
    const header = this.kernel.headers.take();
    words[header + HeaderWord.DIRECTORY] = (header + FIRST_ENTRY) * 4;
    words[header + HeaderWord.MASK] = 0;
    this.#header = header;
    words[header + FIRST_ENTRY] = this.#newSegment(0) * 4;
  }

  /** Makes what the kernel asked for on its way to a new record. */
  #makeRoom(hash: number): void {
    const { words } = this.arena;
    const header = this.#header;
    switch (words[header + HeaderWord.NEED]) {
      case Need.RECORDS: {
        const removed = this.#removed?.takeRecord() ?? 0;
        if (removed !== 0) {
          words[header + HeaderWord.NEXT_RECORD] = removed * 8;
          words[header + HeaderWord.RECORDS_LEFT] = 1;
          break;
        }
        words[header + HeaderWord.NEXT_RECORD] = this.#records.take() * 8;
        words[header + HeaderWord.RECORDS_LEFT] = this.#recordsPerPage;
        break;
      }
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
    const removed = this.#removed?.takeBytes(needed) ?? -1;
    if (removed >= 0) {
      // What is left here is put aside: the block is used up at once.
      const isMore = words[end]! - words[at]! > asideEnd - asideStart;
      if (isMore) this.#bytesAside = [words[at]!, words[end]!];
      words[at] = removed;
      words[end] = removed + needed;
      return;
    }
    const left: readonly [number, number] = [words[at]!, words[end]!];
    const isAsideEnough = asideEnd - asideStart >= needed;
    const [start, stop] = isAsideEnough ? this.#bytesAside : this.bytes.takeRegion(needed);
    if (isAsideEnough || left[1] - left[0] > asideEnd - asideStart) this.#bytesAside = left;
    words[at] = start;
    words[end] = stop;
  }

  /**
   * Removes a record, whose room goes to those that come. A table with removed records cannot list
   * what it has.
   */
  remove(record: number): void {
    const { arena, kernel } = this;
    const { words, tags } = arena;
    const hash = words[2 * record]!;
    let segment = this.#segmentOf(hash);
    while (!removeSlot(arena, segment, record, hash)) {
      const next = tags[this.#tagsOf(segment) + SegmentTag.NEXT]!;
      invariant(next !== 0, 'a record of another table');
      segment = next / 4;
    }
    const at = this.#tagsOf(segment);
    // What was granted is taken back first: the count of those left never falls below zero.
    const isGranted = tags[at + SegmentTag.GRANTED]! > 0;
    tags[at + (isGranted ? SegmentTag.GRANTED : SegmentTag.COUNT)]!--;
    this.#places.refuse(this.#header);
    this.#removed ??= new RemovedKeys(arena, this.layout);
    if (this.#removed.isDue(segment)) {
      kernel.code.split(kernel.block, segment * 4, segment * 4, 0);
    }
    const count = this.#header + HeaderWord.COUNT;
    words[count] = words[count]! - 1;
    this.#removed.add(record);
  }

  /** Splits the segment of a hash, now or later, or chains another to the last of its chain. */
  #makeSlots(hash: number): void {
    const { tags } = this.arena;
    let segment = this.#segmentOf(hash);
    const depth = tags[this.#tagsOf(segment) + SegmentTag.DEPTH]!;
    if (depth < MAX_DEPTH && (depth < this.#depth || this.#mayDouble())) {
      if (this.#splitsLeft > 0 || !this.#grant(segment)) this.#split(hash, segment);
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

  /** Lets a segment take more than it should; false when it has taken all that it may. */
  #grant(segment: number): boolean {
    const { tags } = this.arena;
    const at = this.#tagsOf(segment);
    const chunks = (this.#pageWords * 4) / Chunk.BYTES;
    const granted = tags[at + SegmentTag.GRANTED]!;
    if (granted >= MOST_GRANTED * chunks) return false;
    tags[at + SegmentTag.GRANTED] = granted + GRANT * chunks;
    tags[at + SegmentTag.COUNT]! -= GRANT * chunks;
    return true;
  }

  /** Bits of the hash that choose a segment. */
  get #depth(): number {
    return 29 - Math.clz32(this.arena.words[this.#header + HeaderWord.MASK]! + 4);
  }

  #mayDouble(): boolean {
    return 2 << this.#depth <= FREE_ENTRIES + ENTRIES_PER_SEGMENT * this.#segments.count;
  }

  /** Splits a segment by the next bit of the hash. */
  #split(hash: number, segment: number): void {
    const { words, tags } = this.arena;
    const depth = tags[this.#tagsOf(segment) + SegmentTag.DEPTH]!;
    if (depth === this.#depth) this.#doubleDirectory();
    const sibling = this.#newSegment(depth + 1);
    // The entries of a segment agree in their last bits; the sibling gets those with one bit more.
    const bit = HashBit.DIRECTORY + depth;
    const directory = this.#directory;
    const step = 2 << depth;
    const last = (step >>> 1) | ((hash >>> HashBit.DIRECTORY) & ((step >>> 1) - 1));
    for (let entry = last; entry >>> this.#depth === 0; entry += step) {
      words[directory + entry] = sibling * 4;
    }
    const { code, block } = this.kernel;
    const moved = code.split(block, segment * 4, sibling * 4, bit);
    this.#splitsLeft = Math.max(0, this.#splitsLeft - 1);
    const at = this.#tagsOf(segment);
    tags[at + SegmentTag.DEPTH] = depth + 1;
    tags[at + SegmentTag.COUNT]! += tags[at + SegmentTag.GRANTED]! - moved;
    tags[at + SegmentTag.GRANTED] = 0;
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
    words.copyWithin(to + entries, from, from + entries);
    if (!isInPlace) words.copyWithin(to, from, from + entries);
    if (!isInPlace) {
      this.#releaseDirectory();
      this.#directoryPages = pages;
      words[this.#header + HeaderWord.DIRECTORY] = to * 4;
    }
    words[this.#header + HeaderWord.MASK] = (8 << depth) - 4;
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
    const entry = (hash >>> HashBit.DIRECTORY) & ((1 << this.#depth) - 1);
    return this.arena.words[this.#directory + entry]! / 4;
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

  /** Which pages are this table's; what is in them is the arena's, their header's page the kernel's. */
  *state(io: StateIo): Steps {
    const version = io.section('group table', 3);
    const cells = io.int(this.layout.cells);
    if (cells !== this.layout.cells) {
      io.fail(`records of ${cells} cells, and here they have ${this.layout.cells}`);
    }
    this.#header = io.int(this.#header);
    this.#directoryPages = io.int(this.#directoryPages);
    yield* this.bytes.state(io);
    yield* this.#segments.state(io);
    yield* this.#records.state(io);
    this.#hasNullKeys = io.flag(this.#hasNullKeys);
    this.#isGrowing = io.flag(this.#isGrowing);
    this.#bytesAside = [io.float(this.#bytesAside[0]), io.float(this.#bytesAside[1])];
    this.#places.state(io, version);
    if (!io.flag(this.#removed !== undefined)) return;
    this.#removed ??= new RemovedKeys(this.arena, this.layout);
    yield* this.#removed.state(io);
  }

  /** Forgets all groups and gives the pages back. */
  clear(): void {
    this.bytes.clear();
    this.#removed?.clear();
    if (this.#header === 0) return;
    this.#places.clear(this.#header);
    this.#releaseDirectory();
    this.kernel.headers.release(this.#header);
    this.#header = 0;
    this.#segments.releaseAll();
    this.#records.releaseAll();
    this.#bytesAside = [0, 0];
    this.freshCount = 0;
    this.#hasNullKeys = false;
    this.#isGrowing = true;
  }
}
