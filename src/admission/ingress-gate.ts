/**
 * The gate at a source: which rows of a batch go into the admission ring.
 *
 * @module
 */

import { BINS, HIGH_WORD, NEVER_DROPPED, binOfHighWord } from './value-bins.ts';
import { inclusionOf } from './inclusion.ts';
import { LaneFloors } from './lane-floors.ts';
import { type QueueContents, SAMPLING, tagOf } from './queue-contents.ts';
import { BatchTally, Tally } from './tally.ts';
import { Thresholds, rankOf } from './thresholds.ts';

/** Where the draws for floors begin. */
const INGRESS_SEED = 0x5bd1e995;

/** Rows of a batch with what they are worth: columns by row. */
export interface ValuedRows {
  readonly values: Float64Array;
  /** The words of `values`. */
  readonly words: Uint32Array;
  /** The lane of each row; the gate adds the bin of rows that are counted. */
  readonly tags: Int32Array;
  /** One for rows that are never dropped; left out: every row may be. */
  readonly kept?: Uint8Array | undefined;
  /** For how many rows each stands, 1 at first: multiplied for rows that were kept by chance. */
  readonly weights?: Float64Array | undefined;
}

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
  /** Rows whose value is no number, negative or zero. */
  worthless = 0;
  /** Rows seen: the next row's sequence number, from which its dither comes. */
  sequence = 0;
  readonly #options: IngressGateOptions;
  readonly #floors: LaneFloors;
  readonly #batchOffered: BatchTally;
  readonly #batchShed: BatchTally;
  readonly #batchRoom: BatchTally;
  #isArmed = false;
  #passesAll = true;
  #untilSample = 0;

  constructor(options: IngressGateOptions) {
    const { lanes } = options;
    this.#options = options;
    this.thresholds = new Thresholds(lanes);
    this.utility = options.utility ?? new Float64Array(lanes).fill(1);
    this.#floors = new LaneFloors(options.minShare ?? new Float64Array(lanes), INGRESS_SEED);
    this.offered = new Tally(lanes);
    this.shed = new Tally(lanes);
    this.roomShed = new Tally(lanes);
    this.#batchOffered = new BatchTally(lanes);
    this.#batchShed = new BatchTally(lanes);
    this.#batchRoom = new BatchTally(lanes);
  }

  /** Rows and value that went in, by lane. */
  admitted(lane: number): { count: number; value: number } {
    const { offered, shed, roomShed } = this;
    return {
      count: offered.counts[lane]! - shed.counts[lane]! - roomShed.counts[lane]!,
      value: offered.value(lane) - shed.value(lane) - roomShed.value(lane),
    };
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
   * @param lanePrices - by worker: what each lane pays, where tenants have claims
   * @hot
   */
  reprice(prices: Float64Array, isArmed: boolean, lanePrices?: readonly Float64Array[]): void {
    const { paths, lanes } = this.#options;
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
   * @returns how many are kept
   * @hot
   */
  admit(batch: ValuedRows, rows: Uint32Array, count: number, room: number): number {
    const kept =
      this.#isArmed || !this.#passesAll || count > room
        ? this.#choose(batch, rows, count, room)
        : this.#passAll(batch, rows, count);
    this.sequence += count;
    return kept;
  }

  /** Lets everything in; one batch of some is counted. @hot */
  #passAll(batch: ValuedRows, rows: Uint32Array, count: number): number {
    const { values, tags } = batch;
    const tally = this.#batchOffered;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      tally.add(tags[row]!, values[row]!);
    }
    tally.foldInto(this.offered);
    if (this.#untilSample-- === 0) {
      this.#untilSample = SAMPLING - 1;
      this.#sample(batch, rows, count);
    }
    return count;
  }

  /** Counts a batch for those that were not. @hot */
  #sample(batch: ValuedRows, rows: Uint32Array, count: number): void {
    const { words, tags, kept } = batch;
    const { contents } = this.#options;
    const offered = contents.offered;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const lane = tags[row]!;
      const bin = kept?.[row] === 1 ? NEVER_DROPPED : binOfHighWord(words[2 * row + HIGH_WORD]!);
      const cell = lane * BINS + bin;
      offered[cell] = offered[cell]! + SAMPLING;
      contents.widen(lane, bin);
    }
  }

  /** Compares each row with the threshold of its lane. @hot */
  #choose(batch: ValuedRows, rows: Uint32Array, count: number, room: number): number {
    const { words, values, tags, kept, weights } = batch;
    const { contents } = this.#options;
    const offered = contents.offered;
    const { thresholds } = this;
    const ranks = thresholds.ranks;
    const sequence = this.sequence;
    let keep = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const lane = tags[row]!;
      const bin = kept?.[row] === 1 ? NEVER_DROPPED : binOfHighWord(words[2 * row + HIGH_WORD]!);
      const cell = lane * BINS + bin;
      offered[cell] = offered[cell]! + 1;
      contents.widen(lane, bin);
      this.#batchOffered.add(lane, values[row]!);
      if (bin === 0) this.worthless++;
      const passes = rankOf(bin, sequence + i) >= ranks[lane]!;
      if (!passes && !this.#floors.keeps(lane)) {
        this.#batchShed.add(lane, values[row]!);
      } else if (keep >= room && bin !== NEVER_DROPPED) {
        this.#batchRoom.add(lane, values[row]!);
      } else {
        // What is kept for the floor is kept for good.
        tags[row] = tagOf(lane, passes ? bin : NEVER_DROPPED);
        if (weights !== undefined) {
          const floor = this.#floors.shares[lane]!;
          weights[row] = weights[row]! / inclusionOf(bin, thresholds.position(lane), floor);
        }
        rows[keep++] = row;
      }
    }
    this.#batchOffered.foldInto(this.offered);
    this.#batchShed.foldInto(this.shed);
    this.#batchRoom.foldInto(this.roomShed);
    return keep;
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
