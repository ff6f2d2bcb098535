/**
 * The operators' benchmark: `node bench/operators/main.ts [--quick] [--json] [--case NAME…]`.
 *
 * What a row costs in each operator, beside plain JavaScript over objects that gives the same results.
 * One thread; CPU time of the thread. Both take turns within a round; the ratio is the median over the
 * rounds of our cost divided by the other's.
 *
 * @module
 */

import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { measure, type Pace } from '../kernels/measure.ts';
import type { BenchLine } from '../shared/bench-line.ts';
import { casesThatBegin, runByArguments } from '../shared/cases.ts';
import { BATCH_ROWS } from '../kernels/workshop.ts';
import type { OperatorCase } from './case.ts';
import { joinCases } from './cases/joins.ts';
import { orderCases } from './cases/order.ts';
import { patternCases } from './cases/patterns.ts';
import { rowCases } from './cases/rows.ts';
import { sharedCases } from './cases/shared.ts';
import { textCases } from './cases/texts.ts';
import { windowCases } from './cases/windows.ts';
import type { Extent } from './feed.ts';
import { millraceSubject } from './millrace-subject.ts';
import { plainAnswer, plainSubject } from './plain-subject.ts';

/** Every operator has one at least. */
export const OPERATOR_CASES: readonly OperatorCase[] = [
  ...rowCases,
  ...textCases,
  ...windowCases,
  ...joinCases,
  ...orderCases,
  ...patternCases,
  ...sharedCases,
];

/** How to run. */
export interface OperatorBenchOptions {
  /** What a case cycles over. */
  readonly extent: Extent;
  readonly pace: Pace;
  /** Runs the cases whose names begin so; all without any. */
  readonly cases: readonly string[];
  readonly print: (line: BenchLine) => void;
}

export const THOROUGH = {
  extent: { batches: 64, batchRows: BATCH_ROWS },
  pace: { rounds: 15, roundMs: 30, warmUpMs: 100, longestWarmUpMs: 1500, budgetMs: 10_000 },
} as const;

export const QUICK = {
  extent: { batches: 32, batchRows: BATCH_ROWS },
  pace: { rounds: 5, roundMs: 8, warmUpMs: 30, longestWarmUpMs: 200, budgetMs: 250 },
} as const;

/** Runs the cases chosen, and hands on each case's lines as it ends. */
export async function benchOperators(options: OperatorBenchOptions): Promise<void> {
  const { extent, pace, cases, print } = options;
  const chosen = cases.length === 0 ? OPERATOR_CASES : casesThatBegin(OPERATOR_CASES, cases);
  for (const given of chosen) {
    const expected = plainAnswer(given, extent);
    const subjects = [await millraceSubject(given, extent), plainSubject(given, extent, expected)];
    const lines = await measure(given.name, { expected, subjects }, pace, 'operators');
    // There is no third that says which of two different answers is right.
    const checked = lines.every((line) => line.checked);
    for (const line of lines) print({ ...line, checked });
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runByArguments(({ quick, cases, print }) =>
    benchOperators({ ...(quick ? QUICK : THOROUGH), cases, print }),
  );
}
