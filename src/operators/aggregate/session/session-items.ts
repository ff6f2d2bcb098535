/**
 * What is known of sessions whose results may be revised, in columns: a million of them are no objects, which a
 * collector would have to move and mark.
 *
 * An item is a *fragment*, which is rows of a key that are nearer to each other than the gap and become part of a
 * session together, or a session. Items of a key are in lists that begin in the record of the key, the newest first.
 *
 * @module
 */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfItems } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { Arena } from '../../../state/index.ts';
import { reserveMemory } from '../../../state/index.ts';

/** No item. */
export const NO_ITEM = 0;

/** No record. */
const NONE = -1;

/** Bytes of an item: seven floats, eight words. */
const BYTES = 7 * 8 + 8 * 4;
/** Items that a limit has room for beyond those that it counts: some are about to be others. */
const SPARE = 16;

/** Words of a key's record: the first item of each list, and whether a result of a session is about to be written. */
export const List = { FRAGMENTS: 0, LATE: 1, SESSIONS: 2 } as const;
export type ListOfKey = (typeof List)[keyof typeof List];
const GATHERED = 3;
/** What a new key's record has. */
export const KEY_TEMPLATE = [NO_ITEM, NO_ITEM, NO_ITEM, 0] as const;

/** A result that was given: the record that it was made of, and its window. */
export interface Shown {
  readonly shelf: number;
  readonly record: number;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
}

/** Items by number, from 1 on. */
export class SessionItems {
  /** Times of the first and the last row. */
  readonly startUs: Float64Array;
  readonly lastUs: Float64Array;
  /**
   * Of a fragment: the multiple at which its rows count, of such as are on time; `Infinity`: there is none. Of a
   * session that is open: when rows count at the latest.
   */
  readonly tickUs: Float64Array;
  /** Of a fragment: where the source stood, of a late row, which is one of its own; `-Infinity`: rows are on time. */
  readonly markUs: Float64Array;
  /** Of a session that had ended: when rows count at the latest. The place is that of {@link markUs}. */
  readonly lateTickUs: Float64Array;
  /** Of a session: for which time it is queued; `Infinity`: it is not. */
  readonly queuedUs: Float64Array;
  /** The record of the item's key; below 0: the number is free. */
  readonly key: Int32Array;
  /** The record with the aggregates of rows that no result has, and on which shelf; see {@link hasPending}. */
  readonly shelf: Int32Array;
  readonly record: Int32Array;
  /** Of a session: whether rows count when it ends. */
  readonly endsDue: Int32Array;
  /** Rises when an item has become part of another, or was forgotten: its number may be another's then. */
  readonly generation: Int32Array;
  /** The next older of its list, or the next that is free. */
  readonly #next: Int32Array;
  /** The result that is to be taken back when the next one is given. */
  readonly #shownShelf: Int32Array;
  readonly #shownRecord: Int32Array;
  readonly #shownStartUs: Float64Array;
  readonly #shownEndUs: Float64Array;
  /** The others, of the few sessions that have several since rows came between them. */
  readonly #more = new Map<number, readonly Shown[]>();
  readonly #keyWords: Int32Array;
  readonly #keyCell: number;
  readonly #most: number;
  readonly #full: () => never;
  #unused = 1;
  #free: number = NO_ITEM;
  /** How many there are. */
  count = 0;

  /**
   * @param keyCell - first cell of a key's record that is for {@link KEY_TEMPLATE}
   * @param most - items that there may be
   * @param full - called when there is no room for more
   */
  constructor(arena: Arena, keyCell: number, most: number, full: () => never) {
    const wanted = most + SPARE;
    const { buffer } = reserveMemory(wanted * BYTES);
    const size = Math.min(wanted, Math.floor(buffer.byteLength / BYTES));
    const floats = (n: number): Float64Array => new Float64Array(buffer, 8 * n * size, size);
    const words = (n: number): Int32Array => new Int32Array(buffer, (56 + 4 * n) * size, size);
    this.startUs = floats(0);
    this.lastUs = floats(1);
    this.tickUs = floats(2);
    this.markUs = floats(3);
    this.lateTickUs = this.markUs;
    this.queuedUs = floats(4);
    this.#shownStartUs = floats(5);
    this.#shownEndUs = floats(6);
    this.key = words(0);
    this.shelf = words(1);
    this.record = words(2);
    this.endsDue = words(3);
    this.generation = words(4);
    this.#next = words(5);
    this.#shownShelf = words(6);
    this.#shownRecord = words(7);
    this.#keyWords = arena.words;
    this.#keyCell = keyCell;
    this.#most = size;
    this.#full = full;
  }

  /** The newest item of a list of a key; {@link NO_ITEM}: there is none. @hot */
  first(key: number, list: ListOfKey): number {
    return this.#keyWords[2 * (key + this.#keyCell) + list]!;
  }

  /** The next older item of a list. @hot */
  older(item: number): number {
    return this.#next[item]!;
  }

  /** An item becomes the newest of a list of its key. */
  add(item: number, list: ListOfKey): void {
    const at = 2 * (this.key[item]! + this.#keyCell) + list;
    this.#next[item] = this.#keyWords[at]!;
    this.#keyWords[at] = item;
  }

  /** Takes an item out of a list. */
  remove(item: number, list: ListOfKey): void {
    const at = 2 * (this.key[item]! + this.#keyCell) + list;
    const next = this.#next;
    let before = this.#keyWords[at]!;
    if (before === item) {
      this.#keyWords[at] = next[item]!;
      return;
    }
    while (next[before] !== item) before = next[before]!;
    next[before] = next[item]!;
  }

  isGathered(key: number): boolean {
    return this.#keyWords[2 * (key + this.#keyCell) + GATHERED] === 1;
  }

  setGathered(key: number, isGathered: boolean): void {
    this.#keyWords[2 * (key + this.#keyCell) + GATHERED] = isGathered ? 1 : 0;
  }

  /** A key without items. */
  isFree(key: number): boolean {
    const at = 2 * (key + this.#keyCell);
    const words = this.#keyWords;
    return words[at] === NO_ITEM && words[at + 1] === NO_ITEM && words[at + 2] === NO_ITEM;
  }

  /** An item of a key, in no list. */
  take(key: number): number {
    let item = this.#free;
    if (item === NO_ITEM) {
      if (this.#unused >= this.#most) this.#full();
      item = this.#unused++;
    } else this.#free = this.#next[item]!;
    this.count++;
    this.key[item] = key;
    return item;
  }

  /** A session without rows. */
  takeSession(key: number): number {
    const session = this.take(key);
    this.startUs[session] = Infinity;
    this.lastUs[session] = -Infinity;
    this.tickUs[session] = Infinity;
    this.lateTickUs[session] = Infinity;
    this.queuedUs[session] = Infinity;
    this.endsDue[session] = 0;
    this.shelf[session] = NONE;
    this.#shownShelf[session] = NONE;
    return session;
  }

  /** An item that is in no list is no more. */
  give(item: number): void {
    this.generation[item] = (this.generation[item]! + 1) | 0;
    this.#more.delete(item);
    this.key[item] = NONE;
    this.#next[item] = this.#free;
    this.#free = item;
    this.count--;
  }

  /** The first and the last row of an item lie no less far than these. */
  extend(item: number, startUs: TimeUs, lastUs: TimeUs): void {
    this.startUs[item] = Math.min(this.startUs[item]!, startUs);
    this.lastUs[item] = Math.max(this.lastUs[item]!, lastUs);
  }

  /** Whether a session has rows that no result has. */
  hasPending(session: number): boolean {
    return this.shelf[session] !== NONE;
  }

  setPending(session: number, shelf: number, record: number): void {
    this.shelf[session] = shelf;
    this.record[session] = record;
  }

  dropPending(session: number): void {
    this.shelf[session] = NONE;
  }

  /** Whether a result of a session was given. */
  hasShown(session: number): boolean {
    return this.#shownShelf[session] !== NONE;
  }

  shownShelf(session: number): number {
    return this.#shownShelf[session]!;
  }

  shownRecord(session: number): number {
    return this.#shownRecord[session]!;
  }

  shownStartUs(session: number): TimeUs {
    return this.#shownStartUs[session]!;
  }

  shownEndUs(session: number): TimeUs {
    return this.#shownEndUs[session]!;
  }

  /** A session has this result, and no other. */
  setShown(session: number, shelf: number, record: number, startUs: TimeUs, endUs: TimeUs): void {
    this.#shownShelf[session] = shelf;
    this.#shownRecord[session] = record;
    this.#shownStartUs[session] = startUs;
    this.#shownEndUs[session] = endUs;
    this.#more.delete(session);
  }

  /** Results but the first. */
  moreShown(session: number): readonly Shown[] {
    return this.#more.get(session) ?? NO_RESULTS;
  }

  /** A session gets the results of another, in the order of their windows. */
  joinShown(target: number, source: number): void {
    if (!this.hasShown(source)) return;
    const shown = [...this.#allShown(target), ...this.#allShown(source)];
    this.#setAllShown(
      target,
      shown.sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs),
    );
  }

  #allShown(session: number): Shown[] {
    if (!this.hasShown(session)) return [];
    const first = {
      shelf: this.#shownShelf[session]!,
      record: this.#shownRecord[session]!,
      startUs: this.#shownStartUs[session]!,
      endUs: this.#shownEndUs[session]!,
    };
    return [first, ...this.moreShown(session)];
  }

  #setAllShown(session: number, [first, ...more]: readonly Shown[]): void {
    if (first === undefined) return;
    this.setShown(session, first.shelf, first.record, first.startUs, first.endUs);
    if (more.length > 0) this.#more.set(session, more);
  }

  /** Keys that have items. */
  keys(): number[] {
    const found = new Set<number>();
    for (let item = 1; item < this.#unused; item++) {
      if (this.key[item] !== NONE) found.add(this.key[item]!);
    }
    return [...found];
  }

  /** All items of a key, when `known` is one; else reads those of another. */
  *stateOfKey(io: StateIo, known: number | undefined): Steps<number> {
    const key = io.int(known ?? 0);
    if (known === undefined) {
      for (const list of Object.values(List)) {
        this.#keyWords[2 * (key + this.#keyCell) + list] = NO_ITEM;
      }
      this.setGathered(key, false);
    }
    for (const list of Object.values(List)) {
      const isSession = list === List.SESSIONS;
      const walk = (item: number | undefined): number =>
        this.#stateOfItem(io, key, isSession, item);
      const items = yield* stateOfItems(io, this.#listed(key, list), walk);
      if (known === undefined) for (const item of items) this.add(item, list);
    }
    return key;
  }

  /** The oldest first. */
  #listed(key: number, list: ListOfKey): number[] {
    const items: number[] = [];
    for (let item = this.first(key, list); item !== NO_ITEM; item = this.older(item)) {
      items.push(item);
    }
    return items.reverse();
  }

  #stateOfItem(io: StateIo, key: number, isSession: boolean, known: number | undefined): number {
    const item = known ?? (isSession ? this.takeSession(key) : this.take(key));
    this.shelf[item] = io.int(this.shelf[item]!);
    this.record[item] = io.int(this.record[item]!);
    this.startUs[item] = io.float(this.startUs[item]!);
    this.lastUs[item] = io.float(this.lastUs[item]!);
    this.tickUs[item] = io.float(this.tickUs[item]!);
    this.markUs[item] = io.float(this.markUs[item]!);
    if (!isSession) return item;
    this.endsDue[item] = io.int(this.endsDue[item]!);
    const shown = this.#allShown(item);
    const count = io.int(shown.length);
    const all = Array.from({ length: count }, (_, s): Shown => {
      const shelf = io.int(shown[s]?.shelf ?? 0);
      const record = io.int(shown[s]?.record ?? 0);
      const startUs = io.float(shown[s]?.startUs ?? 0);
      return { shelf, record, startUs, endUs: io.float(shown[s]?.endUs ?? 0) };
    });
    if (known === undefined) this.#setAllShown(item, all);
    return item;
  }
}

const NO_RESULTS: readonly Shown[] = [];
