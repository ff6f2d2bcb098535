/**
 * Gives the rows of a trace when they are due by the clock, whatever became of those before.
 *
 * @module
 */

import type {
  SourceBatch,
  SourceModule,
  SourceModuleContext,
  SourceModuleOptions,
  SourceProgress,
} from '../../../../src/index.ts';
import type { Trace } from '../trace.ts';
import { dueMs, namedTrace, type TraceName, workloadsOf } from './named-trace.ts';

/** What the topology says. */
export interface ArrivalOptions extends TraceName {
  /** All rows are due at once: to see how much is done when there is always more. */
  readonly isClosedLoop: boolean;
}

/** From the first look for rows, when all threads are ready, to the beginning. */
const LEAD_MS = 20;
/** How often it looks at the clock. */
const WAKE_MS = 0.25;

/** Opens the source. */
export function open(options: SourceModuleOptions, context: SourceModuleContext): SourceModule {
  return new Arrivals(options as unknown as ArrivalOptions, context);
}

class Arrivals implements SourceModule {
  readonly #options: ArrivalOptions;
  readonly #context: SourceModuleContext;
  readonly #trace: Trace;
  readonly #workload: number;
  /** When the trace begins, in epoch milliseconds. */
  #startMs = Number.NaN;
  #next = 0;

  constructor(options: ArrivalOptions, context: SourceModuleContext) {
    this.#options = options;
    this.#context = context;
    this.#trace = namedTrace(options);
    this.#workload = [...workloadsOf(options.durationMs).keys()].indexOf(options.workload);
  }

  read(batch: SourceBatch): SourceProgress {
    const total = this.#trace.values.length;
    if (Number.isNaN(this.#startMs)) this.#startMs = this.#context.clock.nowUs() / 1000 + LEAD_MS;
    const count = Math.min(batch.rowCapacity - batch.rowCount, this.#due() - this.#next);
    if (count <= 0) return this.#next >= total ? 'end' : this.#wait();
    this.#fill(batch, count);
    if (this.#next >= total) return 'end';
    return this.#next < this.#due() ? 'more' : this.#wait();
  }

  #fill(batch: SourceBatch, count: number): void {
    const { durationMs } = this.#options;
    const startMs = this.#startMs;
    const { values, lanes, workMs } = this.#trace;
    const [row, value, lane, work, start, duration, workload] = batch.columns;
    const from = batch.rowCount;
    for (let i = 0; i < count; i++) {
      const at = from + i;
      const next = this.#next + i;
      const of = lanes[next]!;
      row!.words[at] = next;
      value!.f64[at] = values[next]!;
      lane!.words[at] = of;
      work!.f64[at] = workMs[of]!;
      start!.f64[at] = startMs;
      duration!.f64[at] = durationMs;
      workload!.words[at] = this.#workload;
    }
    const firstUs = Math.floor((startMs + dueMs(this.#trace, this.#next)) * 1000);
    if (!this.#options.isClosedLoop && firstUs < batch.ingestTimeUs) batch.ingestTimeUs = firstUs;
    this.#next += count;
    batch.setRowCount(from + count);
  }

  /** Rows that have come by now. */
  #due(): number {
    const { offsets, values } = this.#trace;
    if (this.#options.isClosedLoop) return values.length;
    const ms = this.#context.clock.nowUs() / 1000 - this.#startMs;
    const whole = Math.floor(ms);
    if (whole < 0) return 0;
    if (whole >= offsets.length - 1) return values.length;
    const before = offsets[whole]!;
    return before + Math.floor((offsets[whole + 1]! - before) * (ms - whole));
  }

  #wait(): SourceProgress {
    this.#context.wakeAfter(WAKE_MS);
    return 'wait';
  }
}
