/**
 * Question: when more arrives than can be done, how much of the value that could have been had is had,
 * and how long does it take?
 *
 * The loop is open: rows are due by a schedule, and what is late is late. An operator takes a known
 * time for a row. What the engine makes of a schedule is compared with the best that somebody could have
 * made of it who knew all that was to come and had the capacity that was measured in the same run.
 * Other ways to shed run beside it.
 *
 * `node bench/workloads/overload/main.ts [--quick] [--json] [--cells NAME,…] [--subjects NAME,…]
 * [--seconds N] [--rows-per-ms N] [--plot FILE.svg]`
 *
 * @module
 */

import { writeFileSync } from 'node:fs';
import { exit } from 'node:process';
import { parseArgs } from 'node:util';
import { median } from '../../shared/bench-line.ts';
import { judge, type Verdict } from './engine/judge.ts';
import { namedTrace, workloadsOf } from './engine/named-trace.ts';
import { plotRun } from './engine/plot.ts';
import { type EngineOutcome, runEngine, type Subject } from './engine/run-engine.ts';
import { absorbableSet, hardSet, steadySet, step } from './workloads.ts';

const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    cells: { type: 'string' },
    subjects: { type: 'string' },
    seconds: { type: 'string' },
    'rows-per-ms': { type: 'string', default: '100' },
    plot: { type: 'string' },
  },
});

const SLO_MS = 50;
const durationMs = Number(args.seconds ?? (args.quick ? 2 : 3)) * 1000;
const rowsPerMs = Number(args['rows-per-ms']);
const QUICK_CELLS = [
  'uniform 2x',
  'uniform 10x',
  'pareto 1.5x',
  'pareto 10x',
  'lognormal 5x',
  'bimodal 5x',
  'on/off 10x 200 ms',
  'flap 0.5/3 100 ms',
  '0.9x',
];
const ALL_SUBJECTS: readonly Subject[] = ['millrace', 'random', 'drop-tail', 'codel', 'none'];
const QUICK_SUBJECTS: readonly Subject[] = ['millrace', 'random', 'drop-tail'];

const steady = new Set(steadySet(durationMs).map(({ name }) => name));
const absorbable = new Set(absorbableSet(durationMs).map(({ name }) => name));
const all = [
  ...steadySet(durationMs),
  step('lognormal', 1.1, durationMs),
  ...hardSet(durationMs),
  ...absorbableSet(durationMs),
].map(({ name }) => name);
const cells = args.cells?.split(',') ?? (args.quick ? QUICK_CELLS : all);
const subjects = (args.subjects?.split(',') ??
  (args.quick ? QUICK_SUBJECTS : ALL_SUBJECTS)) as readonly Subject[];
for (const cell of cells) {
  if (!workloadsOf(durationMs).has(cell)) throw new RangeError(`there is no cell '${cell}'`);
}

/** Rows done in a millisecond, over those that should be, while rows always wait and none is shed. */
async function measureCapacity(overheadMs: number): Promise<number> {
  const run = { workload: '0.9x', durationMs: 400, rowsPerMs, seed: 3, sloMs: SLO_MS, overheadMs };
  const outcome = await runEngine({ ...run, subject: 'none', isClosedLoop: true });
  return outcome.rowsPerMs / rowsPerMs;
}

/** What the engine, the call and the clocks take for a row: the operator works so much less. */
async function measureOverheadMs(): Promise<number> {
  const rates = [];
  for (let round = 0; round < 3; round++) rates.push(await measureCapacity(0));
  return Math.max(0, 1 / median(rates) - 1) / rowsPerMs;
}

interface Result {
  readonly cell: string;
  readonly subject: Subject;
  readonly verdict: Verdict;
  readonly outcome: EngineOutcome;
  readonly capacity: number;
}

async function measure(cell: string, subject: Subject): Promise<Result> {
  const named = { workload: cell, durationMs, rowsPerMs, seed: 1 };
  const before = await measureCapacity(overheadMs);
  const outcome = await runEngine({ ...named, subject, sloMs: SLO_MS, overheadMs });
  const capacity = (before + (await measureCapacity(overheadMs))) / 2;
  const verdict = judge(namedTrace(named), outcome, SLO_MS, capacity);
  return { cell, subject, verdict, outcome, capacity };
}

/** Rows shed where a queue could have absorbed them: what may never be. */
function needlesslyShed({ cell, outcome }: Result): number | undefined {
  return absorbable.has(cell) ? outcome.doneMs.length - outcome.doneRows : undefined;
}

function countsOf({ counts }: Verdict): object {
  const { offered, admitted, shed, rejected, expired, spilled } = counts;
  return { offered, admitted, shed, rejected, expired, spilled };
}

function print(result: Result): void {
  const { cell, subject, verdict, capacity } = result;
  const { p50, p99, p999, p9999, max } = verdict.latencyUs;
  const needless = needlesslyShed(result);
  const round = (number: number): number => Number(number.toFixed(4));
  if (args.json) {
    console.log(
      JSON.stringify({
        bench: 'overload',
        case: cell,
        subject,
        utility: round(verdict.utility),
        knapsackUtility: round(verdict.knapsackUtility),
        valueKept: round(verdict.valueKept),
        latencyUs: { p50, p99, p999, p9999, max },
        ...countsOf(verdict),
        ...(needless === undefined ? {} : { needlesslyShed: needless }),
        capacity: round(capacity),
        events: verdict.counts.offered,
        seconds: durationMs / 1000,
        workers: 2,
        checked: verdict.isConserved,
      }),
    );
    return;
  }
  const ms = (us: number): string => (us / 1000).toFixed(1).padStart(7);
  console.log(
    [
      cell.padEnd(30),
      subject.padEnd(10),
      verdict.utility.toFixed(3).padStart(7),
      ms(p50),
      ms(p99),
      ms(p999),
      ms(max),
      String(verdict.counts.shed + verdict.counts.expired).padStart(9),
      verdict.isConserved ? '' : ' NOT CONSERVED',
      needless === undefined || needless === 0 ? '' : ' NEEDLESSLY',
    ].join(' '),
  );
}

const header = ['cell', 'subject', 'utility', 'p50', 'p99', 'p99.9', 'max ms', 'shed'];
if (!args.json) {
  console.log(
    `${header[0]!.padEnd(30)} ${header[1]!.padEnd(10)} ${header
      .slice(2)
      .map((name, i) => name.padStart(i === 5 ? 9 : 7))
      .join(' ')}`,
  );
}
const overheadMs = await measureOverheadMs();
const results: Result[] = [];
for (const cell of cells) {
  for (const subject of absorbable.has(cell) ? (['millrace'] as const) : subjects) {
    const result = await measure(cell, subject);
    print(result);
    results.push(result);
    if (subject === 'millrace' && args.plot !== undefined) {
      const trace = namedTrace({ workload: cell, durationMs, rowsPerMs, seed: 1 });
      const name = cells.length === 1 ? '' : `-${cell.replaceAll(/\W+/g, '-')}`;
      writeFileSync(
        args.plot.replace(/\.svg$/, `${name}.svg`),
        plotRun(trace, result.outcome, SLO_MS),
      );
    }
  }
}

if (!args.json) {
  for (const subject of subjects) {
    const of = results.filter((result) => result.subject === subject);
    const utilities = (isOf: (cell: string) => boolean): number[] =>
      of.filter(({ cell }) => isOf(cell) && !absorbable.has(cell)).map((r) => r.verdict.utility);
    for (const [name, list] of [
      ['steady', utilities((cell) => steady.has(cell))],
      ['hard', utilities((cell) => !steady.has(cell))],
    ] as const) {
      if (list.length === 0) continue;
      const mean = list.reduce((a, b) => a + b, 0) / list.length;
      const least = Math.min(...list);
      console.log(
        `${subject}: ${name}: mean ${mean.toFixed(3)}, least ${least.toFixed(3)}, median ${median(list).toFixed(3)}`,
      );
    }
  }
}
if (results.some(({ verdict }) => !verdict.isConserved)) exit(1);
