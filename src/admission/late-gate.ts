/**
 * The gate behind an admission ring: rows that went in before the price rose are dropped before
 * their work is paid for.
 *
 * @module
 */

import { NEVER_DROPPED, BINS, HIGH_WORD, binOfHighWord } from './value-bins.ts';
import { inclusionOf } from './inclusion.ts';
import { costInLane, costOfRow } from './ingress-gate.ts';
import type { ValuedRows } from './valued-rows.ts';
import { LaneFloors } from './lane-floors.ts';
import { type QueueContents, binOfTag, laneOfTag } from './queue-contents.ts';
import { BatchTally, Tally } from './tally.ts';
import { Thresholds, rankOf } from './thresholds.ts';
import type { UnitGate } from './unit-gate.ts';

/** Where the draws for floors begin: apart from those of the source. */
const LATE_SEED = 0x1b873593;

/** Which rows of an admission ring are worked on. One for each ring, at its consumer. */
export class LateGate {
  readonly thresholds: Thresholds;
  /** Utility of a unit of value, by lane; may change. */
  readonly utility: Float64Array;
  /** What was dropped for its value. */
  readonly shed: Tally;
  /** What was dropped because it had waited too long. */
  readonly expired: Tally;
  readonly #contents: QueueContents;
  readonly #floors: LaneFloors;
  readonly #batch: BatchTally;
  readonly #units: UnitGate | undefined;
  /** Apart from the sequence numbers of the source, so that the two draw independently. */
  #sequence = 0x40000000;

  /**
   * @param minShare - smallest fraction of rows that are kept, by lane; may change
   * @param units - whole units are shed, see {@link ValuedRows.units}; left out: single rows
   * @param utility - utility of a unit of value, by lane; may change
   */
  constructor(
    contents: QueueContents,
    minShare?: Float64Array,
    units?: UnitGate,
    utility?: Float64Array,
  ) {
    this.#contents = contents;
    this.#units = units;
    this.#floors = new LaneFloors(minShare ?? new Float64Array(contents.lanes), LATE_SEED);
    this.thresholds = new Thresholds(contents.lanes);
    this.utility = utility ?? new Float64Array(contents.lanes).fill(1);
    this.shed = new Tally(contents.lanes);
    this.expired = new Tally(contents.lanes);
    this.#batch = new BatchTally(contents.lanes);
  }

  /**
   * Sets the thresholds by the prices of the workers. Before each slice.
   *
   * @param prices - by worker
   * @param workMs - by worker: what a row of each lane brings, from here on
   * @param isFull - whether the consuming worker's price is that at which what waits just fits
   * @param lanePrices - by worker: what each lane pays, where tenants have shares
   * @param lanes - how many of them there are by now
   * @hot
   */
  reprice(
    prices: Float64Array,
    workMs: readonly Float64Array[],
    isFull: boolean,
    lanePrices?: readonly Float64Array[],
    lanes: number = this.thresholds.ranks.length,
  ): void {
    const { thresholds, utility } = this;
    for (let lane = 0; lane < lanes; lane++) {
      const worth = utility[lane]!;
      const cost =
        lanePrices === undefined
          ? costOfRow(prices, workMs, lane)
          : costInLane(lanePrices, workMs, lane);
      const threshold = worth > 0 ? cost / worth : Infinity;
      // Of rows in the bin of a threshold some were chosen when they came.
      if (isFull) thresholds.set(lane, threshold);
      else thresholds.setWhole(lane, threshold);
    }
  }

  /**
   * Decides on a slice of the rows of a slot, `rows[from]` to `rows[to - 1]`, and moves those that
   * are kept to its front. To be called once for every row that is taken.
   *
   * @param isExpired - whether rows that may be dropped are too late to be of use
   * @returns the end of the kept rows, at most `to`
   * @hot
   */
  take(batch: ValuedRows, rows: Uint32Array, from: number, to: number, isExpired: boolean): number {
    this.#contents.leave(batch.tags, rows, from, to);
    if (this.#units !== undefined) return this.#chooseUnits(this.#units, batch, rows, from, to);
    if (isExpired) return this.#expire(batch, rows, from, to);
    if (this.thresholds.passesAll) return to;
    return this.#choose(batch, rows, from, to);
  }

  /** Rows are taken, and none of them dropped. @hot */
  leave({ tags }: ValuedRows, rows: Uint32Array, from: number, to: number): void {
    this.#contents.leave(tags, rows, from, to);
  }

  /** @hot */
  #choose(batch: ValuedRows, rows: Uint32Array, from: number, to: number): number {
    const { values, tags, weights } = batch;
    const { thresholds } = this;
    const ranks = thresholds.ranks;
    const sequence = this.#sequence;
    this.#sequence += to - from;
    let end = from;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const lane = laneOfTag(tags[row]!);
      const bin = binOfRow(batch, row);
      if (rankOf(bin, sequence + i) < ranks[lane]! && !this.#floors.keeps(lane)) {
        this.#batch.add(lane, values[row]!);
        continue;
      }
      if (weights !== undefined) {
        const floor = this.#floors.shares[lane]!;
        weights[row] = weights[row]! / inclusionOf(bin, thresholds.position(lane), floor);
      }
      rows[end++] = row;
    }
    this.#batch.foldInto(this.shed);
    return end;
  }

  /** @hot */
  #chooseUnits(
    gate: UnitGate,
    { tags, values, units }: ValuedRows,
    rows: Uint32Array,
    from: number,
    to: number,
  ): number {
    const { ranks } = this.thresholds;
    if (this.thresholds.passesAll && gate.areWhole(units!)) return to;
    let end = from;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const lane = laneOfTag(tags[row]!);
      if (gate.passes(units!, row, ranks[lane]!)) {
        rows[end++] = row;
        continue;
      }
      gate.drop(units!, row);
      this.#batch.add(lane, values[row]!);
    }
    this.#batch.foldInto(this.shed);
    return end;
  }

  /** @hot */
  #expire(batch: ValuedRows, rows: Uint32Array, from: number, to: number): number {
    let end = from;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      if (binOfRow(batch, row) === NEVER_DROPPED) rows[end++] = row;
      else this.#batch.add(laneOfTag(batch.tags[row]!), batch.values[row]!);
    }
    this.#batch.foldInto(this.expired);
    return end;
  }
}

/** The bin of a row, counted or not. @hot */
function binOfRow(batch: ValuedRows, row: number): number {
  const bin = binOfTag(batch.tags[row]!);
  if (bin >= 0 && bin < BINS) return bin;
  if (batch.kept?.[row] === 1) return NEVER_DROPPED;
  return binOfHighWord(batch.words[2 * row + HIGH_WORD]!);
}
