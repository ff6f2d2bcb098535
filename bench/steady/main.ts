/**
 * Question: does a row cost the same after a hundred thousand rows as after a hundred million, does memory
 * stay, and how long do collections of garbage hold a thread up?
 *
 * An engine for each topology, in a process of its own whose collector is traced (`--trace-gc`). Rows are taken from a
 * generator without end. `nsPerRow` is, for each power of ten from 10^5 to 10^8, what a row costs in a stretch of so
 * many rows behind a warm-up: the mean of the first ten stretches, or of those there are, CPU time of all threads but
 * the host's. `flat` compares the dearest power with the cheapest, and (`drift`) the last fifth of the rows with the
 * first. `fresh` is what so many rows cost from the first of the engine on, compiling included. Each is the median over
 * the rounds.
 *
 * `pauses` are collections behind the warm-up, by thread: time passed, which other work on the machine only lengthens, so
 * the round with the shortest longest pause is shown. `interruptedMs` is how long other work kept a thread waiting that
 * never collects, in the same round.
 *
 * It measures what is built: run `npm run build` first. `actors` runs code of users over objects, a row in a hundred.
 *
 * `node bench/steady/main.ts [--quick] [--json] [--topology NAME…] [--workers N] [--rounds N]`
 *
 * @module
 */

import { execFile } from 'node:child_process';
import { execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { median } from '../shared/bench-line.ts';
import { type Collection, collectionsOf } from '../shared/gc-trace.ts';
import type { Sample, SteadyRun } from './run.ts';
import { TOPOLOGIES } from './topologies.ts';

const MIB = 2 ** 20;
const LEAST_ROWS = 1e5;
/** Of each length, at most so many. */
const STRETCHES = 10;
/** The dearest power of ten by the cheapest: what is called flat. */
const FLAT = 1.1;
const LONGEST_PAUSE_MS = 5;

interface Traced {
  readonly run: SteadyRun;
  readonly collections: readonly Collection[];
}

async function traced(topology: string, rows: number, workers: number): Promise<Traced> {
  const script = fileURLToPath(new URL('run.ts', import.meta.url));
  const args = ['--trace-gc', script, topology, String(rows), String(workers)];
  const { stdout: out } = await promisify(execFile)(execPath, args, { maxBuffer: 64 * MIB });
  const answer = out.split('\n').findLast((line) => line.startsWith('{'))!;
  return { run: JSON.parse(answer) as SteadyRun, collections: collectionsOf(out) };
}

/** The powers of ten up to `rows`. */
function powers(rows: number): number[] {
  const ends: number[] = [];
  for (let end = LEAST_ROWS; end <= rows; end *= 10) ends.push(end);
  return ends;
}

/** CPU time of a row between two samples. */
function nsBetween(from: Sample, to: Sample): number {
  return ((to.cpuUs - from.cpuUs) * 1000) / (to.rows - from.rows);
}

/** CPU time of a row in stretches of some `rows` rows, one behind the other: the mean of the first few. */
function nsPerRowOf(samples: readonly Sample[], rows: number): number {
  const [first] = samples;
  const most = first!.rows + STRETCHES * rows;
  // Samples are not to the row: what is left for the last stretch may be a little short.
  const last = samples.findLast((sample) => sample.rows <= most * 1.01)!;
  return nsBetween(first!, last);
}

/** By power of ten. */
function byPower<Value>(rows: number, of: (end: number) => Value): Record<string, Value> {
  return Object.fromEntries(powers(rows).map((end) => [labelOf(end), of(end)]));
}

function labelOf(end: number): string {
  return `1e${Math.round(Math.log10(end))}`;
}

/** Figures of one run, or of several: the middle one of each. */
interface Costs {
  readonly nsPerRow: Readonly<Record<string, number>>;
  readonly fresh: Readonly<Record<string, number>>;
  readonly residentMiB: Readonly<Record<string, number>>;
  readonly drift: number;
}

function costsOf({ samples, warm }: SteadyRun, rows: number): Costs {
  const steady = samples.slice(warm);
  const [first, last] = [samples[0]!, steady.at(-1)!];
  const origin = steady[0]!.rows;
  const at = (row: number, list: readonly Sample[]): Sample =>
    list.find((sample) => sample.rows >= row) ?? list.at(-1)!;
  const fifth = (last.rows - origin) / 5;
  const early = nsBetween(steady[0]!, at(origin + fifth, steady));
  const late = nsBetween(at(last.rows - fifth, steady), last);
  return {
    nsPerRow: byPower(rows, (end) => nsPerRowOf(steady, end)),
    fresh: byPower(rows, (end) => nsBetween(first, at(first.rows + end, samples))),
    residentMiB: byPower(rows, (end) => at(origin + end, steady).rssBytes / MIB),
    drift: late / early,
  };
}

function middle(runs: readonly Costs[], rows: number): object {
  const of = (pick: 'nsPerRow' | 'fresh' | 'residentMiB', digits: number): Record<string, number> =>
    byPower(rows, (end) => round(median(runs.map((run) => run[pick][labelOf(end)]!)), digits));
  const nsPerRow = of('nsPerRow', 3);
  const sizes = Object.values(nsPerRow);
  const ratio = Math.max(...sizes) / Math.min(...sizes);
  const drift = median(runs.map((run) => run.drift));
  const flat = { ratio: round(ratio), drift: round(drift), holds: ratio <= FLAT && drift <= FLAT };
  return { nsPerRow, flat, fresh: of('fresh', 3), residentMiB: of('residentMiB', 3) };
}

/** Collections behind the warm-up, by thread. */
interface Pauses {
  readonly longestMs: number;
  readonly interruptedMs: number;
  readonly threads: readonly object[];
}

function pausesOf({ run, collections }: Traced): Pauses {
  const [host] = collections;
  const steady = collections.filter(({ atMs }) => atMs > run.warmMs && atMs <= run.endedMs);
  const threads = [...new Set(collections.map(({ thread }) => thread))];
  const longest = (list: readonly Collection[]): number =>
    Math.max(0, ...list.map(({ pauseMs }) => pauseMs));
  return {
    longestMs: longest(steady),
    interruptedMs: round(run.interruptedMs),
    threads: threads.map((thread) => {
      const own = steady.filter((collection) => collection.thread === thread);
      return {
        thread: thread === host!.thread ? 'host' : 'worker',
        collections: own.length,
        medianMs: own.length === 0 ? 0 : median(own.map(({ pauseMs }) => pauseMs)),
        longestMs: longest(own),
        overFiveMs: own.filter(({ pauseMs }) => pauseMs > LONGEST_PAUSE_MS).length,
        longestOf: own.toSorted((a, b) => b.pauseMs - a.pauseMs)[0]?.kind,
      };
    }),
  };
}

function round(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    topology: { type: 'string', multiple: true, default: Object.keys(TOPOLOGIES) },
    workers: { type: 'string', default: '1' },
    rounds: { type: 'string' },
  },
});
const rows = values.quick ? 1e7 : 1e8;
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
let allRight = true;
for (const topology of values.topology) {
  const runs: Traced[] = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await traced(topology, rows, Number(values.workers)));
  }
  const checked = runs.every(({ run }) => run.checked);
  allRight &&= checked;
  const [pauses] = runs.map(pausesOf).toSorted((a, b) => a.longestMs - b.longestMs);
  const line = {
    bench: 'steady',
    case: topology,
    subject: 'millrace',
    workers: Number(values.workers),
    events: rows,
    ...middle(
      runs.map(({ run }) => costsOf(run, rows)),
      rows,
    ),
    pauses: { ...pauses!, holds: pauses!.longestMs <= LONGEST_PAUSE_MS },
    checked,
  };
  stdout.write(`${values.json ? JSON.stringify(line) : textOf(line)}\n`);
}
if (!allRight) exit(1);

function textOf(line: Record<string, unknown>): string {
  const { case: name, workers, nsPerRow, flat, fresh, residentMiB, pauses } = line;
  const rest = { nsPerRow, flat, fresh, residentMiB, pauses };
  const parts = Object.entries(rest).map(([key, value]) => `  ${key.padEnd(12)} ${text(value)}`);
  return [`${String(name)}, ${String(workers)} workers`, ...parts].join('\n');
}

function text(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ').replaceAll(':', ' ');
}
