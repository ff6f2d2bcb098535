/** Batches that wait for their time. @module */

import { type BatchLayout, layoutBatch } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import { stateOfBatch } from '../../core/batch-state.ts';
import { appendRows } from '../../core/gather.ts';
import type { ColumnMemory } from '../../core/memory.ts';
import type { StreamType } from '../../core/schema.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';

/** Rows, and the watermark behind them, that may go on at a time. */
interface Held {
  readonly batch: Batch;
  watermarkUs: TimeUs;
  dueUs: TimeUs;
}

/** A queue of copies, first in, first out; what was let go is used again. */
export class HeldBatches {
  readonly #layout: BatchLayout;
  readonly #memory: ColumnMemory;
  readonly #most: number;
  #held: Held[] = [];
  readonly #spare: Held[] = [];

  /** @param limitBytes - bound on all copies; there is room for one at least */
  constructor(
    stream: StreamType,
    rowCapacity: number,
    heapBytes: number,
    memory: ColumnMemory,
    limitBytes: number,
  ) {
    this.#layout = layoutBatch(stream, rowCapacity, heapBytes);
    this.#memory = memory;
    this.#most = Math.max(1, Math.floor(limitBytes / this.#layout.slotBytes));
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** When the first may go; `Infinity` when there is none. */
  get dueUs(): TimeUs {
    return this.#held[0]?.dueUs ?? Infinity;
  }

  get first(): Held | undefined {
    return this.#held[0];
  }

  /**
   * Copies rows `selection[from ..]`.
   *
   * @returns the position of the first that found no room
   */
  add(source: Batch, from: number, dueUs: TimeUs): number {
    let next = from;
    while (next < source.selected) {
      const held = this.#last(dueUs) ?? this.#open(dueUs);
      if (held === undefined) return next;
      const copied = appendRows(held.batch, source, source.selection, next, source.selected);
      if (copied > 0) next += copied;
      else if (this.#open(dueUs) === undefined) return next;
    }
    return next;
  }

  /** Holds a watermark behind the rows; false when there is no room. */
  addWatermark(watermarkUs: TimeUs, dueUs: TimeUs): boolean {
    const held = this.#last(dueUs) ?? this.#open(dueUs);
    if (held === undefined) return false;
    held.watermarkUs = watermarkUs;
    return true;
  }

  /** Lets all go. */
  release(): void {
    for (const held of this.#held) held.dueUs = -Infinity;
  }

  /** Forgets the first, which has been handed on. */
  shift(): void {
    this.#spare.push(this.#held.shift()!);
  }

  *state(io: StateIo): Steps {
    const read = (): Held => ({
      batch: Batch.allocate(this.#layout, this.#memory),
      watermarkUs: -Infinity,
      dueUs: -Infinity,
    });
    this.#held = yield* stateOfList(io, this.#held, function* (known): Steps<Held> {
      const held = known ?? read();
      yield* stateOfBatch(io, held.batch);
      held.watermarkUs = io.float(held.watermarkUs);
      held.dueUs = io.float(held.dueUs);
      return held;
    });
  }

  /** The last, if it goes at this time and no watermark stands behind its rows. */
  #last(dueUs: TimeUs): Held | undefined {
    const last = this.#held.at(-1);
    const isOpen = last?.dueUs === dueUs && last.watermarkUs === -Infinity;
    return isOpen && last.batch.rowCount < last.batch.rowCapacity ? last : undefined;
  }

  #open(dueUs: TimeUs): Held | undefined {
    if (this.#held.length >= this.#most) return undefined;
    const spare = this.#spare.pop();
    const batch = spare?.batch ?? Batch.allocate(this.#layout, this.#memory);
    batch.reset();
    const held = { batch, watermarkUs: -Infinity, dueUs };
    this.#held.push(held);
    return held;
  }
}
