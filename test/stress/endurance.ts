/**
 * Runs a topology of windows, sessions, joins and actors for long, and looks at its memory.
 *
 * node test/stress/endurance.ts [--rows 1e9] [--minutes 10] [--workers 2]
 *
 * It goes on until both are reached, in a process of its own whose collector is traced, prints a line every
 * ten seconds and, at the end, one JSON object. It fails when resident memory has a slope or has grown after
 * the first fifth of the run, when a row costs more in the end than in the beginning, when a row is not
 * accounted for, or when an operator has given nothing.
 */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Ending, Sample } from './endurance-run.ts';
import { type Collection, collectionOf } from '../../bench/shared/gc-trace.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1e9' },
    minutes: { type: 'string', default: '10' },
    workers: { type: 'string', default: '2' },
  },
});
const MIB = 2 ** 20;
/** Until then of the run, memory may grow. */
const WARM_UP = 0.2;
/** Bounds on what comes after it: of the regression, and of the most above what it was then. */
const MOST_MIB_PER_MINUTE = 2;
const MOST_ABOVE_MIB = 32;
/** CPU time of a row in the last fifth, of that in the second: a machine with other work is uneven. */
const EVENNESS = 1.25;
const LONG_PAUSE_MS = 5;

interface Run {
  readonly samples: readonly Sample[];
  readonly collections: readonly Collection[];
  readonly ending: Ending | undefined;
}

async function run(): Promise<Run> {
  const script = fileURLToPath(new URL('./endurance-run.ts', import.meta.url));
  const leastMs = Number(values.minutes) * 60_000;
  const child = fork(script, [values.rows, String(leastMs), values.workers], {
    execArgv: [...process.execArgv, '--trace-gc'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const samples: Sample[] = [];
  const collections: Collection[] = [];
  let ending: Ending | undefined;
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const collection = collectionOf(line);
    if (collection !== undefined) collections.push(collection);
  });
  child.on('message', (message: Sample | Ending) => {
    if (message.type === 'ending') {
      ending = message;
      return;
    }
    samples.push(message);
    if (message.resident !== undefined) console.error(describe(message, collections));
  });
  await new Promise((resolve) => void child.on('close', resolve));
  return { samples, collections, ending };
}

function describe(
  { atMs, rows, rssBytes, resident }: Sample,
  collections: readonly Collection[],
): string {
  const kinds = Object.entries(resident!).map(([kind, bytes]) => `${kind} ${mib(bytes)}`);
  const long = collections.filter(({ pauseMs }) => pauseMs > LONG_PAUSE_MS).length;
  return (
    `${(atMs / 1000).toFixed(0)} s: ${(rows / 1e6).toFixed(0)} M rows, ` +
    `${(rows / atMs / 1000).toFixed(2)} M/s, ${mib(rssBytes)} MiB (${kinds.join(', ')}); ` +
    `${collections.length} collections, ${long} over ${LONG_PAUSE_MS} ms`
  );
}

function mib(bytes: number): number {
  return Math.round(bytes / MIB);
}

/** MiB of resident memory by the minute, by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const minutes = samples.map(({ atMs }) => atMs / 60_000);
  const mibs = samples.map(({ rssBytes }) => rssBytes / MIB);
  const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
  const [meanX, meanY] = [mean(minutes), mean(mibs)];
  const products = minutes.map((x, i) => (x - meanX) * (mibs[i]! - meanY));
  return mean(products) / mean(minutes.map((x) => (x - meanX) ** 2));
}

function nsPerRow(samples: readonly Sample[], from: number, to: number): number {
  const at = (share: number): Sample => samples[Math.round(share * (samples.length - 1))]!;
  return ((at(to).cpuMs - at(from).cpuMs) * 1e6) / (at(to).rows - at(from).rows);
}

function judge({ samples, collections, ending }: Run): {
  failures: string[];
  [figure: string]: unknown;
} {
  if (ending === undefined || samples.length < 10) return { failures: ['it came to no end'] };
  const steady = samples.slice(Math.round(WARM_UP * samples.length));
  const slope = slopeOf(steady);
  const aboveMiB = (Math.max(...steady.map((s) => s.rssBytes)) - steady[0]!.rssBytes) / MIB;
  const costs = [nsPerRow(samples, WARM_UP, 2 * WARM_UP), nsPerRow(samples, 1 - WARM_UP, 1)];
  const { offered, admitted, seconds, sinks, hostDelay } = ending;
  const pauses = collections.map(({ pauseMs }) => pauseMs).toSorted((a, b) => b - a);
  const last = samples.findLast(({ resident }) => resident !== undefined)!.resident!;
  const silent = Object.keys(sinks).filter((name) => sinks[name] === 0);
  const failures = [
    ...(slope > MOST_MIB_PER_MINUTE ? [`memory grows by ${slope.toFixed(2)} MiB a minute`] : []),
    ...(aboveMiB > MOST_ABOVE_MIB ? [`memory has grown by ${aboveMiB.toFixed(0)} MiB`] : []),
    ...(costs[1]! > costs[0]! * EVENNESS ? [`a row costs ${costs.join(', then ')} ns`] : []),
    ...(offered === admitted ? [] : [`${offered} rows offered, ${admitted} admitted`]),
    ...silent.map((name) => `${name} got nothing`),
  ];
  return {
    rows: admitted,
    minutes: Number((seconds / 60).toFixed(2)),
    rowsPerSecond: Math.round(admitted / seconds),
    cpuNsPerRow: { early: Math.round(costs[0]!), late: Math.round(costs[1]!) },
    residentMiB: {
      warm: mib(steady[0]!.rssBytes),
      end: mib(steady.at(-1)!.rssBytes),
      aboveWarm: Math.round(aboveMiB),
      slopePerMinute: Number(slope.toFixed(3)),
      byKind: Object.fromEntries(Object.entries(last).map(([kind, bytes]) => [kind, mib(bytes)])),
    },
    collections: {
      all: collections.length,
      overFiveMs: pauses.filter((ms) => ms > LONG_PAUSE_MS).length,
      longestMs: pauses.slice(0, 5),
      totalMs: Math.round(pauses.reduce((a, b) => a + b, 0)),
      // Timers of a thread without work are so late besides.
      hostDelayMs: { p99: Math.round(hostDelay.p99Ms), longest: Math.round(hostDelay.longestMs) },
    },
    sinks,
    failures,
  };
}

const verdict = judge(await run());
console.log(JSON.stringify(verdict));
process.exitCode = verdict.failures.length === 0 ? 0 : 1;
