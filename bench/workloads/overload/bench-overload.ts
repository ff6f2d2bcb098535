/** Cells and subjects of the benchmark, one after the other. @module */

import type { SourceCounts } from '../../../src/index.ts';
import { type BenchLine, median } from '../../shared/bench-line.ts';
import { judge, type Verdict } from './engine/judge.ts';
import { namedTrace, type TraceName, workloadsOf } from './engine/named-trace.ts';
import { type EngineOutcome, runEngine, type Subject } from './engine/run-engine.ts';
import { steadinessOf } from './engine/steadiness.ts';
import type { Losses } from './losses.ts';
import type { Trace } from './trace.ts';
import { absorbableSet, steadySet } from './workloads.ts';

/** The goal. */
export const SLO_MS = 50;
/** How long capacity is measured. */
const CAPACITY_MS = 400;
/** Most of a row's work that can be the engine's own: with more, somebody else has the core. */
const MOST_OVERHEAD = 0.5;

/** What to run. */
export interface OverloadOptions {
  readonly cells: readonly string[];
  readonly subjects: readonly Subject[];
  readonly durationMs: number;
  /** Rows that should be done in a millisecond. */
  readonly rowsPerMs: number;
  /** Code is compiled before the trace begins; true if left out. */
  readonly hasWarmUp?: boolean;
  /** Rows done over those that should be; left out: measured before and after each run. */
  readonly capacity?: number;
  /** Is told of each cell when all its subjects have run. */
  readonly onCell: (results: readonly OverloadResult[]) => void;
}

/** One subject in one cell. */
export interface OverloadResult {
  readonly line: OverloadLine;
  readonly verdict: Verdict;
  readonly outcome: EngineOutcome;
  readonly trace: Trace;
}

/** What is printed. */
export interface OverloadLine extends BenchLine, SourceCounts {
  readonly utility: number;
  readonly knapsackUtility: number;
  readonly valueKept: number;
  readonly capacity: number;
  /** Of the second worker, if there is one. */
  readonly secondCapacity?: number;
  /** What it is short of 1, by cause. */
  readonly losses?: Losses;
  /** The most that would have waited if nothing had been dropped, by how the worker went in this run. */
  readonly losslessMs?: number;
  /** Rows dropped though that had not passed the gate: what may never be. */
  readonly needlesslyShed?: number;
  /** After a step of the load: from the first drop to a price that stays. */
  readonly settledMs?: number;
  /** Standard deviation of what is kept waiting from then on. */
  readonly backlogSdMs?: number;
}

/** Runs all cells; whether every row was accounted for. */
export async function benchOverload(options: OverloadOptions): Promise<boolean> {
  const { durationMs } = options;
  const absorbable = new Set(absorbableSet(durationMs).map(({ name }) => name));
  const overheadMs = options.capacity === undefined ? await measureOverheadMs(options) : 0;
  let isRight = true;
  for (const cell of options.cells) {
    const isAbsorbable = absorbable.has(cell);
    const results: OverloadResult[] = [];
    for (const subject of isAbsorbable ? (['millrace'] as const) : options.subjects) {
      const result = await measure(options, cell, subject, overheadMs);
      results.push(result);
      isRight &&= result.line.checked;
    }
    options.onCell(withRatios(results));
  }
  return isRight;
}

/** What utility cost us over what it cost the others: theirs, divided by ours. */
function withRatios(results: readonly OverloadResult[]): readonly OverloadResult[] {
  return results.map((result) => {
    const { line } = result;
    if (line.subject !== 'millrace' || line.utility === 0) return result;
    const peers = results.filter((other) => other !== result);
    const ratio = peers.map(({ line: peer }) => [
      peer.subject,
      rounded(peer.utility / line.utility),
    ]);
    return { ...result, line: { ...line, ratio: Object.fromEntries(ratio) } };
  });
}

async function measure(
  options: OverloadOptions,
  cell: string,
  subject: Subject,
  overheadMs: number,
): Promise<OverloadResult> {
  const { durationMs, rowsPerMs, hasWarmUp = true } = options;
  const named = { workload: cell, durationMs, rowsPerMs, seed: 1 };
  const workers = hasSecond(cell, durationMs) ? [0, 1] : [undefined];
  const before = await measureCapacities(options, workers, overheadMs);
  const outcome = await runEngine({ ...named, subject, sloMs: SLO_MS, overheadMs, hasWarmUp });
  const after = await measureCapacities(options, workers, overheadMs);
  const capacities = before.map((of, n) => (of + after[n]!) / 2);
  const trace = namedTrace(named);
  const verdict = judge(trace, outcome, SLO_MS, capacities);
  const { offered, admitted, shed, rejected, expired, spilled } = verdict.counts;
  const { p50, p99, p999, p9999, max } = verdict.latencyUs;
  const line: OverloadLine = {
    bench: 'overload',
    case: cell,
    subject,
    utility: rounded(verdict.utility),
    knapsackUtility: rounded(verdict.knapsackUtility),
    valueKept: rounded(verdict.valueKept),
    latencyUs: { p50, p99, p999, p9999, max },
    offered,
    admitted,
    shed,
    rejected,
    expired,
    spilled,
    capacity: rounded(capacities[0]!),
    ...(capacities.length === 1 ? {} : { secondCapacity: rounded(capacities[1]!) }),
    ...(subject === 'millrace' ? insights(named, verdict, outcome) : {}),
    events: offered,
    seconds: durationMs / 1000,
    workers: workers.length + 1,
    checked: verdict.isConserved,
  };
  return { line, verdict, outcome, trace };
}

/** What is said of our own runs alone. */
function insights(
  { workload, durationMs }: TraceName,
  { losses, lossless }: Verdict,
  outcome: EngineOutcome,
): Partial<OverloadLine> {
  if (lossless === undefined) return { losses: roundedAll(losses) };
  const isStep = steadySet(durationMs).some(({ name }) => name === workload);
  const steadiness = isStep ? steadinessOf(outcome, 1, durationMs / 3, durationMs) : undefined;
  return {
    losses: roundedAll(losses),
    losslessMs: rounded(lossless.mostMs),
    needlesslyShed: lossless.needlesslyShed,
    ...(steadiness?.settledMs === undefined ? {} : { settledMs: rounded(steadiness.settledMs) }),
    ...(steadiness === undefined ? {} : { backlogSdMs: rounded(steadiness.backlogSdMs) }),
  };
}

/** Whether rows of a cell go on to a second worker. */
function hasSecond(cell: string, durationMs: number): boolean {
  return workloadsOf(durationMs).get(cell)!.secondCosts !== undefined;
}

/** By worker: what was said of capacity, or what is measured while it alone has to work. */
async function measureCapacities(
  options: OverloadOptions,
  workers: readonly (number | undefined)[],
  overheadMs: number,
): Promise<number[]> {
  const found: number[] = [];
  for (const only of workers) {
    found.push(options.capacity ?? (await measureCapacity(options, overheadMs, only)));
  }
  return found;
}

/**
 * Rows done in a millisecond, over those that should be, while rows always wait and none is shed.
 *
 * @param only - of two workers, the one that has to work; `undefined`: there is only one
 */
async function measureCapacity(
  { rowsPerMs }: OverloadOptions,
  overheadMs: number,
  only?: number,
): Promise<number> {
  const outcome = await runEngine({
    ...(only === undefined ? { workload: '0.9x' } : { workload: 'two workers 1.5x', only }),
    durationMs: CAPACITY_MS,
    rowsPerMs,
    seed: 3,
    sloMs: SLO_MS,
    overheadMs,
    hasWarmUp: false,
    subject: 'none',
    isClosedLoop: true,
  });
  return outcome.rowsPerMs / rowsPerMs;
}

/** What the engine, the call and the clocks take for a row: the operator works so much less. */
async function measureOverheadMs(options: OverloadOptions): Promise<number> {
  const rates = [];
  for (let round = 0; round < 3; round++) rates.push(await measureCapacity(options, 0));
  const share = Math.max(0, 1 / median(rates) - 1);
  return Math.min(MOST_OVERHEAD, share) / options.rowsPerMs;
}

function roundedAll(losses: Losses): Losses {
  const all = { ...losses };
  for (const cause of Object.keys(all) as (keyof Losses)[]) all[cause] = rounded(all[cause]);
  return all;
}

function rounded(number: number): number {
  return Number(number.toFixed(4));
}
