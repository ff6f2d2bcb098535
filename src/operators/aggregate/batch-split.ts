/** Which rows of a batch go where: to the slices they belong to, or to the `late` port. @module */

import type { Batch } from '../../core/batch.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BatchOptions } from '../../expr/index.ts';
import type { OpenSlices, Share } from './open-slices.ts';
import type { WindowIndex } from '../window-scheme.ts';
import type { SliceIndex, SliceScheme } from './slices.ts';

/** Where rows go. */
type SliceStore = Pick<OpenSlices, 'nextWindow' | 'watermarkUs' | 'share'>;

/**
 * Splits one batch after the other.
 *
 * A row's source had closed the windows that end at or before `time + lateBy`, and this task has
 * fired those before `nextWindow`; the row counts in the other windows of its slice. Where no window
 * is left it is late as a whole.
 */
export class BatchSplit {
  /** Live rows that are not late: `rows[0 .. count)`, ascending. */
  rows: Uint32Array;
  count = 0;
  /** Where rows go: `shares[bucket]`, of the first `shareCount`. The list is never cut short, only reused. */
  readonly shares: Share[] = [];
  shareCount = 0;
  /** Late rows, ascending. */
  readonly lateRows: Uint32Array;
  lateCount = 0;
  /**
   * How late those rows are, by row. One that its source let through on time, after an idle time in
   * which its windows fired, is late by the watermark that fired them.
   */
  readonly lateBy: Float64Array;
  readonly #scheme: SliceScheme;
  readonly #slices: SliceStore;
  readonly #ownRows: Uint32Array;
  /** By row: its bucket. */
  readonly #buckets: Int32Array;
  readonly #sorted: Uint32Array;
  readonly #bucketEnds: Int32Array;
  #batch = 0;
  /** The slice of the last row looked at. */
  #slice: SliceIndex = NaN;
  #share: Share | undefined;
  /** The slice of the last batch that began in one and may have been whole, and its time. */
  #whole: SliceIndex = NaN;
  #beginUs: TimeUs = Infinity;
  #endUs: TimeUs = -Infinity;

  constructor(scheme: SliceScheme, slices: SliceStore, { rowCapacity, memory }: BatchOptions) {
    this.#scheme = scheme;
    this.#slices = slices;
    this.#ownRows = memory.rows(rowCapacity);
    this.rows = this.#ownRows;
    this.lateRows = memory.rows(rowCapacity);
    this.lateBy = new Float64Array(rowCapacity);
    this.#buckets = new Int32Array(rowCapacity);
    this.#sorted = memory.rows(rowCapacity);
    this.#bucketEnds = new Int32Array(rowCapacity + 1);
  }

  /** Finds the bucket of each live row. */
  split(batch: Batch): void {
    this.#batch++;
    this.shareCount = 0;
    this.lateCount = 0;
    this.#share = undefined;
    this.#slice = NaN;
    if (this.#splitWhole(batch)) return;
    this.rows = this.#ownRows;
    this.count = 0;
    const { selection, selected } = batch;
    for (let i = 0; i < selected; i++) this.#place(batch, selection[i]!);
    this.#share = undefined;
  }

  /** Whether all rows are on time and in one slice of a window that has not fired. */
  isWhole({ lateCount, minTimeUs, maxTimeUs }: Batch): boolean {
    if (lateCount !== 0) return false;
    if (!(minTimeUs >= this.#beginUs && maxTimeUs < this.#endUs)) {
      const slice = this.#scheme.sliceOf(minTimeUs);
      this.#whole = slice;
      this.#beginUs = this.#scheme.endOfSliceUs(slice - 1);
      this.#endUs = this.#scheme.endOfSliceUs(slice);
      if (maxTimeUs >= this.#endUs) return false;
    }
    return this.#scheme.lastWindowOf(this.#whole) >= this.#slices.nextWindow;
  }

  /** Where the rows of such a batch go, the last one that was asked about. */
  shareOf(batch: Batch): Share {
    const share = this.#slices.share(this.#whole, -Infinity);
    this.#enter(share, batch);
    return share;
  }

  /** Where all rows go to one slice, there is nothing to do for each. */
  #splitWhole(batch: Batch): boolean {
    if (!this.isWhole(batch)) return false;
    this.#use(this.#slices.share(this.#whole, -Infinity), batch);
    this.rows = batch.selection;
    this.count = batch.selected;
    return true;
  }

  #place(batch: Batch, row: number): void {
    const timeUs = batch.timeUs(row);
    const slice = this.#scheme.sliceOf(timeUs);
    const lateByUs = batch.lateByUs(row);
    if (lateByUs === 0 && slice === this.#slice && this.#share !== undefined) {
      this.#keep(row, this.#share.bucket);
      return;
    }
    const firedUntil = this.#slices.nextWindow;
    let from: WindowIndex = firedUntil;
    if (lateByUs > 0) from = Math.max(from, this.#scheme.firstOpenWindow(timeUs + lateByUs));
    if (this.#scheme.lastWindowOf(slice) < from) {
      this.lateRows[this.lateCount++] = row;
      this.lateBy[row] = lateByUs > 0 ? lateByUs : this.#slices.watermarkUs - timeUs;
      return;
    }
    const isWhole = from <= Math.max(firedUntil, this.#scheme.firstWindowOf(slice));
    const share = this.#slices.share(slice, isWhole ? -Infinity : from);
    if (share.batch !== this.#batch) this.#use(share, batch);
    this.#keep(row, share.bucket);
    if (!isWhole) return;
    this.#slice = slice;
    this.#share = share;
  }

  #keep(row: number, bucket: number): void {
    this.#ownRows[this.count++] = row;
    this.#buckets[row] = bucket;
  }

  #use(share: Share, batch: Batch): void {
    share.batch = this.#batch;
    share.bucket = this.shareCount++;
    this.shares[share.bucket] = share;
    this.#enter(share, batch);
  }

  #enter(share: Share, { ingestTimeUs }: Batch): void {
    if (ingestTimeUs < Infinity && ingestTimeUs > share.lastIngestUs) {
      share.lastIngestUs = ingestTimeUs;
    }
  }

  /**
   * Orders rows by bucket, ascending within each; {@link endOf} tells the buckets apart.
   *
   * @param rows - `rows[0 .. count)` are some of those that were split; not written to
   * @returns the rows in that order, or `rows` where there is one bucket only
   */
  group(rows: Uint32Array, count: number): Uint32Array {
    const buckets = this.shareCount;
    const ends = this.#bucketEnds;
    if (buckets < 2) {
      ends[0] = count;
      return rows;
    }
    ends.fill(0, 0, buckets + 1);
    for (let i = 0; i < count; i++) {
      const bucket = this.#buckets[rows[i]!]!;
      ends[bucket + 1] = ends[bucket + 1]! + 1;
    }
    for (let b = 1; b <= buckets; b++) ends[b] = ends[b]! + ends[b - 1]!;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const bucket = this.#buckets[row]!;
      this.#sorted[ends[bucket]!] = row;
      ends[bucket] = ends[bucket]! + 1;
    }
    return this.#sorted;
  }

  /** Where the rows of a bucket end in `rows`, after {@link group}. */
  endOf(bucket: number): number {
    return this.#bucketEnds[bucket]!;
  }
}
