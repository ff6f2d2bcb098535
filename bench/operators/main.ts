/**
 * The operators' benchmark: `node bench/operators/main.ts [--quick] [--json] [--case NAME…]`.
 *
 * What a row costs in each operator, beside plain JavaScript over objects that gives the same results. What keeps state
 * has a floor beside it too: a loop by hand over columns, with the same results. It `holds` within twice the floor.
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
import { benchBurst, BURST_CASES, type BurstExtent } from './burst.ts';
import type { OperatorCase } from './case.ts';
import { joinCases } from './cases/joins.ts';
import { orderCases } from './cases/order.ts';
import { patternCases } from './cases/patterns.ts';
import { rowCases } from './cases/rows.ts';
import { sharedCases } from './cases/shared.ts';
import { textCases } from './cases/texts.ts';
import { windowCases } from './cases/windows.ts';
import type { Extent } from './feed.ts';
import { floorSubject } from './floor-subject.ts';
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
  readonly burst: BurstExtent;
  /** Runs the cases whose names begin so; all without any. */
  readonly cases: readonly string[];
  readonly print: (line: BenchLine) => void;
}

export const THOROUGH = {
  extent: { batches: 64, batchRows: BATCH_ROWS },
  pace: { rounds: 15, roundMs: 30, warmUpMs: 100, longestWarmUpMs: 1500, budgetMs: 10_000 },
  burst: { sessions: 2 ** 20, rounds: 5 },
} as const;

export const QUICK = {
  extent: { batches: 32, batchRows: BATCH_ROWS },
  pace: { rounds: 5, roundMs: 8, warmUpMs: 30, longestWarmUpMs: 200, budgetMs: 250 },
  burst: { sessions: 2 ** 16, rounds: 3 },
} as const;

/** Most times of its floor that an operator may cost which keeps state. */
const MOST_FLOORS = 2;

/** With whether it is near its floor, if it has one. */
function withVerdict(line: BenchLine): BenchLine {
  const floors = line.ratio?.['floor'];
  return floors === undefined ? line : { ...line, holds: floors <= MOST_FLOORS };
}

/** Runs the cases chosen, and hands on each case's lines as it ends. */
export async function benchOperators(options: OperatorBenchOptions): Promise<void> {
  const { extent, pace, burst, cases, print } = options;
  const all = [...OPERATOR_CASES, ...BURST_CASES];
  const chosen = cases.length === 0 ? all : casesThatBegin(all, cases);
  for (const given of chosen) {
    if ('settings' in given) {
      print(await benchBurst(given, burst));
      continue;
    }
    const expected = plainAnswer(given, extent);
    const subjects = [await millraceSubject(given, extent), plainSubject(given, extent, expected)];
    if (given.floor !== undefined) subjects.push(floorSubject(given, given.floor, extent));
    const lines = await measure(given.name, { expected, subjects }, pace, 'operators');
    // There is no third that says which of two different answers is right.
    const checked = lines.every((line) => line.checked);
    for (const line of lines) print({ ...withVerdict(line), checked });
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runByArguments(({ quick, cases, print }) =>
    benchOperators({ ...(quick ? QUICK : THOROUGH), cases, print }),
  );
}
