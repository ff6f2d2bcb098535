/** Traces by name: threads make them for themselves, and get the same rows. @module */

import { makeTrace, type Trace, type Workload } from '../trace.ts';
import { absorbableSet, hardSet, steadySet, step, twoWorkerSet } from '../workloads.ts';

/** What makes a trace. */
export interface TraceName {
  readonly workload: string;
  readonly durationMs: number;
  /** Rows that the worker can do in a millisecond. */
  readonly rowsPerMs: number;
  readonly seed: number;
}

/** All workloads by name. */
export function workloadsOf(durationMs: number): ReadonlyMap<string, Workload> {
  const all = [
    ...steadySet(durationMs),
    step('lognormal', 1.1, durationMs),
    ...hardSet(durationMs),
    ...absorbableSet(durationMs),
    ...twoWorkerSet(durationMs),
  ];
  return new Map(all.map((workload) => [workload.name, workload]));
}

/** @throws RangeError when there is no workload of that name */
export function namedTrace({ workload, durationMs, rowsPerMs, seed }: TraceName): Trace {
  const found = workloadsOf(durationMs).get(workload);
  if (found === undefined) throw new RangeError(`there is no workload '${workload}'`);
  return makeTrace(found, rowsPerMs, seed);
}

/** When a row is due, in milliseconds since the trace's beginning: evenly within its millisecond. */
export function dueMs({ offsets }: Trace, row: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high - 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= row) low = middle;
    else high = middle;
  }
  return low + (row - offsets[low]!) / Math.max(1, offsets[low + 1]! - offsets[low]!);
}
