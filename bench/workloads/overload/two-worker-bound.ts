/** The most that two workers, one behind the other, can make of rows: a linear program. @module */

import { solveLinearProgram } from './plans/linear-program.ts';

/** Rows of a class are put into so many groups of about equal value. */
const GROUPS = 40;

/** Rows, and what two workers can do. */
export interface TwoWorkerRows {
  readonly values: Float64Array;
  readonly lanes: ArrayLike<number>;
  /** By worker: milliseconds of work of a row, by lane. */
  readonly workMs: readonly Float64Array[];
  /** By worker: milliseconds of work that it does in all. */
  readonly budgetsMs: readonly number[];
}

/** What rows can be worth. */
export interface TwoWorkerBound {
  /** No choice of rows is worth more, whenever they are worked on. */
  readonly value: number;
  /** By worker: what one more millisecond of its work is worth. */
  readonly prices: readonly number[];
}

/** The most that rows can be worth. */
export function twoWorkerBound({
  values,
  lanes,
  workMs,
  budgetsMs,
}: TwoWorkerRows): TwoWorkerBound {
  const objective: number[] = [];
  const rows: number[][] = workMs.map(() => []);
  for (let lane = 0; lane < workMs[0]!.length; lane++) {
    const sorted = values.filter((_, row) => lanes[row] === lane).sort();
    for (let group = 0; group < GROUPS; group++) {
      const part = sorted.subarray(
        Math.floor((sorted.length * group) / GROUPS),
        Math.floor((sorted.length * (group + 1)) / GROUPS),
      );
      objective.push(part.reduce((sum, value) => sum + value, 0));
      rows.forEach((row, n) => row.push(workMs[n]![lane]! * part.length));
    }
  }
  return solveLinearProgram({ objective, rows, bounds: budgetsMs });
}
