/** Which rows of a batch are too late for any session. @module */

import type { Batch } from '../../../core/batch.ts';
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { BatchOptions } from '../../../expr/index.ts';

/**
 * Splits one batch after the other.
 *
 * A row by itself is a session from its time to a gap later. It is late if its source had closed
 * that one, whatever other rows came meanwhile: so it depends on the row alone. It is late also if
 * that one ended before the last watermark that was passed, which happens to rows that come after an
 * idle time.
 */
export class SessionSplit {
  /** Live rows that are not late: `rows[0 .. count)`, ascending. */
  rows: Uint32Array;
  count = 0;
  /** Late rows, ascending, and how late, by row. */
  readonly lateRows: Uint32Array;
  lateCount = 0;
  readonly lateBy: Float64Array;
  readonly #own: Uint32Array;
  readonly #gapUs: DurationUs;

  constructor(gapUs: DurationUs, { rowCapacity, memory }: BatchOptions) {
    this.#gapUs = gapUs;
    this.#own = memory.rows(rowCapacity);
    this.rows = this.#own;
    this.lateRows = memory.rows(rowCapacity);
    this.lateBy = new Float64Array(rowCapacity);
  }

  /** @param passedUs - the last watermark that was passed; a finite one */
  split(batch: Batch, passedUs: TimeUs): void {
    this.lateCount = 0;
    if (batch.lateCount === 0 && batch.minTimeUs + this.#gapUs > passedUs) {
      this.rows = batch.selection;
      this.count = batch.selected;
      return;
    }
    this.rows = this.#own;
    this.count = 0;
    const { selection, selected } = batch;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const timeUs = batch.timeUs(row);
      const lateByUs = batch.lateByUs(row);
      const endUs = timeUs + this.#gapUs;
      if (endUs > Math.max(passedUs, lateByUs > 0 ? timeUs + lateByUs : -Infinity)) {
        this.#own[this.count++] = row;
      } else {
        this.lateRows[this.lateCount++] = row;
        this.lateBy[row] = lateByUs > 0 ? lateByUs : passedUs - timeUs;
      }
    }
  }
}
