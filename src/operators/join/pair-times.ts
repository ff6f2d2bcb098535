/** Event time and lateness of joined rows. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelMemory } from '../../core/memory.ts';
import { floatsOf } from './arriving-rows.ts';
import type { RowNotes } from './row-notes.ts';
import type { TimeKernels } from './time-kernels.ts';

/** By pair of a chunk: event time and lateness. Lists of pairs are in the engine's memory. */
export class PairTimes {
  readonly #times: Float64Array;
  readonly #lateBy: Float64Array;
  /** The least and the largest time of those that were written. */
  readonly #bounds: Float64Array;
  readonly #kernels: TimeKernels;

  constructor(memory: KernelMemory, rowCapacity: number, kernels: TimeKernels) {
    this.#times = floatsOf(memory, rowCapacity);
    this.#lateBy = floatsOf(memory, rowCapacity);
    this.#bounds = floatsOf(memory, 2);
    this.#kernels = kernels;
  }

  /** Takes those of one side's rows for some pairs. */
  take(rows: Int32Array, pairs: Uint32Array, count: number, notes: RowNotes): void {
    notes.readTimes(rows, pairs, count, this.#times, this.#lateBy);
  }

  /** Raises times and marks of some pairs to those of one side's rows. @hot */
  takeLater(rows: Int32Array, pairs: Uint32Array, count: number, notes: RowNotes): void {
    for (let i = 0; i < count; i++) {
      const pair = pairs[i]!;
      const row = rows[pair]!;
      const markUs = Math.max(this.#times[pair]! + this.#lateBy[pair]!, notes.markUs(row));
      const timeUs = Math.max(this.#times[pair]!, notes.timeUs(row));
      this.#times[pair] = timeUs;
      this.#lateBy[pair] = markUs - timeUs;
    }
  }

  /** Writes those of `pairs[from .. from + count)` to the rows of a batch from `start` on. */
  write(batch: Batch, start: number, pairs: Uint32Array, from: number, count: number): void {
    if (batch.timeWords.buffer === pairs.buffer) {
      const bounds = this.#bounds;
      const late = this.#kernels.putTimes(
        pairs.byteOffset + 4 * from,
        count,
        this.#times.byteOffset,
        this.#lateBy.byteOffset,
        batch.timeWords.byteOffset + 8 * start,
        bounds.byteOffset,
      );
      if (bounds[0]! < batch.minTimeUs) batch.minTimeUs = bounds[0]!;
      if (bounds[1]! > batch.maxTimeUs) batch.maxTimeUs = bounds[1]!;
      if (late === 0 && batch.lateCount === 0) return;
    }
    for (let i = 0; i < count; i++) {
      const pair = pairs[from + i]!;
      batch.setTimeUs(start + i, this.#times[pair]!);
      batch.setLateBy(start + i, this.#lateBy[pair]!);
    }
  }
}
