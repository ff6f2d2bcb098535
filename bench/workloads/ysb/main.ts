/**
 * Question: how many tuples a second does the Yahoo Streaming Benchmark take, and how long does a
 * tuple take at a million a second?
 *
 * Views among tuples of 128 bytes are looked up among 1,000 advertisements and counted by campaign
 * and 10 s window. Tuples are replayed from memory, results compared with an independent count.
 * Rounds interleave the subjects; medians are printed.
 *
 * `node bench/workloads/ysb/main.ts [--quick] [--json] [--workers 1,2] [--events N] [--rounds N]
 * [--latency-seconds N]`
 *
 * @module
 */

import { parseArgs } from 'node:util';
import type { Percentiles } from '../../shared/bench-line.ts';
import { timeBareThread } from './bare-timer.ts';
import { LEAD_MS, runAtRate } from './latency.ts';
import { type Run, runMillrace } from './millrace.ts';
import { expectedCounts, sameCounts } from './oracle.ts';
import { buildCpp, plainLoop } from './peers.ts';
import { makeTuples, readAds } from './tuples.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    workers: { type: 'string', default: '1,2' },
    events: { type: 'string' },
    rounds: { type: 'string' },
    'latency-seconds': { type: 'string' },
  },
});
const events = Number(values.events ?? (values.quick ? 40_000_000 : 200_000_000));
const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
const latencySeconds = Number(values['latency-seconds'] ?? (values.quick ? 10 : 60));
const workers = values.workers.split(',').map(Number);
const START_US = Date.UTC(2026, 0, 1) * 1000;

interface Subject {
  readonly subject: string;
  readonly workers: number;
  run(): Promise<Run>;
}

interface Line {
  readonly bench: 'ysb';
  readonly case: string;
  readonly subject: string;
  readonly [property: string]: unknown;
}

const ads = readAds();
const tuples = makeTuples(ads);
const cpp = await buildCpp();
let allRight = true;

function print(line: Line, text: string): void {
  console.log(values.json ? JSON.stringify(line) : text);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

async function throughput(): Promise<void> {
  const expected = expectedCounts(ads, tuples, events, START_US);
  const peers = [plainLoop(ads, tuples), ...(cpp === undefined ? [] : [cpp])].map(
    ({ subject, run }): Subject => ({ subject, workers: 1, run: () => run(events, START_US) }),
  );
  const ours = workers.map((count): Subject => ({
    subject: 'millrace',
    workers: count,
    run: () => runMillrace(events, START_US, count),
  }));
  const subjects = [...ours, ...peers];
  const seconds = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
  const right = new Map<Subject, boolean>(subjects.map((subject) => [subject, true]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const run = await subject.run();
      seconds.get(subject)!.push(run.seconds);
      if (!sameCounts(run.counts, expected)) right.set(subject, false);
    }
  }
  for (const subject of subjects) {
    const took = seconds.get(subject)!;
    const perSecond = Math.round(events / median(took));
    const checked = right.get(subject)!;
    allRight &&= checked;
    const ratios = peers.map((peer): [string, number] => [
      peer.subject,
      Number(median(took.map((s, i) => s / seconds.get(peer)![i]!)).toFixed(3)),
    ]);
    const isOurs = subject.subject === 'millrace';
    print(
      {
        bench: 'ysb',
        case: `throughput workers=${subject.workers}`,
        subject: subject.subject,
        eventsPerSecond: perSecond,
        events,
        seconds: Number(median(took).toFixed(4)),
        workers: subject.workers,
        checked,
        ...(isOurs ? { ratio: Object.fromEntries(ratios) } : {}),
      },
      [
        subject.subject.padEnd(11),
        `workers=${subject.workers} ${(perSecond / 1e6).toFixed(1).padStart(7)} M tuples/s`,
        ...(isOurs ? ratios.map(([peer, r]) => ` ${peer} ×${r}`) : []),
        ...(checked ? [] : ['WRONG']),
      ].join(' '),
    );
  }
}

async function latency(count: number): Promise<void> {
  const warmUpSeconds = Math.min(3, latencySeconds / 2);
  const fromMs = Date.now() + LEAD_MS + warmUpSeconds * 1000;
  const [run, bare] = await Promise.all([
    runAtRate(latencySeconds + warmUpSeconds, warmUpSeconds, count),
    timeBareThread({ fromMs, seconds: latencySeconds }),
  ]);
  const total = Math.round((latencySeconds + warmUpSeconds) * 1e6);
  const checked = sameCounts(run.counts, expectedCounts(ads, tuples, total, run.startUs));
  allRight &&= checked;
  const { p50, p99, p999, p9999, max } = run.latencyUs;
  printLatency('millrace', count, { p50, p99, p999, p9999, max }, run.events, checked);
  printLatency('bare-thread', count, bare.latencyUs, bare.wakes, bare.checked);
}

function printLatency(
  subject: string,
  count: number,
  latencyUs: Percentiles,
  measured: number,
  checked: boolean,
): void {
  const { p50, p99, p999, p9999, max } = latencyUs;
  print(
    {
      bench: 'ysb',
      case: `latency at 1 M tuples/s workers=${count}`,
      subject,
      latencyUs,
      events: measured,
      seconds: latencySeconds,
      workers: count,
      checked,
      ...(subject === 'millrace' ? { ratio: {} } : {}),
    },
    `${subject.padEnd(11)} workers=${count} p50 ${p50} p99 ${p99} p99.9 ${p999} p99.99 ${p9999} max ${max} µs ${checked ? '' : 'WRONG'}`,
  );
}

try {
  if (rounds > 0) await throughput();
  if (latencySeconds > 0) for (const count of workers) await latency(count);
} finally {
  await cpp?.remove();
}
process.exitCode = allRight ? 0 : 1;
