/**
 * What would have waited if nothing had been dropped, from what a run has recorded.
 *
 * A worker takes rows in order. How long each took that was done is known: from when it could begin to when it was
 * done, whatever the worker stood still for in between. A row that was dropped would have taken what rows around it took
 * for their work. From these times follows when each would have been done if all had been let in.
 *
 * @module
 */

import type { Trace } from '../trace.ts';
import { dueMs } from './named-trace.ts';

/** For so long a row may be under way to a worker that has nothing to do: no work waits meanwhile. */
const PICK_UP_MS = 1.5;
/** How many rows say what a dropped one would have taken. */
const AROUND = 1000;
/** As far apart are two threads in their views of what waits. */
const SLACK_MS = 2;

/** What would have waited. */
export interface Lossless {
  /** The most, in milliseconds of the worker as it went. */
  readonly mostMs: number;
  /**
   * Rows that were dropped though the backlog had not passed the gate by the time at which they would have been
   * done, since it was last empty.
   */
  readonly needlesslyShed: number;
}

/** How things stood when the first row came. */
export interface Beginning {
  /** When rows that came before were done. */
  readonly freeMs: number;
  /** They had passed the gate, and rows were still being dropped. */
  readonly isShedding: boolean;
}

/**
 * @param doneMs - by row; `NaN`: it was dropped
 * @param gateMs - what a queue has to absorb
 */
export function losslessBacklog(
  trace: Trace,
  doneMs: Float64Array,
  gateMs: number,
  begin: Beginning,
): Lossless {
  const { workMs, lanes } = trace;
  let mostMs = 0;
  let needlesslyShed = 0;
  let { freeMs } = begin;
  let endMs = freeMs;
  /** How long rows take over what they should. */
  let slowness = 1;
  /** When dropped rows would have been done, of which nobody knows yet whether they had to be. */
  let doubtful: number[] = [];
  let passedMs = begin.isShedding ? -Infinity : Infinity;
  const judge = (): void => {
    needlesslyShed += doubtful.filter((ms) => ms + SLACK_MS < passedMs).length;
    doubtful = [];
    passedMs = Infinity;
  };
  for (let row = 0; row < doneMs.length; row++) {
    const due = dueMs(trace, row);
    if (endMs <= due && row > 0) judge();
    const plainMs = workMs[lanes[row]!]!;
    const isDone = !Number.isNaN(doneMs[row]!);
    const tookMs = isDone ? serviceMs(doneMs[row]!, due, freeMs, plainMs) : plainMs * slowness;
    if (isDone) {
      slowness += (tookMs / plainMs - slowness) / AROUND;
      freeMs = Math.max(freeMs, doneMs[row]!);
    }
    endMs = Math.max(endMs, due) + tookMs;
    if (!isDone) doubtful.push(endMs);
    const waits = endMs - due;
    mostMs = Math.max(mostMs, waits);
    if (waits >= gateMs) passedMs = Math.min(passedMs, due);
  }
  judge();
  return { mostMs, needlesslyShed };
}

/** How long a row took from when the worker was free for it. */
function serviceMs(doneMs: number, due: number, freeMs: number, plainMs: number): number {
  const tookMs = doneMs - Math.max(freeMs, due);
  return freeMs > due ? Math.max(0, tookMs) : Math.max(plainMs, tookMs - PICK_UP_MS);
}
