/**
 * The gate at a source: which rows of a batch go into the admission ring.
 *
 * @module
 */

import {
  addUp,
  countCandidates,
  countOffered,
  countOfferedUnits,
  findCandidates,
  leastParts,
  sampleStrideOf,
  strideOf,
} from './batch-scan.ts';
import { hash32 } from './dither.ts';
import { inclusionOf } from './inclusion.ts';
import { LaneFloors } from './lane-floors.ts';
import { type QueueContents, laneOfTag, tagOf } from './queue-contents.ts';
import { BatchTally, Tally } from './tally.ts';
import type { UnitGate } from './unit-gate.ts';
import { UnitRoom } from './unit-room.ts';
import { Thresholds, rankOf } from './thresholds.ts';
import { HIGH_WORD, NEVER_DROPPED, binOfHighWord } from './value-bins.ts';
import type { ValuedRows } from './valued-rows.ts';

/** Rows that are looked at in one go. */
const SCAN_ROWS = 4096;
/** One batch of so many is counted while little waits, for all. */
const SAMPLING = 8;
/** Where the draws for floors begin. */
const INGRESS_SEED = 0x5bd1e995;

/** The way from a source to the workers that work on its rows, by one of its consumers. */
export interface PricedPath {
  /** By worker: expected milliseconds of work on it that a row of a lane brings, by lane. */
  readonly workMs: readonly Float64Array[];
}

/** What a gate is told at first. */
export interface IngressGateOptions {
  readonly lanes: number;
  /** One for each consumer that gets every row; a row is dropped only if all would drop it. */
  readonly paths: readonly PricedPath[];
  /** What goes into the ring is counted here; with several rings, offered rows only in the first. */
  readonly contents: QueueContents;
  /** Utility of a unit of value, by lane; may change. */
  readonly utility?: Float64Array;
  /** Smallest fraction of rows that are kept, by lane; may change. */
  readonly minShare?: Float64Array;
  /** Whole units are shed, see {@link ValuedRows.units}; left out: single rows. */
  readonly units?: UnitGate | undefined;
}

/** Which rows of a source's batches go in. One for each source task. */
export class IngressGate {
  readonly thresholds: Thresholds;
  readonly utility: Float64Array;
  /** Everything offered, by lane. */
  readonly offered: Tally;
  /** What was dropped for its value. */
  readonly shed: Tally;
  /** What was dropped because nothing fitted any more. */
  readonly roomShed: Tally;
  /** Rows seen: the next row's sequence number, from which its dither comes. */
  sequence = 0;
  readonly #options: IngressGateOptions;
  readonly #floors: LaneFloors;
  readonly #batchOffered: BatchTally;
  readonly #batchKept: BatchTally;
  readonly #batchRoom: BatchTally;
  readonly #places = new Int32Array(SCAN_ROWS);
  readonly #leasts: Int32Array;
  readonly #room: UnitRoom | undefined;
  #isArmed = false;
  #passesAll = true;
  #untilSample = 0;
  /** Rows that passed and were not counted by value. */
  #uncounted = 0;

  constructor(options: IngressGateOptions) {
    const { lanes } = options;
    this.#options = options;
    this.thresholds = new Thresholds(lanes);
    this.utility = options.utility ?? new Float64Array(lanes).fill(1);
    this.#floors = new LaneFloors(options.minShare ?? new Float64Array(lanes), INGRESS_SEED);
    this.offered = new Tally(lanes);
    this.shed = new Tally(lanes);
    this.roomShed = new Tally(lanes);
    this.#leasts = new Int32Array(lanes);
    this.#batchOffered = new BatchTally(lanes);
    this.#batchKept = new BatchTally(lanes);
    this.#batchRoom = new BatchTally(lanes);
    this.#room = options.units && new UnitRoom(options.units);
  }

  /** Rows and value that went in, by lane. */
  admitted(lane: number): { count: number; value: number } {
    const { offered, shed, roomShed } = this;
    return {
      count: offered.counts[lane]! - shed.counts[lane]! - roomShed.counts[lane]!,
      value: offered.value(lane) - shed.value(lane) - roomShed.value(lane),
    };
  }

  /** Whether everything passes, and nothing is likely to change that soon. */
  get isCalm(): boolean {
    return this.#passesAll && !this.#isArmed;
  }

  /** Whether rows are counted by value: so much waits that the price may rise soon. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  /**
   * Sets the thresholds by the prices of the workers. Once a batch, or when a price has changed.
   *
   * @param prices - by worker: value of a millisecond of its work; 0 while it is not overloaded
   * @param isArmed - whether a worker on the way has much waiting
   * @param lanePrices - by worker: what each lane pays, where tenants have shares
   * @param lanes - how many of them there are by now
   * @hot
   */
  reprice(
    prices: Float64Array,
    isArmed: boolean,
    lanePrices?: readonly Float64Array[],
    lanes: number = this.#options.lanes,
  ): void {
    const { paths } = this.#options;
    this.#isArmed = isArmed;
    this.#passesAll = !isPriced(prices);
    if (this.#passesAll) {
      this.thresholds.clear();
      return;
    }
    for (let lane = 0; lane < lanes; lane++) {
      let least = Infinity;
      for (let p = 0; p < paths.length; p++) {
        const { workMs } = paths[p]!;
        const cost =
          lanePrices === undefined
            ? costOfRow(prices, workMs, lane)
            : costInLane(lanePrices, workMs, lane);
        least = Math.min(least, cost);
      }
      const utility = this.utility[lane]!;
      this.thresholds.set(lane, utility > 0 ? least / utility : Infinity);
    }
  }

  /**
   * Decides on the rows of a batch, and moves those that are kept to the front.
   *
   * The tags of kept rows get their bins while rows are counted; call
   * {@link QueueContents.enter} when they are in the ring.
   *
   * @param rows - rows of the batch, in order; kept rows come first afterwards
   * @param room - rows that fit; only rows that are never dropped go beyond
   * @param total - value of the rows together; not finite: it is added up here
   * @returns how many are kept
   * @hot
   */
  admit(
    batch: ValuedRows,
    rows: Uint32Array,
    count: number,
    room: number,
    total = Number.NaN,
  ): number {
    const isShed = batch.units !== undefined && !this.#options.units!.areWhole(batch.units);
    const kept =
      this.#isArmed || !this.#passesAll || count > room || isShed
        ? this.#choose(batch, rows, count, room, total)
        : this.#passAll(batch, rows, count);
    this.sequence += count;
    return kept;
  }

  /**
   * Lets a whole batch in while {@link isCalm}.
   *
   * @param total - value of the rows together; not finite: it is added up here
   * @returns false, with nothing done, if rows of it belong to units that were shed
   * @hot
   */
  pass(batch: ValuedRows, rows: Uint32Array, count: number, total: number): boolean {
    const { units, lanes } = this.#options;
    if (batch.units !== undefined && !units!.areWhole(batch.units)) return false;
    if (lanes === 1 && total - total === 0) {
      this.offered.add(0, count, total);
      this.#sample(batch, rows, count);
    } else {
      this.#passAll(batch, rows, count);
    }
    this.sequence += count;
    return true;
  }

  /**
   * Lets a batch in without a look at its values: to be called after {@link pass}, for a few batches at a time. The
   * next one that passes stands for them.
   *
   * @param total - value of the rows together; not finite: it is added up here
   * @hot
   */
  passUnseen(batch: ValuedRows, rows: Uint32Array, count: number, total: number): void {
    if (this.#options.lanes === 1 && total - total === 0) {
      this.offered.add(0, count, total);
    } else {
      addUp(batch, rows, count, this.#batchOffered);
      this.#batchOffered.foldInto(this.offered);
    }
    this.#uncounted += count;
    this.#untilSample = 0;
    this.sequence += count;
  }

  /** Lets everything in. @hot */
  #passAll(batch: ValuedRows, rows: Uint32Array, count: number): number {
    const tally = this.#batchOffered;
    addUp(batch, rows, count, tally);
    tally.foldInto(this.offered);
    this.#sample(batch, rows, count);
    return count;
  }

  /** Counts one batch of some by value, for those since the last one. @hot */
  #sample(batch: ValuedRows, rows: Uint32Array, count: number): void {
    this.#uncounted += count;
    if (this.#untilSample-- > 0 || count === 0) return;
    this.#untilSample = SAMPLING - 1;
    const { contents, units } = this.#options;
    const stride = sampleStrideOf(count);
    const phase = units === undefined ? this.sequence & (stride - 1) : 0;
    const counted = Math.ceil((count - phase) / stride);
    const weight = Math.floor(this.#uncounted / counted);
    this.#uncounted -= weight * counted;
    if (units === undefined) countOffered(batch, rows, count, contents, stride, weight, phase);
    else countOfferedUnits(batch, rows, count, contents, stride, weight, units);
  }

  /** Compares each row with the threshold of its lane. @hot */
  #choose(
    batch: ValuedRows,
    rows: Uint32Array,
    count: number,
    room: number,
    total: number,
  ): number {
    const offered = this.#batchOffered;
    const kept = this.#batchKept;
    if (this.#options.lanes === 1 && total - total === 0) offered.addMany(0, count, total);
    else addUp(batch, rows, count, offered);
    const keep =
      this.#room === undefined
        ? this.#keepRows(batch, rows, count, room)
        : this.#keepUnits(this.#room, batch, rows, count, room);
    // What was dropped is what is neither kept nor had no room.
    kept.addAll(this.#batchRoom);
    offered.foldDifferenceInto(this.shed, kept);
    offered.foldInto(this.offered);
    this.#batchRoom.foldInto(this.roomShed);
    kept.clear();
    return keep;
  }

  /** @hot */
  #keepRows(batch: ValuedRows, rows: Uint32Array, count: number, room: number): number {
    if (!this.#floors.areAny) return this.#keepAbove(batch, rows, count, room);
    const stride = strideOf(count);
    const phase = hash32(this.sequence);
    countOffered(batch, rows, count, this.#options.contents, stride, stride, phase);
    return this.#keepWithFloors(batch, rows, count, room);
  }

  /** Where no rows below the threshold are kept: the others are found first. @hot */
  #keepAbove(batch: ValuedRows, rows: Uint32Array, count: number, room: number): number {
    const { words, tags, kept } = batch;
    const { ranks } = this.thresholds;
    const places = this.#places;
    const leasts = this.#leasts;
    const phase = hash32(this.sequence);
    leastParts(ranks, leasts);
    let keep = 0;
    for (let from = 0; from < count; from += SCAN_ROWS) {
      const part = Math.min(SCAN_ROWS, count - from);
      const slice = part === count ? rows : rows.subarray(from, from + part);
      const found = findCandidates(batch, slice, part, leasts, places);
      countCandidates(batch, slice, part, leasts, places, found, this.#options.contents, phase);
      for (let c = 0; c < found; c++) {
        const row = slice[places[c]!]!;
        const lane = laneOfTag(tags[row]!);
        const bin = kept?.[row] === 1 ? NEVER_DROPPED : binOfHighWord(words[2 * row + HIGH_WORD]!);
        if (rankOf(bin, this.sequence + from + places[c]!) < ranks[lane]!) continue;
        if (this.#keepRow(batch, row, bin, lane, true, keep >= room)) rows[keep++] = row;
      }
    }
    return keep;
  }

  /** Where a share of the rows below the threshold is kept: each row is looked at. @hot */
  #keepWithFloors(batch: ValuedRows, rows: Uint32Array, count: number, room: number): number {
    const { words, tags, kept } = batch;
    const { ranks } = this.thresholds;
    let keep = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const lane = laneOfTag(tags[row]!);
      const bin = kept?.[row] === 1 ? NEVER_DROPPED : binOfHighWord(words[2 * row + HIGH_WORD]!);
      const passes = rankOf(bin, this.sequence + i) >= ranks[lane]!;
      if (!passes && !this.#floors.keeps(lane)) continue;
      if (this.#keepRow(batch, row, bin, lane, passes, keep >= room)) rows[keep++] = row;
    }
    return keep;
  }

  /** Where whole units are shed: what does not fit is what would be shed next. @hot */
  #keepUnits(
    space: UnitRoom,
    batch: ValuedRows,
    rows: Uint32Array,
    count: number,
    room: number,
  ): number {
    const { tags, values } = batch;
    space.choose(batch, rows, count, this.thresholds.ranks, room);
    space.countOffered(batch, rows, count, this.#options.contents, hash32(this.sequence));
    let keep = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const lane = laneOfTag(tags[row]!);
      if (space.passes(i)) {
        this.#keepRow(batch, row, space.binAt(i), lane, true, false);
        rows[keep++] = row;
      } else if (space.lacksRoom(i)) this.#batchRoom.add(lane, values[row]!);
    }
    return keep;
  }

  /** Writes what is known of a row that is kept; false if there is no room for it. @hot */
  #keepRow(
    batch: ValuedRows,
    row: number,
    bin: number,
    lane: number,
    passes: boolean,
    isFull: boolean,
  ): boolean {
    const { values, tags, weights } = batch;
    if (isFull && bin !== NEVER_DROPPED) {
      this.#batchRoom.add(lane, values[row]!);
      return false;
    }
    // What is kept for the floor is kept for good.
    tags[row] = tagOf(lane, passes ? bin : NEVER_DROPPED);
    this.#batchKept.add(lane, values[row]!);
    if (weights !== undefined) {
      const floor = this.#floors.shares[lane]!;
      const inclusion = inclusionOf(bin, this.thresholds.position(lane), floor);
      weights[row] = weights[row]! / inclusion;
    }
    return true;
  }
}

/** Whether any worker asks for something. @hot */
function isPriced(prices: Float64Array): boolean {
  for (let n = 0; n < prices.length; n++) if (prices[n]! > 0) return true;
  return false;
}

/** What the work on a row of a lane costs, where tenants have claims. @hot */
export function costInLane(
  lanePrices: readonly Float64Array[],
  workMs: readonly Float64Array[],
  lane: number,
): number {
  let cost = 0;
  for (let n = 0; n < lanePrices.length; n++) cost += lanePrices[n]![lane]! * workMs[n]![lane]!;
  return cost;
}

/** What the work on a row of a lane costs, at the prices of the workers. @hot */
export function costOfRow(
  prices: Float64Array,
  workMs: readonly Float64Array[],
  lane: number,
): number {
  let cost = 0;
  for (let n = 0; n < prices.length; n++) cost += prices[n]! * workMs[n]![lane]!;
  return cost;
}
