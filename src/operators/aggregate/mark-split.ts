/** Which rows of a batch count from which multiple of an interval on. @module */

import type { Batch } from '../../core/batch.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { GroupState } from '../../state/index.ts';
import { PositionSort } from '../position-sort.ts';
import type { SliceIndex } from './slices.ts';

/** Rows that count from one multiple of the interval on. */
export interface MarkedSlice {
  readonly state: GroupState;
  /** When the last of the rows entered the engine. */
  lastIngestUs: TimeUs;
}

/**
 * Splits one batch after the other.
 *
 * A row counts from the slice in which its source stood when it entered, or in which its own time
 * lies if that is later.
 */
export class MarkSplit<Slice extends MarkedSlice> {
  /** Slices of the batch. */
  readonly found: Slice[] = [];
  readonly #everyUs: DurationUs;
  readonly #sliceAt: (index: SliceIndex) => Slice;
  readonly #foundAt: SliceIndex[] = [];
  /** By position: which of the batch's slices a row counts from. */
  readonly #buckets: Int32Array;
  readonly #sort: PositionSort;
  readonly #sorted: Uint32Array;
  /** Rows of a batch that is of one slice; -1: it is not known to be. */
  #wholeCount = -1;

  /**
   * @param sliceAt - finds or makes a slice
   * @param sorted - room for as many rows as a batch has
   */
  constructor(everyUs: DurationUs, sliceAt: (index: SliceIndex) => Slice, sorted: Uint32Array) {
    this.#everyUs = everyUs;
    this.#sliceAt = sliceAt;
    this.#buckets = new Int32Array(sorted.length);
    this.#sort = new PositionSort(sorted.length);
    this.#sorted = sorted;
  }

  /**
   * Finds the slices of `rows[0 .. count)`.
   *
   * @param from - no row counts from an earlier slice
   * @returns the rows in the order of {@link found}; {@link endOf} tells where each ends
   */
  split(batch: Batch, rows: Uint32Array, count: number, from: SliceIndex): Uint32Array {
    const { found } = this;
    found.length = 0;
    this.#foundAt.length = 0;
    this.#wholeCount = -1;
    if (count > 0 && batch.lateCount === 0) {
      // Where all rows are on time and in one slice, there is nothing to do for each.
      const only = this.#indexOf(batch.minTimeUs, from);
      if (only === this.#indexOf(batch.maxTimeUs, from)) {
        this.#bucketOf(only, batch.ingestTimeUs);
        this.#wholeCount = count;
        return rows;
      }
    }
    let last: SliceIndex = NaN;
    let bucket = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const index = this.#indexOf(batch.timeUs(row) + batch.lateByUs(row), from);
      if (index !== last) bucket = this.#bucketOf(index, batch.ingestTimeUs);
      last = index;
      this.#buckets[i] = bucket;
    }
    this.#sort.sort(this.#buckets, count, found.length);
    if (found.length < 2) return rows;
    for (let i = 0; i < count; i++) this.#sorted[i] = rows[this.#sort.order[i]!]!;
    return this.#sorted;
  }

  /** Where the rows of the `bucket`-th slice end. */
  endOf(bucket: number): number {
    return this.#wholeCount >= 0 ? this.#wholeCount : this.#sort.endOf(bucket);
  }

  #indexOf(markUs: TimeUs, from: SliceIndex): SliceIndex {
    return Math.max(Math.floor(markUs / this.#everyUs), from);
  }

  #bucketOf(index: SliceIndex, ingestTimeUs: TimeUs): number {
    const known = this.#foundAt.indexOf(index);
    if (known >= 0) return known;
    const slice = this.#sliceAt(index);
    if (ingestTimeUs < Infinity && ingestTimeUs > slice.lastIngestUs) {
      slice.lastIngestUs = ingestTimeUs;
    }
    this.#foundAt.push(index);
    return this.found.push(slice) - 1;
  }
}
