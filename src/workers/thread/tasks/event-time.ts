/** Stamping rows with event time where they enter. @module */

import type { Batch } from '../../../core/batch.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import { type BoundedDisorder, isEventTime } from '../../../core/time.ts';
import { ascendingKernel, type CopyAscending } from './ascending-times.ts';

/** Gives the rows of one source their event times, and judges how late they are. */
export class EventTimeStamp {
  readonly #timeColumn: number;
  readonly #disorder: BoundedDisorder;
  readonly #buffer: ArrayBufferLike;
  readonly #copyAscending: CopyAscending;

  /** @param timeColumn - the column that carries event time */
  constructor(timeColumn: number, disorder: BoundedDisorder, memory: KernelMemory) {
    this.#timeColumn = timeColumn;
    this.#disorder = disorder;
    this.#buffer = memory.buffer;
    this.#copyAscending = ascendingKernel(memory);
  }

  /**
   * Fills the hidden event-time column and the late flags of rows `[from, rowCount)` from the column
   * that carries event time, in order.
   *
   * Rows in ascending order, none of them late, are the usual case and the cheap one.
   *
   * @returns false when a row's event time is null or out of range
   */
  stamp(batch: Batch, from: number): boolean {
    const column = batch.columns[this.#timeColumn]!;
    if (column.nullCount !== 0) return false;
    const rows = batch.rowCount - from;
    if (rows <= 0) return true;
    const disorder = this.#disorder;
    const firstUs = column.getI64AsNumber(from);
    // No row of an ascending run is late if the first is not.
    const isAscending =
      firstUs >= disorder.watermarkUs &&
      column.buffer === this.#buffer &&
      batch.timeWords.buffer === this.#buffer &&
      this.#copyAscending(
        column.valuesAt + 8 * from,
        batch.timeWords.byteOffset + 8 * from,
        rows,
      ) === 1;
    if (!isAscending) return stampEach(batch, from, column.words, disorder);
    const lastUs = column.getI64AsNumber(batch.rowCount - 1);
    if (!isEventTime(firstUs) || !isEventTime(lastUs)) return false;
    if (batch.lateCount !== 0) batch.lateBy.fill(0, from, batch.rowCount);
    if (firstUs < batch.minTimeUs) batch.minTimeUs = firstUs;
    if (lastUs > batch.maxTimeUs) batch.maxTimeUs = lastUs;
    disorder.raise(lastUs - disorder.latenessUs);
    return true;
  }
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
