/** Counts and sums of rows of which most were shed: what all would have given lies within their bounds. */
import { afterAll, expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const workspace = new Workspace();
afterAll(() => workspace[Symbol.dispose]());

/** Rows due in a millisecond; the map below can do a fraction of them. */
const ROWS_PER_MS = 500;
const WINDOW_MS = 20;
const WINDOWS = 25;
const PER_WINDOW = ROWS_PER_MS * WINDOW_MS;

function topology(admission: object): object {
  return {
    version: 1,
    name: 'estimates',
    sources: {
      bids: {
        connector: 'generator',
        rate: ROWS_PER_MS * 1000,
        count: PER_WINDOW * WINDOWS,
        schema: { at: 'timestamp', id: 'int64', bid: 'float64' },
        time: { field: 'at' },
        fields: {
          at: { time: { start: '2026-01-01T00:00:00Z', step: `${1000 / ROWS_PER_MS}us` } },
          id: { sequence: {} },
          bid: { exponential: { mean: 10 } },
        },
        admission: { value: 'bid', onOverload: 'shed', ...admission },
      },
    },
    operators: {
      slow: {
        type: 'map',
        input: 'bids',
        select: { bid: 'bid', long: 'LENGTH(SHA256(REPEAT(CAST(id AS STRING), 300)))' },
      },
      sums: {
        type: 'aggregate',
        input: 'slow',
        window: { type: 'tumbling', size: `${WINDOW_MS}ms` },
        select: { rows: 'COUNT(*)', spend: 'SUM(bid)' },
      },
    },
    sinks: {
      out: { connector: 'file', input: 'sums', path: 'out.jsonl', orderBy: ['window_start'] },
    },
  };
}

interface Estimate {
  readonly rows: number;
  readonly rows_low: number;
  readonly rows_high: number;
  readonly spend: number;
  readonly n_eff: number;
}

test('counts of windows are within their bounds, and nobody is left out of the mean', async () => {
  const summary = await runToEnd(topology({ windows: 'estimate' }), workspace, {
    workers: 1,
  });
  const { offered, admitted, shed } = summary.sources['bids']!;
  expect(offered).toBe(PER_WINDOW * WINDOWS);
  expect(shed).toBeGreaterThan(offered / 4);
  const estimates = workspace
    .read('out.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Estimate);
  const shedFrom = estimates.filter(({ rows_low, rows_high }) => rows_high > rows_low);
  expect(shedFrom.length).toBeGreaterThan(WINDOWS / 4);
  const held = shedFrom.filter(
    ({ rows_low, rows_high }) => rows_low <= PER_WINDOW && PER_WINDOW <= rows_high,
  );
  expect(held.length / shedFrom.length).toBeGreaterThan(0.8);
  const counted = estimates.reduce((sum, { rows }) => sum + rows, 0);
  expect(counted / offered).toBeGreaterThan(0.97);
  expect(counted / offered).toBeLessThan(1.03);
  expect(admitted).toBeLessThan(offered);
});
