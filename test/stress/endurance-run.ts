/**
 * The process that `endurance.ts` starts: it runs the topology and tells of its memory every second.
 *
 * @module
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { FOLDER, overEvents, VISITS } from '../../bench/steady/topologies.ts';
import { Millrace } from '../../src/index.ts';
import { type Resident, residentMemory } from './resident-memory.ts';

/** What is told every second. */
export interface Sample {
  readonly type: 'sample';
  /** Since the engine has started. */
  readonly atMs: number;
  readonly rows: number;
  readonly rssBytes: number;
  /** CPU time of all threads so far. */
  readonly cpuMs: number;
  /** Every ten seconds. */
  readonly resident?: Resident | undefined;
}

/** What is told in the end. */
export interface Ending {
  readonly type: 'ending';
  readonly seconds: number;
  readonly offered: number;
  readonly admitted: number;
  readonly sinks: Readonly<Record<string, number>>;
  /** How late timers of the host thread are, which has next to nothing to do: other work of the machine. */
  readonly hostDelay: { readonly p99Ms: number; readonly longestMs: number };
}

/** Where rows of a run of ten minutes are looked at in detail. */
const DETAIL_MS = 10_000;

const operators = {
  items: {
    type: 'aggregate',
    input: 'events',
    groupBy: ['item'],
    window: { type: 'tumbling', size: '1s' },
    select: { n: 'COUNT(*)', spent: 'SUM(price)' },
  },
  trends: {
    type: 'aggregate',
    input: 'events',
    groupBy: { bucket: 'item % 100' },
    window: { type: 'hopping', size: '10s', slide: '2s' },
    select: { n: 'COUNT(*)', most: 'MAX(price)' },
  },
  dear: { type: 'filter', input: 'events', where: 'price > 95' },
  cheap: { type: 'filter', input: 'events', where: 'price < 2' },
  sessions: {
    type: 'aggregate',
    input: 'dear',
    groupBy: ['user'],
    window: { type: 'session', gap: '5s' },
    select: { n: 'COUNT(*)' },
  },
  pairs: {
    type: 'join',
    inputs: ['dear', 'cheap'],
    on: 'l.user = r.user',
    within: { before: '1s', after: '1s' },
    select: { user: 'l.user', dear: 'l.price', cheap: 'r.price' },
  },
  few: { type: 'filter', input: 'cheap', where: 'price < 0.1' },
  visits: VISITS,
};
const out = ['items', 'trends', 'sessions', 'pairs', 'visits'];
/** Some items are asked for often. */
const topology = overEvents('endurance', operators, out, { zipf: { n: 10_000, s: 1.1 } });

const [leastRows, leastMs, workers] = process.argv.slice(2).map(Number) as [number, number, number];
const engine = await Millrace.start(topology, {
  workers,
  baseDirectory: FOLDER,
});
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
const startMs = performance.now();
let detailMs = 0;
for (;;) {
  const atMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage();
  const rows = engine.stats().sources['events']!.admitted;
  const isDetailed = atMs >= detailMs;
  if (isDetailed) detailMs += DETAIL_MS;
  process.send!({
    type: 'sample',
    atMs,
    rows,
    rssBytes: process.memoryUsage.rss(),
    cpuMs: (user + system) / 1000,
    resident: isDetailed ? residentMemory() : undefined,
  } satisfies Sample);
  if (rows >= leastRows && atMs >= leastMs) break;
  await setTimeout(1000);
}
await engine.drain();
const summary = await engine.completed;
await engine.stop();
const { offered, admitted } = summary.sources['events']!;
const sinks = Object.entries(summary.sinks).map(([name, { rows }]) => [name, rows] as const);
process.send!({
  type: 'ending',
  seconds: summary.seconds,
  offered,
  admitted,
  sinks: Object.fromEntries(sinks),
  hostDelay: { p99Ms: delay.percentile(99) / 1e6, longestMs: delay.max / 1e6 },
} satisfies Ending);
process.disconnect();
