/** The way out of rows that came too late. @module */

import { Batch } from '../core/batch.ts';
import type { KernelCounters, Outbox } from '../core/operator.ts';

/** Counts late rows and hands them to a port. */
export class LateRows {
  readonly #counters: KernelCounters;
  readonly #port: number;
  readonly #view: Batch;

  constructor(rowCapacity: number, counters: KernelCounters, port: number) {
    this.#counters = counters;
    this.#port = port;
    this.#view = Batch.view(rowCapacity, true);
  }

  /**
   * Hands on rows of a batch, which have to stay as they are until they have gone.
   *
   * @param rows - `rows[0 .. count)`, ascending
   * @param lateBy - by row: how late it is, in microseconds
   * @hot
   */
  offer(batch: Batch, rows: Uint32Array, count: number, lateBy: Float64Array, out: Outbox): void {
    if (count === 0) return;
    const view = this.#view;
    this.#counters.addLate(count);
    view.shareColumns(batch);
    view.selection = rows;
    view.selected = count;
    view.lateBy = lateBy;
    view.lateCount = count;
    out.offer(this.#port, view);
  }
}
