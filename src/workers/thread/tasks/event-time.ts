/** Stamping rows with event time where they enter. @module */

import type { Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import { type BoundedDisorder, isEventTime } from '../../../core/time.ts';
import type { TimeUs } from '../../../core/units.ts';
import { type TimeKernels, timeKernels } from './time-kernels.ts';

/** Gives the rows of one source their event times, and judges how late they are. */
export class EventTimeStamp {
  readonly #timeColumn: number;
  readonly #disorder: BoundedDisorder;
  readonly #buffer: ArrayBufferLike;
  readonly #kernels: TimeKernels;
  /** Least and greatest of the times that a kernel looked at, as words. */
  readonly #bounds: Int32Array;

  /** @param timeColumn - the column that carries event time */
  constructor(timeColumn: number, disorder: BoundedDisorder, memory: KernelMemory) {
    this.#timeColumn = timeColumn;
    this.#disorder = disorder;
    this.#buffer = memory.buffer;
    this.#kernels = timeKernels(memory);
    this.#bounds = memory.words(4);
  }

  /**
   * Fills the hidden event-time column and the late flags of rows `[from, rowCount)` from the column
   * that carries event time, in order.
   *
   * Rows of which none can be late are the usual case and the cheap one: those in ascending order,
   * and those that are out of order by no more than the lateness.
   *
   * @returns false when a row's event time is null or out of range
   */
  stamp(batch: Batch, from: number): boolean {
    const column = batch.columns[this.#timeColumn]!;
    if (column.nullCount !== 0) return false;
    if (from >= batch.rowCount) return true;
    if (!this.#copyOnTime(batch, column, from)) {
      return stampEach(batch, from, column.words, this.#disorder);
    }
    const leastUs = timeAt(this.#bounds, 0);
    const mostUs = timeAt(this.#bounds, 1);
    if (!isEventTime(leastUs) || !isEventTime(mostUs)) return false;
    if (batch.lateCount !== 0) batch.lateBy.fill(0, from, batch.rowCount);
    if (leastUs < batch.minTimeUs) batch.minTimeUs = leastUs;
    if (mostUs > batch.maxTimeUs) batch.maxTimeUs = mostUs;
    this.#disorder.raise(mostUs - this.#disorder.latenessUs);
    return true;
  }

  /** Copies the times and finds their bounds; false when some of the rows may be late. */
  #copyOnTime(batch: Batch, column: Column, from: number): boolean {
    const { watermarkUs, latenessUs } = this.#disorder;
    const times = batch.timeWords;
    if (column.buffer !== this.#buffer || times.buffer !== this.#buffer) return false;
    const { copyAscending, copyBounds } = this.#kernels;
    const rows = batch.rowCount - from;
    const source = column.valuesAt + 8 * from;
    const target = times.byteOffset + 8 * from;
    // No row of an ascending run is late if the first is not.
    if (column.getI64AsNumber(from) < watermarkUs) return false;
    if (copyAscending(source, target, rows) === 1) {
      copyTime(column.words, from, this.#bounds, 0);
      copyTime(column.words, batch.rowCount - 1, this.#bounds, 1);
      return true;
    }
    copyBounds(source, target, rows, this.#bounds.byteOffset);
    // The watermark before any of the rows is at most the one behind the greatest.
    return timeAt(this.#bounds, 0) >= Math.max(watermarkUs, timeAt(this.#bounds, 1) - latenessUs);
  }
}

function timeAt(words: Int32Array, at: number): TimeUs {
  return words[2 * at + 1]! * 4294967296 + (words[2 * at]! >>> 0);
}

function copyTime(words: Int32Array, row: number, target: Int32Array, at: number): void {
  target[2 * at] = words[2 * row]!;
  target[2 * at + 1] = words[2 * row + 1]!;
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
