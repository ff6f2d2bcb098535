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
    let last: SliceIndex = NaN;
    let bucket = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const markUs = batch.timeUs(row) + batch.lateByUs(row);
      const index = Math.max(Math.floor(markUs / this.#everyUs), from);
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
    return this.#sort.endOf(bucket);
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
