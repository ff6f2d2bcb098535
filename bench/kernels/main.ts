/**
 * The kernels' benchmark: `node bench/kernels/main.ts [--quick] [--json] [--case NAME…]`.
 *
 * One thread; CPU time of the thread, not time passed. All subjects of a case take turns within a
 * round; a ratio is the median over the rounds of our cost divided by the peer's. Every subject's
 * answer is compared with that of an obvious loop.
 *
 * @module
 */

import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { BenchLine } from '../shared/bench-line.ts';
import { casesThatBegin, runByArguments } from '../shared/cases.ts';
import type { KernelCase } from './case.ts';
import { aggregateCases } from './cases/aggregate.ts';
import { aggregateTextCases } from './cases/aggregate-text.ts';
import { decodeCases } from './cases/decode.ts';
import { edgeCases } from './cases/edges.ts';
import { filterCases } from './cases/filter.ts';
import { mapCases } from './cases/map.ts';
import { pipelineCases } from './cases/pipeline.ts';
import { windowCases } from './cases/windows.ts';
import { measure, type Pace } from './measure.ts';
import { type Scale, Workshop } from './workshop.ts';

const CASES: readonly KernelCase[] = [
  ...filterCases,
  ...mapCases,
  ...aggregateCases,
  ...aggregateTextCases,
  ...decodeCases,
  ...windowCases,
  ...edgeCases,
  ...pipelineCases,
];

/** How to run. */
export interface KernelBenchOptions {
  readonly scale: Scale;
  readonly pace: Pace;
  /** Runs the cases whose names begin so; without any, all but the long ones of a quick run. */
  readonly cases: readonly string[];
  readonly withLong: boolean;
  readonly print: (line: BenchLine) => void;
}

export const THOROUGH = {
  scale: {
    batches: 64,
    tableRows: 4 << 20,
    rowsPerKey: 4,
    pipelineRows: 4e6,
    textBytes: 8e6,
    hasPrograms: true,
  },
  pace: { rounds: 15, roundMs: 30, warmUpMs: 100, longestWarmUpMs: 2000, budgetMs: 20_000 },
  withLong: true,
} as const;

export const QUICK = {
  scale: {
    batches: 64,
    tableRows: 1 << 19,
    rowsPerKey: 1,
    pipelineRows: 2e6,
    textBytes: 2e6,
    hasPrograms: true,
  },
  pace: { rounds: 5, roundMs: 8, warmUpMs: 40, longestWarmUpMs: 400, budgetMs: 500 },
  withLong: false,
} as const;

/** Runs the cases chosen, and hands on each case's lines as it ends. */
export async function benchKernels(options: KernelBenchOptions): Promise<void> {
  const { scale, pace, cases, withLong, print } = options;
  const chosen =
    cases.length === 0
      ? CASES.filter(({ isLong }) => withLong || isLong !== true)
      : casesThatBegin(CASES, cases);
  const workshop = new Workshop(scale);
  try {
    await workshop.compile(new Set(chosen.flatMap(({ program = [] }) => program)));
    for (const { name, prepare } of chosen) {
      const prepared = await prepare(workshop);
      try {
        for (const line of await measure(name, prepared, pace)) print(line);
      } finally {
        for (const subject of prepared.subjects) await subject.close?.();
      }
    }
  } finally {
    workshop.close();
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runByArguments(({ quick, cases, print }) =>
    benchKernels({ ...(quick ? QUICK : THOROUGH), cases, print }),
  );
}
