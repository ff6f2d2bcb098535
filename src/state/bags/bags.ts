/**
 * Bags: the values of a group, with how often each is there.
 *
 * A record holds a handle of two cells:
 *
 * ```
 *  │ first cell of the block, 0 = none │ logarithm of its cells │
 *  │ entries                           │ how many of them, from the front, are in order and unique │
 * ```
 *
 * Values are appended. When the block is full, its entries are sorted and equal ones are put together;
 * if that leaves it more than half full, it gives way to one of twice the size. To take a value back is
 * to append it −1 times: so bags are merged and changed in any order and come to the same. A value costs
 * 16 bytes and up, however often it is there, and a few sorts that grow with the logarithm of the bag.
 *
 * A bag with a bound keeps the first `most` of its values only.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import { copyBytes, INLINE_BYTES } from '../../core/column.ts';
import type { Storage } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { BlockStore } from '../blocks/block-store.ts';
import { LEAST_LOG } from '../blocks/block-store.ts';
import { VIEW_OFFSET } from '../views.ts';
import type { BagField, BagLayout, EntryOrder } from './layout.ts';
import { PRESENCE_WORD } from './layout.ts';
import type { EntryMemory } from './order.ts';
import { orderOf } from './order.ts';
import { EntrySort } from './sort.ts';

/** Cells of a handle, which begin with zeros. */
export const BAG_CELLS = 2;

/** Words of a handle. */
const FIRST = 0;
const LOG = 1;
const COUNT = 2;
const SORTED = 3;

/** A bag begins with room for so many entries. */
const LEAST_ENTRIES = 4;

/** Which values a bag keeps. */
export interface BagBound {
  /** So many of the first; `Infinity`: all. Only where nothing is taken back. */
  readonly most: number;
  /** Whether equal values count once. */
  readonly isDistinct: boolean;
}

/** The bags of one aggregate. */
export class Bags {
  readonly layout: BagLayout;
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly bytes: Uint8Array;
  readonly #order: EntryOrder;
  readonly #sort: EntrySort;
  readonly #bound: BagBound;
  readonly #leastLog: number;

  constructor(arena: Arena, layout: BagLayout, bound: BagBound) {
    this.layout = layout;
    this.words = arena.words;
    this.floats = arena.floats;
    this.bytes = arena.bytes;
    this.#order = orderOf(layout, arena, arena.bytes);
    this.#sort = new EntrySort(layout, arena.bytes);
    this.#bound = bound;
    const least = layout.stride * LEAST_ENTRIES;
    this.#leastLog = Math.max(LEAST_LOG, 32 - Math.clz32(least - 1));
  }

  /** Entries of the bag of a handle. */
  entries(handle: number): number {
    return this.words[2 * handle + COUNT]!;
  }

  /** First cell of its first entry. */
  first(handle: number): number {
    return this.words[2 * handle + FIRST]!;
  }

  /** How many values a bag holds; those that were taken back more often than added are none. */
  total(handle: number): number {
    const { stride } = this.layout;
    const first = this.first(handle);
    let total = 0;
    for (let e = 0, count = this.entries(handle); e < count; e++) {
      const times = this.floats[first + e * stride]!;
      if (times > 0) total += this.#bound.isDistinct ? 1 : times;
    }
    return total;
  }

  /** Copies the value of an entry to a row; long strings are not copied: `target` refers to the arena. */
  readValue(entry: number, target: Column, row: number): void {
    const { words } = this;
    const { storage, cell } = this.layout.value;
    const at = 2 * (entry + cell);
    switch (storage) {
      case 'bits':
        target.setBool(row, words[at] !== 0);
        return;
      case 'i32':
        target.words[row] = words[at]!;
        return;
      case 'view':
        for (let w = 0; w < 4; w++) target.words[4 * row + w] = words[at + w]!;
        return;
      default:
        target.words[2 * row] = words[at]!;
        target.words[2 * row + 1] = words[at + 1]!;
    }
  }

  /**
   * Adds the values of a row.
   *
   * @param columns - by field
   * @param times - how often; below 0: they are taken back
   */
  add(
    blocks: BlockStore,
    handle: number,
    columns: readonly Column[],
    row: number,
    times: number,
  ): void {
    if (this.#bound.most === 1) {
      const order = this.#orderOf(handle, columns[0]!, row);
      if (order > 0) return;
      if (order < 0) {
        const kept = this.first(handle);
        this.#forget(blocks, kept);
        this.#write(blocks, kept, columns, row);
        return;
      }
    }
    const entry = this.#makeRoom(blocks, handle);
    this.floats[entry] = times;
    this.#write(blocks, entry, columns, row);
    this.#keep(blocks, handle, entry);
  }

  /**
   * The order of a row and the only value that is kept, by the first field alone: less than 0 where the
   * row comes before it, 0 where that field does not tell.
   */
  #orderOf(handle: number, column: Column, row: number): number {
    const { words } = this;
    const { storage, cell, isDescending } = this.layout.fields[0]!;
    if (column.nullCount !== 0 || words[2 * handle + COUNT] === 0) return 0;
    const entry = words[2 * handle + FIRST]!;
    if (this.layout.hasNulls && (words[2 * entry + PRESENCE_WORD]! & 1) === 0) return 0;
    const order = this.#compareField(storage, entry + cell, column, row);
    return isDescending ? -order : order;
  }

  /** A value of a column beside one of a cell; 0 also where one is NaN, or of varying size. */
  #compareField(storage: Storage, cell: number, column: Column, row: number): number {
    const at = 2 * cell;
    switch (storage) {
      case 'f64':
        return difference(column.f64[row]!, this.floats[cell]!);
      case 'i32':
        return difference(column.words[row]!, this.words[at]!);
      case 'i64': {
        const high = difference(column.words[2 * row + 1]!, this.words[at + 1]!);
        return high !== 0 ? high : difference(column.words[2 * row]! >>> 0, this.words[at]! >>> 0);
      }
      default:
        return 0;
    }
  }

  /** Adds the values of another bag; its long strings are copied. */
  merge(blocks: BlockStore, handle: number, source: number): void {
    const { words, layout } = this;
    const { stride } = layout;
    const count = this.entries(source);
    for (let i = 0; i < count; i++) {
      const from = 2 * (this.first(source) + i * stride);
      const entry = this.#makeRoom(blocks, handle);
      words.copyWithin(2 * entry, from, from + 2 * stride);
      for (const field of layout.fields)
        if (field.storage === 'view') this.#own(blocks, entry, field);
      this.#keep(blocks, handle, entry);
    }
  }

  /** Room for one entry more; returns its first cell. */
  #makeRoom(blocks: BlockStore, handle: number): number {
    const { words } = this;
    const { stride } = this.layout;
    const at = 2 * handle;
    if (words[at + FIRST] === 0) {
      words[at + FIRST] = blocks.take(this.#leastLog);
      words[at + LOG] = this.#leastLog;
    } else if ((words[at + COUNT]! + 1) * stride > 1 << words[at + LOG]!) {
      this.compact(blocks, handle);
      if (2 * words[at + COUNT]! * stride > 1 << words[at + LOG]!) this.#grow(blocks, at);
    }
    return words[at + FIRST]! + words[at + COUNT]! * stride;
  }

  #grow(blocks: BlockStore, at: number): void {
    const { words } = this;
    const log = words[at + LOG]!;
    const from = words[at + FIRST]!;
    const to = blocks.take(log + 1);
    words.copyWithin(2 * to, 2 * from, 2 * (from + words[at + COUNT]! * this.layout.stride));
    blocks.release(from, log);
    words[at + FIRST] = to;
    words[at + LOG] = log + 1;
  }

  /** Takes an entry that was written behind the last into the bag. */
  #keep(blocks: BlockStore, handle: number, entry: number): void {
    const at = 2 * handle;
    const { words } = this;
    const count = words[at + COUNT]!;
    const { most } = this.#bound;
    if (most === 1 && count === 1) {
      // The usual case of FIRST and LAST: what is better takes the place.
      const kept = words[at + FIRST]!;
      const isBetter = this.#order(entry, kept) < 0;
      this.#forget(blocks, isBetter ? kept : entry);
      if (isBetter) words.copyWithin(2 * kept, 2 * entry, 2 * (entry + this.layout.stride));
      return;
    }
    if (count >= most && words[at + SORTED] === count) {
      const last = words[at + FIRST]! + (count - 1) * this.layout.stride;
      if (this.#order(entry, last) > 0) {
        this.#forget(blocks, entry);
        return;
      }
    }
    words[at + COUNT] = count + 1;
    // One entry is in order by itself.
    if (count === 0) words[at + SORTED] = 1;
  }

  #write(blocks: BlockStore, entry: number, columns: readonly Column[], row: number): void {
    const { fields, hasNulls } = this.layout;
    let presence = 0;
    for (let f = 0; f < fields.length; f++) {
      const field = fields[f]!;
      const column = columns[f]!;
      const isNull = hasNulls && column.isNull(row);
      if (!isNull) presence |= field.bit;
      this.#writeField(blocks, entry, field, column, isNull ? -1 : row);
    }
    if (!hasNulls) return;
    this.words[2 * entry + PRESENCE_WORD] = presence;
    this.words[2 * entry + PRESENCE_WORD + 1] = 0;
  }

  /** @param row - −1: a null, which is zeros */
  #writeField(
    blocks: BlockStore,
    entry: number,
    field: BagField,
    column: Column,
    row: number,
  ): void {
    const { words } = this;
    const cell = entry + field.cell;
    const at = 2 * cell;
    if (row < 0) {
      words.fill(0, at, at + (field.storage === 'view' ? 4 : 2));
      return;
    }
    switch (field.storage) {
      case 'f64': {
        const value = column.f64[row]!;
        // Adding 0 turns −0 into 0.
        this.floats[cell] = value === value ? value + 0 : NaN;
        return;
      }
      case 'i64':
        words[at] = column.words[2 * row]!;
        words[at + 1] = column.words[2 * row + 1]!;
        return;
      case 'view':
        for (let w = 0; w < 4; w++) words[at + w] = column.words[4 * row + w]!;
        this.#takeBytes(blocks, at, column.heap.bytes);
        return;
      default:
        words[at] = field.storage === 'i32' ? column.words[row]! : column.getBool(row) ? 1 : 0;
        words[at + 1] = 0;
    }
  }

  /** Copies the long string of a view to a block of its own. */
  #takeBytes(blocks: BlockStore, at: number, heap: Uint8Array): void {
    const { words } = this;
    const length = words[at]!;
    if (length <= INLINE_BYTES) return;
    const offset = blocks.takeBytes(length);
    copyBytes(heap, words[at + VIEW_OFFSET]!, this.bytes, offset, length);
    words[at + 2] = 0;
    words[at + VIEW_OFFSET] = offset;
  }

  #own(blocks: BlockStore, entry: number, { cell }: BagField): void {
    this.#takeBytes(blocks, 2 * (entry + cell), this.bytes);
  }

  /** Gives the long strings of an entry back. */
  #forget(blocks: BlockStore, entry: number, words = this.words): void {
    for (const { storage, cell } of this.layout.fields) {
      if (storage !== 'view') continue;
      const at = 2 * (entry + cell);
      const length = words[at]!;
      if (length > INLINE_BYTES) blocks.releaseBytes(words[at + VIEW_OFFSET]!, length);
    }
  }

  /** Puts the entries of a bag in order, equal ones together. */
  compact(blocks: BlockStore, handle: number): void {
    const { words } = this;
    const at = 2 * handle;
    const count = words[at + COUNT]!;
    const sorted = words[at + SORTED]!;
    if (sorted === count) return;
    const first = words[at + FIRST]!;
    if (this.#isInOrder(first, Math.max(1, sorted), count)) {
      words[at + SORTED] = count;
      return;
    }
    const tail = this.#sort.sortTail(words, first, sorted, count);
    const left = this.#mergeTail(blocks, first, sorted, tail);
    words[at + COUNT] = left;
    words[at + SORTED] = left;
  }

  /** Whether each entry from a place on is behind the one before it, as where rows come by time. */
  #isInOrder(first: number, from: number, count: number): boolean {
    const { stride } = this.layout;
    if (from === 1 && this.floats[first] === 0) return false;
    for (let e = from; e < count; e++) {
      const entry = first + e * stride;
      if (this.floats[entry] === 0 || this.#order(entry - stride, entry) >= 0) return false;
    }
    return this.#bound.most === Infinity;
  }

  /** Writes copies of sorted entries and of a sorted tail back, in order; how many are left. */
  #mergeTail(blocks: BlockStore, first: number, sorted: number, tail: Int32Array): number {
    const { stride } = this.layout;
    const { order, memory } = this.#sort;
    let written = 0;
    let next = 0;
    let kept = 0;
    for (let head = 0; head < sorted || next < tail.length;) {
      const fromHead =
        next === tail.length || (head < sorted && order(head * stride, tail[next]!) <= 0);
      const source = fromHead ? head++ * stride : tail[next++]!;
      let times = memory.floats[source]!;
      while (next < tail.length && order(source, tail[next]!) === 0) {
        times += memory.floats[tail[next]!]!;
        this.#forget(blocks, tail[next++]!, memory.words);
      }
      if (times === 0 || kept >= this.#bound.most) {
        this.#forget(blocks, source, memory.words);
        continue;
      }
      this.#store(memory, source, first + written++ * stride, times);
      kept += this.#bound.isDistinct ? 1 : times;
    }
    return written;
  }

  #store({ words }: EntryMemory, source: number, entry: number, times: number): void {
    const at = 2 * entry;
    for (let w = 0, end = 2 * this.layout.stride; w < end; w++)
      this.words[at + w] = words[2 * source + w]!;
    this.floats[entry] = times;
  }
}

function difference(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
