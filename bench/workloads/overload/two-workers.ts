/**
 * A source and two workers, one behind the other, both with too much to do: rows of several classes
 * that cost differently at each. All rows are dropped in front of the first worker, by both prices.
 *
 * @module
 */

import {
  CapacityMeter,
  IngressGate,
  LateGate,
  QueueContents,
  type ValuedRows,
  WorkerPrice,
  admissionLimits,
} from '../../../src/admission/index.ts';
import { twoWorkerBound } from './two-worker-bound.ts';
import { drawer, uniformFrom } from './values.ts';

/** What is offered to two workers. */
export interface TwoWorkerLoad {
  readonly durationMs: number;
  readonly sloMs: number;
  /** Rows offered in a millisecond. */
  readonly rowsPerMs: number;
  /** By worker: milliseconds of work of a row, by class. Classes are equally frequent. */
  readonly workMs: readonly Float64Array[];
  readonly seed: number;
}

/** What came of it. */
export interface TwoWorkerOutcome {
  /** Value of rows that both workers were done with in time. */
  readonly value: number;
  /** No choice of rows is worth more. */
  readonly bound: number;
  readonly maxMs: number;
  readonly lateRows: number;
  /** How much of the time from a tenth on each worker was busy. */
  readonly busy: readonly number[];
}

const STEP_MS = 0.25;
const SLICE_ROWS = 24;

/** Runs two workers with prices of their own. */
export class TwoWorkers {
  readonly #load: TwoWorkerLoad;
  readonly #values: Float64Array;
  readonly #lanes: Int32Array;
  readonly #arrived: Float64Array;
  readonly #rows: ValuedRows;
  readonly #contents: QueueContents;
  readonly #gate: IngressGate;
  readonly #late: LateGate;
  readonly #workers: readonly WorkerPrice[];
  readonly #meters = [new CapacityMeter(), new CapacityMeter()] as const;
  readonly #prices = new Float64Array(2);
  readonly #rests: readonly Float64Array[];
  readonly #waiting = new Float64Array(1);
  /** Rows in front of each worker. */
  readonly #queues: readonly [Queue, Queue];
  readonly #done = new Float64Array(2);
  readonly #credit = new Float64Array(2);
  readonly #idle = new Float64Array(2);
  #behindMs = 0;
  #value = 0;
  #lateRows = 0;
  #maxMs = 0;

  constructor(load: TwoWorkerLoad) {
    const { durationMs, rowsPerMs, workMs, seed, sloMs } = load;
    const count = durationMs * rowsPerMs;
    const lanes = workMs[0]!.length;
    const random = uniformFrom(seed);
    const draw = drawer('lognormal', random);
    this.#load = load;
    this.#values = Float64Array.from({ length: count }, draw);
    this.#lanes = Int32Array.from({ length: count }, () => Math.floor(lanes * random()));
    this.#arrived = Float64Array.from({ length: count }, (_, row) => row / rowsPerMs);
    this.#rows = {
      values: this.#values,
      words: new Int32Array(this.#values.buffer),
      tags: Int32Array.from(this.#lanes),
    };
    const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(lanes)), lanes);
    this.#contents = contents;
    this.#gate = new IngressGate({ lanes, paths: [{ workMs }], contents });
    this.#late = new LateGate(contents);
    this.#rests = workMs.map(() => new Float64Array(lanes));
    this.#workers = workMs.map(
      (work, n) =>
        new WorkerPrice({
          limits: admissionLimits(sloMs),
          sources: [{ contents, workMs: work, rest: this.#rests[n]! }],
        }),
    );
    this.#queues = [new Queue(count), new Queue(count)];
  }

  run(): TwoWorkerOutcome {
    const { durationMs, rowsPerMs, sloMs } = this.#load;
    const batch = new Uint32Array(Math.ceil(rowsPerMs));
    for (let step = 0; step < (durationMs + sloMs) / STEP_MS; step++) {
      const now = step * STEP_MS;
      if (now < durationMs) this.#offer(now, batch);
      for (const n of [0, 1] as const) this.#work(n, now);
    }
    const total = durationMs * 0.9;
    return {
      value: this.#value,
      bound: twoWorkerBound({
        values: this.#values,
        lanes: this.#lanes,
        workMs: this.#load.workMs,
        budgetsMs: this.#load.workMs.map(() => durationMs + sloMs),
      }).value,
      maxMs: this.#maxMs,
      lateRows: this.#lateRows,
      busy: [...this.#idle].map((idle) => 1 - idle / total),
    };
  }

  #offer(now: number, batch: Uint32Array): void {
    const { rowsPerMs } = this.#load;
    const from = Math.floor(now * rowsPerMs);
    const count = Math.floor((now + STEP_MS) * rowsPerMs) - from;
    for (let i = 0; i < count; i++) batch[i] = from + i;
    this.#gate.reprice(
      this.#prices,
      this.#workers.some(({ isArmed }) => isArmed),
    );
    const kept = this.#gate.admit(this.#rows, batch, count, Infinity);
    this.#contents.enter(this.#rows.tags, batch, kept);
    this.#queues[0].push(batch, kept);
  }

  #work(n: 0 | 1, now: number): void {
    const { workMs, durationMs } = this.#load;
    const queue = this.#queues[n];
    this.#credit[n]! += STEP_MS;
    while (this.#credit[n]! > 0) {
      const at = now + STEP_MS - this.#credit[n]!;
      this.#look(n, at);
      const count = Math.min(SLICE_ROWS, queue.size);
      if (count === 0) {
        if (now > durationMs / 10 && now < durationMs) this.#idle[n]! += this.#credit[n]!;
        this.#credit[n] = 0;
        return;
      }
      const from = queue.head;
      const end = n === 0 ? this.#take(at, from, from + count) : from + count;
      queue.head = from + count;
      for (let i = from; i < end; i++) {
        const row = queue.rows[i]!;
        const lane = this.#lanes[row]!;
        this.#credit[n]! -= workMs[n]![lane]!;
        this.#done[n]! += workMs[n]![lane]!;
        if (n === 0) this.#behindMs += workMs[1]![lane]!;
        else this.#finish(row, now + STEP_MS - this.#credit[1]!);
      }
      if (n === 0) this.#queues[1].push(queue.rows.subarray(from, end), end - from);
    }
  }

  #look(n: 0 | 1, at: number): void {
    const { workMs } = this.#load;
    const worker = this.#workers[n]!;
    const other = 1 - n;
    const rest = this.#rests[n]!;
    for (let lane = 0; lane < rest.length; lane++) {
      rest[lane] = this.#prices[other]! * workMs[other]![lane]!;
    }
    const capacity = this.#meters[n].update(at, this.#queues[n].size > 0, this.#done[n]!);
    this.#waiting[0] = this.#queues[0].size;
    worker.update(at, this.#waiting, n === 0 ? 0 : this.#behindMs, capacity);
    this.#prices[n] = worker.price;
  }

  #take(at: number, from: number, to: number): number {
    const { sloMs, workMs } = this.#load;
    const queue = this.#queues[0];
    this.#late.reprice(
      this.#prices,
      workMs,
      this.#workers.some(({ isFull }) => isFull),
    );
    const isExpired = at - this.#arrived[queue.rows[from]!]! > sloMs - 1;
    return this.#late.take(this.#rows, queue.rows, from, to, isExpired);
  }

  #finish(row: number, at: number): void {
    this.#behindMs -= this.#load.workMs[1]![this.#lanes[row]!]!;
    const delay = at - this.#arrived[row]!;
    this.#maxMs = Math.max(this.#maxMs, delay);
    if (delay <= this.#load.sloMs) this.#value += this.#values[row]!;
    else this.#lateRows++;
  }
}

/** Rows in order, each once. */
class Queue {
  readonly rows: Uint32Array;
  head = 0;
  #tail = 0;

  constructor(capacity: number) {
    this.rows = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#tail - this.head;
  }

  push(rows: Uint32Array, count: number): void {
    this.rows.set(rows.subarray(0, count), this.#tail);
    this.#tail += count;
  }
}
