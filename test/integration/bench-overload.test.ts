/** The benchmark of overload runs, accounts for every row and prints what it promises. */
import { expect, test } from 'vitest';
import { benchOverload, type OverloadLine } from '../../bench/workloads/overload/bench-overload.ts';
import { plotRun } from '../../bench/workloads/overload/engine/plot.ts';

test('a small cell: shedding by value beside chance and a full queue, and a plot', async () => {
  const lines: OverloadLine[] = [];
  const plots: string[] = [];
  const isRight = await benchOverload({
    cells: ['uniform 5x'],
    subjects: ['millrace', 'random', 'drop-tail'],
    durationMs: 250,
    rowsPerMs: 10,
    hasWarmUp: false,
    capacity: 1,
    onCell: (results) => {
      lines.push(...results.map(({ line }) => line));
      plots.push(...results.map(({ trace, outcome }) => plotRun(trace, outcome, 50)));
    },
  });
  expect(isRight).toBe(true);
  expect(lines.map(({ subject }) => subject)).toEqual(['millrace', 'random', 'drop-tail']);
  for (const line of lines) {
    expect(line).toMatchObject({
      bench: 'overload',
      case: 'uniform 5x',
      seconds: 0.25,
      workers: 2,
      checked: true,
      rejected: 0,
    });
    const { offered, admitted, shed, expired, spilled, events } = line;
    expect(events).toBe(offered);
    expect(admitted + shed + expired + spilled).toBe(offered);
    expect(line.utility).toBeGreaterThanOrEqual(0);
    const { p50, p99, p999, p9999, max } = line.latencyUs!;
    const all = [p50, p99, p999, p9999, max];
    expect(all).toEqual(all.toSorted((a, b) => a - b));
  }
  const [ours, ...peers] = lines;
  for (const peer of peers) {
    const ratio = ours!.utility > 0 ? peer.utility / ours!.utility : 0;
    expect(ours!.ratio?.[peer.subject] ?? 0).toBeCloseTo(ratio, 3);
    expect(peer.ratio).toBeUndefined();
  }
  for (const plot of plots) expect(plot).toMatch(/^<svg [^]*<\/svg>\s*$/);
});

test('two workers with too much to do, compared with a linear program', async () => {
  const lines: OverloadLine[] = [];
  const isRight = await benchOverload({
    cells: ['two workers 3x'],
    subjects: ['millrace'],
    durationMs: 100,
    rowsPerMs: 10,
    hasWarmUp: false,
    capacity: 1,
    onCell: (results) => lines.push(...results.map(({ line }) => line)),
  });
  expect(isRight).toBe(true);
  expect(lines).toMatchObject([{ workers: 3, capacity: 1, secondCapacity: 1, checked: true }]);
  expect(lines[0]!.utility).toBeGreaterThanOrEqual(0);
  expect(lines[0]!.utility).toBeLessThanOrEqual(1);
});
