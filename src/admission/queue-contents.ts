/**
 * What waits in an admission ring, by lane and bin: rows that went in less rows that came out.
 *
 * A *lane* is a class of rows that have the same cost and the same utility: a class, or a class of a
 * tenant. The producer of the ring writes `offered` and `entered`, its consumer writes `left`;
 * anybody reads. The words are counts that wrap around at 2^32, so differences are right as long as
 * fewer rows than that wait. A reader on another thread may see the one count a little later than the other: a
 * difference may be off by the rows of a batch, and below zero by them; readers take that for zero.
 *
 * A row is counted only if its tag has its bin, see {@link tagOf}. While little waits nothing is
 * counted, and it costs nothing.
 *
 * @module
 */

import { BINS } from './value-bins.ts';

/** Bits of a tag for the lane; the bin plus one lies above. */
const LANE_BITS = 16;
const LANE_MASK = 2 ** LANE_BITS - 1;

/** A lane and a bin as one int32: the hidden column that travels with a row. */
export function tagOf(lane: number, bin: number): number {
  return lane | ((bin + 1) << LANE_BITS);
}

/** The lane of a tag. @hot */
export function laneOfTag(tag: number): number {
  return tag & LANE_MASK;
}

/** The bin of a tag, or -1 for a row that was not counted. @hot */
export function binOfTag(tag: number): number {
  return (tag >>> LANE_BITS) - 1;
}

/** Counts of rows in an admission ring. */
export class QueueContents {
  readonly lanes: number;
  /** Rows offered, whether they went in or not: `lane * BINS + bin`. Sampled while little waits. */
  readonly offered: Int32Array;
  /** Counted rows that went in. */
  readonly entered: Int32Array;
  /** Counted rows that came out, to be worked on or dropped. */
  readonly left: Int32Array;
  /** Lowest and highest bin seen, by lane: `2 * lane`, and one further. */
  readonly range: Int32Array;
  /** Counted rows that went in, and those that came out: one word each. */
  readonly enteredTotal: Int32Array;
  readonly leftTotal: Int32Array;

  /** Words that the counts of so many lanes take. */
  static wordsFor(lanes: number): number {
    return 3 * lanes * BINS + 2 * lanes + 32;
  }

  /**
   * @param words - zeros at first; shared between producer, consumer and readers
   * @param first - of the same source: what was offered, and which bins there are, is noted there
   */
  constructor(words: Int32Array, lanes: number, first?: QueueContents) {
    const cells = lanes * BINS;
    this.lanes = lanes;
    this.offered = first?.offered ?? words.subarray(0, cells);
    this.entered = words.subarray(cells, 2 * cells);
    this.left = words.subarray(2 * cells, 3 * cells);
    this.range = first?.range ?? words.subarray(3 * cells, 3 * cells + 2 * lanes);
    const totals = 3 * cells + 2 * lanes;
    // Apart, so that the two writers do not share a line.
    this.enteredTotal = words.subarray(totals, totals + 1);
    this.leftTotal = words.subarray(totals + 16, totals + 17);
  }

  /** Counted rows that wait. */
  get countedRows(): number {
    return Math.max(0, (this.enteredTotal[0]! - this.leftTotal[0]!) | 0);
  }

  /** Counts rows that are offered. By the producer. @hot */
  offer(lane: number, bin: number, rows: number): void {
    const cell = lane * BINS + bin;
    const before = this.offered[cell]!;
    this.offered[cell] = before + rows;
    if (before === 0) this.widen(lane, bin);
  }

  /**
   * Counts rows of a batch that go into the ring. By the producer.
   *
   * Of a batch all rows have their bins in their tags or none.
   *
   * @hot
   */
  enter(tags: Int32Array, rows: Uint32Array, count: number): void {
    if (count === 0 || binOfTag(tags[rows[0]!]!) < 0) return;
    const entered = this.entered;
    for (let i = 0; i < count; i++) {
      const tag = tags[rows[i]!]!;
      const bin = binOfTag(tag);
      const lane = laneOfTag(tag);
      const cell = lane * BINS + bin;
      const before = entered[cell]!;
      entered[cell] = before + 1;
      if (before === 0) this.widen(lane, bin);
    }
    this.enteredTotal[0] = this.enteredTotal[0]! + count;
  }

  /**
   * Counts rows that come out of the ring. By the consumer, for every row that it takes.
   *
   * @hot
   */
  leave(tags: Int32Array, rows: Uint32Array, from: number, to: number): void {
    if (this.countedRows === 0) return;
    const left = this.left;
    let counted = 0;
    for (let i = from; i < to; i++) {
      const tag = tags[rows[i]!]!;
      const bin = binOfTag(tag);
      if (bin < 0) continue;
      const cell = laneOfTag(tag) * BINS + bin;
      left[cell] = left[cell]! + 1;
      counted++;
    }
    this.leftTotal[0] = this.leftTotal[0]! + counted;
  }

  /** Widens the range of a lane to a bin. By the producer. @hot */
  widen(lane: number, bin: number): void {
    const range = this.range;
    const at = 2 * lane;
    // Stored as 1024 less the lowest bin, so that zeros mean nothing seen.
    if (BINS - bin > range[at]!) range[at] = BINS - bin;
    if (bin + 1 > range[at + 1]!) range[at + 1] = bin + 1;
  }

  /** The lowest bin seen of a lane, or 1024. */
  lowestBin(lane: number): number {
    return BINS - this.range[2 * lane]!;
  }

  /** One above the highest bin seen of a lane, or 0. */
  binsEnd(lane: number): number {
    return this.range[2 * lane + 1]!;
  }
}
