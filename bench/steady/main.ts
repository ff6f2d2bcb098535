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
import { argv, execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { collectionsOf } from '../shared/gc-trace.ts';
import {
  costsOf,
  LONGEST_PAUSE_MS,
  MIB,
  type Middle,
  middle,
  pausesOf,
  type Traced,
} from './figures.ts';
import type { SteadyRun } from './run.ts';
import { TOPOLOGIES } from './topologies.ts';

/** How to run. */
export interface SteadyOptions {
  readonly topologies: readonly string[];
  /** Behind the warm-up: 10^5 at least. */
  readonly rows: number;
  readonly warmUpMs: number;
  readonly workers: number;
  readonly rounds: number;
  readonly print: (line: SteadyLine) => void;
}

/** What is printed of a topology. */
export interface SteadyLine extends Middle {
  readonly bench: 'steady';
  readonly case: string;
  readonly subject: 'millrace';
  readonly workers: number;
  readonly events: number;
  readonly pauses: object;
  readonly checked: boolean;
}

/** V8 compiles functions for the last time some seconds after they ran first. */
const WARM_UP_MS = 4000;

/** Runs topologies, each in processes of its own. */
export async function benchSteady(options: SteadyOptions): Promise<void> {
  const { topologies, rows, workers, rounds, print } = options;
  for (const topology of topologies) {
    const runs: Traced[] = [];
    for (let round = 0; round < rounds; round++) runs.push(await traced(topology, options));
    const [pauses] = runs.map(pausesOf).toSorted((a, b) => a.longestMs - b.longestMs);
    print({
      bench: 'steady',
      case: topology,
      subject: 'millrace',
      workers,
      events: rows,
      ...middle(
        runs.map(({ run }) => costsOf(run, rows)),
        rows,
      ),
      pauses: { ...pauses!, holds: pauses!.longestMs <= LONGEST_PAUSE_MS },
      checked: runs.every(({ run }) => run.checked),
    });
  }
}

async function traced(
  topology: string,
  { rows, workers, warmUpMs }: SteadyOptions,
): Promise<Traced> {
  const script = fileURLToPath(new URL('run.ts', import.meta.url));
  const numbers = [rows, workers, warmUpMs].map(String);
  const args = ['--trace-gc', script, topology, ...numbers];
  const { stdout: out } = await promisify(execFile)(execPath, args, { maxBuffer: 64 * MIB });
  const answer = out.split('\n').findLast((line) => line.startsWith('{'))!;
  return { run: JSON.parse(answer) as SteadyRun, collections: collectionsOf(out) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      topology: { type: 'string', multiple: true, default: Object.keys(TOPOLOGIES) },
      workers: { type: 'string', default: '1' },
      rounds: { type: 'string' },
    },
  });
  let allRight = true;
  await benchSteady({
    topologies: values.topology,
    rows: values.quick ? 1e7 : 1e8,
    warmUpMs: WARM_UP_MS,
    workers: Number(values.workers),
    rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
    print: (line) => {
      allRight &&= line.checked;
      stdout.write(`${values.json ? JSON.stringify(line) : textOf(line)}\n`);
    },
  });
  if (!allRight) exit(1);
}

function textOf(line: SteadyLine): string {
  const { case: name, workers, nsPerRow, flat, fresh, residentMiB, pauses } = line;
  const rest = { nsPerRow, flat, fresh, residentMiB, pauses };
  const parts = Object.entries(rest).map(([key, value]) => `  ${key.padEnd(12)} ${text(value)}`);
  return [`${name}, ${workers} workers`, ...parts].join('\n');
}

function text(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ').replaceAll(':', ' ');
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
