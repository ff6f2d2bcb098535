/** What a run through the engine was worth, beside the best that could have been had. @module */

import type { SourceCounts } from '../../../../src/index.ts';
import { type Percentiles, percentilesOf } from '../../../shared/bench-line.ts';
import { type Losses, lossesOf } from '../losses.ts';
import { type Optimum, optimum } from '../oracle.ts';
import type { Trace } from '../trace.ts';
import { twoWorkerBound } from '../two-worker-bound.ts';
import { type Beginning, type Lossless, losslessBacklog } from './lossless.ts';
import { dueMs } from './named-trace.ts';
import type { EngineOutcome } from './run-engine.ts';

/** What is printed of a run. */
export interface Verdict {
  /** Value of rows done within the goal, over the most that could have been. */
  readonly utility: number;
  /** The same, with no regard to time but that all is done by the end: never more than 1. */
  readonly knapsackUtility: number;
  /** Where the rest went. */
  readonly losses: Losses;
  /** Of one worker: what would have waited, had nothing been dropped. */
  readonly lossless: Lossless | undefined;
  /** Value of rows done within the goal, over the value of all. */
  readonly valueKept: number;
  /** From when a row was due to when it was done, of rows that were. */
  readonly latencyUs: Percentiles;
  readonly counts: SourceCounts;
  readonly doneRows: number;
  /** Every row is in the ledger, and every admitted one came out. */
  readonly isConserved: boolean;
}

/** Work that waits before anything may be dropped, over the goal. */
const GATE = 0.7;

/**
 * @param capacities - by worker: rows done in a millisecond over those that should have been, as measured
 */
export function judge(
  trace: Trace,
  outcome: EngineOutcome,
  sloMs: number,
  capacities: readonly number[],
): Verdict {
  const { doneMs, logs, counts, doneRows, hasCompleted, offeredRows, deliveredRows } = outcome;
  const best = bestOf(trace, sloMs, capacities);
  const latencies = new Float64Array(doneRows);
  let value = 0;
  let done = 0;
  for (let row = 0; row < doneMs.length; row++) {
    if (Number.isNaN(doneMs[row])) continue;
    const latencyMs = doneMs[row]! - dueMs(trace, row);
    latencies[done++] = latencyMs * 1000;
    if (latencyMs <= sloMs) value += trace.values[row]!;
  }
  const isSingle = trace.secondMs === undefined;
  return {
    utility: value / best.bounded,
    losses: lossesOf({ trace, logs, sloMs, capacities }, best),
    lossless: isSingle ? losslessBacklog(trace, doneMs, GATE * sloMs, beginOf(outcome)) : undefined,
    knapsackUtility: value / best.knapsack,
    valueKept: value / best.offered,
    latencyUs: percentilesOf(latencies),
    counts,
    doneRows,
    isConserved: isConserved(counts, hasCompleted ? offeredRows : undefined, deliveredRows),
  };
}

/** How things stood when the trace began. */
function beginOf({ warmUpDoneMs, samples }: EngineOutcome): Beginning {
  const stats = samples.findLast(({ ms }) => ms <= 0)?.stats;
  return {
    freeMs: warmUpDoneMs,
    isShedding: stats?.prices?.some(({ mode }) => mode === 'shedding') === true,
  };
}

/** What could have been had; of two workers with no regard to time. */
function bestOf(trace: Trace, sloMs: number, capacities: readonly number[]): Optimum {
  const { values, lanes, workMs, secondMs, workload } = trace;
  const capacity = trace.capacity.map((of) => of * capacities[0]!);
  if (secondMs === undefined) return optimum({ ...trace, capacity }, sloMs);
  const budgetsMs = capacities.map((of) => of * (workload.durationMs + sloMs));
  const bound = twoWorkerBound({ values, lanes, workMs: [workMs, secondMs], budgetsMs });
  const offered = values.reduce((sum, value) => sum + value, 0);
  const prices = bound.prices.map((price) => new Float64Array(workload.durationMs).fill(price));
  const plan = { prices, lastMs: capacities.map((of) => of * sloMs) };
  return { bounded: bound.value, plan, knapsack: bound.value, offered };
}

function isConserved(
  counts: SourceCounts,
  offeredRows: number | undefined,
  deliveredRows: number,
): boolean {
  const { offered, admitted, shed, rejected, expired, spilled } = counts;
  if (offered !== admitted + shed + rejected + expired + spilled) return false;
  // What was stopped has rows under way.
  return offeredRows === undefined || (offered === offeredRows && admitted === deliveredRows);
}
