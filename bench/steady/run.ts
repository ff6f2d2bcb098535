/**
 * The process that `main.ts` starts: one engine, looked at while it runs.
 *
 * `node --trace-gc bench/steady/run.ts TOPOLOGY ROWS WORKERS WARM_UP_MS`
 *
 * @module
 */

import { argv, stdout } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { Interruptions } from './interruptions.ts';
import { FOLDER, topologyOf } from './topologies.ts';

/** The state of a run at some row. */
export interface Sample {
  /** Since the first row. */
  readonly rows: number;
  /** CPU time of all threads but this one. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

/** What it prints as its last line, as JSON. */
export interface SteadyRun {
  readonly samples: readonly Sample[];
  /** Index of the sample with which the warm-up ended; milliseconds since the process began. */
  readonly warm: number;
  readonly warmMs: number;
  readonly endedMs: number;
  /** The longest that other work kept a thread waiting since then, of one that never collects. */
  readonly interruptedMs: number;
  /** All rows are in the books, and every operator has given some. */
  readonly checked: boolean;
}

/** Samples are about so many rows apart. */
const APART_ROWS = 100_000;
/** Between two looks at how long other work keeps a thread waiting, which are work themselves. */
const TURNS_APART = 10;

async function run(
  name: string,
  [rows, workers, warmUpMs]: readonly [number, number, number],
): Promise<SteadyRun> {
  const built = new URL('../../dist/index.js', import.meta.url).href;
  const { Millrace } = (await import(built)) as typeof import('../../src/index.ts');
  const engine = await Millrace.start(topologyOf(name), { workers, baseDirectory: FOLDER });
  void engine.completed.catch((error: unknown) => {
    throw error;
  });
  const admitted = (): number => engine.summary().sources['events']!.admitted;
  while (admitted() === 0) await setTimeout(1);
  const startMs = performance.now();
  const samples: Sample[] = [];
  const interruptions = new Interruptions();
  let warm = 0;
  let warmMs = 0;
  let turns = 0;
  for (;;) {
    const done = admitted();
    const before = samples.at(-1)?.rows ?? -Infinity;
    if (done - before >= APART_ROWS) {
      samples.push({ rows: done, cpuUs: workersCpuUs(), rssBytes: process.memoryUsage.rss() });
    }
    if (warm === 0 && performance.now() - startMs >= warmUpMs) {
      warm = samples.length - 1;
      warmMs = performance.now();
    }
    if (warm > 0 && done - samples[warm]!.rows >= rows) break;
    await setTimeout(1);
    if (warm > 0 && ++turns % TURNS_APART === 0) interruptions.sample();
  }
  const endedMs = performance.now();
  const { sources, sinks } = await engine.drain();
  const { offered, admitted: taken } = sources['events']!;
  return {
    samples,
    warm,
    warmMs,
    endedMs,
    interruptedMs: interruptions.longestMs(),
    checked: offered === taken && Object.values(sinks).every((sink) => sink.rows > 0),
  };
}

function workersCpuUs(): number {
  const all = process.cpuUsage();
  const own = process.threadCpuUsage();
  return all.user + all.system - own.user - own.system;
}

const [name, ...numbers] = argv.slice(2);
const answer = await run(name!, numbers.map(Number) as [number, number, number]);
stdout.write(`\n${JSON.stringify(answer)}\n`);
