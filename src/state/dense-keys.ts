/**
 * Where the records of a table lie whose keys are integers close to each other: by key.
 *
 * ```
 *   key − base ──▶ place: the address of its record; 0: not known
 * ```
 *
 * The places are beside the chunks of the table, which has all its records: a key without a place is found
 * there. So places come and go as they are worth it, and a key may be anything at any time. There are none
 * before the table has some groups, and at most a few for each group; those of all tables of a kernel take a
 * sixteenth of their arena at most, and no more come when half of it is in use.
 *
 * @module
 */

import type { StateIo } from '../core/state-io.ts';
import type { Arena } from './arena.ts';
import type { GroupKernel } from './kernel/group-kernel.ts';
import { mayHavePlaces } from './kernel/placed-rows-code.ts';
import { HeaderWord } from './kernel/shape.ts';
import type { Groups } from './place-pages.ts';
import { MOST_STRIKES, PlacePages, STRIKE_SHARE } from './place-pages.ts';

/** Groups of a table when its keys are looked at first; then when there are twice as many. */
const FIRST_LOOK = 32;
/** Of the last groups, so many are looked at. */
const MOST_LOOKED_AT = 1024;
/** Places for each group, beside those of two pages. */
const PLACES_PER_GROUP = 16;
/** More are not moved in a millisecond. */
const MOST_PLACES = 1 << 20;

const WORD = 2 ** 32;

/** The places of one table. */
export class DenseKeys {
  readonly #kernel: GroupKernel;
  readonly #arena: Arena;
  readonly #pages: PlacePages;
  /** Groups at which keys are looked at next; `Infinity`: they never are. */
  #lookAt: number;
  /** Groups, the first ones, that were given their places if there are any. */
  #known = 0;
  #strikes = 0;
  readonly #isWide: boolean;
  /** Word of a record with its key. */
  readonly #keyWord: number;
  /** Words of a page: places in it. */
  readonly #pageWords: number;

  constructor(kernel: GroupKernel) {
    const { arena, layout, shape } = kernel;
    this.#kernel = kernel;
    this.#arena = arena;
    this.#pages = new PlacePages(kernel);
    this.#lookAt = mayHavePlaces(shape) ? FIRST_LOOK : Infinity;
    this.#isWide = layout.keys[0]?.storage === 'i64';
    this.#keyWord = 2 * (layout.keys[0]?.cell ?? 0);
    this.#pageWords = arena.pageCells * 2;
  }

  /** Whether there are places. */
  get isThere(): boolean {
    return this.#pages.count > 0;
  }

  /**
   * Goes after rows that were added: groups get their places, some of them at a time.
   *
   * @param header - first word of the table's
   * @param rows - that were added
   */
  follow(header: number, groups: Groups, rows: number): void {
    const { count } = groups;
    if (!this.isThere) {
      if (count < this.#lookAt) return;
      this.#lookAt = 2 * count;
      this.#begin(header, groups);
    }
    const misses = this.isThere ? this.#arena.words[header + HeaderWord.PLACE_MISSES]! : 0;
    if (misses > 0) this.#goAfterMisses(header, count, misses * STRIKE_SHARE > rows);
    if (this.isThere && this.#known < count) this.#learn(header, groups);
  }

  #goAfterMisses(header: number, count: number, areMany: boolean): void {
    this.#arena.words[header + HeaderWord.PLACE_MISSES] = 0;
    const [low, high] = this.#kernel.missedKey;
    if (this.#extend(header, this.#distance(header, low, high), count)) return;
    this.#strikes = areMany ? this.#strikes + 1 : 0;
    if (this.#strikes < MOST_STRIKES) return;
    this.release(header);
    this.#lookAt = 4 * count;
  }

  /** Makes places for the keys of the last groups, if they are close to each other. */
  #begin(header: number, groups: Groups): void {
    const { words } = this.#arena;
    const list = this.#kernel.fresh;
    const count = Math.min(groups.count, list.length, MOST_LOOKED_AT);
    groups.listRecords(groups.count - count, count, list);
    const first = 2 * list[0]! + this.#keyWord;
    const base = header + HeaderWord.DENSE_BASE;
    words[base] = words[first]!;
    words[base + 1] = this.#isWide ? words[first + 1]! : words[first]! >> 31;
    let least = 0;
    let greatest = 0;
    for (let i = 0; i < count; i++) {
      const at = 2 * list[i]! + this.#keyWord;
      const distance = this.#distance(header, words[at]!, words[at + 1]!);
      least = Math.min(least, distance);
      greatest = Math.max(greatest, distance);
    }
    const span = greatest - least + 1;
    const pages = this.#pages.pagesFor(span);
    if (!this.#mayHave(pages, groups.count)) return;
    this.#takePages(header, pages, 0);
    // Keys from 0 or 1 on are the most frequent; of others more may come on either side.
    const leastKey = words[base + 1]! * WORD + (words[base] >>> 0) + least;
    const spare = Math.floor((pages * this.#pageWords - span) / 2);
    this.#moveBase(header, least - (leastKey >= 0 ? Math.min(spare, leastKey) : spare));
    this.#known = 0;
  }

  /** Gives some groups their places. */
  #learn(header: number, groups: Groups): void {
    const { fresh, code } = this.#kernel;
    const { words } = this.#arena;
    const count = Math.min(groups.count - this.#known, fresh.length);
    groups.listRecords(this.#known, count, fresh);
    this.#known += count;
    for (let at = 0; ;) {
      at = code.learnDense!(header * 4, fresh.byteOffset, at, count);
      if (at === count) return;
      const key = 2 * fresh[at]! + this.#keyWord;
      const distance = this.#distance(header, words[key]!, words[key + 1]!);
      // One that gets no place now may get it when a row asks for it.
      if (!this.#extend(header, distance, groups.count)) at++;
    }
  }

  /** A key less the base; where int64s are too far from each other, about. */
  #distance(header: number, low: number, high: number): number {
    const { words } = this.#arena;
    const base = header + HeaderWord.DENSE_BASE;
    // What wraps around has a place of its own as well.
    if (!this.#isWide) return (low - words[base]!) | 0;
    return (high - words[base + 1]!) * WORD + ((low >>> 0) - (words[base]! >>> 0));
  }

  #moveBase(header: number, by: number): void {
    const { words } = this.#arena;
    const base = header + HeaderWord.DENSE_BASE;
    const low = (words[base]! >>> 0) + by;
    words[base] = low | 0;
    words[base + 1] = words[base + 1]! + Math.floor(low / WORD);
  }

  /** Whether a table of so many groups may have so many pages. */
  #mayHave(pages: number, count: number): boolean {
    const places = pages * this.#pageWords;
    if (places > MOST_PLACES) return false;
    if (places > 2 * this.#pageWords + PLACES_PER_GROUP * count) return false;
    return this.#pages.mayTake(pages);
  }

  /** Makes places up to a key, or down to it; whether it has one now. */
  #extend(header: number, distance: number, count: number): boolean {
    const { places } = this.#pages;
    if (distance >= 0 && distance < places) return true;
    const needed = distance < 0 ? places - distance : distance + 1;
    const pages = this.#pages.pagesFor(needed);
    if (!this.#mayHave(pages, count)) return false;
    const shift = distance < 0 ? pages * this.#pageWords - places : 0;
    this.#takePages(header, pages, shift);
    if (shift > 0) this.#moveBase(header, -shift);
    return true;
  }

  /** Takes other pages, where the places that there are begin at `shift`. */
  #takePages(header: number, pages: number, shift: number): void {
    const { words } = this.#arena;
    this.#pages.replace(pages, shift);
    words[header + HeaderWord.PLACES] = this.#pages.first * 4;
    words[header + HeaderWord.DENSE_LIMIT] = this.#pages.places;
  }

  /** Gives the places back. */
  release(header: number): void {
    this.#strikes = 0;
    this.#arena.words[header + HeaderWord.DENSE_LIMIT] = 0;
    this.#arena.words[header + HeaderWord.PLACE_MISSES] = 0;
    this.#pages.release();
  }

  /** Gives the places back, and makes none until {@link clear}. */
  refuse(header: number): void {
    if (this.isThere) this.release(header);
    this.#lookAt = Infinity;
  }

  /** Where the places are; the rest is in the arena. */
  state(io: StateIo): void {
    this.#pages.state(io);
    this.#lookAt = io.float(this.#lookAt);
    this.#known = io.int(this.#known);
    this.#strikes = io.int(this.#strikes);
  }

  /** Gives the places back with the table. */
  clear(header: number): void {
    if (this.isThere) this.release(header);
    this.#known = 0;
    this.#lookAt = mayHavePlaces(this.#kernel.shape) ? FIRST_LOOK : Infinity;
  }
}
