/** The reading end of a ring: one channel of a task, from another worker. @module */

import { performance } from 'node:perf_hooks';
import { BatchKind } from '../../../core/batch-layout.ts';
import type { BatchLayout } from '../../../core/batch-layout.ts';
import { Batch } from '../../../core/batch.ts';
import { type Bell, NO_SLOT, type RingConsumer } from '../../../ringbuf/index.ts';
import { LateBell } from '../edges/late-bell.ts';
import type { Head, Pump, Target } from '../flow.ts';
import { areIdle } from '../flow.ts';

/**
 * Gives a task the batches of a ring, in place.
 *
 * A slot is released only when everything that was made of its rows on this worker has been handed
 * on: until then batches downstream refer to its bytes.
 */
export class RingInput implements Head {
  readonly #consumer: RingConsumer;
  readonly #slots: readonly Batch[];
  readonly #target: Target;
  readonly #channel: number;
  readonly #reach: readonly Pump[];
  /** The slot whose rows have been given and may still be referred to. */
  #held: Batch | undefined;
  readonly #bell: LateBell;
  #hasEnded = false;

  /**
   * @param consumer - without a bell
   * @param producerBell - of the worker that writes
   * @param reach - the target and everything downstream of it on this worker
   */
  constructor(
    consumer: RingConsumer,
    producerBell: Bell | undefined,
    buffer: ArrayBufferLike,
    layout: BatchLayout,
    target: Target,
    channel: number,
    reach: readonly Pump[],
  ) {
    this.#consumer = consumer;
    this.#bell = new LateBell(
      producerBell === undefined ? [] : [producerBell],
      consumer.address.slots,
    );
    this.#slots = Array.from({ length: consumer.address.slots }, (_, slot) =>
      Batch.over(layout, buffer, consumer.slotOffset(slot)),
    );
    this.#target = target;
    this.#channel = channel;
    this.#reach = reach;
  }

  hasEnded(): boolean {
    return this.#hasEnded;
  }

  isBehind(): boolean {
    return 2 * this.#consumer.queuedSlots() >= this.#consumer.address.slots;
  }

  run(deadlineMs: number): boolean {
    let moved = false;
    while (!this.#hasEnded && areIdle(this.#reach)) {
      if (this.#held !== undefined) {
        this.#finish(this.#held);
        moved = true;
        continue;
      }
      const slot = this.#consumer.peek();
      if (slot === NO_SLOT || (moved && performance.now() >= deadlineMs)) break;
      const batch = this.#slots[slot]!;
      batch.open();
      this.#held = batch;
      if (batch.selected > 0) this.#target.accept(this.#channel, batch);
      moved = true;
    }
    this.#bell.ring();
    return moved;
  }

  /** The rows are done with: their watermark, then the slot goes back. */
  #finish(batch: Batch): void {
    this.#held = undefined;
    const { watermarkUs, kind } = batch;
    this.#consumer.advance();
    this.#consumer.release();
    this.#bell.note();
    this.#target.acceptWatermark(this.#channel, watermarkUs);
    if (kind === BatchKind.END) {
      this.#hasEnded = true;
      this.#target.acceptEnd(this.#channel);
    }
  }
}
