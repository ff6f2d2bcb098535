/** Which rows of a batch are kept where whole units are shed, with room for some of them. @module */

import { strideOf } from './batch-scan.ts';
import { type QueueContents, laneOfTag } from './queue-contents.ts';
import type { UnitGate } from './unit-gate.ts';
import { binOfRank, stratumOfUnit, UNIT_STRATA } from './unit-ranks.ts';
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
  #bins = new Int32Array(0);
  #sorted = new Int32Array(0);
  /** Of one window, by stratum: its levels, and the highest rank that was dropped. */
  readonly #levels = new Float64Array(UNIT_STRATA);
  readonly #dropped = new Int32Array(UNIT_STRATA);
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
    batch: ValuedRows,
    rows: Uint32Array,
    count: number,
    thresholds: Int32Array,
    room: number,
  ): void {
    if (this.#ranks.length < count) this.#grow(count);
    const units = batch.units!;
    const window = units.onlyWindow();
    const passed =
      window === window
        ? this.#chooseIn(window, batch, rows, count, thresholds)
        : this.#chooseEach(batch, rows, count, thresholds);
    this.#cut = BELOW;
    if (passed <= room) return;
    this.#cut = this.#cutFor(count, room);
    for (let i = 0; i < count; i++) if (this.lacksRoom(i)) this.#units.drop(units, rows[i]!);
  }

  /** Where rows are in several windows. @hot */
  #chooseEach(
    { tags, units }: ValuedRows,
    rows: Uint32Array,
    count: number,
    thresholds: Int32Array,
  ): number {
    const gate = this.#units;
    let passed = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const rank = gate.rank(units!, row, thresholds[laneOfTag(tags[row]!)]!);
      this.#ranks[i] = rank;
      this.#bins[i] = gate.binOf(units!, row);
      if (rank === BELOW) gate.drop(units!, row);
      else passed++;
    }
    return passed;
  }

  /** Where all rows are in one window. @hot */
  #chooseIn(
    window: number,
    { tags, units }: ValuedRows,
    rows: Uint32Array,
    count: number,
    thresholds: Int32Array,
  ): number {
    const gate = this.#units;
    const { strata } = gate.levels;
    const levels = this.#levels;
    const dropped = this.#dropped;
    for (let s = 0; s < strata; s++) {
      levels[s] = gate.level(window, s);
      dropped[s] = BELOW;
    }
    let passed = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const unit = units!.units[row]!;
      const stratum = strata === 1 ? 0 : stratumOfUnit(unit);
      const rank = gate.rankIn(unit, window);
      const isBelow = rank < thresholds[laneOfTag(tags[row]!)]! || rank < levels[stratum]!;
      this.#bins[i] = binOfRank(rank);
      if (isBelow && rank < KEPT_RANK) {
        this.#ranks[i] = BELOW;
        if (rank > dropped[stratum]!) dropped[stratum] = rank;
      } else {
        this.#ranks[i] = rank;
        passed++;
      }
    }
    for (let s = 0; s < strata; s++) {
      if (dropped[s]! > BELOW) gate.levels.raise(window, s, dropped[s]! + 1);
    }
    return passed;
  }

  /** Counts the rows by lane and the bin of their units; of large batches some for all. @hot */
  countOffered(
    { tags }: ValuedRows,
    rows: Uint32Array,
    count: number,
    contents: QueueContents,
    phase: number,
  ): void {
    const stride = strideOf(count);
    for (let i = phase & (stride - 1); i < count; i += stride) {
      contents.offer(laneOfTag(tags[rows[i]!]!), this.#bins[i]!, stride);
    }
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
    this.#bins = new Int32Array(count);
    this.#sorted = new Int32Array(count);
  }
}
