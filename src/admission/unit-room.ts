/** Which rows of a batch are kept where whole units are shed, with room for some of them. @module */

import { laneOfTag } from './queue-contents.ts';
import type { UnitGate } from './unit-gate.ts';
import { binOfRank } from './unit-ranks.ts';
import { NEVER_DROPPED } from './value-bins.ts';
import type { ValuedRows } from './valued-rows.ts';

/** Ranks of rows that are never dropped. */
const KEPT_RANK = NEVER_DROPPED * 2 ** 20;
/** Ranks of rows that are dropped: below the threshold, or of units that are incomplete. */
const BELOW = -1;

/** Decides on a batch at a time; those of the lowest rank go if there is no room. */
export class UnitRoom {
  readonly #units: UnitGate;
  /** By place in the batch. */
  #ranks = new Int32Array(0);
  #sorted = new Int32Array(0);
  /** Ranks up to this one have no room. */
  #cut = BELOW;

  constructor(units: UnitGate) {
    this.#units = units;
  }

  /**
   * Decides on rows; units of those that are dropped are incomplete afterwards.
   *
   * @param thresholds - ranks by lane
   * @hot
   */
  choose(
    { tags, units }: ValuedRows,
    rows: Uint32Array,
    count: number,
    thresholds: Int32Array,
    room: number,
  ): void {
    if (this.#ranks.length < count) this.#grow(count);
    const ranks = this.#ranks;
    let passed = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const rank = this.#units.rank(units!, row, thresholds[laneOfTag(tags[row]!)]!);
      ranks[i] = rank;
      if (rank === BELOW) this.#units.drop(units!, row);
      else passed++;
    }
    this.#cut = BELOW;
    if (passed <= room) return;
    this.#cut = this.#cutFor(count, room);
    for (let i = 0; i < count; i++) if (this.lacksRoom(i)) this.#units.drop(units!, rows[i]!);
  }

  /** Whether the row at a place of the batch is kept. @hot */
  passes(place: number): boolean {
    return this.#ranks[place]! > this.#cut;
  }

  /** Whether the row is dropped only because there is no room for it. @hot */
  lacksRoom(place: number): boolean {
    const rank = this.#ranks[place]!;
    return rank > BELOW && rank <= this.#cut;
  }

  /** The bin of a row that is kept. @hot */
  binAt(place: number): number {
    return binOfRank(this.#ranks[place]!);
  }

  /** The rank of the first row that does not fit, all others of its unit with it. */
  #cutFor(count: number, room: number): number {
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#ranks.subarray(0, count));
    sorted.sort();
    return Math.min(KEPT_RANK - 1, sorted[count - 1 - Math.max(0, Math.floor(room))]!);
  }

  #grow(count: number): void {
    this.#ranks = new Int32Array(count);
    this.#sorted = new Int32Array(count);
  }
}
