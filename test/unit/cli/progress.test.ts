import { describe, expect, test } from 'vitest';
import { progressLine, progressTable } from '../../../src/cli/format/progress-lines.ts';
import { progressOf, RateWindow, watermarkLagMs } from '../../../src/cli/run/node-progress.ts';
import { ledger, sampleStats, task } from './support.ts';

const RATES: Readonly<Record<string, number>> = { clicks: 100_000, per_ad: 99_500, out: 1.5 };
const rate = (name: string): number => RATES[name] ?? 0;

describe('progressOf', () => {
  const { nodes } = progressOf(sampleStats());

  test('adds up the tasks of a node', () => {
    expect(nodes.map(({ name }) => name)).toEqual(['clicks', 'per_ad', 'out']);
    expect(nodes[1]).toMatchObject({ rowsIn: 1_234_000, rowsOut: 22, late: 3, errors: 2 });
  });

  test('takes the watermark that is furthest behind and the fullest ring', () => {
    expect(nodes[1]).toMatchObject({ watermarkMs: 58_500, fill: 0.75 });
    expect(nodes[0]?.fill).toBeUndefined();
  });

  test('takes the slowest of several sink tasks', () => {
    const tasks = [1, 2].map((at) =>
      task({
        node: 'out',
        kind: 'sink',
        instance: at,
        latencyUs: { p50: at, p99: 10 - at, p999: 20, p9999: 25, max: 30 * at },
      }),
    );
    const idle = task({ node: 'out', kind: 'sink' });
    const { nodes } = progressOf({ ...sampleStats(), tasks: [idle, ...tasks, idle] });
    expect(nodes[0]?.latencyUs).toEqual({ p50: 2, p99: 9, p999: 20, p9999: 25, max: 60 });
  });

  test('has no watermark while one task has none', () => {
    const stats = sampleStats();
    const tasks = [...stats.tasks, task({ node: 'clicks', kind: 'source' })];
    expect(progressOf({ ...stats, tasks }).nodes[0]?.watermarkMs).toBeNull();
  });
});

describe('watermarkLagMs', () => {
  const stats = sampleStats();
  const progress = progressOf(stats);

  test('is the distance to the node that is furthest in event time', () => {
    expect(progress.nodes.map((node) => watermarkLagMs(node, progress))).toEqual([
      0,
      1500,
      undefined,
    ]);
  });

  test('is unknown once nothing more comes', () => {
    const ended = progressOf({
      ...stats,
      tasks: [task({ node: 'clicks', kind: 'source', watermarkMs: Infinity })],
    });
    expect(watermarkLagMs(ended.nodes[0]!, ended)).toBeUndefined();
  });
});

describe('progressTable', () => {
  test('shows what there is to show', () => {
    const progress = progressOf(sampleStats());
    expect(progressTable({ name: 'ad-ctr', state: 'running', progress, rate })).toEqual([
      'ad-ctr: running, 12.3 s',
      'node                 in    out     rate  late  lost  behind      p99  queue',
      'clicks  source    1.23M  1.23M   100k/s           7    0 ms',
      'per_ad  operator  1.23M     22  99.5k/s     3     2  1.50 s           [████▌ ]',
      'out     sink                22    1.5/s                      12.3 ms',
    ]);
  });

  test('leaves out what nobody needs', () => {
    const progress = progressOf({
      elapsedMs: 250,
      sources: { a: ledger({ offered: 10, admitted: 10 }) },
      tasks: [
        task({ node: 'a', kind: 'source', rowsIn: 10, rowsOut: 10 }),
        task({ node: 'b', kind: 'sink', rowsOut: 10 }),
      ],
      clockMs: 0,
      edges: [],
      rings: [],
    });
    expect(progressTable({ name: 'copy', state: 'draining', progress, rate })).toEqual([
      'copy: draining (a second signal stops at once), 250 ms',
      'node          in  out  rate',
      'a     source  10   10   0/s',
      'b     sink         10   0/s',
    ]);
  });
});

describe('progressLine', () => {
  test('is one line from sources to sinks, with what went wrong', () => {
    const progress = progressOf(sampleStats());
    expect(progressLine({ name: 'ad-ctr', state: 'running', progress, rate })).toBe(
      'ad-ctr: running, 12.3 s: clicks 1,234,567 (100k/s) -> out 22 (1.5/s); late 3; lost 9',
    );
  });
});

describe('RateWindow', () => {
  const at = (elapsedMs: number, rows: number): ReturnType<typeof progressOf> =>
    progressOf({
      elapsedMs,
      sources: {},
      tasks: [task({ node: 'a', kind: 'source', rowsIn: rows })],
      clockMs: 0,
      edges: [],
      rings: [],
    });

  test('needs two moments', () => {
    const rates = new RateWindow(1000);
    expect(rates.rate('a')).toBe(0);
    rates.add(at(0, 0));
    expect(rates.rate('a')).toBe(0);
    rates.add(at(500, 100));
    expect(rates.rate('a')).toBe(200);
    expect(rates.rate('unknown')).toBe(0);
  });

  test('forgets what is longer ago than its span', () => {
    const rates = new RateWindow(1000);
    for (let second = 0; second <= 5; second++) rates.add(at(second * 1000, second * 10));
    rates.add(at(5500, 1050));
    // From second 4 (40 rows): the newest moment that is at least a second ago.
    expect(rates.rate('a')).toBeCloseTo(1010 / 1.5);
  });

  test('counts what sinks took', () => {
    const rates = new RateWindow(1000);
    const sink = (elapsedMs: number, rowsOut: number): ReturnType<typeof progressOf> =>
      progressOf({
        elapsedMs,
        sources: {},
        tasks: [task({ node: 'out', kind: 'sink', rowsOut })],
        clockMs: 0,
        edges: [],
        rings: [],
      });
    rates.add(sink(0, 0));
    rates.add(sink(1000, 7));
    expect(rates.rate('out')).toBe(7);
  });
});
