/** Stamping rows with event time where they enter. @module */

import type { Batch } from '../../../core/batch.ts';
import { invariant } from '../../../core/invariant.ts';
import { type BoundedDisorder, isEventTime } from '../../../core/time.ts';

/**
 * Fills the hidden event-time column and the late flags of rows `[from, rowCount)` from the column
 * that carries event time, and lets `disorder` judge them in order.
 *
 * The source has refused rows whose time is null or out of range.
 */
export function stampEventTimes(
  batch: Batch,
  from: number,
  timeColumn: number,
  disorder: BoundedDisorder,
): void {
  const column = batch.columns[timeColumn]!;
  for (let row = from; row < batch.rowCount; row++) {
    const timeUs = column.getI64AsNumber(row);
    invariant(!column.isNull(row) && isEventTime(timeUs), 'a source let a row without time pass');
    batch.setTimeUs(row, timeUs);
    batch.setLateBy(row, disorder.judge(timeUs));
  }
}
