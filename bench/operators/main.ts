/**
 * The operators' benchmark: `node bench/operators/main.ts [--quick] [--json] [--case NAME…]`.
 *
 * What a row costs in each operator, beside plain JavaScript over objects that gives the same results.
 * One thread; CPU time of the thread. Both take turns within a round; the ratio is the median over the
 * rounds of our cost divided by the other's.
 *
 * @module
 */

import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure, type Pace } from '../kernels/measure.ts';
import { type BenchLine, describeLine } from '../shared/bench-line.ts';
import { BATCH_ROWS } from '../kernels/workshop.ts';
import type { OperatorCase } from './case.ts';
import { joinCases } from './cases/joins.ts';
import { orderCases } from './cases/order.ts';
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
  const chosen = OPERATOR_CASES.filter(
    ({ name }) => cases.length === 0 || cases.some((start) => name.startsWith(start)),
  );
  if (chosen.length === 0) {
    const names = OPERATOR_CASES.map(({ name }) => name).join('\n  ');
    throw new Error(`no case begins so; there are\n  ${names}`);
  }
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
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
    },
  });
  let allRight = true;
  await benchOperators({
    ...(values.quick ? QUICK : THOROUGH),
    cases: values.case,
    print: (line) => {
      allRight &&= line.checked;
      stdout.write(`${values.json ? JSON.stringify(line) : describeLine(line)}\n`);
    },
  });
  process.exitCode = allRight ? 0 : 1;
}
