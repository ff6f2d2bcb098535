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
import { benchOverload, type OverloadLine, type OverloadResult, SLO_MS } from './bench-overload.ts';
import { workloadsOf } from './engine/named-trace.ts';
import { plotRun } from './engine/plot.ts';
import type { Subject } from './engine/run-engine.ts';
import { absorbableSet, hardSet, steadySet, step, twoWorkerSet } from './workloads.ts';

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
const double = new Set(twoWorkerSet(durationMs).map(({ name }) => name));
const all = [
  ...steadySet(durationMs),
  step('lognormal', 1.1, durationMs),
  ...hardSet(durationMs),
  ...absorbableSet(durationMs),
  ...twoWorkerSet(durationMs),
].map(({ name }) => name);
/** Not a load: what a gate costs where there is no overload. */
const OVERHEAD = 'overhead';
const cells = args.cells?.split(',') ?? [...(args.quick ? QUICK_CELLS : all), OVERHEAD];
const subjects = (args.subjects?.split(',') ??
  (args.quick ? QUICK_SUBJECTS : ALL_SUBJECTS)) as readonly Subject[];
for (const cell of cells) {
  if (cell === OVERHEAD) continue;
  if (!workloadsOf(durationMs).has(cell)) throw new RangeError(`there is no cell '${cell}'`);
}

/** A line for people. */
function describe({ line, verdict }: OverloadResult): string {
  const { p50, p99, p999, max } = verdict.latencyUs;
  const ms = (us: number): string => (us / 1000).toFixed(1).padStart(7);
  const { needlesslyShed = 0, losslessMs, settledMs, backlogSdMs } = line;
  const said = (name: string, of: number | undefined): string =>
    of === undefined ? '' : ` ${name} ${of.toFixed(1)} ms`;
  return [
    line.case.padEnd(30),
    line.subject.padEnd(10),
    line.utility.toFixed(3).padStart(7),
    ms(p50),
    ms(p99),
    ms(p999),
    ms(max),
    String(line.shed + line.expired).padStart(9),
    line.checked ? '' : ' NOT CONSERVED',
    needlesslyShed === 0 ? '' : ` ${needlesslyShed} NEEDLESSLY`,
    absorbable.has(line.case) ? said('would have waited', losslessMs) : '',
    said('settled in', settledMs),
    said('backlog s.d.', backlogSdMs),
  ].join(' ');
}

/** Offered and admitted rows, delays and thresholds over time. */
function plot({ line, outcome, trace }: OverloadResult, file: string): void {
  const name = cells.length === 1 ? '' : `-${line.case.replaceAll(/\W+/g, '-')}`;
  writeFileSync(file.replace(/\.svg$/, `${name}.svg`), plotRun(trace, outcome, SLO_MS));
}

/** Where value went, in percent of the best: of each cell, and the mean. */
function printLosses(of: readonly OverloadLine[]): void {
  const lost = of.filter((line) => line.losses !== undefined);
  const [first] = lost;
  if (first?.losses === undefined) return;
  const causes = Object.keys(first.losses) as (keyof typeof first.losses)[];
  const row = (name: string, parts: readonly string[]): void =>
    console.log(name.padEnd(30), parts.map((part) => part.padStart(11)).join(''));
  const percent = (part: number): string => (100 * part).toFixed(2);
  row('lost, % of the best', [...causes, 'all']);
  for (const { case: name, losses, utility } of lost)
    row(name, [...causes.map((cause) => percent(losses![cause])), percent(1 - utility)]);
  const mean = (part: (line: OverloadLine) => number): string =>
    percent(lost.reduce((sum, line) => sum + part(line), 0) / lost.length);
  const means = causes.map((cause) => mean(({ losses }) => losses![cause]));
  row('mean', [...means, mean(({ utility }) => 1 - utility)]);
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
const lines: OverloadLine[] = [];
const isRight = await benchOverload({
  cells: cells.filter((cell) => cell !== OVERHEAD),
  subjects,
  durationMs,
  rowsPerMs,
  onCell: (results) => {
    for (const result of results) {
      const { line } = result;
      lines.push(line);
      console.log(args.json ? JSON.stringify(line) : describe(result));
      if (line.subject === 'millrace' && args.plot !== undefined) plot(result, args.plot);
    }
  },
});

if (!args.json) {
  printLosses(lines.filter((line) => !absorbable.has(line.case)));
  for (const subject of subjects) {
    const of = lines.filter((line) => line.subject === subject);
    const utilities = (isOf: (cell: string) => boolean): number[] =>
      of.filter((line) => isOf(line.case) && !absorbable.has(line.case)).map((l) => l.utility);
    for (const [name, list] of [
      ['steady', utilities((cell) => steady.has(cell))],
      ['hard', utilities((cell) => !steady.has(cell) && !double.has(cell))],
      ['two workers', utilities((cell) => double.has(cell))],
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
if (cells.includes(OVERHEAD)) {
  // What runs is what was built: the other cells need no build.
  const { describeGateCost, measureGateCost } = await import('./engine/gate-cost.ts');
  const [warmUpMs, rounds] = args.quick ? [3000, 8] : [6000, 20];
  // Full batches, and some for which the worker wakes.
  for (const rate of args.quick ? [10e6] : [10e6, 1e6]) {
    const costs = await measureGateCost({ rate, rounds, roundMs: 500, warmUpMs });
    for (const line of costs)
      console.log(args.json ? JSON.stringify(line) : describeGateCost(line));
  }
}
if (!isRight) exit(1);
