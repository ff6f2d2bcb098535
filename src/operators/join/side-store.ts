/**
 * The rows of one input that may still find a match: their columns, in segments.
 *
 * ```
 *  row = slot × segmentRows + position
 *  slots   segment: a batch of segmentRows rows, filled from the front, let go as a whole
 * ```
 *
 * A segment is let go when the last of its rows has expired; then its rows leave their chains, and
 * its memory takes new rows. Every row is added and removed once, in constant time.
 *
 * @module
 */

import { Batch } from '../../core/batch.ts';
import { layoutBatch, needsHeap } from '../../core/batch-layout.ts';
import type { Column } from '../../core/column.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import { appendColumns } from '../../core/gather.ts';
import type { Schema } from '../../core/schema.ts';
import type { TimeUs } from '../../core/units.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import { NONE, RowChains } from './row-chains.ts';
import type { StateBudget } from './state-budget.ts';

const HEAP_STEP_BYTES = 4096;
/** Segments with a heap larger than this, or than this part of the limit, would be let go too late. */
const MOST_HEAP_BYTES = 1 << 20;
const HEAPS_IN_LIMIT = 64;
/** Room for long strings in the first segment, for each row. */
const FIRST_HEAP_BYTES_PER_ROW = 16;

/** What the rows of a batch are stored with; by row of the batch. */
export interface RowFacts {
  readonly hashes: Int32Array;
  readonly times: Float64Array;
  /** Event time or, for late rows, the watermark of the row's source; see the kernel. */
  readonly marks: Float64Array;
  /** Not 0: the row has found a match. */
  readonly matched: Int32Array;
}

/** Rows of one side. */
export class SideStore {
  /** A row's segment is `row >>> shift`, its position `row & (segmentRows − 1)`. */
  readonly shift: number;
  /** By slot. */
  readonly segments: Batch[] = [];
  /** What is known of each row, and where to look for it. */
  readonly chains: RowChains;
  readonly #schema: Schema;
  readonly #segmentRows: number;
  readonly #budget: StateBudget;
  /** Rows by time, where each is wanted as soon as it expires. */
  readonly #expiring: ExpiryQueue | undefined;
  /** Full segments by the largest time in them. */
  readonly #full = new ExpiryQueue();
  #slotCapacity = 0;
  /** By slot: the largest time in it. */
  readonly #maxTimes: number[] = [];
  readonly #bytes: number[] = [];
  /** Slots without rows, with memory. */
  readonly #free: number[] = [];
  /** Slots without memory. */
  readonly #bare: number[] = [];
  #open = NONE;
  #heapBytes: number;

  /**
   * @param schema - the columns to be stored
   * @param segmentRows - a power of two, at least 64
   * @param expiresRows - whether {@link takeExpired} will be used
   */
  constructor(schema: Schema, segmentRows: number, expiresRows: boolean, budget: StateBudget) {
    this.#schema = schema;
    this.#segmentRows = segmentRows;
    this.shift = 31 - Math.clz32(segmentRows);
    this.#budget = budget;
    this.chains = new RowChains(budget);
    this.#expiring = expiresRows ? new ExpiryQueue() : undefined;
    this.#heapBytes = needsHeap(schema) ? segmentRows * FIRST_HEAP_BYTES_PER_ROW : 0;
  }

  /**
   * Stores rows `rows[0 .. count)` of `columns`.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  append(columns: readonly Column[], rows: Uint32Array, count: number, facts: RowFacts): void {
    let from = 0;
    while (from < count) {
      if (this.#open === NONE) this.#open = this.#newSegment(longBytes(columns, rows[from]!));
      const slot = this.#open;
      const segment = this.segments[slot]!;
      const start = segment.rowCount;
      const copied = appendColumns(segment, columns, rows, from, count);
      if (copied > 0) this.#chain(slot, start, rows, from, copied, facts);
      from += Math.max(0, copied);
      if (from < count || segment.rowCount === this.#segmentRows) this.#close();
    }
  }

  /** Takes a row with a time below `boundUs` out of its chain; {@link NONE} when there is none. */
  takeExpired(boundUs: TimeUs): number {
    const row = this.#expiring === undefined ? NONE : this.#expiring.take(boundUs);
    if (row !== NONE) this.chains.remove(row);
    return row;
  }

  /** Lets go of segments in which all times are below `boundUs`. */
  release(boundUs: TimeUs): void {
    for (;;) {
      const slot = this.#full.take(boundUs);
      if (slot === NONE) break;
      this.#empty(slot);
    }
    if (this.#open !== NONE && this.#maxTimes[this.#open]! < boundUs) {
      const slot = this.#open;
      this.#open = NONE;
      this.#empty(slot);
    }
  }

  #chain(
    slot: number,
    start: number,
    rows: Uint32Array,
    from: number,
    count: number,
    facts: RowFacts,
  ): void {
    const base = slot * this.#segmentRows + start;
    let maxTimeUs = this.#maxTimes[slot]!;
    for (let i = 0; i < count; i++) {
      const row = base + i;
      const source = rows[from + i]!;
      const timeUs = facts.times[source]!;
      if (timeUs > maxTimeUs) maxTimeUs = timeUs;
      this.chains.add(
        row,
        facts.hashes[source]!,
        timeUs,
        facts.marks[source]!,
        facts.matched[source]!,
      );
      if (this.#expiring !== undefined) this.#expiring.push(row, timeUs);
    }
    this.#maxTimes[slot] = maxTimeUs;
  }

  /** A segment with room for a row that has `neededHeapBytes` of long values. */
  #newSegment(neededHeapBytes: number): number {
    for (;;) {
      const slot = this.#free.pop();
      if (slot === undefined) break;
      const heapBytes = this.segments[slot]!.heap.capacityBytes;
      if (heapBytes >= neededHeapBytes && 2 * heapBytes >= this.#heapBytes) return slot;
      this.#strip(slot);
    }
    const heapBytes = Math.max(this.#heapBytes, neededHeapBytes);
    const layout = layoutBatch(
      { schema: this.#schema, hasTime: false },
      this.#segmentRows,
      heapBytes,
    );
    const slot = this.#bare.pop() ?? this.#newSlot();
    this.#budget.take(layout.slotBytes);
    this.segments[slot] = Batch.allocate(layout);
    this.#bytes[slot] = layout.slotBytes;
    this.#maxTimes[slot] = -Infinity;
    return slot;
  }

  #newSlot(): number {
    const slot = this.segments.length;
    if (slot === this.#slotCapacity) this.#growRows(Math.max(1, 2 * slot));
    return slot;
  }

  #growRows(slots: number): void {
    const capacity = slots * this.#segmentRows;
    if (this.#expiring !== undefined) {
      this.#budget.take((slots - this.#slotCapacity) * this.#segmentRows * ExpiryQueue.ITEM_BYTES);
      this.#expiring.grow(capacity);
    }
    this.#slotCapacity = slots;
    this.chains.grow(capacity);
    this.#full.grow(slots);
  }

  /** Ends the open segment, and learns from it how much heap the next will need. */
  #close(): void {
    const slot = this.#open;
    const segment = this.segments[slot]!;
    this.#open = NONE;
    if (segment.rowCount === 0) {
      this.#strip(slot); // its heap was too small for the first row
      return;
    }
    if (this.#heapBytes > 0) {
      const wanted = (1.25 * segment.heap.used * this.#segmentRows) / segment.rowCount;
      const most = Math.min(MOST_HEAP_BYTES, this.#budget.limitBytes / HEAPS_IN_LIMIT);
      const steps = Math.floor(Math.min(wanted, most) / HEAP_STEP_BYTES);
      this.#heapBytes = Math.max(1, steps) * HEAP_STEP_BYTES;
    }
    this.#full.push(slot, this.#maxTimes[slot]!);
  }

  /** Takes all rows of a segment out of their chains. Keeps some memory for later. */
  #empty(slot: number): void {
    const segment = this.segments[slot]!;
    const base = slot * this.#segmentRows;
    for (let row = base; row < base + segment.rowCount; row++) this.chains.remove(row);
    segment.reset();
    this.#maxTimes[slot] = -Infinity;
    this.#free.push(slot);
    if (this.#free.length > 2 + this.segments.length / 4) this.#strip(this.#free.shift()!);
  }

  /** Lets the memory of an empty segment go. */
  #strip(slot: number): void {
    this.#budget.give(this.#bytes[slot]!);
    this.#bytes[slot] = 0;
    this.segments[slot] = NO_ROWS;
    this.#bare.push(slot);
  }
}

const NO_ROWS = Batch.view(64, false);

/** Bytes of the values of a row that do not lie in their views. */
function longBytes(columns: readonly Column[], row: number): number {
  let bytes = 0;
  for (const column of columns) {
    if (column.storage !== 'view' || column.isNull(row)) continue;
    const length = column.viewLength(row);
    if (length > INLINE_BYTES) bytes += length;
  }
  return bytes;
}
