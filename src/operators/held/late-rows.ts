/** Rows of a batch that came too late. @module */

import { Batch } from '../../core/batch.ts';
import type { KernelContext, Outbox } from '../../core/operator.ts';
import type { DurationUs } from '../../core/units.ts';

/** Collects late rows of one batch after the other. */
export class LateRows {
  readonly #view: Batch;
  readonly #rows: Uint32Array;
  readonly #lateBy: Float64Array;
  readonly #context: KernelContext;
  #count = 0;

  constructor(context: KernelContext) {
    const { rowCapacity } = context;
    this.#context = context;
    this.#view = Batch.view(rowCapacity, true);
    this.#rows = new Uint32Array(rowCapacity);
    this.#lateBy = new Float64Array(rowCapacity);
  }

  /** Adds a row of the batch, behind those added before. */
  add(row: number, lateByUs: DurationUs): void {
    this.#rows[this.#count++] = row;
    this.#lateBy[row] = lateByUs;
  }

  /** Counts them and hands them on by a port, unless it is negative; once a call. */
  offer(port: number, batch: Batch, out: Outbox): void {
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return;
    this.#context.counters.addLate(count);
    if (port < 0) return;
    const view = this.#view;
    view.shareColumns(batch);
    view.selection = this.#rows;
    view.selected = count;
    view.lateBy = this.#lateBy;
    view.lateCount = count;
    out.offer(port, view);
  }
}
