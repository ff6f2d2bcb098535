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
  /** Rows come before the trace does. */
  readonly hasWarmUp: boolean;
  /** Only this worker, 0 or 1, has to work; left out: all have. */
  readonly only?: number;
  /** What the engine and its clocks take for a row: so much less is worked on it. */
  readonly overheadMs: number;
}

/** Before the trace, while code is being compiled: too much for a while, and then little, so that none is left. */
export const WARM_UP_MS = 900;
const CROWDED_MS = 500;
const CROWDED_LOAD = 3;
const QUIET_LOAD = 0.2;

/** Rows of the warm-up; they have the number -1. */
export function warmUpRows(rowsPerMs: number): number {
  return Math.floor(warmUpWorkMs(WARM_UP_MS) * rowsPerMs);
}

/** Milliseconds of work that come in the first milliseconds of the warm-up. */
function warmUpWorkMs(ms: number): number {
  return CROWDED_LOAD * Math.min(ms, CROWDED_MS) + QUIET_LOAD * Math.max(0, ms - CROWDED_MS);
}

/** From the first look for rows, when all threads are ready, to the warm-up. */
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
  /** Rows of the warm-up that are still to come. */
  #warmUpRows: number;

  constructor(options: ArrivalOptions, context: SourceModuleContext) {
    this.#options = options;
    this.#context = context;
    this.#trace = namedTrace(options);
    this.#warmUpRows = options.hasWarmUp ? warmUpRows(options.rowsPerMs) : 0;
    this.#workload = [...workloadsOf(options.durationMs).keys()].indexOf(options.workload);
  }

  read(batch: SourceBatch): SourceProgress {
    const total = this.#trace.values.length;
    if (Number.isNaN(this.#startMs)) {
      const warmUpMs = this.#options.hasWarmUp ? WARM_UP_MS : 0;
      this.#startMs = this.#context.clock.nowUs() / 1000 + LEAD_MS + warmUpMs;
    }
    if (this.#warmUpRows > 0) return this.#warmUp(batch);
    const count = Math.min(batch.rowCapacity - batch.rowCount, this.#due() - this.#next);
    if (count <= 0) return this.#next >= total ? 'end' : this.#wait();
    this.#fill(batch, count);
    if (this.#next >= total) return 'end';
    return this.#next < this.#due() ? 'more' : this.#wait();
  }

  #warmUp(batch: SourceBatch): SourceProgress {
    const { rowsPerMs } = this.#options;
    const { values, lanes } = this.#trace;
    const leftMs = Math.max(0, this.#startMs - this.#context.clock.nowUs() / 1000);
    const due = Math.floor(warmUpWorkMs(Math.max(0, WARM_UP_MS - leftMs)) * rowsPerMs);
    const left = leftMs === 0 ? 0 : Math.max(0, warmUpRows(rowsPerMs) - due);
    const count = Math.min(this.#warmUpRows - left, batch.rowCapacity - batch.rowCount);
    if (count <= 0) return this.#wait();
    const from = batch.rowCount;
    for (let i = 0; i < count; i++) {
      const like = (this.#warmUpRows - i) % values.length;
      this.#write(batch, from + i, -1, values[like]!, lanes[like]!);
    }
    this.#warmUpRows -= count;
    batch.setRowCount(from + count);
    return 'more';
  }

  #fill(batch: SourceBatch, count: number): void {
    const startMs = this.#startMs;
    const { values, lanes } = this.#trace;
    const from = batch.rowCount;
    for (let i = 0; i < count; i++) {
      const row = this.#next + i;
      this.#write(batch, from + i, row, values[row]!, lanes[row]!);
    }
    const firstUs = Math.floor((startMs + dueMs(this.#trace, this.#next)) * 1000);
    if (!this.#options.isClosedLoop && firstUs < batch.ingestTimeUs) batch.ingestTimeUs = firstUs;
    this.#next += count;
    batch.setRowCount(from + count);
  }

  #write(batch: SourceBatch, at: number, number: number, worth: number, of: number): void {
    const { workMs, secondMs } = this.#trace;
    const { only, overheadMs } = this.#options;
    const [row, value, lane, work, second, start, duration, workload] = batch.columns;
    row!.words[at] = number;
    value!.f64[at] = worth;
    lane!.words[at] = of;
    work!.f64[at] = only === 1 ? 0 : Math.max(0, workMs[of]! - overheadMs);
    second!.f64[at] = only === 0 ? 0 : Math.max(0, (secondMs?.[of] ?? 0) - overheadMs);
    start!.f64[at] = this.#startMs;
    duration!.f64[at] = this.#options.durationMs;
    workload!.words[at] = this.#workload;
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
