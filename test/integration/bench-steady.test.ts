/** The benchmark of long runs: its topologies run, and its figures are what samples and traces say. */
import { expect, test } from 'vitest';
import { costsOf, middle, pausesOf } from '../../bench/steady/figures.ts';
import { benchSteady, type SteadyLine } from '../../bench/steady/main.ts';
import type { SteadyRun } from '../../bench/steady/run.ts';

/** Enough to see that it works; the numbers mean nothing. Users of actors go after 3 million rows. */
const TINY = [
  { topologies: ['windows', 'joins'], rows: 1e5 },
  { topologies: ['actors'], rows: 4e6 },
];

test('every operator of every topology gives rows', { timeout: 60_000 }, async () => {
  const lines: SteadyLine[] = [];
  const print = (line: SteadyLine): void => void lines.push(line);
  const once = { warmUpMs: 1, workers: 1, rounds: 1, print };
  await Promise.all(TINY.map((tiny) => benchSteady({ ...tiny, ...once })));
  expect(lines.map((line) => line.case).toSorted()).toEqual(['actors', 'joins', 'windows']);
  for (const line of lines) {
    expect(line).toMatchObject({ bench: 'steady', subject: 'millrace', workers: 1, checked: true });
    expect(Object.keys(line.nsPerRow)).toContain('1e5');
  }
});

const WARM_ROWS = 5e5;

/** A run of `rows` rows behind its warm-up, of which each costs what `nsOf` says. */
function runOf(rows: number, nsOf: (row: number) => number): SteadyRun {
  let cpuUs = 7000;
  const samples = [];
  for (let row = 0; row <= WARM_ROWS + rows; row += 1e5) {
    samples.push({ rows: row, cpuUs, rssBytes: 2 ** 20 * (100 + row / 1e6) });
    cpuUs += (1e5 * nsOf(row)) / 1000;
  }
  return { samples, warm: 5, warmMs: 4000, endedMs: 9000, interruptedMs: 1.5, checked: true };
}

test('rows that cost the same are flat, whatever the warm-up cost', () => {
  const run = runOf(1e6, (row) => (row < WARM_ROWS ? 300 : 40));
  const { nsPerRow, flat, fresh, residentMiB } = middle([costsOf(run, 1e6)], 1e6);
  expect(nsPerRow).toEqual({ '1e5': 40, '1e6': 40 });
  expect(flat).toEqual({ ratio: 1, drift: 1, holds: true });
  expect(fresh).toEqual({ '1e5': 300, '1e6': 170 });
  expect(residentMiB).toEqual({ '1e5': 101, '1e6': 102 });
});

test('rows that cost more in the end are not', () => {
  const run = runOf(1e7, (row) => (row < WARM_ROWS + 5e6 ? 40 : 60));
  const { nsPerRow, flat } = middle([costsOf(run, 1e7)], 1e7);
  expect(nsPerRow).toEqual({ '1e5': 40, '1e6': 50, '1e7': 50 });
  expect(flat).toEqual({ ratio: 1.25, drift: 1.5, holds: false });
});

test('of several runs the middle one counts', () => {
  const costs = [30, 90, 40].map((ns) =>
    costsOf(
      runOf(1e5, () => ns),
      1e5,
    ),
  );
  expect(middle(costs, 1e5).nsPerRow).toEqual({ '1e5': 40 });
});

test('pauses are those behind the warm-up, by thread', () => {
  const of = (thread: string, atMs: number, pauseMs: number) => ({
    thread,
    atMs,
    pauseMs,
    kind: pauseMs > 5 ? 'Mark-Compact' : 'Scavenge',
    leftMiB: 1,
    heldMiB: 2,
  });
  const collections = [of('a', 10, 99), of('b', 4001, 2), of('b', 5000, 6), of('b', 9001, 50)];
  const pauses = pausesOf({ run: runOf(1e5, () => 40), collections });
  expect(pauses).toMatchObject({ longestMs: 6, interruptedMs: 1.5 });
  expect(pauses.threads).toEqual([
    {
      thread: 'host',
      collections: 0,
      medianMs: 0,
      longestMs: 0,
      overFiveMs: 0,
      longestOf: undefined,
    },
    {
      thread: 'worker',
      collections: 2,
      medianMs: expect.any(Number) as number,
      longestMs: 6,
      overFiveMs: 1,
      longestOf: 'Mark-Compact',
    },
  ]);
});
