/**
 * An operator that takes a known time for a row: it looks at the clock until the time is over.
 *
 * Time in which somebody else had the core counts, as far as the row would have taken it: what the
 * worker can do hardly depends on what else the machine does.
 *
 * @module
 */

import { workloadsOf } from './named-trace.ts';

/** A row as the source gives it. */
export interface OfferedRow {
  readonly row: number;
  readonly workMs: number;
  /** Work at the second worker, if there is one. */
  readonly secondMs: number;
  /** When the trace begins, in epoch milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Position of the workload among all. */
  readonly workload: number;
}

/** What comes out: when the row was done, in milliseconds since the trace's beginning. */
export interface DoneRow {
  readonly row: number;
  readonly doneMs: number;
}

/** How often a standstill is looked at. */
const STANDSTILL_MS = 0.1;

/** What is left of a row by rounding. */
const ROUNDING_MS = 1e-6;

type Capacity = (ms: number) => number;

/** What rows of one run have in common: looked up for the first of them. */
const run: { startMs: number; capacity: Capacity } = { startMs: Number.NaN, capacity: () => 1 };

/** Works on a row. */
export function work(row: OfferedRow): DoneRow {
  return spend(row, row.workMs);
}

/** Works on a row that another worker is to work on as well. */
export function workFirst(row: OfferedRow): OfferedRow {
  spend(row, row.workMs);
  return row;
}

/** Works on a row behind another worker. */
export function workSecond(row: OfferedRow): DoneRow {
  return spend(row, row.secondMs);
}

function spend({ row, startMs, durationMs, workload }: OfferedRow, workMs: number): DoneRow {
  const beginMs = startMs - performance.timeOrigin;
  if (run.startMs !== beginMs) {
    run.startMs = beginMs;
    run.capacity = [...workloadsOf(durationMs).values()][workload]?.capacity ?? (() => 1);
  }
  let now = performance.now();
  for (let left = workMs; left > ROUNDING_MS;) {
    const capacity = run.capacity(Math.floor(now - beginMs));
    const before = now;
    const untilMs = capacity > 0 ? before + left / capacity : before + STANDSTILL_MS;
    while (now < untilMs) now = performance.now();
    left -= (now - before) * capacity;
  }
  return { row, doneMs: now - beginMs };
}
