/**
 * What could have been had by somebody who knew all that was to come.
 *
 * The sets of rows that can be worked on with no row later than the goal are those of a polymatroid
 * (a server, rows in order, a bound on what waits), so taking rows greedily by value for work is the
 * best there is, up to parts of rows.
 *
 * @module
 */

import type { Trace } from './trace.ts';

/** Groups of about equal worth that rows are put into. */
const GROUPS = 1024;

/** What the best choices are worth. */
export interface Optimum {
  /** With no row later than the goal. */
  readonly bounded: number;
  /** How that is made up: what it asks of a row, and what it leaves to the time after the last one. */
  readonly plan: Plan;
  /** With no regard to time, but that all is done by the end and the goal: never less. */
  readonly knapsack: number;
  /** Value of everything offered. */
  readonly offered: number;
}

/** The best choice of rows with no row later than the goal. */
export interface Plan {
  /** By worker and millisecond: value for a millisecond of its work that a row which comes then has to bring; 0: all are taken. */
  readonly prices: readonly Float64Array[];
  /** By worker: work that waits when the last row has come. */
  readonly lastMs: readonly number[];
}

/** The most value that can be had of a trace with no row waiting longer than `sloMs`. */
export function optimum(trace: Trace, sloMs: number): Optimum {
  const rows = rowsByDensity(trace);
  return {
    ...boundedOptimum(trace, rows, sloMs),
    knapsack: knapsack(trace, rows, sloMs),
    offered: trace.values.reduce((sum, value) => sum + value, 0),
  };
}

/** Rows by value for work, best first. */
function rowsByDensity({ values, lanes, workMs }: Trace): Uint32Array {
  const densities = values.map((value, row) => value / workMs[lanes[row]!]!);
  return Uint32Array.from(densities.keys()).sort((a, b) => densities[b]! - densities[a]!);
}

function knapsack(trace: Trace, rows: Uint32Array, sloMs: number): number {
  const { values, lanes, workMs, capacity, workload } = trace;
  let budget = 0;
  for (let ms = 0; ms < workload.durationMs + sloMs; ms++) budget += capacity[ms]!;
  let total = 0;
  for (const row of rows) {
    const work = workMs[lanes[row]!]!;
    if (work >= budget) return total + (values[row]! * budget) / work;
    budget -= work;
    total += values[row]!;
  }
  return total;
}

function boundedOptimum(
  trace: Trace,
  rows: Uint32Array,
  sloMs: number,
): Pick<Optimum, 'bounded' | 'plan'> {
  const ticks = trace.workload.durationMs;
  const tickOf = ticksOfRows(trace);
  const state = new Acceptance(trace, sloMs);
  const work = new Float64Array(ticks);
  const value = new Float64Array(ticks);
  const prices = new Float64Array(ticks);
  let total = 0;
  for (let group = 0; group < GROUPS; group++) {
    const from = Math.floor((rows.length * group) / GROUPS);
    const to = Math.floor((rows.length * (group + 1)) / GROUPS);
    if (from === to) continue;
    work.fill(0);
    value.fill(0);
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const tick = tickOf[row]!;
      work[tick]! += trace.workMs[trace.lanes[row]!]!;
      value[tick]! += trace.values[row]!;
    }
    total += state.accept(work, value, prices);
  }
  return { bounded: total, plan: { prices: [prices], lastMs: [state.lastMs()] } };
}

function ticksOfRows({ offsets, values }: Trace): Uint32Array {
  const tickOf = new Uint32Array(values.length);
  for (let tick = 0; tick + 1 < offsets.length; tick++)
    tickOf.fill(tick, offsets[tick], offsets[tick + 1]);
  return tickOf;
}

/** What has been accepted so far, and what may still be. */
class Acceptance {
  readonly #accepted: Float64Array;
  readonly #idle: Float64Array;
  readonly #room: Float64Array;
  readonly #capacity: Float64Array;
  /** What the server does within the goal after each tick: the most that may wait. */
  readonly #bound: Float64Array;

  constructor({ workload, capacity }: Trace, sloMs: number) {
    const ticks = workload.durationMs;
    this.#accepted = new Float64Array(ticks);
    this.#idle = new Float64Array(ticks);
    this.#room = new Float64Array(ticks + 1);
    this.#capacity = capacity;
    this.#bound = new Float64Array(ticks);
    for (let tick = 0; tick < ticks; tick++) {
      for (let ms = 1; ms <= sloMs; ms++) this.#bound[tick]! += capacity[tick + ms] ?? 1;
    }
  }

  /**
   * Accepts as much as fits of rows of the same worth; returns their value.
   *
   * @param prices - by tick: set to that worth, where for the first time not all fits
   */
  accept(work: Float64Array, value: Float64Array, prices: Float64Array): number {
    this.#measure();
    const ticks = work.length;
    let total = 0;
    let carry = 0;
    for (let tick = 0; tick < ticks; tick++) {
      const offered = work[tick]!;
      const taken = Math.min(offered, Math.max(0, this.#room[tick]! - carry));
      if (offered > 0) total += (value[tick]! * taken) / offered;
      if (taken < offered && prices[tick] === 0) prices[tick] = value[tick]! / offered;
      this.#accepted[tick]! += taken;
      carry = Math.max(0, taken + carry - this.#idle[tick]!);
    }
    return total;
  }

  /** Work accepted so far that waits at the end. */
  lastMs(): number {
    let waits = 0;
    for (let tick = 0; tick < this.#accepted.length; tick++)
      waits = Math.max(0, waits + this.#accepted[tick]! - this.#capacity[tick]!);
    return waits;
  }

  /** What waits with what was accepted, and from it what each tick may still take. */
  #measure(): void {
    const ticks = this.#accepted.length;
    const waiting = new Float64Array(ticks);
    let waits = 0;
    for (let tick = 0; tick < ticks; tick++) {
      const left = this.#capacity[tick]! - waits - this.#accepted[tick]!;
      this.#idle[tick] = Math.max(0, left);
      waits = Math.max(0, -left);
      waiting[tick] = waits;
    }
    this.#room[ticks] = Infinity;
    for (let tick = ticks - 1; tick >= 0; tick--) {
      const later = Math.min(this.#bound[tick]! - waiting[tick]!, this.#room[tick + 1]!);
      this.#room[tick] = this.#idle[tick]! + Math.max(0, later);
    }
  }
}
