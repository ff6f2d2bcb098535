/** What is offered over time: rows with a time, a value and a lane. @module */

import { type Uniform, type ValueLaw, drawer, uniformFrom } from './values.ts';

/** A load over time. */
export interface Workload {
  readonly name: string;
  readonly durationMs: number;
  readonly law: ValueLaw;
  /** Work offered in a millisecond over what the worker can do. */
  readonly load: (ms: number) => number;
  /** What values are multiplied by. */
  readonly scale?: (ms: number) => number;
  /** What the worker does in a millisecond, over what it does as a rule; 0 in a stall. */
  readonly capacity?: (ms: number) => number;
  /** Work of a row of each lane, relative; rows are spread evenly over the lanes. */
  readonly costs?: readonly number[];
  /** The same at a second worker, behind the first; left out: there is none. */
  readonly secondCosts?: readonly number[];
}

/** Offered rows, in order of time. */
export interface Trace {
  readonly workload: Workload;
  /** Rows offered before a millisecond begins, for each, and at the end. */
  readonly offsets: Uint32Array;
  readonly values: Float64Array;
  readonly lanes: Uint8Array;
  /** Milliseconds of work of a row, by lane. */
  readonly workMs: Float64Array;
  /** The same at the second worker, if there is one. */
  readonly secondMs: Float64Array | undefined;
  /** What the worker does in each millisecond, in milliseconds of work, for some time beyond the end. */
  readonly capacity: Float64Array;
}

/** How long a trace knows the capacity beyond its end. */
export const TAIL_MS = 200;

/**
 * The rows of a workload.
 *
 * @param rowsPerMs - rows that the worker can do in a millisecond
 */
export function makeTrace(workload: Workload, rowsPerMs: number, seed: number): Trace {
  const random = uniformFrom(seed);
  const draw = drawer(workload.law, random);
  const costs = workload.costs ?? [1];
  const { durationMs, scale = () => 1, capacity = () => 1 } = workload;
  const offsets = new Uint32Array(durationMs + 1);
  let exact = 0;
  for (let ms = 0; ms < durationMs; ms++) {
    exact += workload.load(ms) * rowsPerMs;
    offsets[ms + 1] = Math.floor(exact);
  }
  const rows = offsets[durationMs]!;
  const values = new Float64Array(rows);
  const lanes = new Uint8Array(rows);
  for (let ms = 0; ms < durationMs; ms++) {
    const factor = scale(ms);
    for (let row = offsets[ms]!; row < offsets[ms + 1]!; row++) {
      values[row] = factor * draw();
      lanes[row] = laneOf(costs.length, random);
    }
  }
  return {
    workload,
    offsets,
    values,
    lanes,
    workMs: workOf(costs, rowsPerMs),
    secondMs: workload.secondCosts && workOf(workload.secondCosts, rowsPerMs),
    capacity: Float64Array.from({ length: durationMs + TAIL_MS }, (_, ms) => capacity(ms)),
  };
}

/** Milliseconds of work of a row of each lane, with a mean of what a worker does a row in. */
function workOf(costs: readonly number[], rowsPerMs: number): Float64Array {
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  return Float64Array.from(costs, (cost) => cost / mean / rowsPerMs);
}

function laneOf(lanes: number, random: Uniform): number {
  return lanes === 1 ? 0 : Math.floor(lanes * random());
}
