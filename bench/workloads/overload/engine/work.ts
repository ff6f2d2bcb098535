/**
 * An operator that takes a known time for a row: it looks at the clock until the time is over.
 *
 * Time in which somebody else had the core counts, as far as the row would have taken it: what the
 * worker can do hardly depends on what else the machine does.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
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
  /** For how long the thread was kept waiting for a core before that, where it stood still for longer than a moment. */
  readonly preemptedMs: number;
}

/** A row that goes on to another worker, with the same of the first one. */
export interface HalfDoneRow extends OfferedRow {
  readonly firstMs: number;
  readonly firstPreemptedMs: number;
}

/** What comes out of two workers. */
export interface TwiceDoneRow extends DoneRow {
  readonly firstMs: number;
  readonly firstPreemptedMs: number;
}

/** How often a standstill is looked at. */
const STANDSTILL_MS = 0.1;
/** After a gap that is longer the system is asked what it was: that takes some 15 µs. */
const GAP_MS = 0.5;

/** What is left of a row by rounding. */
const ROUNDING_MS = 1e-6;

type Capacity = (ms: number) => number;

/** What rows of one run have in common: looked up for the first of them. */
const run: { startMs: number; capacity: Capacity } = { startMs: Number.NaN, capacity: () => 1 };

/** When the clock was last looked at, and for how long the thread had waited for a core when the system was last asked. */
const seen = { nowMs: 0, waitedMs: 0, preemptedMs: 0 };

/** Works on a row. */
export function work(row: OfferedRow): DoneRow {
  const doneMs = spend(row, row.workMs);
  return { row: row.row, doneMs, preemptedMs: seen.preemptedMs };
}

/** Works on a row that another worker is to work on as well. */
export function workFirst(row: OfferedRow): HalfDoneRow {
  const firstMs = spend(row, row.workMs);
  return { ...row, firstMs, firstPreemptedMs: seen.preemptedMs };
}

/** Works on a row behind another worker. */
export function workSecond(row: HalfDoneRow): TwiceDoneRow {
  const doneMs = spend(row, row.secondMs);
  const { firstMs, firstPreemptedMs } = row;
  return { row: row.row, doneMs, preemptedMs: seen.preemptedMs, firstMs, firstPreemptedMs };
}

/** Looks at the clock until the row's time is over; when that was. */
function spend({ startMs, durationMs, workload }: OfferedRow, workMs: number): number {
  const beginMs = startMs - performance.timeOrigin;
  if (run.startMs !== beginMs) {
    run.startMs = beginMs;
    run.capacity = [...workloadsOf(durationMs).values()][workload]?.capacity ?? (() => 1);
  }
  let now = performance.now();
  let gapMs = now - seen.nowMs;
  for (let left = workMs; left > ROUNDING_MS;) {
    const capacity = run.capacity(Math.floor(now - beginMs));
    const before = now;
    const untilMs = capacity > 0 ? before + left / capacity : before + STANDSTILL_MS;
    while (now < untilMs) {
      const last = now;
      now = performance.now();
      if (now - last > gapMs) gapMs = now - last;
    }
    left -= (now - before) * capacity;
  }
  seen.preemptedMs = gapMs > GAP_MS ? waitedSinceMs() : 0;
  seen.nowMs = now;
  return now - beginMs;
}

/** For how long this thread has been kept waiting for a core since it was last asked for; 0 where nobody tells. */
function waitedSinceMs(): number {
  let waitedMs = seen.waitedMs;
  try {
    // Nanoseconds on a core, nanoseconds of waiting for one, and turns.
    waitedMs = Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    // Not Linux, or one that does not count.
  }
  const sinceMs = waitedMs - seen.waitedMs;
  seen.waitedMs = waitedMs;
  return sinceMs;
}
