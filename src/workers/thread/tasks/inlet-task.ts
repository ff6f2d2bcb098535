/** A source that the embedding program pushes into: rows come through a ring from the host. @module */

import { performance } from 'node:perf_hooks';
import type { BatchLayout } from '../../../core/batch-layout.ts';
import { BatchKind } from '../../../core/batch-layout.ts';
import { Batch } from '../../../core/batch.ts';
import { NO_SLOT, type RingConsumer } from '../../../ringbuf/index.ts';
import {
  REPLAY_LOOK_MS,
  type SourceHead,
  SourceStream,
  type SourceTaskParts,
} from './source-task.ts';

const OUT = 0;

/** Hands on the host's slots in place, stamped; a slot goes back when nothing refers to it. */
export class InletTask implements SourceHead {
  readonly #parts: SourceTaskParts;
  readonly #consumer: RingConsumer;
  readonly #slots: readonly Batch[];
  readonly #stream: SourceStream;
  #held: Batch | undefined;
  /** The program has closed its input. */
  #isAtEnd = false;
  #hasEnded = false;

  constructor(
    parts: SourceTaskParts,
    consumer: RingConsumer,
    buffer: ArrayBufferLike,
    layout: BatchLayout,
  ) {
    this.#parts = parts;
    this.#consumer = consumer;
    this.#slots = Array.from({ length: consumer.address.slots }, (_, slot) =>
      Batch.over(layout, buffer, consumer.slotOffset(slot)),
    );
    this.#stream = new SourceStream(parts);
  }

  hasEnded(): boolean {
    return this.#hasEnded;
  }

  sleepMs(): number {
    if (this.#hasEnded) return Infinity;
    const { ingress } = this.#parts;
    return ingress?.hasSpilled === true ? REPLAY_LOOK_MS : this.#stream.idleInMs();
  }

  close(): void {
    this.#parts.ingress?.close();
  }

  run(deadlineMs: number): boolean {
    let moved = false;
    const { ingress } = this.#parts;
    while (!this.#hasEnded && this.#parts.outbox.isSettled()) {
      if (this.#held !== undefined) {
        this.#finish(this.#held);
        moved = true;
        continue;
      }
      if (ingress?.replay(this.#stream.watermarkUs) === true) {
        this.#stream.release();
        moved = true;
        continue;
      }
      if (this.#isAtEnd) {
        if (ingress?.hasSpilled === true) break;
        this.#end();
        return true;
      }
      const slot = this.#consumer.peek();
      if (slot === NO_SLOT) {
        this.#stream.checkIdle();
        break;
      }
      if (moved && performance.now() >= deadlineMs) break;
      this.#take(this.#slots[slot]!);
      moved = true;
    }
    return moved;
  }

  #take(batch: Batch): void {
    this.#parts.control.enter(this.#parts.id);
    batch.open();
    this.#held = batch;
    this.#stream.admit(batch, 0);
    const { ingress, outbox } = this.#parts;
    if (ingress === undefined) outbox.offer(OUT, batch);
    else ingress.offer(batch);
  }

  #finish(batch: Batch): void {
    const { kind } = batch;
    if (batch.rowCount > 0) this.#stream.raise();
    this.#held = undefined;
    this.#consumer.advance();
    this.#consumer.release();
    this.#isAtEnd = kind === BatchKind.END;
    if (!this.#isAtEnd || this.#parts.ingress?.hasSpilled === true) return;
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#stream.end();
  }
}
