/** Gathers results that come a few at a time, and hands them on in large batches. @module */

import { Batch } from '../../core/batch.ts';
import { layoutBatch } from '../../core/batch-layout.ts';
import { appendRows } from '../../core/gather.ts';
import { invariant } from '../../core/invariant.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import { Port } from './config.ts';

/** An outbox with room for one batch, which {@link flush} empties into another. */
export class StagedRows implements Outbox {
  readonly #batch: Batch;
  #isFull = false;
  /** Rows that were handed on. */
  #flushed = 0;

  constructor(plan: OperatorPlan, { rowCapacity, slotHeapBytes, memory }: KernelContext) {
    const { stream } = plan.outputs[Port.OUT]!;
    this.#batch = Batch.allocate(layoutBatch(stream, rowCapacity, slotHeapBytes), memory);
    this.#batch.reset();
  }

  claim(): Batch | undefined {
    return this.#isFull ? undefined : this.#batch;
  }

  commit(_port: number, isFull: boolean): void {
    this.#isFull = isFull || this.#batch.rowCount === this.#batch.rowCapacity;
  }

  /** Hands on what there is; false when the output is full. */
  flush(out: Outbox): boolean {
    const batch = this.#batch;
    while (this.#flushed < batch.rowCount) {
      const target = out.claim(Port.OUT);
      if (target === undefined) return false;
      const { selection, rowCount } = batch;
      this.#flushed += Math.max(0, appendRows(target, batch, selection, this.#flushed, rowCount));
      out.commit(Port.OUT, this.#flushed < rowCount);
    }
    batch.reset();
    this.#flushed = 0;
    this.#isFull = false;
    return true;
  }

  offer(): void {
    invariant(false, 'results are appended');
  }

  watermark(): void {
    invariant(false, 'watermarks pass by');
  }
}
