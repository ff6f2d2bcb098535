/** Rows that wait until it is known what the parameters are at their time. @module */

import { type BatchLayout, layoutBatch } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import { stateOfBatch } from '../../core/batch-state.ts';
import { MillraceError } from '../../core/errors.ts';
import { appendRows } from '../../core/gather.ts';
import { ownMemory } from '../../core/memory.ts';
import type { StreamType } from '../../core/schema.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';

/** Rows, and the watermark behind them. */
interface Held {
  readonly batch: Batch;
  /** The least and the greatest time by which their parameters are looked up. */
  fromUs: TimeUs;
  toUs: TimeUs;
  /** -∞: there is none. */
  watermarkUs: TimeUs;
  /** More rows may be added. */
  isOpen: boolean;
}

/** A queue of copies, first in, first out; what was let go is used again. */
export class HeldRows {
  readonly #layout: BatchLayout;
  readonly #limitBytes: number;
  #held: Held[] = [];
  readonly #spare: Batch[] = [];

  constructor(stream: StreamType, rowCapacity: number, heapBytes: number, limitBytes: number) {
    this.#layout = layoutBatch(stream, rowCapacity, heapBytes);
    this.#limitBytes = limitBytes;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /**
   * Copies the selected rows, whose times lie within these.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED` when there is no room
   */
  add(source: Batch, fromUs: TimeUs, toUs: TimeUs): void {
    let next = 0;
    while (next < source.selected) {
      const held = this.#last() ?? this.#open();
      const copied = appendRows(held.batch, source, source.selection, next, source.selected);
      if (copied > 0) {
        next += copied;
        held.fromUs = Math.min(held.fromUs, fromUs);
        held.toUs = Math.max(held.toUs, toUs);
      } else {
        held.isOpen = false;
      }
    }
  }

  /** Holds a watermark behind the rows. */
  addWatermark(watermarkUs: TimeUs): void {
    const last = this.#held.at(-1)!;
    last.watermarkUs = watermarkUs;
    last.isOpen = false;
  }

  /**
   * The rows, and the watermark behind them, that go next, if it is known what holds before `knownUs`:
   * they stay as they are until the next call.
   */
  take(knownUs: TimeUs): Held | undefined {
    const [first] = this.#held;
    if (first === undefined) return undefined;
    // What has begun to be known gets no younger rows, which would hold it up.
    if (first.fromUs < knownUs) first.isOpen = false;
    if (first.toUs >= knownUs) return undefined;
    this.#held.shift();
    this.#spare.push(first.batch);
    return first;
  }

  #last(): Held | undefined {
    const last = this.#held.at(-1);
    return last?.isOpen === true && last.batch.rowCount < last.batch.rowCapacity ? last : undefined;
  }

  #open(): Held {
    const most = Math.max(1, Math.floor(this.#limitBytes / this.#layout.slotBytes));
    if (this.#held.length >= most) {
      const message = `rows that wait for the control stream take more than ${this.#limitBytes} bytes`;
      throw new MillraceError(
        'ERR_LIMIT_EXCEEDED',
        `${message}: its watermark is too far behind; give its source an 'idleAfter'`,
      );
    }
    const batch = this.#spare.shift() ?? Batch.allocate(this.#layout, ownMemory);
    batch.reset();
    const held = heldOf(batch);
    this.#held.push(held);
    return held;
  }

  *state(io: StateIo): Steps {
    const layout = this.#layout;
    this.#held = yield* stateOfList(io, this.#held, function* (known): Steps<Held> {
      const held = known ?? heldOf(Batch.allocate(layout, ownMemory));
      yield* stateOfBatch(io, held.batch);
      held.fromUs = io.float(held.fromUs);
      held.toUs = io.float(held.toUs);
      held.watermarkUs = io.float(held.watermarkUs);
      held.isOpen = io.flag(held.isOpen);
      return held;
    });
  }
}

function heldOf(batch: Batch): Held {
  return { batch, fromUs: Infinity, toUs: -Infinity, watermarkUs: -Infinity, isOpen: true };
}
