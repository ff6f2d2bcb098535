/**
 * Where the value went that the best choice of rows has and a run has not.
 *
 * The best choice has a price for each millisecond in which rows come: those that bring more for their work are taken,
 * those that bring less are not. So what a run lost is, to the last bit: what rows that it worked on fell short
 * of the price; what rows that it left out were above it; what came too late; and the price of the work that it did not do. That
 * again is told apart by how the worker's time passed.
 *
 * @module
 */

import { dueMs } from './engine/named-trace.ts';
import type { Optimum } from './oracle.ts';
import type { Trace } from './trace.ts';

/** For so long after the best choice first left rows out, a choice is one at the beginning. */
const BEGINNING_MS = 150;
/** A row is about at the price if it brings that more or less: the width of a bin. */
const NEAR = 1 / 16;
/** Time between two rows that is longer was not taken by admission: the thread stood still. */
const STANDSTILL_MS = 0.25;

/** Parts of the best that were lost; together what utility is short of 1. */
export interface Losses {
  /** Rows below the price were worked on, or rows above it left out, when it first rose. */
  beginning: number;
  /** Rows below the price were worked on. */
  below: number;
  /** Rows above the price were left out. */
  above: number;
  /** Both, of rows in about the bin that the price lies in. */
  near: number;
  /** Rows were done after the goal. */
  late: number;
  /** Work was done on rows that came while it was worth less. */
  timing: number;
  /** Less waits when the last row has come than could be worked on within the goal. */
  end: number;
  /** The worker had nothing to do. */
  idle: number;
  /** Its thread stood still. */
  standstill: number;
  /** It did something else: decided, dropped, passed on. */
  overhead: number;
}

/**
 * @param doneMs - by row: when it was done; `NaN`: it was left out
 * @param capacity - work done in a millisecond, as measured, over what the trace says of it
 */
export function lossesOf(
  trace: Trace,
  doneMs: Float64Array,
  best: Optimum,
  sloMs: number,
  capacity = 1,
): Losses {
  const { values, lanes, workMs, workload } = trace;
  const { prices } = best.plan;
  const fromMs = Math.max(
    0,
    prices.findIndex((price) => price > 0),
  );
  const lost = { beginning: 0, below: 0, above: 0, near: 0, late: 0 };
  let value = 0;
  for (let row = 0, ms = 0; row < values.length; row++) {
    while (trace.offsets[ms + 1]! <= row) ms++;
    const worth = values[row]!;
    const asked = prices[ms]! * workMs[lanes[row]!]!;
    const isDone = !Number.isNaN(doneMs[row]!);
    const isLate = isDone && doneMs[row]! - dueMs(trace, row) > sloMs;
    if (isDone && !isLate) value += worth;
    if (isLate) lost.late += worth;
    if (isDone === worth > asked) continue;
    const isAtFirst = ms >= fromMs && ms < fromMs + BEGINNING_MS;
    const isNear = Math.abs(worth - asked) <= NEAR * asked;
    const cause = isAtFirst ? 'beginning' : isNear ? 'near' : isDone ? 'below' : 'above';
    lost[cause] += Math.abs(worth - asked);
  }
  const all = best.bounded;
  const known = Object.values(lost).reduce((sum, each) => sum + each, 0);
  const time = timeLost(trace, doneMs, prices, fromMs, capacity);
  const endMs = best.plan.lastMs - workAfter(trace, doneMs, workload.durationMs);
  const end = endMs * (prices.at(-1) ?? 0);
  const timing = all - value - known - end - time.idle - time.standstill - time.overhead;
  const parts = { ...lost, timing, end, ...time };
  for (const cause of Object.keys(parts) as (keyof Losses)[]) parts[cause] /= all;
  return parts;
}

/** Work of rows that were done after a time. */
function workAfter({ lanes, workMs }: Trace, doneMs: Float64Array, afterMs: number): number {
  let work = 0;
  for (let row = 0; row < doneMs.length; row++)
    if (doneMs[row]! > afterMs) work += workMs[lanes[row]!]!;
  return work;
}

/** What the worker could have done between two rows while rows were left out, at the price of the time. */
function timeLost(
  trace: Trace,
  doneMs: Float64Array,
  prices: Float64Array,
  fromMs: number,
  capacity: number,
): Pick<Losses, 'idle' | 'standstill' | 'overhead'> {
  const { lanes, workMs, workload } = trace;
  const able = ableUntil(trace, capacity);
  const lost = { idle: 0, standstill: 0, overhead: 0 };
  let freeMs = 0;
  for (let row = 0; row < doneMs.length; row++) {
    const at = doneMs[row]!;
    if (Number.isNaN(at)) continue;
    if (at > workload.durationMs) break;
    const due = Math.max(freeMs, dueMs(trace, row));
    if (freeMs >= fromMs) {
      const work = workMs[lanes[row]!]!;
      const price = prices[Math.floor(due)] ?? 0;
      lost.idle += price * (able(due) - able(freeMs));
      const isStandstill = at - due > STANDSTILL_MS + work;
      lost[isStandstill ? 'standstill' : 'overhead'] += price * (able(at) - able(due) - work);
    }
    freeMs = at;
  }
  return lost;
}

/** The work that can be done up to a time. */
function ableUntil(trace: Trace, capacity: number): (ms: number) => number {
  const sums = new Float64Array(trace.capacity.length + 1);
  trace.capacity.forEach((of, ms) => (sums[ms + 1] = sums[ms]! + of * capacity));
  return (ms) => {
    const whole = Math.min(trace.capacity.length - 1, Math.max(0, Math.floor(ms)));
    return sums[whole]! + (ms - whole) * (sums[whole + 1]! - sums[whole]!);
  };
}
