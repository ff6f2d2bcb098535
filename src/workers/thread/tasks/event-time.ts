/** Stamping rows with event time where they enter. @module */

import type { Batch } from '../../../core/batch.ts';
import { type BoundedDisorder, isEventTime } from '../../../core/time.ts';

/**
 * Fills the hidden event-time column and the late flags of rows `[from, rowCount)` from the column
 * that carries event time, and lets `disorder` judge them in order.
 *
 * Rows in ascending order, none of them late, are the usual case and the cheap one.
 *
 * @returns false when a row's event time is null or out of range
 */
export function stampEventTimes(
  batch: Batch,
  from: number,
  timeColumn: number,
  disorder: BoundedDisorder,
): boolean {
  const { rowCount } = batch;
  const column = batch.columns[timeColumn]!;
  if (column.nullCount !== 0) return false;
  if (from >= rowCount) return true;
  const firstUs = column.getI64AsNumber(from);
  // No row of an ascending run is late if the first is not.
  if (firstUs >= disorder.watermarkUs && isAscending(column.words, from, rowCount)) {
    const lastUs = column.getI64AsNumber(rowCount - 1);
    if (!isEventTime(firstUs) || !isEventTime(lastUs)) return false;
    copyTimes(column.words, batch.timeWords, from, rowCount);
    if (batch.lateCount !== 0) batch.lateBy.fill(0, from, rowCount);
    if (firstUs < batch.minTimeUs) batch.minTimeUs = firstUs;
    if (lastUs > batch.maxTimeUs) batch.maxTimeUs = lastUs;
    disorder.raise(lastUs - disorder.latenessUs);
    return true;
  }
  return stampEach(batch, from, column.words, disorder);
}

/**
 * Whether int64 rows `[from, end)` never fall. May answer false where they cross a multiple of
 * 2^32 µs, which they do every 71 minutes. @hot
 */
function isAscending(words: Int32Array, from: number, end: number): boolean {
  const high = words[2 * from + 1]!;
  if (words[2 * end - 1] !== high) return false;
  // Unsigned order, by the sign bit turned over.
  let last = words[2 * from]! ^ 0x8000_0000;
  for (let at = 2 * from + 2; at < 2 * end; at += 2) {
    const low = words[at]! ^ 0x8000_0000;
    if (low < last || words[at + 1] !== high) return false;
    last = low;
  }
  return true;
}

/** A loop for few rows, since `set` first has to make a view. @hot */
function copyTimes(words: Int32Array, times: Int32Array, from: number, end: number): void {
  for (let at = 2 * from; at < 2 * end; at++) times[at] = words[at]!;
}

function stampEach(
  batch: Batch,
  from: number,
  words: Int32Array,
  disorder: BoundedDisorder,
): boolean {
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
  batch.minTimeUs = minTimeUs;
  batch.maxTimeUs = maxTimeUs;
  disorder.raise(watermarkUs);
  return isEventTime(minTimeUs) && isEventTime(maxTimeUs);
}
