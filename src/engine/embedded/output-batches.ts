/** Where outputs have their batches from: the ring of a sink. @module */

import type { Batch } from '../../core/batch.ts';
import { BatchKind } from '../../core/batch-layout.ts';
import { MillraceError } from '../../core/errors.ts';
import { NO_SLOT, type RingConsumer } from '../../ringbuf/index.ts';
import type { HostWaiter } from './host-waiter.ts';

/** Batches in order, for one reader. */
export interface OutputBatches {
  /**
   * The next batch, valid until {@link release}; `undefined` at the end.
   *
   * @throws MillraceError the engine's error after a failure
   */
  next(): Promise<Batch | undefined>;
  release(): void;
  /** The reader has gone. */
  close(): void;
}

/** What a ring is read with. */
export interface RingBatchesParts {
  readonly name: string;
  readonly consumer: RingConsumer;
  readonly slots: readonly Batch[];
  readonly waiter: HostWaiter;
  /** The engine's failure, or that it was stopped; `undefined` while it runs or when it is done. */
  readonly failure: () => MillraceError | undefined;
}

/** The batches of a ring, in its own memory; one reader at a time. */
export class RingBatches implements OutputBatches {
  readonly #parts: RingBatchesParts;
  #isOpen = false;
  #isLast = false;
  #hasEnded = false;

  constructor(parts: RingBatchesParts) {
    this.#parts = parts;
  }

  /** @throws MillraceError `ERR_USAGE` when somebody else reads */
  open(): this {
    const { name } = this.#parts;
    if (this.#isOpen) {
      throw new MillraceError('ERR_USAGE', `output '${name}' is being read already`, {
        node: name,
      });
    }
    this.#isOpen = true;
    return this;
  }

  async next(): Promise<Batch | undefined> {
    if (this.#hasEnded) return undefined;
    const { consumer, waiter, failure, slots } = this.#parts;
    let slot = consumer.peek();
    if (slot === NO_SLOT) {
      await waiter.until(() => consumer.peek() !== NO_SLOT || failure() !== undefined);
      slot = consumer.peek();
    }
    if (slot === NO_SLOT) throw failure()!;
    const batch = slots[slot]!;
    batch.open();
    this.#isLast = batch.kind === BatchKind.END;
    return batch;
  }

  release(): void {
    if (this.#isLast) this.#hasEnded = true;
    this.#parts.consumer.advance();
    this.#parts.consumer.release();
  }

  close(): void {
    this.#isOpen = false;
  }
}
