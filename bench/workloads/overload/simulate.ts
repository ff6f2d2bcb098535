/**
 * A source, an admission ring and one worker, row by row, with a clock that is handed on.
 *
 * @module
 */

import { TAIL_MS, type Trace } from './trace.ts';

/** What decides in a simulation. */
export interface Policy {
  /** Decides on rows offered: moves those that go into the ring to the front, returns how many. */
  offer(nowMs: number, rows: Uint32Array, count: number, waitingRows: number): number;
  /** Looks at the queue before a slice of work. */
  look(nowMs: number, waitingRows: number): void;
  /** Decides on rows taken from the ring, `rows[from]` to `rows[to - 1]`; returns the end of those kept. */
  take(nowMs: number, rows: Uint32Array, from: number, to: number, arrivedMs: number): number;
  /** What it says of itself, for the course of things. */
  readonly price?: number;
}

/** What is disturbed. */
export interface Disturbances {
  /** Work of a row is multiplied by a number around 1 with this spread. */
  readonly costNoise?: number;
  /** Standstills of the worker: length by millisecond of their beginning. */
  readonly seed?: number;
}

/** What came of a simulation. */
export interface Outcome {
  /** Value of rows that were done within the goal. */
  readonly value: number;
  readonly offeredRows: number;
  readonly doneRows: number;
  /** Rows done, but later than the goal. */
  readonly lateRows: number;
  /** Rows that were dropped, wherever. */
  readonly droppedRows: number;
  /** Delay from being offered to being done. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** By row: when it was done; `NaN`: it was dropped. */
  readonly doneMs: Float64Array;
  /** By millisecond: longest delay of a row done, price, rows in the ring, and whether the worker was idle. */
  readonly course: Course;
}

/** What went on, by millisecond. */
export interface Course {
  readonly delayMs: Float64Array;
  readonly price: Float64Array;
  readonly waitingRows: Float64Array;
  readonly idleMs: Float64Array;
  readonly doneRows: Float64Array;
}

const SUBSTEPS = 4;
const STEP_MS = 1 / SUBSTEPS;
/** Delays are counted in tenths of a millisecond. */
const DELAY_STEP_MS = 0.1;
const SLICE_MS = 0.25;

/** Runs a trace through a policy. */
export function simulate(
  trace: Trace,
  policy: Policy,
  sloMs: number,
  disturbances: Disturbances = {},
): Outcome {
  return new Simulation(trace, policy, sloMs, disturbances).run();
}

class Simulation {
  readonly #trace: Trace;
  readonly #policy: Policy;
  readonly #sloMs: number;
  readonly #costNoise: number;
  readonly #queue: Uint32Array;
  readonly #slots: { from: number; to: number; at: number }[] = [];
  readonly #batch: Uint32Array;
  readonly #delays = new Float64Array(20_000);
  readonly #course: Course;
  readonly #doneMs: Float64Array;
  #slot = 0;
  #tail = 0;
  #waiting = 0;
  #credit = 0;
  #value = 0;
  #done = 0;
  #late = 0;
  #maxMs = 0;
  #noise: number;

  constructor(trace: Trace, policy: Policy, sloMs: number, disturbances: Disturbances) {
    this.#trace = trace;
    this.#policy = policy;
    this.#sloMs = sloMs;
    this.#costNoise = disturbances.costNoise ?? 0;
    this.#noise = disturbances.seed ?? 1;
    const ms = trace.capacity.length;
    this.#queue = new Uint32Array(trace.values.length);
    this.#doneMs = new Float64Array(trace.values.length).fill(Number.NaN);
    this.#batch = new Uint32Array(trace.values.length);
    this.#course = {
      delayMs: new Float64Array(ms),
      price: new Float64Array(ms),
      waitingRows: new Float64Array(ms),
      idleMs: new Float64Array(ms),
      doneRows: new Float64Array(ms),
    };
  }

  run(): Outcome {
    const { workload, capacity } = this.#trace;
    for (let ms = 0; ms < capacity.length; ms++) {
      for (let step = 0; step < SUBSTEPS; step++) {
        const now = ms + step * STEP_MS;
        if (ms < workload.durationMs) this.#offer(ms, step, now);
        if (capacity[ms]! > 0) this.#work(ms, now + STEP_MS, capacity[ms]!);
      }
      this.#course.price[ms] = this.#policy.price ?? 0;
      this.#course.waitingRows[ms] = this.#waiting;
    }
    const offered = this.#trace.values.length;
    return {
      value: this.#value,
      offeredRows: offered,
      doneRows: this.#done,
      lateRows: this.#late,
      droppedRows: offered - this.#done - this.#waiting,
      p50Ms: this.#quantile(0.5),
      p99Ms: this.#quantile(0.99),
      p999Ms: this.#quantile(0.999),
      maxMs: this.#maxMs,
      doneMs: this.#doneMs,
      course: this.#course,
    };
  }

  #offer(ms: number, step: number, now: number): void {
    const { offsets } = this.#trace;
    const first = offsets[ms]!;
    const rows = offsets[ms + 1]! - first;
    const from = first + Math.floor((rows * step) / SUBSTEPS);
    const to = first + Math.floor((rows * (step + 1)) / SUBSTEPS);
    const batch = this.#batch;
    for (let row = from; row < to; row++) batch[row - from] = row;
    const kept = this.#policy.offer(now, batch, to - from, this.#waiting);
    if (kept === 0) return;
    this.#queue.set(batch.subarray(0, kept), this.#tail);
    this.#slots.push({ from: this.#tail, to: this.#tail + kept, at: now });
    this.#tail += kept;
    this.#waiting += kept;
  }

  #work(ms: number, endMs: number, capacity: number): void {
    this.#credit += STEP_MS * capacity;
    while (this.#credit > 1e-9) {
      const now = endMs - this.#credit / capacity;
      this.#policy.look(now, this.#waiting);
      const slot = this.#slots[this.#slot];
      if (slot === undefined) {
        this.#course.idleMs[ms]! += this.#credit / capacity;
        this.#credit = 0;
        return;
      }
      this.#slice(ms, slot, now, endMs, capacity);
      if (slot.from === slot.to) this.#slot++;
    }
  }

  #slice(
    ms: number,
    slot: { from: number; to: number; at: number },
    now: number,
    endMs: number,
    capacity: number,
  ): void {
    const { values, lanes, workMs } = this.#trace;
    const queue = this.#queue;
    const rows = Math.max(8, Math.floor(SLICE_MS / workMs[0]!));
    const to = Math.min(slot.to, slot.from + rows);
    const end = this.#policy.take(now, queue, slot.from, to, slot.at);
    for (let i = slot.from; i < end; i++) {
      const row = queue[i]!;
      this.#credit -= workMs[lanes[row]!]! * this.#disturbance();
      const doneMs = endMs - this.#credit / capacity;
      const delay = doneMs - slot.at;
      this.#doneMs[row] = doneMs;
      this.#finish(ms, values[row]!, delay);
    }
    this.#waiting -= to - slot.from;
    slot.from = to;
  }

  #finish(ms: number, value: number, delay: number): void {
    this.#done++;
    if (delay <= this.#sloMs) this.#value += value;
    else this.#late++;
    if (delay > this.#maxMs) this.#maxMs = delay;
    this.#delays[Math.min(this.#delays.length - 1, Math.floor(delay / DELAY_STEP_MS))]!++;
    if (delay > this.#course.delayMs[ms]!) this.#course.delayMs[ms] = delay;
    this.#course.doneRows[ms]!++;
  }

  /** A factor of mean 1 on the work of a row. */
  #disturbance(): number {
    if (this.#costNoise === 0) return 1;
    this.#noise = (Math.imul(this.#noise, 1664525) + 1013904223) | 0;
    return 1 + this.#costNoise * ((this.#noise >>> 0) / 2 ** 31 - 1);
  }

  #quantile(fraction: number): number {
    let left = fraction * this.#done;
    for (let step = 0; step < this.#delays.length; step++) {
      left -= this.#delays[step]!;
      if (left <= 0) return (step + 1) * DELAY_STEP_MS;
    }
    return 0;
  }
}

/** How long a simulation goes on after the last row. */
export const AFTER_MS = TAIL_MS;
