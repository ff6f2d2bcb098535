/**
 * Question: how long does an engine take to start?
 *
 * A generator, a chain of 10, 50, 200 filters and maps, a sink that discards. For each: time passed from
 * the call of `Millrace.start` until the first row has come out, and until it flows at full speed
 * (nine tenths of what it does at the end of the run); until the host has read, planned and compiled it; and
 * the CPU time that the process, all threads, has taken by the first row. No two topologies are alike, so no kernel
 * has been compiled before. Beside the median stands the least of all rounds: what other work on the machine did
 * not lengthen.
 *
 * Cases that begin with `first` are of the first engine of a process, which finds the planner's functions
 * not yet compiled: each round is a process of its own, and its modules are loaded before the time begins. The other
 * cases are engines of one process behind the first.
 *
 * Then whole processes: one that imports the package and ends, and commands over the topology of `millrace init`.
 *
 * It measures what is built, since threads start otherwise from source: run `npm run build` first.
 *
 * `node bench/start/main.ts [--quick] [--json]`
 *
 * @module
 */

import { execFile } from 'node:child_process';
import { execPath, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { median } from '../shared/bench-line.ts';
import { measureProcesses } from './processes.ts';
import { type Start, startOnce } from './start-once.js';

const FIRST = fileURLToPath(new URL('first.js', import.meta.url));

/** The first engine of a new process. */
async function startFirst(length: number, workers: number): Promise<Start> {
  const run = promisify(execFile);
  const { stdout: line } = await run(execPath, [FIRST, String(length), String(workers)]);
  return JSON.parse(line, (_, value: unknown) => value ?? Infinity) as Start;
}

/** The line of a case. */
function resultOf(name: string, workers: number, starts: readonly Start[]): object {
  const all = (pick: (values: readonly number[]) => number): object => {
    const of = (key: keyof Start): number => Math.round(pick(starts.map((start) => start[key])));
    return {
      firstRowMs: of('firstMs'),
      fullSpeedMs: of('fullMs'),
      deployMs: of('deployMs'),
      cpuMs: of('cpuMs'),
    };
  };
  return {
    bench: 'start',
    case: name,
    subject: 'millrace',
    workers,
    ...all(median),
    least: all((values) => Math.min(...values)),
    checked: starts.every(({ firstMs, fullMs }) => firstMs < fullMs),
  };
}

function textOf(result: object): string {
  const line = result as Record<string, number> & { case: string; least: Record<string, number> };
  const shown = [
    ['first row', 'firstRowMs'],
    ['full speed', 'fullSpeedMs'],
    ['deployed', 'deployMs'],
    ['CPU time by the first row', 'cpuMs'],
    ['whole process', 'processMs'],
  ] as const;
  const parts = shown
    .filter(([, key]) => line[key] !== undefined)
    .map(([label, key]) => `${label} ${line[key]} ms (${line.least[key]})`);
  const workers = line['workers'] === undefined ? '' : `${line['workers']} workers`;
  return `${line.case.padEnd(22)} ${workers.padEnd(9)}   ${parts.join('   ')}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const print = (result: object): void => {
    stdout.write(`${values.json === true ? JSON.stringify(result) : textOf(result)}\n`);
  };
  const rounds = values.quick === true ? 3 : 7;
  const cases = [
    { prefix: 'first ', start: startFirst, lengths: [10, 200] },
    { prefix: '', start: startOnce, lengths: [10, 50, 200] },
  ];
  await startOnce(10, 1);
  for (const { prefix, start, lengths } of cases) {
    for (const length of lengths) {
      for (const workers of [1, 2]) {
        const starts: Start[] = [];
        for (let round = 0; round < rounds; round++) starts.push(await start(length, workers));
        print(resultOf(`${prefix}chain of ${length}`, workers, starts));
      }
    }
  }
  measureProcesses(rounds).forEach(print);
}

await main();
