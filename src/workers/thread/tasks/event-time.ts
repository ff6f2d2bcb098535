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
  const words = column.words;
  const times = batch.timeWords;
  const { latenessUs } = disorder;
  let { minTimeUs, maxTimeUs } = batch;
  let watermarkUs = disorder.watermarkUs;
  for (let row = from; row < batch.rowCount; row++) {
    const low = words[2 * row]!;
    const high = words[2 * row + 1]!;
    const timeUs = high * 4294967296 + (low >>> 0);
    times[2 * row] = low;
    times[2 * row + 1] = high;
    if (timeUs < minTimeUs) minTimeUs = timeUs;
    if (timeUs > maxTimeUs) maxTimeUs = timeUs;
    if (timeUs < watermarkUs) batch.setLateBy(row, watermarkUs - timeUs);
    else if (batch.lateCount !== 0) batch.setLateBy(row, 0);
    if (timeUs - latenessUs > watermarkUs) watermarkUs = timeUs - latenessUs;
  }
  invariant(column.nullCount === 0, 'a source let a row without event time pass');
  invariant(isEventTime(minTimeUs) && isEventTime(maxTimeUs), 'an event time is out of range');
  batch.minTimeUs = minTimeUs;
  batch.maxTimeUs = maxTimeUs;
  disorder.raise(watermarkUs);
}
