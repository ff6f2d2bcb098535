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
 * A segment that is 5/8 full is split in two: some hundred slots are moved, 4 µs. So a table of any
 * size grows without a stall; a table in one piece stands still for half a second at ten million
 * groups. Records never move while the table lives.
 *
 * Rows are looked up a batch at a time: all hashes, then all slots, then the keys of all rows are
 * compared with those of the records found. Two groups with one hash are so rare that such rows are
 * looked up again one by one.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import { Heap } from '../core/column.ts';
import type { Arena } from './arena.ts';
import { PageList, TAG_WORDS } from './arena.ts';
import { ByteStore } from './byte-store.ts';
import { equalKey, NULLS_WORD, readKey, verifyKey, writeKey } from './keys.ts';
import type { RecordLayout } from './record-layout.ts';

/** Tags of a segment's page. */
const SegmentTag = {
  /** Slots taken. */
  COUNT: 0,
  /** Leading bits of the hash that all its slots share. */
  DEPTH: 1,
  /** First word of the segment that takes what did not fit; 0: none. */
  NEXT: 2,
} as const;

/**
 * Splitting stops at this many bits: then so many hashes begin alike that they are no accident, and
 * segments are chained instead.
 */
const MAX_DEPTH = 20;

const INITIAL_DIRECTORY = 16;

/** Records by key, in an arena. */
export class GroupTable {
  readonly arena: Arena;
  readonly layout: RecordLayout;
  /** Positions that got a new record in the last {@link assign}: `fresh[0 .. freshCount)`. */
  fresh = new Int32Array(64);
  freshCount = 0;
  /** Where long strings of this table's records lie. */
  readonly bytes: ByteStore;
  /** What a column with keys of this table has for a heap. */
  readonly heap: Heap;
  /** First word of a segment for each value of the hash's leading bits. */
  #directory = new Int32Array(INITIAL_DIRECTORY);
  #depth = 0;
  readonly #segments: PageList;
  readonly #records: PageList;
  readonly #recordsPerPage: number;
  readonly #pageWords: number;
  /** Where the next record goes, and how many more fit behind it. */
  #nextRecord = 0;
  #recordsLeft = 0;
  #count = 0;
  /** Whether a null key was ever stored: until then, a single int32 key is known by its hash. */
  #hasNullKeys = false;
  #mismatches = new Int32Array(64);
  #splitCopy: Int32Array | undefined;

  constructor(arena: Arena, layout: RecordLayout) {
    this.arena = arena;
    this.layout = layout;
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
    return this.#count;
  }

  /**
   * Finds or makes the records of rows `rows[from .. to)`.
   *
   * @param keys - the key columns; floats are canonical (see `canonicalFloats`)
   * @param hashes - hashes of the keys by position, see `hashRows`
   * @param records - gets the first cell of each row's record, by position
   */
  assign(
    keys: readonly Column[],
    hashes: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
    records: Int32Array,
  ): void {
    this.#reserveScratch(to - from);
    this.freshCount = 0;
    this.#lookUp(hashes, from, to, records);
    const fields = this.layout.keys;
    const freshCount = this.freshCount;
    for (let k = 0; k < fields.length; k++) {
      const column = keys[k]!;
      if (freshCount !== 0) {
        const { arena, bytes, fresh } = this;
        writeKey(arena, bytes, fields[k]!, column, rows, records, fresh, 0, freshCount);
        if (column.nullCount !== 0) this.#hasNullKeys = true;
      }
    }
    if (freshCount === to - from && this.#verified(keys)) return;
    this.#verify(keys, hashes, rows, from, to, records);
  }

  /** Whether equal hashes mean equal keys. */
  #verified(keys: readonly Column[]): boolean {
    const fields = this.layout.keys;
    if (fields.length === 0) return true;
    return (
      fields.length === 1 &&
      fields[0]!.storage === 'i32' &&
      !this.#hasNullKeys &&
      keys[0]!.nullCount === 0
    );
  }

  #verify(
    keys: readonly Column[],
    hashes: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
    records: Int32Array,
  ): void {
    if (this.#verified(keys)) return;
    const fields = this.layout.keys;
    for (let k = 0; k < fields.length; k++) {
      const count = verifyKey(
        this.arena,
        fields[k]!,
        keys[k]!,
        rows,
        from,
        to,
        records,
        this.#mismatches,
        0,
        this.#hasNullKeys,
      );
      for (let m = 0; m < count; m++) {
        const i = this.#mismatches[m]!;
        records[i] = this.#lookUpExactly(keys, hashes[i]!, rows, i, records);
      }
    }
  }

  #reserveScratch(count: number): void {
    if (this.fresh.length >= count) return;
    this.fresh = new Int32Array(count);
    this.#mismatches = new Int32Array(count);
  }

  /**
   * Finds, for each hash, the first record that has it, or makes one without keys.
   *
   * @hot
   */
  #lookUp(hashes: Int32Array, from: number, to: number, records: Int32Array): void {
    if (this.#segments.count === 0) this.#directory[0] = this.#newSegment(0);
    const words = this.arena.words;
    const slotMask = this.#pageWords - 2;
    let directory = this.#directory;
    let shift = 31 - this.#depth;
    for (let i = from; i < to; i++) {
      const hash = hashes[i]!;
      const segment = directory[(hash >>> 1) >>> shift]!;
      const first = (hash << 1) & slotMask;
      let slot = first;
      let record = words[segment + slot]!;
      while (record !== 0 && words[segment + slot + 1] !== hash) {
        slot = (slot + 2) & slotMask;
        record = slot === first ? 0 : words[segment + slot]!;
      }
      if (record === 0) {
        const count = this.#count;
        record = this.#findOrMake(hash);
        if (this.#count !== count) this.fresh[this.freshCount++] = i;
        directory = this.#directory;
        shift = 31 - this.#depth;
      }
      records[i] = record;
    }
  }

  /** The first record with a hash, through all segments of the chain; a new one if there is none. */
  #findOrMake(hash: number): number {
    const words = this.arena.words;
    const slotMask = this.#pageWords - 2;
    let segment = this.#segmentOf(hash);
    for (;;) {
      const first = (hash << 1) & slotMask;
      let slot = first;
      do {
        const record = words[segment + slot]!;
        if (record === 0) return this.#insert(hash);
        if (words[segment + slot + 1] === hash) return record;
        slot = (slot + 2) & slotMask;
      } while (slot !== first);
      const next = this.arena.tags[this.#tagsOf(segment) + SegmentTag.NEXT]!;
      if (next === 0) return this.#insert(hash);
      segment = next;
    }
  }

  /** The record of one row whose hash is shared by several groups; a new one if there is none. */
  #lookUpExactly(
    keys: readonly Column[],
    hash: number,
    rows: Uint32Array,
    position: number,
    records: Int32Array,
  ): number {
    const words = this.arena.words;
    const slotMask = this.#pageWords - 2;
    let segment = this.#segmentOf(hash);
    while (segment !== 0) {
      const first = (hash << 1) & slotMask;
      let slot = first;
      do {
        const record = words[segment + slot]!;
        if (record === 0) return this.#insertExactly(keys, hash, rows, position, records);
        if (words[segment + slot + 1] === hash && this.#hasKeys(record, keys, rows[position]!)) {
          return record;
        }
        slot = (slot + 2) & slotMask;
      } while (slot !== first);
      segment = this.arena.tags[this.#tagsOf(segment) + SegmentTag.NEXT]!;
    }
    return this.#insertExactly(keys, hash, rows, position, records);
  }

  #hasKeys(record: number, keys: readonly Column[], row: number): boolean {
    const fields = this.layout.keys;
    for (let k = 0; k < fields.length; k++) {
      if (!equalKey(this.arena, fields[k]!, keys[k]!, row, record)) return false;
    }
    return true;
  }

  #insertExactly(
    keys: readonly Column[],
    hash: number,
    rows: Uint32Array,
    position: number,
    records: Int32Array,
  ): number {
    records[position] = this.#insert(hash);
    this.fresh[this.freshCount++] = position;
    const { arena, bytes, fresh, freshCount: end, layout } = this;
    for (let k = 0; k < layout.keys.length; k++) {
      const field = layout.keys[k]!;
      writeKey(arena, bytes, field, keys[k]!, rows, records, fresh, end - 1, end);
      if (keys[k]!.isNull(rows[position]!)) this.#hasNullKeys = true;
    }
    return records[position];
  }

  /** Makes a record and puts it into a free slot. */
  #insert(hash: number): number {
    const words = this.arena.words;
    const segment = this.#roomFor(hash);
    const slotMask = this.#pageWords - 2;
    let slot = (hash << 1) & slotMask;
    while (words[segment + slot] !== 0) slot = (slot + 2) & slotMask;
    const record = this.#newRecord(hash);
    words[segment + slot] = record;
    words[segment + slot + 1] = hash;
    const tags = this.#tagsOf(segment);
    this.arena.tags[tags + SegmentTag.COUNT] = this.arena.tags[tags + SegmentTag.COUNT]! + 1;
    this.#count++;
    return record;
  }

  /** A segment for a hash that has a free slot, after splitting or chaining as needed. */
  #roomFor(hash: number): number {
    const tags = this.arena.tags;
    const slots = this.#pageWords >>> 1;
    const splitAt = slots >>> 1;
    let segment = this.#segmentOf(hash);
    for (;;) {
      const at = this.#tagsOf(segment);
      if (tags[at + SegmentTag.COUNT]! < splitAt) return segment;
      if (tags[at + SegmentTag.DEPTH]! >= MAX_DEPTH) break;
      this.#split(hash, segment);
      segment = this.#segmentOf(hash);
    }
    while (tags[this.#tagsOf(segment) + SegmentTag.COUNT] === slots) {
      const at = this.#tagsOf(segment);
      if (tags[at + SegmentTag.NEXT] === 0)
        tags[at + SegmentTag.NEXT] = this.#newSegment(MAX_DEPTH);
      segment = tags[at + SegmentTag.NEXT]!;
    }
    return segment;
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
    this.#directory.fill(sibling, firstEntry + (entries >>> 1), firstEntry + entries);

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
    const entries = 1 << this.#depth;
    const larger =
      this.#directory.length >= entries * 2 ? this.#directory : new Int32Array(entries * 2);
    for (let i = entries - 1; i >= 0; i--) {
      larger[2 * i] = this.#directory[i]!;
      larger[2 * i + 1] = this.#directory[i]!;
    }
    this.#directory = larger;
    this.#depth++;
  }

  #segmentOf(hash: number): number {
    return this.#directory[(hash >>> 1) >>> (31 - this.#depth)]!;
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

  #newRecord(hash: number): number {
    if (this.#recordsLeft === 0) {
      this.#nextRecord = this.#records.take();
      this.#recordsLeft = this.#recordsPerPage;
    }
    const record = this.#nextRecord;
    const { cells, template } = this.layout;
    this.#nextRecord += cells;
    this.#recordsLeft--;
    const words = this.arena.words;
    const end = cells * 2;
    words[2 * record] = hash;
    for (let w = NULLS_WORD; w < end; w++) words[2 * record + w] = template[w]!;
    return record;
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

  /** Copies the hashes of `records[0 .. count)` to `hashes`. */
  readHashes(records: Int32Array, count: number, hashes: Int32Array): void {
    const words = this.arena.words;
    for (let i = 0; i < count; i++) hashes[i] = words[2 * records[i]!]!;
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
    this.#segments.releaseAll();
    this.#records.releaseAll();
    this.bytes.clear();
    this.#depth = 0;
    this.#recordsLeft = 0;
    this.#count = 0;
    this.freshCount = 0;
    this.#hasNullKeys = false;
  }
}
