/**
 * Where the records of a table lie whose keys are integers far from each other: by a product of the key.
 *
 * ```
 *   highest bits of key × factor ──▶ place, or the one beside it: the address of a record; 0: none
 * ```
 *
 * A record that a place names need not be that of the key, so keys are compared. The places are beside the
 * chunks of the table, which has all its records: a key that finds other keys in both of its places is found
 * there. Tables of more groups than {@link MOST_GROUPS} have no places: theirs would be far away, as chunks
 * are, which name the record more surely. When there are too few places, twice as many are filled beside those
 * in use, some groups a call.
 *
 * @module
 */

import type { StateIo } from '../core/state-io.ts';
import { mayHavePlaces } from './kernel/placed-rows-code.ts';
import type { GroupKernel } from './kernel/group-kernel.ts';
import { HeaderWord } from './kernel/shape.ts';
import type { Groups } from './place-pages.ts';
import { MOST_STRIKES, PlacePages, STRIKE_SHARE } from './place-pages.ts';

/** Groups of a table when it gets places. */
const FIRST_GROUPS = 32;
/**
 * Places for each group, at least: few keys shall come to the place of another, as their rows are branches
 * foretold wrongly.
 */
const PLACES_PER_GROUP = 8;
/** In small tables: what is not used is not in the nearest cache either. */
const PLACES_PER_GROUP_OF_FEW = 64;
/** Places of small tables. */
const PLACES_OF_FEW = 1 << 15;
/** Rows of each group, on average, for which places are worth while: to fill them takes as long as they save. */
const ROWS_PER_GROUP = 8;
/** Most groups of a table with places. */
const MOST_GROUPS = 1 << 14;

function leastPlaces(groups: number): number {
  const few = Math.min(PLACES_PER_GROUP_OF_FEW * groups, PLACES_OF_FEW);
  return Math.max(PLACES_PER_GROUP * groups, few);
}

/** The places of one table. */
export class ScatteredKeys {
  readonly #kernel: GroupKernel;
  /** In use. */
  readonly #pages: PlacePages;
  /** Being filled. */
  readonly #nextPages: PlacePages;
  /** Groups, the first ones, that have been given their places: the next, if these are being filled. */
  #known = 0;
  /** Groups at which places are made; `Infinity`: they never are. */
  #beginAt: number;
  #strikes = 0;
  /** Rows that were added since places were made. */
  #rows = 0;
  /** Bits of a word of a key. */
  readonly #keyBits: number;

  constructor(kernel: GroupKernel) {
    this.#kernel = kernel;
    this.#pages = new PlacePages(kernel);
    this.#nextPages = new PlacePages(kernel);
    this.#beginAt = mayHavePlaces(kernel.shape) ? FIRST_GROUPS : Infinity;
    this.#keyBits = kernel.layout.keys[0]?.storage === 'i64' ? 64 : 32;
  }

  /** Whether there are places in use. */
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
    this.#rows += rows;
    if (count < this.#beginAt) return;
    if (this.isThere && this.#areTooManyMissed(header, count, rows)) return;
    if (this.#nextPages.count === 0) this.#makeMore(header, count);
    if (this.#pages.count + this.#nextPages.count === 0) return;
    if (this.#known < count) this.#learn(groups);
    if (this.#nextPages.count > 0 && this.#known === count) this.#begin(header);
  }

  /** Gives the places back where many rows found none in several calls. */
  #areTooManyMissed(header: number, count: number, rows: number): boolean {
    const { words } = this.#kernel.arena;
    const misses = words[header + HeaderWord.PLACE_MISSES]!;
    words[header + HeaderWord.PLACE_MISSES] = 0;
    // Those of new groups will have theirs.
    if (this.#known < count) return false;
    this.#strikes = misses * STRIKE_SHARE > rows ? this.#strikes + 1 : 0;
    if (this.#strikes < MOST_STRIKES) return false;
    this.release(header);
    this.#beginAt = 4 * count;
    return true;
  }

  /** Takes pages for more places, if these are needed. */
  #makeMore(header: number, count: number): void {
    const places = leastPlaces(count);
    const isEnough = places <= this.#pages.places;
    if (isEnough || (count <= MOST_GROUPS && this.#rows < ROWS_PER_GROUP * count)) return;
    const next = this.#nextPages;
    const pages = next.pagesFor(places);
    if (count <= MOST_GROUPS && next.mayTake(pages)) {
      next.replace(pages, 0);
      this.#known = 0;
      this.#rows = 0;
      return;
    }
    this.release(header);
    this.#beginAt = count > MOST_GROUPS ? Infinity : 2 * count;
  }

  /** Gives some groups their places. */
  #learn(groups: Groups): void {
    const { fresh, code } = this.#kernel;
    const pages = this.#nextPages.count > 0 ? this.#nextPages : this.#pages;
    const count = Math.min(groups.count - this.#known, fresh.length);
    groups.listRecords(this.#known, count, fresh);
    const from = fresh.byteOffset;
    code.learnScattered!(pages.first * 4, this.#shiftOf(pages), from, from + count * 4);
    this.#known += count;
  }

  #shiftOf({ places }: PlacePages): number {
    return this.#keyBits - Math.log2(places);
  }

  /** Begins to use the next places. */
  #begin(header: number): void {
    const { words } = this.#kernel.arena;
    this.#pages.takeOver(this.#nextPages);
    words[header + HeaderWord.PLACES] = this.#pages.first * 4;
    words[header + HeaderWord.PLACE_SHIFT] = this.#shiftOf(this.#pages);
    words[header + HeaderWord.PLACE_MISSES] = 0;
  }

  /** Gives the places back. */
  release(header: number): void {
    this.#kernel.arena.words[header + HeaderWord.PLACE_MISSES] = 0;
    this.giveWay();
  }

  /** Gives the places back, as the table has others. */
  giveWay(): void {
    this.#strikes = 0;
    this.#rows = 0;
    this.#known = 0;
    this.#pages.release();
    this.#nextPages.release();
  }

  /** Gives the places back, and makes none until {@link clear}. */
  refuse(header: number): void {
    this.release(header);
    this.#beginAt = Infinity;
  }

  /** Where the places are; the rest is in the arena. */
  state(io: StateIo): void {
    this.#pages.state(io);
    this.#nextPages.state(io);
    this.#known = io.int(this.#known);
    this.#beginAt = io.float(this.#beginAt);
    this.#strikes = io.int(this.#strikes);
    this.#rows = io.float(this.#rows);
  }

  /** Gives the places back with the table. */
  clear(header: number): void {
    this.release(header);
    this.#beginAt = mayHavePlaces(this.#kernel.shape) ? FIRST_GROUPS : Infinity;
  }
}
