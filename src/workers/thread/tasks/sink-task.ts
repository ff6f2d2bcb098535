/** A sink at work. @module */

import type { Batch } from '../../../core/batch.ts';
import type { Sink } from '../../../core/connector.ts';
import { asMillraceError } from '../../../core/errors.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { Clock } from '../../../core/clock.ts';
import type { LatencyRecorder } from '../../../metrics/latency-histogram.ts';
import type { ThreadControl } from '../../../ringbuf/index.ts';
import { TaskMetric } from '../../protocol.ts';
import type { Target } from '../flow.ts';
import type { PortWatermarks } from '../port-watermarks.ts';
import type { TaskMetrics } from '../task-metrics.ts';

/** What a task of a sink is made of. */
export interface SinkTaskParts {
  readonly id: number;
  readonly node: string;
  readonly sink: Sink;
  readonly watermarks: PortWatermarks;
  readonly metrics: TaskMetrics;
  readonly control: ThreadControl;
  readonly clock: Clock;
  readonly latencies: LatencyRecorder;
}

/** One sink placed on this worker; keeps at most one batch that the sink has not taken yet. */
export class SinkTask implements Target {
  readonly parts: SinkTaskParts;
  #pending: Batch | undefined;

  constructor(parts: SinkTaskParts) {
    this.parts = parts;
  }

  canAccept(): boolean {
    return this.#pending === undefined;
  }

  accept(channel: number, batch: Batch): void {
    this.parts.metrics.take(channel, batch.selected);
    this.#pending = batch;
    this.pump();
  }

  acceptWatermark(channel: number, watermarkUs: TimeUs): void {
    this.parts.watermarks.update(channel, watermarkUs);
    this.parts.metrics.takeWatermark(channel, watermarkUs);
    this.parts.metrics.set(TaskMetric.WATERMARK, this.parts.watermarks.leastUs());
  }

  acceptEnd(channel: number): void {
    this.parts.watermarks.close(channel);
    this.parts.metrics.takeWatermark(channel, Infinity);
  }

  isIdle(): boolean {
    return this.#pending === undefined;
  }

  hasEnded(): boolean {
    return this.#pending === undefined && this.parts.watermarks.isClosed(0);
  }

  pump(): boolean {
    const batch = this.#pending;
    if (batch === undefined) return false;
    this.parts.control.enter(this.parts.id);
    try {
      if (this.parts.sink.write(batch) === 'blocked') return false;
    } catch (error) {
      throw asMillraceError(error, 'ERR_INTERNAL', this.parts.node);
    }
    this.#pending = undefined;
    this.parts.metrics.add(TaskMetric.ROWS_OUT, batch.selected);
    this.#recordLatency(batch);
    return true;
  }

  /** Known where rows came straight from a source: a window's result has no time of entry. */
  #recordLatency(batch: Batch): void {
    if (batch.ingestTimeUs === Infinity) return;
    this.parts.latencies.record(this.parts.clock.nowUs() - batch.ingestTimeUs, batch.selected);
  }

  /** The worker has nothing else to do. */
  flush(): void {
    this.parts.sink.flush();
  }
}
