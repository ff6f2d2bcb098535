/**
 * Rows that are kept, in order of a value: heaps over their records, any number of them in one arena.
 *
 * ```
 *  heap (words of its owner)   │ entries: address │ count │ room │ run: address │ first │ end │ room │
 *  entry, 16 bytes             │ key: low, high │ record │ number of arrival │
 * ```
 *
 * Rows come in order, nearly: those that belong among the last of a sorted *run* go there, and leave it at
 * its front. Only the others go to the heap proper, which has four children to a node. Rows that are
 * equal in the order leave as they came.
 *
 * @module
 */

import type { RecordOrder } from '../best/record-order.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { HeldRows } from './held-rows.ts';
import { NO_RECORD } from './held-rows.ts';
import type { OrderKeys } from './order-keys.ts';

/** Words of a heap, an odd number; it begins as zeros. */
export const HEAP_WORDS = 7;
const COUNT = 1;
const ROOM = 2;
const RUN = 3;
const RUN_FIRST = 4;
const RUN_END = 5;
const RUN_ROOM = 6;

/** What the owner's words begin as, and one more, so that what follows is at a cell. */
export const EMPTY_HEAP: readonly number[] = Array.from({ length: HEAP_WORDS + 1 }, () => 0);

/** So many rows of a run may have to make room for one. */
const MOST_PASSED = 32;

/** A block of memory begins with its size; entries begin behind it. */
const ENTRIES_AT = 16;
const ENTRY_WORDS = 4;
const FIRST_ROOM = 7;
const NO_ENTRY = 0;

/** Heaps of one order. A heap is known by its first word in the arena. */
export class RecordHeaps {
  readonly #rows: HeldRows;
  readonly #keys: OrderKeys;
  readonly #order: RecordOrder | undefined;
  #arrivals = 0;

  /** @param order - that of `keys`; `undefined`: keys say it all */
  constructor(rows: HeldRows, keys: OrderKeys, order: RecordOrder | undefined) {
    this.#rows = rows;
    this.#keys = keys;
    this.#order = order;
  }

  /** Rows in a heap. */
  count(heap: number): number {
    const { words } = this.#rows.arena;
    return words[heap + COUNT]! + words[heap + RUN_END]! - words[heap + RUN_FIRST]!;
  }

  /** The least row of a heap; {@link NO_RECORD} when it is empty. */
  least(heap: number): number {
    const entry = this.#leastEntry(heap);
    return entry === NO_ENTRY ? NO_RECORD : this.#rows.arena.words[entry + 2]!;
  }

  /** The key of the least row of a heap, which is not empty: its high word. */
  leastHigh(heap: number): number {
    return this.#rows.arena.words[this.#leastEntry(heap) + 1]!;
  }

  /** The low word of that key. */
  leastLow(heap: number): number {
    return this.#rows.arena.words[this.#leastEntry(heap)]!;
  }

  /** The first word of the least entry. @hot */
  #leastEntry(heap: number): number {
    const { words } = this.#rows.arena;
    const inHeap = words[heap + COUNT] === 0 ? NO_ENTRY : firstEntry(words, heap);
    const first = words[heap + RUN_FIRST]!;
    if (first === words[heap + RUN_END]) return inHeap;
    const inRun = firstEntry(words, heap + RUN) + ENTRY_WORDS * first;
    return inHeap !== NO_ENTRY && this.#isEntryBefore(inHeap, inRun) ? inHeap : inRun;
  }

  /** Adds the row with the key at a position of the keys read last. */
  push(heap: number, position: number, record: number): void {
    this.pushKey(heap, this.#keys.high[position]!, this.#keys.low[position]!, record);
  }

  /** Adds a row, or whatever else has a number, with a key. */
  pushKey(heap: number, high: number, low: number, record: number): void {
    const { words } = this.#rows.arena;
    const arrival = this.#arrivals++ | 0;
    if (this.#putInRun(heap, high, low, record, arrival)) return;
    const count = words[heap + COUNT]!;
    if (count === words[heap + ROOM]) this.#grow(heap, count);
    words[heap + COUNT] = count + 1;
    this.#rise(firstEntry(words, heap), count, high, low, record, arrival);
  }

  /** Puts an entry among the last of the run; false if it belongs before these. @hot */
  #putInRun(heap: number, high: number, low: number, record: number, arrival: number): boolean {
    const { words } = this.#rows.arena;
    const first = words[heap + RUN_FIRST]!;
    let end = words[heap + RUN_END]!;
    const start = firstEntry(words, heap + RUN);
    const least = end - MOST_PASSED > first ? end - MOST_PASSED : first;
    let place = end;
    while (
      place > least &&
      this.#isBefore(high, low, record, arrival, start + ENTRY_WORDS * (place - 1))
    ) {
      place--;
    }
    if (place === least && least > first) return false;
    if (end === words[heap + RUN_ROOM]) {
      this.#makeRunRoom(heap);
      place += words[heap + RUN_FIRST]! - first;
      end = words[heap + RUN_END]!;
    }
    const entries = firstEntry(words, heap + RUN);
    for (let at = end; at > place; at--) {
      const from = entries + ENTRY_WORDS * (at - 1);
      move(words, from, from + ENTRY_WORDS);
    }
    write(words, entries + ENTRY_WORDS * place, high, low, record, arrival);
    words[heap + RUN_END] = end + 1;
    return true;
  }

  /** Moves the run to the front of its memory, or to a larger one. */
  #makeRunRoom(heap: number): void {
    const { words } = this.#rows.arena;
    const first = words[heap + RUN_FIRST]!;
    const count = words[heap + RUN_END]! - first;
    const smaller = words[heap + RUN]!;
    const from = firstEntry(words, heap + RUN) + ENTRY_WORDS * first;
    let to = smaller;
    if (2 * count >= words[heap + RUN_ROOM]!) {
      const room = count === 0 ? FIRST_ROOM : 2 * count + 1;
      to = this.#rows.takeBytes(ENTRIES_AT + 4 * ENTRY_WORDS * room);
      words[heap + RUN_ROOM] = room;
    }
    words.copyWithin((to + ENTRIES_AT) >>> 2, from, from + ENTRY_WORDS * count);
    if (to !== smaller && smaller !== 0) this.#rows.giveBytes(smaller);
    words[heap + RUN] = to;
    words[heap + RUN_FIRST] = 0;
    words[heap + RUN_END] = count;
  }

  /** Takes the least row out of a heap that is not empty. */
  pop(heap: number): number {
    const { words } = this.#rows.arena;
    const entry = this.#leastEntry(heap);
    const record = words[entry + 2]!;
    if (words[heap + COUNT] === 0 || entry !== firstEntry(words, heap)) {
      const first = words[heap + RUN_FIRST]! + 1;
      const isEmpty = first === words[heap + RUN_END];
      words[heap + RUN_FIRST] = isEmpty ? 0 : first;
      if (isEmpty) words[heap + RUN_END] = 0;
      return record;
    }
    const last = words[heap + COUNT]! - 1;
    words[heap + COUNT] = last;
    if (last > 0) {
      const from = entry + ENTRY_WORDS * last;
      const [low, high] = [words[from]!, words[from + 1]!];
      this.#sink(entry, last, high, low, words[from + 2]!, words[from + 3]!);
    }
    return record;
  }

  /** Adds a row and takes the least one out, which may be the same; the heap is not empty. */
  exchange(heap: number, position: number, record: number): number {
    const [high, low] = [this.#keys.high[position]!, this.#keys.low[position]!];
    if (this.#isBefore(high, low, record, this.#arrivals | 0, this.#leastEntry(heap))) {
      return record;
    }
    const least = this.pop(heap);
    this.pushKey(heap, high, low, record);
    return least;
  }

  /** Forgets what is in a heap, and gives its memory back. */
  clear(heap: number): void {
    const { words } = this.#rows.arena;
    if (words[heap] !== 0) this.#rows.giveBytes(words[heap]!);
    if (words[heap + RUN] !== 0) this.#rows.giveBytes(words[heap + RUN]!);
    words.fill(0, heap, heap + HEAP_WORDS);
  }

  /** What is not in memory: how many entries came so far, and whether keys say it all. */
  state(io: StateIo): void {
    this.#arrivals = io.float(this.#arrivals);
    this.#keys.isExact = io.flag(this.#keys.isExact);
  }

  #grow(heap: number, count: number): void {
    const { words } = this.#rows.arena;
    // With its header a block has a size of which none of it is lost.
    const room = count === 0 ? FIRST_ROOM : 2 * count + 1;
    const larger = this.#rows.takeBytes(ENTRIES_AT + 4 * ENTRY_WORDS * room);
    const smaller = words[heap]!;
    if (smaller !== 0) {
      const from = (smaller + ENTRIES_AT) >>> 2;
      words.copyWithin((larger + ENTRIES_AT) >>> 2, from, from + ENTRY_WORDS * count);
      this.#rows.giveBytes(smaller);
    }
    words[heap] = larger;
    words[heap + ROOM] = room;
  }

  /** Puts an entry at a free place or above it. @hot */
  #rise(
    first: number,
    place: number,
    high: number,
    low: number,
    record: number,
    arrival: number,
  ): void {
    const { words } = this.#rows.arena;
    let at = place;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const above = first + ENTRY_WORDS * parent;
      if (!this.#isBefore(high, low, record, arrival, above)) break;
      move(words, above, first + ENTRY_WORDS * at);
      at = parent;
    }
    write(words, first + ENTRY_WORDS * at, high, low, record, arrival);
  }

  /** Puts an entry at the top or below it, in a heap of `count`. @hot */
  #sink(
    first: number,
    count: number,
    high: number,
    low: number,
    record: number,
    arrival: number,
  ): void {
    const { words } = this.#rows.arena;
    let at = 0;
    for (;;) {
      const child = 4 * at + 1;
      if (child >= count) break;
      const end = child + 4 < count ? child + 4 : count;
      let least = first + ENTRY_WORDS * child;
      for (let other = child + 1; other < end; other++) {
        const entry = first + ENTRY_WORDS * other;
        if (this.#isEntryBefore(entry, least)) least = entry;
      }
      if (this.#isBefore(high, low, record, arrival, least)) break;
      move(words, least, first + ENTRY_WORDS * at);
      at = (least - first) >> 2;
    }
    write(words, first + ENTRY_WORDS * at, high, low, record, arrival);
  }

  #isEntryBefore(a: number, b: number): boolean {
    const { words } = this.#rows.arena;
    return this.#isBefore(words[a + 1]!, words[a]!, words[a + 2]!, words[a + 3]!, b);
  }

  /** Whether an entry comes before the one at `other`. @hot */
  #isBefore(high: number, low: number, record: number, arrival: number, other: number): boolean {
    const { words } = this.#rows.arena;
    const otherHigh = words[other + 1]!;
    if (high !== otherHigh) return high < otherHigh;
    const otherLow = words[other]!;
    if (low !== otherLow) return low >>> 0 < otherLow >>> 0;
    if (this.#order !== undefined && !this.#keys.isExact) {
      const result = this.#order.compareKeys(record, words[other + 2]!);
      if (result !== 0) return result < 0;
    }
    // Numbers of arrival come round after 2^32 rows.
    return (arrival - words[other + 3]!) >> 31 !== 0;
  }
}

/** The first word of the entries whose address a word is. */
function firstEntry(words: Int32Array, word: number): number {
  return (words[word]! + ENTRIES_AT) >>> 2;
}

/** @hot */
function move(words: Int32Array, from: number, to: number): void {
  words[to] = words[from]!;
  words[to + 1] = words[from + 1]!;
  words[to + 2] = words[from + 2]!;
  words[to + 3] = words[from + 3]!;
}

/** @hot */
function write(
  words: Int32Array,
  at: number,
  high: number,
  low: number,
  record: number,
  arrival: number,
): void {
  words[at] = low;
  words[at + 1] = high;
  words[at + 2] = record;
  words[at + 3] = arrival;
}
