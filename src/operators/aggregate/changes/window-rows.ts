/** Which windows the rows of a batch count in, those that have closed of late among them. @module */

import type { Batch } from '../../../core/batch.ts';
import type { KernelContext, Outbox } from '../../../core/operator.ts';
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { WindowIndex, WindowScheme } from '../../window-scheme.ts';
import { Port } from '../config.ts';
import { LateRows } from '../../late-rows.ts';

/** Looks at one batch after the other. */
export class WindowRows {
  /** Rows that count: `rows[0 .. count)`, ascending. */
  readonly rows: Uint32Array;
  count = 0;
  /** By row: the first and last window that it counts in. */
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  /** By row: where its source stood, or its own time if that is later. */
  readonly marksUs: Float64Array;
  readonly #scheme: WindowScheme;
  readonly #latenessUs: DurationUs;
  readonly #late: LateRows;
  readonly #lateRows: Uint32Array;
  readonly #lateBy: Float64Array;

  constructor(scheme: WindowScheme, latenessUs: DurationUs, context: KernelContext) {
    const { rowCapacity, memory, counters } = context;
    this.#scheme = scheme;
    this.#latenessUs = latenessUs;
    this.rows = memory.rows(rowCapacity);
    this.firsts = new Float64Array(rowCapacity);
    this.lasts = new Float64Array(rowCapacity);
    this.marksUs = new Float64Array(rowCapacity);
    this.#late = new LateRows(rowCapacity, counters, Port.LATE);
    this.#lateRows = memory.rows(rowCapacity);
    this.#lateBy = new Float64Array(rowCapacity);
  }

  /**
   * Finds the windows of all live rows; those that are too late go to `out`.
   *
   * @param first - windows before it take no rows
   * @param passedUs - the last watermark that was passed
   */
  split(batch: Batch, first: WindowIndex, passedUs: TimeUs, out: Outbox): void {
    const scheme = this.#scheme;
    const { selection, selected } = batch;
    this.count = 0;
    let late = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const timeUs = batch.timeUs(row);
      const lateByUs = batch.lateByUs(row);
      const markUs = timeUs + lateByUs;
      let from = Math.max(scheme.firstOpenWindow(timeUs), first);
      if (lateByUs > 0) from = Math.max(from, scheme.firstOpenWindow(markUs - this.#latenessUs));
      const last = scheme.lastWindowAt(timeUs);
      if (from > last) {
        this.#lateRows[late++] = row;
        this.#lateBy[row] = lateByUs > 0 ? lateByUs : passedUs - timeUs;
        continue;
      }
      this.rows[this.count++] = row;
      this.firsts[row] = from;
      this.lasts[row] = last;
      this.marksUs[row] = markUs;
    }
    this.#late.offer(batch, this.#lateRows, late, this.#lateBy, out);
  }
}
