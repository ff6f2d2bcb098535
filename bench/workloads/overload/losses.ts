/**
 * Where the value went that the best choice of rows has and a run has not.
 *
 * The best choice has a price for each millisecond in which rows come: those that bring more for their work are taken,
 * those that bring less are not. So what a run lost is, to the last bit: what rows that it worked on fell short
 * of the price; what rows that it left out were above it; what came too late; and the price of the work that it did not do. That
 * again is told apart by how the worker's time passed. Where two workers have to work on a row, each has its price.
 *
 * @module
 */

import { dueMs } from './engine/named-trace.ts';
import type { WorkerLog } from './engine/run-engine.ts';
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
  /** Its thread was kept waiting for a core. */
  preempted: number;
  /** It stood still for some other reason. */
  standstill: number;
  /** It did something else: decided, dropped, passed on. */
  overhead: number;
}

/** What is known of a run. */
export interface LoggedRun {
  readonly trace: Trace;
  /** By worker, in the order in which rows come to them. */
  readonly logs: readonly WorkerLog[];
  readonly sloMs: number;
  /** By worker: work done in a millisecond, as measured, over what the trace says of it; left out: 1. */
  readonly capacities?: readonly number[];
}

/** Where the value went that a run has not got. */
export function lossesOf(run: LoggedRun, best: Optimum): Losses {
  const { trace, logs, sloMs } = run;
  const { values, lanes } = trace;
  const { prices } = best.plan;
  const { doneMs } = logs.at(-1)!;
  const fromMs = firstPriceMs(prices);
  const lost = { beginning: 0, below: 0, above: 0, near: 0, late: 0 };
  let value = 0;
  for (let row = 0, ms = 0; row < values.length; row++) {
    while (trace.offsets[ms + 1]! <= row) ms++;
    const worth = values[row]!;
    const lane = lanes[row]!;
    const asked = prices.reduce((sum, price, n) => sum + price[ms]! * workOf(trace, n)[lane]!, 0);
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
  const time = { end: 0, idle: 0, preempted: 0, standstill: 0, overhead: 0 };
  logs.forEach((_, n) => addTimeLost(time, run, best, n));
  const sum = (of: object): number => Object.values(of).reduce((all, each) => all + each, 0);
  const timing = best.bounded - value - sum(lost) - sum(time);
  const parts = { ...lost, timing, ...time };
  for (const cause of Object.keys(parts) as (keyof Losses)[]) parts[cause] /= best.bounded;
  return parts;
}

/** When the best choice leaves out rows for the first time. */
function firstPriceMs([first]: readonly Float64Array[]): number {
  return Math.max(
    0,
    first!.findIndex((price) => price > 0),
  );
}

/** By lane: work of a row at a worker. */
function workOf({ workMs, secondMs }: Trace, n: number): Float64Array {
  return n === 0 ? workMs : secondMs!;
}

/** Adds what a worker could have done between two rows while rows were left out, at the price of the time. */
function addTimeLost(
  lost: Pick<Losses, 'end' | 'idle' | 'preempted' | 'standstill' | 'overhead'>,
  { trace, logs, capacities }: LoggedRun,
  { plan }: Optimum,
  n: number,
): void {
  const { lanes, workload } = trace;
  const { doneMs, preemptedMs } = logs[n]!;
  const prices = plan.prices[n]!;
  const workMs = workOf(trace, n);
  const before = logs[n - 1];
  const able = ableUntil(trace, capacities?.[n] ?? 1);
  const fromMs = firstPriceMs(plan.prices);
  let freeMs = 0;
  let endMs = plan.lastMs[n]!;
  for (let row = 0; row < doneMs.length; row++) {
    const at = doneMs[row]!;
    if (Number.isNaN(at)) continue;
    const work = workMs[lanes[row]!]!;
    if (at > workload.durationMs) {
      endMs -= work;
      continue;
    }
    const due = Math.max(freeMs, before === undefined ? dueMs(trace, row) : before.doneMs[row]!);
    if (freeMs >= fromMs) {
      const price = prices[Math.floor(due)] ?? 0;
      lost.idle += price * (able(due) - able(freeMs));
      const isStandstill = at - due > STANDSTILL_MS + work;
      const extra = able(at) - able(due) - work;
      const waited = isStandstill ? Math.min(preemptedMs[row]!, extra) : 0;
      lost.preempted += price * waited;
      lost[isStandstill ? 'standstill' : 'overhead'] += price * (extra - waited);
    }
    freeMs = at;
  }
  lost.end += endMs * (prices.at(-1) ?? 0);
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
