/** What a row shows of the one that it was made of. @module */

import type { Batch } from '../core/batch.ts';
import type { TimeUs } from '../core/units.ts';

/** Its time, how late that was, and when it arrived. */
export class RowOrigin {
  timeUs: TimeUs = 0;
  lateByUs = 0;
  /** Infinity: it was made of none. */
  ingestTimeUs: TimeUs = Infinity;

  /** That of a row of an input. */
  take(batch: Batch, row: number): void {
    this.timeUs = batch.hasTime ? batch.timeUs(row) : 0;
    this.lateByUs = batch.hasTime ? batch.lateByUs(row) : 0;
    this.ingestTimeUs = batch.ingestTimeUs;
  }

  /** No row's, but of a time. */
  begin(timeUs: TimeUs, lateByUs: number): void {
    this.timeUs = timeUs;
    this.lateByUs = lateByUs;
    this.ingestTimeUs = Infinity;
  }

  /** Marks a row of an output. */
  stamp(target: Batch, row: number): void {
    if (target.hasTime) {
      target.setTimeUs(row, this.timeUs);
      target.setLateBy(row, this.lateByUs);
    }
    if (this.ingestTimeUs < target.ingestTimeUs) target.ingestTimeUs = this.ingestTimeUs;
  }

  /** As it is now, for rows that wait. */
  copy(): RowOrigin {
    const copy = new RowOrigin();
    copy.timeUs = this.timeUs;
    copy.lateByUs = this.lateByUs;
    copy.ingestTimeUs = this.ingestTimeUs;
    return copy;
  }
}
