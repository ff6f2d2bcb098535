/** What a task counts. Plain numbers while it works; published as one snapshot per turn. @module */

import type { KernelCounters } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import type { ChainCounts } from '../../operators/kernels.ts';
import type { SeqlockWriter } from '../../ringbuf/index.ts';
import {
  CHANNEL_ROWS,
  CHANNEL_WATERMARK,
  channelMetric,
  metricsOf,
  TaskMetric,
} from '../protocol.ts';

/** The counts of one task. A snapshot never mixes two turns, so it always adds up. */
export class TaskMetrics implements KernelCounters {
  readonly values: Float64Array;
  readonly #writer: SeqlockWriter;
  /** Channels that have figures of their own. */
  readonly #channels: number;
  #isDirty = true;
  /** What the kernel's state takes, by its parts. */
  readonly #stateBytes: (() => number)[] = [];

  /** By channel: 0 if its rows change parameters, and are none of the task's own. */
  readonly #weights: Uint8Array;

  /**
   * @param channels - how many inputs the task has
   * @param isControl - whether rows of a channel change parameters
   */
  constructor(
    writer: SeqlockWriter,
    channels: number,
    isControl: (channel: number) => boolean = () => false,
  ) {
    this.#writer = writer;
    this.values = new Float64Array(metricsOf(channels));
    this.values[TaskMetric.WATERMARK] = -Infinity;
    this.#channels = channels > 1 ? channels : 0;
    this.#weights = Uint8Array.from({ length: channels }, (_, c) => (isControl(c) ? 0 : 1));
    for (let channel = 0; channel < this.#channels; channel++) {
      this.values[channelMetric(channel, CHANNEL_WATERMARK)] = -Infinity;
    }
  }

  /** A batch came in. @hot */
  take(channel: number, rows: number): void {
    this.values[TaskMetric.ROWS_IN]! += rows * this.#weights[channel]!;
    this.values[TaskMetric.BATCHES]! += 1;
    if (this.#channels > 0) this.values[channelMetric(channel, CHANNEL_ROWS)]! += rows;
    this.#isDirty = true;
  }

  /** A watermark came in; `Infinity` when the channel has ended. @hot */
  takeWatermark(channel: number, watermarkUs: TimeUs): void {
    if (this.#channels > 0) this.set(channelMetric(channel, CHANNEL_WATERMARK), watermarkUs);
  }

  /** @hot */
  add(metric: number, count: number): void {
    this.values[metric]! += count;
    this.#isDirty = true;
  }

  /** @hot */
  set(metric: number, value: number): void {
    this.values[metric] = value;
    this.#isDirty = true;
  }

  addLate(rows: number): void {
    this.add(TaskMetric.LATE, rows);
  }

  addErrors(rows: number): void {
    this.add(TaskMetric.ERRORS, rows);
  }

  addEvicted(rows: number): void {
    this.add(TaskMetric.EVICTED, rows);
  }

  /** A kernel is made, perhaps in place of another. */
  beginKernel(): void {
    this.#stateBytes.length = 0;
  }

  watchState(usedBytes: () => number): void {
    this.#stateBytes.push(usedBytes);
  }

  addSpilled(rows: number, bytes: number): void {
    this.add(TaskMetric.STATE_SPILLED_ROWS, rows);
    this.add(TaskMetric.STATE_SPILLED_BYTES, bytes);
  }

  addRestored(rows: number): void {
    this.add(TaskMetric.STATE_RESTORED_ROWS, rows);
  }

  addWithheld(rows: number): void {
    this.add(TaskMetric.WITHHELD, rows);
  }

  /** Makes the counts visible to the host. */
  publish(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    let stateBytes = 0;
    for (let s = 0; s < this.#stateBytes.length; s++) stateBytes += this.#stateBytes[s]!();
    this.values[TaskMetric.STATE_BYTES] = stateBytes;
    this.#writer.write(this.values);
  }
}

/** What the tasks of a chain count. */
export class ChainMetrics implements ChainCounts {
  readonly #metrics: readonly TaskMetrics[];

  constructor(metrics: readonly TaskMetrics[]) {
    this.#metrics = metrics;
  }

  rowsIn(member: number, rows: number): void {
    this.#metrics[member]!.add(TaskMetric.ROWS_IN, rows);
    this.#metrics[member]!.add(TaskMetric.BATCHES, 1);
  }

  rowsOut(member: number, rows: number): void {
    this.#metrics[member]!.add(TaskMetric.ROWS_OUT, rows);
  }

  watermark(member: number, watermarkUs: TimeUs): void {
    this.#metrics[member]!.set(TaskMetric.WATERMARK, watermarkUs);
  }
}
