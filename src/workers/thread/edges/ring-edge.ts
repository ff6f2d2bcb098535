/**
 * An edge to other workers: rows are appended to a slot of a ring.
 *
 * Rows of several batches are gathered in one slot. It is passed on when it is full, when its
 * consumers have nothing else to do, or after {@link LINGER_MS}.
 *
 * @module
 */

import { performance } from 'node:perf_hooks';
import type { BatchLayout } from '../../../core/batch-layout.ts';
import { BatchKind } from '../../../core/batch-layout.ts';
import { Batch } from '../../../core/batch.ts';
import { MillraceError } from '../../../core/errors.ts';
import { RowCopier } from '../../../columns/index.ts';
import { TUPLE_TOO_LARGE } from '../../../core/gather.ts';
import { invariant } from '../../../core/invariant.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { TimeUs } from '../../../core/units.ts';
import { type Bell, NO_SLOT, type RingProducer } from '../../../ringbuf/index.ts';
import type { Edge } from '../flow.ts';
import { LateBell } from './late-bell.ts';

/** The longest that rows wait in an open slot while their worker is busy. */
export const LINGER_MS = 1;
/** The same for rows of an outlet while their worker has more to do than it can. */
const CROWDED_LINGER_MS = 4;

/** What says whether a worker has more to do than it can. */
export interface Crowding {
  readonly isOn: boolean;
}

/** Is told which rows went into a ring. */
export interface RingRows {
  /** Rows `[from, to)` of the batch's selection. @hot */
  entered(batch: Batch, from: number, to: number): void;
  /** So many rows went past the ring. @hot */
  passed(rows: number): void;
}

/** The reading end of a ring on the same worker, where rows may be given past the ring while it is empty. */
export interface Shortcut {
  /** Whether these rows may be given now. */
  mayTake(batch: Batch): boolean;
  /** Takes the selected rows, and refers to them until {@link hasSettled}; milliseconds of work, 0 if it is not over. */
  take(batch: Batch, nowMs: number): number;
  /** The same without counting them or looking at the clock, for {@link settle}. */
  takeUnseen(batch: Batch): void;
  /** Counts rows that were taken unseen, in so many batches, and what they took. */
  settle(rows: number, batches: number, workMs: number): void;
  /** Takes a watermark behind them; false: it has to go through the ring. */
  takeWatermark(watermarkUs: TimeUs): boolean;
  /** Whether nothing refers to rows that were taken. */
  hasSettled(): boolean;
  /** What gives the rows has nothing more to give just now. */
  renew(): void;
  /** Slots of the ring that were taken and given back. */
  readonly slotsDone: number;
}

/** The writing end of a ring of batches. */
export class RingEdge implements Edge {
  readonly #producer: RingProducer;
  readonly #layout: BatchLayout;
  readonly #slots: readonly Batch[];
  readonly #copier: RowCopier;
  readonly #node: string;
  /** The slot being filled; claimed, not published. */
  #open: Batch | undefined;
  /** The open slot takes no more rows. */
  #isFull = false;
  #openedAtMs = Infinity;
  /** Rows that did not fit yet: a batch upstream, from `#next` of its selection on. */
  #pending: Batch | undefined;
  #next = 0;
  /** Behind all rows appended so far. */
  #watermarkUs: TimeUs = -Infinity;
  #publishedUs: TimeUs = -Infinity;
  /** Came while rows were pending. */
  #nextWatermarkUs: TimeUs = -Infinity;
  readonly #isOutlet: boolean;
  #gathers = false;
  #crowding: Crowding | undefined;
  #shortcut: Shortcut | undefined;
  /** Slots that were published. */
  slotsPublished = 0;
  readonly #bell: LateBell;
  readonly #rows: RingRows | undefined;
  /** Rows of the claimed slot that have been counted. */
  #claimedAt = 0;
  #rangMs = -Infinity;
  #isEnding = false;
  #hasEnded = false;
  #sequence = 0;

  /**
   * @param producer - without bells
   * @param bells - of the workers that read
   * @param memory - of this worker, in which the ring lies as well
   * @param node - whose output this is, for errors
   * @param isOutlet - the reader takes rows only: no watermark is worth waking it
   * @param rows - is told of rows that went in
   */
  constructor(
    producer: RingProducer,
    bells: readonly Bell[],
    memory: KernelMemory,
    layout: BatchLayout,
    node: string,
    isOutlet = false,
    rows?: RingRows,
  ) {
    this.#isOutlet = isOutlet;
    this.#rows = rows;
    this.#bell = new LateBell(bells, producer.address.slots);
    this.#producer = producer;
    this.#layout = layout;
    this.#copier = new RowCopier(memory, layout.schema.length);
    this.#node = node;
    this.#slots = Array.from({ length: producer.address.slots }, (_, slot) =>
      Batch.over(layout, memory.buffer, producer.slotOffset(slot)),
    );
  }

  /**
   * From now on rows wait for others also while their worker has nothing to do, if their reader has: a source that is
   * looked at four times a millisecond would fill a ring with slots of a few rows. The worker must look
   * again while {@link isGathering}.
   */
  gather(): void {
    this.#gathers = true;
  }

  /**
   * From now on rows wait for longer, and their reader is not woken for each slot, while their worker has more to do
   * than it can: to wake a thread takes longer than the work on some rows, and all of them have waited already.
   */
  linger(crowding: Crowding): void {
    this.#crowding = crowding;
  }

  /** From now on rows may be given past the ring. */
  shorten(shortcut: Shortcut): void {
    this.#shortcut = shortcut;
  }

  /** Whether rows may be given to the reader at once, instead of being offered. */
  mayPass(batch: Batch): boolean {
    return this.#shortcut !== undefined && this.#isEmpty() && this.#shortcut.mayTake(batch);
  }

  /**
   * Gives rows to the reader, which refers to them until {@link hasSettled}. Only after {@link mayPass}.
   *
   * @returns milliseconds of work, 0 if it is not over
   */
  pass(batch: Batch, nowMs: number): number {
    this.#rows?.entered(batch, 0, batch.selected);
    return this.#shortcut!.take(batch, nowMs);
  }

  /** The reader, where rows may be given to it past the ring. */
  get shortcut(): Shortcut | undefined {
    return this.#shortcut;
  }

  /** Counts rows that the {@link shortcut} was given unseen. */
  settle(rows: number, batches: number, workMs: number): void {
    // In before out: nothing leaves that has not come.
    this.#rows?.passed(rows);
    this.#shortcut!.settle(rows, batches, workMs);
  }

  /** Whether nothing refers to rows that were given past the ring. */
  hasSettled(): boolean {
    return this.#shortcut?.hasSettled() !== false;
  }

  /** What offers rows has nothing more just now. */
  renew(): void {
    this.#shortcut?.renew();
  }

  /** Nothing waits here: asked only where there is a shortcut. */
  #isEmpty(): boolean {
    const hasRows = this.#open !== undefined && this.#open.rowCount > 0;
    const isDrained = this.#shortcut?.slotsDone === this.slotsPublished;
    return !hasRows && this.#pending === undefined && isDrained;
  }

  /** Whether rows wait in an open slot. */
  get isGathering(): boolean {
    return this.#gathers && this.#open !== undefined && this.#open.rowCount > 0;
  }

  offer(batch: Batch): void {
    this.#pending = batch;
    this.#next = 0;
    this.#append();
  }

  /** Rows that still fit, if their long values do. */
  roomRows(): number {
    const open = this.#open === undefined || this.#isFull ? 0 : 1;
    const left = open === 0 ? 0 : this.#open!.rowCapacity - this.#open!.rowCount;
    const claimed = this.#open === undefined ? 0 : 1;
    return left + (this.#producer.freeSlots() - claimed) * this.#layout.rowCapacity;
  }

  /** The batch of which rows did not fit yet, from {@link pendingFrom} of its selection on. */
  get pending(): Batch | undefined {
    return this.#pending;
  }

  get pendingFrom(): number {
    return this.#next;
  }

  /** Gives up rows that did not fit: of the pending batch only those that it selects now are left. */
  keepPending(): void {
    this.#next = 0;
    if (this.#pending!.selected > 0) return;
    this.#pending = undefined;
    this.#watermarkUs = this.#nextWatermarkUs;
  }

  /** The open slot, to append rows to in place; `undefined` when the ring is full. */
  claim(): Batch | undefined {
    const slot = this.#pending === undefined ? this.#openSlot() : undefined;
    this.#claimedAt = slot?.rowCount ?? 0;
    return slot;
  }

  /** Rows were appended to the claimed slot. */
  commit(isFull: boolean): void {
    const open = this.#open;
    invariant(open !== undefined, 'commit without claim');
    if (open.rowCount > this.#claimedAt) {
      this.#rows?.entered(open, this.#claimedAt, open.rowCount);
      this.#claimedAt = open.rowCount;
    }
    this.#isFull = isFull || open.rowCount === open.rowCapacity;
  }

  watermark(watermarkUs: TimeUs): void {
    this.#nextWatermarkUs = watermarkUs;
    if (this.#pending !== undefined) return;
    this.#watermarkUs = watermarkUs;
    if (this.#isFull) this.#publish();
  }

  end(): void {
    this.#isEnding = true;
    this.pump();
  }

  isIdle(): boolean {
    return this.#pending === undefined && (!this.#isEnding || this.#hasEnded);
  }

  pump(): boolean {
    let moved = false;
    if (this.#pending !== undefined) {
      const before = this.#next;
      this.#append();
      moved = this.#pending === undefined || this.#next !== before;
    }
    if (this.#isEnding && !this.#hasEnded && this.#pending === undefined) {
      const slot = this.#openSlot();
      if (slot === undefined) return moved;
      slot.kind = BatchKind.END;
      this.#publish();
      this.#hasEnded = true;
      moved = true;
    }
    return moved;
  }

  flush(nowMs: number): boolean {
    if (this.#crowding?.isOn === true && nowMs < Infinity && !this.#isEnding) {
      if (nowMs - this.#rangMs < CROWDED_LINGER_MS) return false;
      this.#rangMs = nowMs;
    }
    const moved = this.#passOn(nowMs);
    this.#bell.ring();
    return moved;
  }

  /** Publishes what is due. */
  #passOn(nowMs: number): boolean {
    if (this.#pending !== undefined || this.#hasEnded) return false;
    const hasRows = this.#open !== undefined && this.#open.rowCount > 0;
    if (!hasRows && (this.#isOutlet || this.#watermarkUs === this.#publishedUs)) return false;
    const timeMs = this.#gathers && nowMs === Infinity ? performance.now() : nowMs;
    if (this.#openedAtMs === Infinity) this.#openedAtMs = timeMs;
    if (!hasRows && this.#shortcut !== undefined && this.#passWatermark()) return true;
    const isDue = this.#isFull || timeMs - this.#openedAtMs >= LINGER_MS || timeMs === Infinity;
    if (!isDue && !this.#producer.isDrained()) return false;
    const slot = this.#open ?? this.#openSlot();
    if (slot === undefined) return false;
    if (!hasRows) slot.kind = BatchKind.WATERMARK;
    this.#publish();
    return true;
  }

  #passWatermark(): boolean {
    if (!this.#isEmpty() || !this.#shortcut!.takeWatermark(this.#watermarkUs)) return false;
    this.#publishedUs = this.#watermarkUs;
    this.#openedAtMs = Infinity;
    return true;
  }

  /** @hot */
  #append(): void {
    const batch = this.#pending!;
    while (this.#next < batch.selected) {
      const slot = this.#openSlot();
      if (slot === undefined) return;
      const count = this.#copier.appendRows(
        slot,
        batch,
        batch.selection,
        this.#next,
        batch.selected,
      );
      if (count === TUPLE_TOO_LARGE) {
        this.#refuseTuple(batch, batch.selection[this.#next]!);
      } else {
        this.#rows?.entered(batch, this.#next, this.#next + count);
        this.#next += count;
        this.#isFull = count === 0 || slot.rowCount === slot.rowCapacity;
      }
    }
    this.#pending = undefined;
    this.#watermarkUs = this.#nextWatermarkUs;
  }

  #openSlot(): Batch | undefined {
    if (this.#isFull) this.#publish();
    if (this.#open !== undefined) return this.#open;
    const slot = this.#producer.claim();
    if (slot === NO_SLOT) return undefined;
    const batch = this.#slots[slot]!;
    batch.reset();
    this.#open = batch;
    return batch;
  }

  #publish(): void {
    const batch = this.#open!;
    batch.watermarkUs = this.#watermarkUs;
    batch.sequence = this.#sequence = (this.#sequence + 1) | 0;
    batch.seal();
    this.#producer.publish();
    this.slotsPublished++;
    this.#bell.note();
    this.#publishedUs = this.#watermarkUs;
    this.#open = undefined;
    this.#isFull = false;
    this.#openedAtMs = Infinity;
  }

  #refuseTuple(batch: Batch, row: number): never {
    let bytes = 0;
    for (const column of batch.columns) {
      if (column.storage === 'view' && !column.isNull(row)) bytes += column.viewLength(row);
    }
    throw new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a tuple has ${bytes} bytes of strings, a slot holds ${this.#layout.heapBytes}; ` +
        'raise /engine/ring/heap',
      { node: this.#node },
    );
  }
}
