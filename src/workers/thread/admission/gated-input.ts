/** The reading end of a ring in a plan with admission: rows are given in slices, and measured. @module */

import { performance } from 'node:perf_hooks';
import type { Codel, LateGate, ValuedRows } from '../../../admission/index.ts';
import { BatchKind, type BatchLayout } from '../../../core/batch-layout.ts';
import { Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import type { Clock } from '../../../core/clock.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { TimeUs } from '../../../core/units.ts';
import {
  type Bell,
  type CounterBlock,
  NO_SLOT,
  type RingConsumer,
} from '../../../ringbuf/index.ts';
import { HIDDEN_COLUMNS, RowsOut, TAG_COLUMN, VALUE_COLUMN } from '../../protocol-admission.ts';
import { LateBell } from '../edges/late-bell.ts';
import type { Shortcut } from '../edges/ring-edge.ts';
import type { Head, Pump, Target } from '../flow.ts';
import { areIdle } from '../flow.ts';
import { laneOfTag } from '../../../admission/queue-contents.ts';
import type { HeadCost } from './head-cost.ts';
import type { LaneSettings } from './lane-settings.ts';
import type { LaneReader } from './shared-lanes.ts';
import type { LateUnits } from './units/group-shedding.ts';
import type { WorkerAdmission } from './worker-admission.ts';

/** How much work is handed on between two looks at prices. */
const SLICE_MS = 1;
/** How much may go past the ring in a row, before the source has once had nothing to give. */
const PASSED_MS = 1;

/** What a head behind a gate drops, and where it tells so. */
export interface LateShedding {
  /** The gate whose rows come, by its position among all. */
  readonly g: number;
  readonly gate: LateGate;
  /** By worker: expected work of a row, by lane. */
  readonly workMs: readonly Float64Array[];
  readonly lanes: LaneReader;
  /** False where rows have other readers too, so that one may not drop them. */
  readonly isAllowed: boolean;
  /** Drops by how long rows have waited; `undefined`: the policy is another one. */
  readonly codel: Codel | undefined;
  readonly settings: LaneSettings;
  /** The last column that is not hidden says how many rows each stands for. */
  readonly isWeighted: boolean;
  /** The last column that is not hidden says which group each is of; `undefined`: it does not. */
  readonly units: LateUnits | undefined;
}

/** What a {@link GatedInput} is made of. */
export interface GatedInputParts {
  /** Without a bell. */
  readonly consumer: RingConsumer;
  /** Of the worker that writes, if it is another one. */
  readonly producerBell: Bell | undefined;
  readonly memory: KernelMemory;
  readonly layout: BatchLayout;
  readonly target: Target;
  readonly channel: number;
  /** The target and everything downstream of it on this worker. */
  readonly reach: readonly Pump[];
  readonly clock: Clock;
  readonly rowsOut: CounterBlock;
  readonly cost: HeadCost;
  readonly admission: WorkerAdmission;
  /** `undefined`: operators put the rows there, nothing is hidden and nothing dropped. */
  readonly late: LateShedding | undefined;
}

/**
 * Gives a task the batches of a ring, in place, a slice of about a millisecond of work at a time.
 * Between slices it looks at what the work is worth, and drops rows that are worth less.
 *
 * A slot is released when all its slices have been handed on.
 */
export class GatedInput implements Head, Shortcut {
  readonly #parts: GatedInputParts;
  readonly #slots: readonly Batch[];
  readonly #valued: readonly ValuedRows[];
  readonly #bell: LateBell;
  /** Without hidden columns, through a selection of its own. */
  readonly #view: Batch;
  readonly #columns: number;
  /** Rows of the held slot, in order; those that are dropped are not moved away. */
  readonly #rows: Uint32Array;
  readonly #slice: Uint32Array;
  #held: Batch | undefined;
  #heldSlot = 0;
  #next = 0;
  #epoch = -1;
  #hasEnded = false;
  #passedMs = 0;
  slotsDone = 0;
  /** The other end, if it is on this worker too: what it has published is known without a look at shared words. */
  #producer: { readonly slotsPublished: number } | undefined;

  constructor(parts: GatedInputParts) {
    const { consumer, producerBell, memory, layout, late } = parts;
    const { rowCapacity, schema } = layout;
    this.#parts = parts;
    this.#slots = Array.from({ length: consumer.address.slots }, (_, slot) =>
      Batch.over(layout, memory.buffer, consumer.slotOffset(slot)),
    );
    this.#columns = late === undefined ? schema.length : schema.length - HIDDEN_COLUMNS;
    this.#valued =
      late === undefined ? [] : this.#slots.map((slot) => valuedOf(slot, this.#columns, late));
    this.#bell = new LateBell(
      producerBell === undefined ? [] : [producerBell],
      consumer.address.slots,
    );
    this.#view = Batch.view(rowCapacity, layout.hasTime);
    this.#rows = memory.rows(rowCapacity);
    this.#slice = memory.rows(rowCapacity);
  }

  hasEnded(): boolean {
    return this.#hasEnded;
  }

  isEmpty(): boolean {
    return this.#producer?.slotsPublished === this.slotsDone;
  }

  run(deadlineMs: number): boolean {
    const { reach, consumer, admission } = this.#parts;
    let moved = false;
    if (this.#held === undefined && consumer.peek() === NO_SLOT) {
      this.#ringBell();
      return false;
    }
    let nowMs = performance.now();
    while (!this.#hasEnded && areIdle(reach)) {
      const held = this.#held;
      if (held !== undefined && this.#next >= held.rowCount) {
        this.#finish(held);
        moved = true;
        continue;
      }
      if (moved && nowMs >= deadlineMs) break;
      if (held === undefined) {
        const slot = consumer.peek();
        if (slot === NO_SLOT) break;
        this.#open(slot);
      } else {
        admission.update(nowMs);
        nowMs = this.#giveSlice(held, nowMs);
        moved = true;
      }
    }
    this.#ringBell();
    return moved;
  }

  /** The ring is written on this worker, by nobody else. */
  follow(producer: { readonly slotsPublished: number }): void {
    this.#producer = producer;
  }

  /** A gate waits only for a full ring, of which half is rung for; to wake it costs some 20 µs. */
  #ringBell(): void {
    if (this.#parts.late === undefined) this.#bell.ring();
  }

  /**
   * Only while no price is set and what rows cost is known, so many at a time as a slice has, and for as long as the
   * source keeps up: what waits in the source is not seen by anybody.
   */
  mayTake(batch: Batch): boolean {
    const { cost, admission, late } = this.#parts;
    const workMs = batch.selected * cost.meanMs;
    const isCheap = workMs > 0 && workMs <= SLICE_MS && this.#passedMs + workMs <= PASSED_MS;
    return isCheap && !admission.isOn && late?.codel === undefined && this.hasSettled();
  }

  take(batch: Batch, nowMs: number): number {
    const { rowsOut, cost } = this.#parts;
    const { selected } = batch;
    this.#passedMs += selected * cost.meanMs;
    rowsOut.add(RowsOut.TAKEN, selected);
    rowsOut.add(RowsOut.WORKED, selected);
    this.#view.shareRows(batch);
    const endMs = this.#work(
      batch.columns,
      batch.columns[this.#columns + TAG_COLUMN]!.words,
      nowMs,
    );
    return this.hasSettled() ? endMs - nowMs : 0;
  }

  takeUnseen(batch: Batch): void {
    const { target, channel, cost } = this.#parts;
    this.#passedMs += batch.selected * cost.meanMs;
    target.accept(channel, batch);
  }

  settle(rows: number, batches: number, workMs: number): void {
    const { rowsOut, cost, admission } = this.#parts;
    rowsOut.add(RowsOut.TAKEN, rows);
    rowsOut.add(RowsOut.WORKED, rows);
    admission.doneMs += rows * cost.meanMs;
    if (workMs > 0) cost.observe(rows, workMs, undefined, batches);
  }

  takeWatermark(watermarkUs: TimeUs): boolean {
    if (this.#hasEnded || !this.hasSettled()) return false;
    this.#parts.target.acceptWatermark(this.#parts.channel, watermarkUs);
    return true;
  }

  hasSettled(): boolean {
    return areIdle(this.#parts.reach);
  }

  /** The source has given everything that there was. */
  renew(): void {
    this.#passedMs = 0;
  }

  #open(slot: number): void {
    const batch = this.#slots[slot]!;
    batch.open();
    this.#held = batch;
    this.#heldSlot = slot;
    this.#next = 0;
    for (let row = 0; row < batch.rowCount; row++) this.#rows[row] = row;
  }

  /** Hands on some rows of the slot; the time when that was done. */
  #giveSlice(held: Batch, startMs: number): number {
    const { rowsOut, late } = this.#parts;
    const from = this.#next;
    const selected = this.#choose(held);
    rowsOut.add(RowsOut.TAKEN, this.#next - from);
    if (selected === 0) return performance.now();
    rowsOut.add(RowsOut.WORKED, selected);
    const view = this.#view;
    view.shareRows(held);
    if (selected < held.rowCount) {
      view.selection = this.#slice;
      view.selected = selected;
    }
    const tags = late === undefined ? undefined : this.#valued[this.#heldSlot]!.tags;
    return this.#work(held.columns, tags, startMs);
  }

  /** Hands on the rows of the view; the time when that was done. */
  #work(columns: readonly Column[], tags: Int32Array | undefined, startMs: number): number {
    const { target, channel, cost, reach } = this.#parts;
    const view = this.#view;
    for (let c = 0; c < this.#columns; c++) view.columns[c] = columns[c]!;
    const { selected } = view;
    const counts = this.#count(tags, startMs);
    target.accept(channel, view);
    const endMs = performance.now();
    // Work that waits for room downstream is not over.
    if (areIdle(reach)) cost.observe(selected, endMs - startMs, counts);
    return endMs;
  }

  /** Adds up the work of the view's rows; the rows by class, if they are to be told apart. @hot */
  #count(tags: Int32Array | undefined, nowMs: number): Float64Array | undefined {
    const { late, cost, admission } = this.#parts;
    const { selection, selected } = this.#view;
    const classes = late === undefined ? 1 : late.lanes.classes();
    if (classes <= 1) {
      admission.doneMs += selected * cost.classMs(0);
      return undefined;
    }
    const { lanes } = late!;
    const counts = cost.countsFor(classes, nowMs);
    let ms = 0;
    for (let i = 0; i < selected; i++) {
      const classNumber = lanes.classOf(laneOfTag(tags![selection[i]!]!));
      ms += cost.classMs(classNumber);
      if (counts !== undefined) counts[classNumber]! += 1;
    }
    admission.doneMs += ms;
    return counts;
  }

  /** Puts the next rows into the slice, dropping those that are not worth it; how many. */
  #choose(held: Batch): number {
    const { late, cost } = this.#parts;
    const wanted = cost.rowsIn(SLICE_MS);
    const rows = this.#rows;
    const slice = this.#slice;
    let count = 0;
    while (count < wanted && this.#next < held.rowCount) {
      const from = this.#next;
      const to = Math.min(held.rowCount, Math.ceil(from + wanted - count));
      const end = late === undefined ? to : this.#drop(late, held, from, to);
      this.#next = to;
      for (let i = from; i < end; i++) slice[count++] = rows[i]!;
    }
    return count;
  }

  /** Drops rows from `[from, to)` and moves the others to its front; where they end. */
  #drop(late: LateShedding, held: Batch, from: number, to: number): number {
    const { admission, clock } = this.#parts;
    const { gate, isAllowed, codel, settings } = late;
    let isExpired = false;
    settings.refresh();
    if (codel !== undefined) {
      const nowUs = clock.nowUs();
      isExpired = codel.drops(nowUs / 1000, (nowUs - held.ingestTimeUs) / 1000);
    }
    if (isAllowed) {
      if (admission.epoch !== this.#epoch) {
        this.#epoch = admission.epoch;
        admission.priceLate(gate, late.g, late.workMs);
      }
      const waitedMs = (clock.nowUs() - held.ingestTimeUs) / 1000;
      admission.noteWait(waitedMs);
      // Rows that stand for others are let go by chance only.
      isExpired = !late.isWeighted && admission.isOn && waitedMs > admission.limits.expireMs;
    }
    if (late.units !== undefined) return this.#dropUnits(late, late.units, held, from, to);
    return gate.take(this.#valued[this.#heldSlot]!, this.#rows, from, to, isExpired);
  }

  /** The same by whole groups; what was shed is told before the watermark of the slot. */
  #dropUnits(
    { gate, isAllowed }: LateShedding,
    { windows, before, writer }: LateUnits,
    held: Batch,
    from: number,
    to: number,
  ): number {
    const valued = this.#valued[this.#heldSlot]!;
    before.renew();
    windows.open(held);
    windows.units = held.columns[this.#columns - 1]!.f64;
    if (!isAllowed) {
      gate.leave(valued, this.#rows, from, to);
      return to;
    }
    const end = gate.take(valued, this.#rows, from, to, false);
    writer.publish();
    return end;
  }

  /** The rows are done with: their watermark, then the slot goes back. */
  #finish(batch: Batch): void {
    const { consumer, target, channel } = this.#parts;
    this.#held = undefined;
    const { watermarkUs, kind } = batch;
    consumer.advance();
    consumer.release();
    this.slotsDone++;
    this.#bell.note();
    target.acceptWatermark(channel, watermarkUs);
    if (kind === BatchKind.END) {
      this.#hasEnded = true;
      target.acceptEnd(channel);
    }
  }
}

/** The hidden columns of a slot. */
function valuedOf(slot: Batch, columns: number, { isWeighted, units }: LateShedding): ValuedRows {
  const { f64, words } = slot.columns[columns + VALUE_COLUMN]!;
  return {
    values: f64,
    words,
    tags: slot.columns[columns + TAG_COLUMN]!.words,
    weights: isWeighted ? slot.columns[columns - 1]!.f64 : undefined,
    units: units?.windows,
  };
}
