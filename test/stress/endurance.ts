/**
 * Runs a topology of windows, sessions, joins and actors for long, and looks at its memory.
 *
 * node test/stress/endurance.ts [--rows 1e9] [--minutes 10] [--workers 2]
 *
 * It goes on until both are reached, prints a line every ten seconds and, at the end, one JSON object. It
 * fails when memory has grown over the second half of the run, when a row is not accounted for, or when an
 * operator has given nothing.
 */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Millrace } from '../../src/index.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1e9' },
    minutes: { type: 'string', default: '10' },
    workers: { type: 'string', default: '2' },
  },
});
const LEAST_ROWS = Number(values.rows);
const LEAST_MS = Number(values.minutes) * 60_000;
const MIB = 2 ** 20;
/** Memory of the second half may be so much above that of the second quarter. */
const GROWTH = 1.05;
const SLACK_BYTES = 16 * MIB;

const topology = {
  version: 1,
  name: 'endurance',
  sources: {
    events: {
      connector: 'generator',
      schema: { at: 'timestamp', user: 'int32', item: 'int32', price: 'float64' },
      fields: {
        at: { time: { start: '2026-01-01T00:00:00Z', step: '10us' } },
        user: { uniform: [1, 100_000] },
        item: { zipf: { n: 10_000, s: 1.1 } },
        price: { uniform: [0, 100] },
      },
      time: { field: 'at' },
    },
  },
  operators: {
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
    visits: {
      type: 'actor',
      input: 'few',
      module: './endurance-actors.mjs',
      export: 'Visits',
      key: 'user',
      ttl: '30s',
      schema: { user: 'int32', rows: 'int32' },
    },
  },
  sinks: Object.fromEntries(
    ['items', 'trends', 'sessions', 'pairs', 'visits'].map((input) => [
      `${input}_out`,
      { connector: 'discard', input },
    ]),
  ),
};

interface Sample {
  readonly atMs: number;
  readonly rows: number;
  readonly rssBytes: number;
}

const engine = await Millrace.start(topology, {
  workers: Number(values.workers),
  baseDirectory: fileURLToPath(new URL('.', import.meta.url)),
});
const startMs = performance.now();
const samples: Sample[] = [];
const look = (): Sample => {
  const rows = engine.stats().sources['events']!.admitted;
  const sample = { atMs: performance.now() - startMs, rows, rssBytes: process.memoryUsage.rss() };
  samples.push(sample);
  return sample;
};
for (let last = look(), shown = 0; last.rows < LEAST_ROWS || last.atMs < LEAST_MS; last = look()) {
  await setTimeout(1000);
  if (last.atMs < shown) continue;
  shown += 10_000;
  const rate = last.rows / (last.atMs / 1000) / 1e6;
  console.error(
    `${(last.atMs / 1000).toFixed(0)} s: ${(last.rows / 1e6).toFixed(0)} M rows, ` +
      `${rate.toFixed(2)} M/s, ${(last.rssBytes / MIB).toFixed(0)} MiB`,
  );
}
await engine.drain();
const summary = await engine.completed;
await engine.stop();

const mostBetween = (from: number, to: number): number =>
  Math.max(
    ...samples
      .slice(Math.floor(from * samples.length), Math.ceil(to * samples.length))
      .map(({ rssBytes }) => rssBytes),
  );
const early = mostBetween(0.25, 0.5);
const late = mostBetween(0.5, 1);
const { offered, admitted } = summary.sources['events']!;
const silent = Object.entries(summary.sinks).filter(([, { rows }]) => rows === 0);
const failures = [
  ...(late > early * GROWTH + SLACK_BYTES ? [`memory grew from ${early} to ${late} bytes`] : []),
  ...(offered === admitted ? [] : [`${offered} rows offered, ${admitted} admitted`]),
  ...silent.map(([name]) => `${name} got nothing`),
];
console.log(
  JSON.stringify({
    rows: admitted,
    seconds: summary.seconds,
    rowsPerSecond: Math.round(admitted / summary.seconds),
    mostMiB: { secondQuarter: Math.round(early / MIB), secondHalf: Math.round(late / MIB) },
    sinks: Object.fromEntries(
      Object.entries(summary.sinks).map(([name, { rows }]) => [name, rows]),
    ),
    failures,
  }),
);
process.exitCode = failures.length === 0 ? 0 : 1;
