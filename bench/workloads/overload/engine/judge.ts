/** What a run through the engine was worth, beside the best that could have been had. @module */

import type { SourceCounts } from '../../../../src/index.ts';
import { type Percentiles, percentilesOf } from '../../../shared/bench-line.ts';
import { type Optimum, optimum } from '../oracle.ts';
import type { Trace } from '../trace.ts';
import { twoWorkerBound } from '../two-worker-bound.ts';
import { dueMs } from './named-trace.ts';
import type { EngineOutcome } from './run-engine.ts';

/** What is printed of a run. */
export interface Verdict {
  /** Value of rows done within the goal, over the most that could have been. */
  readonly utility: number;
  /** The same, with no regard to time but that all is done by the end: never more than 1. */
  readonly knapsackUtility: number;
  /** Value of rows done within the goal, over the value of all. */
  readonly valueKept: number;
  /** From when a row was due to when it was done, of rows that were. */
  readonly latencyUs: Percentiles;
  readonly counts: SourceCounts;
  readonly doneRows: number;
  /** Every row is in the ledger, and every admitted one came out. */
  readonly isConserved: boolean;
}

/**
 * @param capacities - by worker: rows done in a millisecond over those that should have been, as measured
 */
export function judge(
  trace: Trace,
  outcome: EngineOutcome,
  sloMs: number,
  capacities: readonly number[],
): Verdict {
  const { doneMs, counts, doneRows, hasCompleted, offeredRows, deliveredRows } = outcome;
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
  return {
    utility: value / best.bounded,
    knapsackUtility: value / best.knapsack,
    valueKept: value / best.offered,
    latencyUs: percentilesOf(latencies),
    counts,
    doneRows,
    isConserved: isConserved(counts, hasCompleted ? offeredRows : undefined, deliveredRows),
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
  return { bounded: bound, knapsack: bound, offered };
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
