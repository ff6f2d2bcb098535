/** Sources that shed under overload: what is worth least, never needlessly, and all of it counted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EngineStats, Millrace, type StartOptions } from '../../src/index.ts';
import { expectConservation } from '../support/conservation.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { until } from '../support/until.ts';

const ROW_MS = 0.5;
const schema = { id: 'int64', bid: 'float64', tier: 'int32' };
const workspace = new Workspace();

beforeAll(() => {
  // The clock of the thread: what other processes take away is work as well, as it is in earnest.
  workspace.write(
    'burn.js',
    `export function burn(row) {
      const endMs = performance.now() + ${ROW_MS};
      while (performance.now() < endMs);
      return row;
    }`,
  );
});
afterAll(() => workspace[Symbol.dispose]());

interface Setup {
  readonly admission?: object;
  readonly rate?: number;
  readonly count: number;
  readonly operators?: object;
  readonly last?: string;
  readonly engine?: object;
}

function topology({ admission, rate, count, operators, last = 'slow', engine }: Setup): object {
  return {
    version: 1,
    name: 'overload',
    sources: {
      bids: {
        connector: 'generator',
        count,
        ...(rate === undefined ? {} : { rate }),
        schema,
        fields: {
          id: { sequence: {} },
          bid: { uniform: [0, 100] },
          tier: { uniform: [0, 2] },
        },
        ...(admission === undefined ? {} : { admission: { onOverload: 'shed', ...admission } }),
      },
    },
    operators: operators ?? { slow: burn('bids') },
    sinks: { out: { connector: 'file', input: last, path: 'out.csv' } },
    ...(engine === undefined ? {} : { engine }),
  };
}

const burn = (input: string): object => ({
  type: 'module',
  input,
  module: './burn.js',
  export: 'burn',
  schema,
});

/** Runs to the end and checks the ledger in every snapshot on the way. */
async function run(
  document: object,
  options: StartOptions = {},
): Promise<{ readonly stats: EngineStats; readonly bids: number[] }> {
  await using engine = await Millrace.start(document, {
    baseDirectory: workspace.directory,
    workers: 1,
    ...options,
  });
  let isOver = false;
  const over = engine.completed.finally(() => (isOver = true));
  await until(() => {
    expectLedger(engine.stats());
    return isOver;
  }, 'the end');
  expectConservation(document, await over);
  const stats = engine.stats();
  expectLedger(stats);
  const bids = workspace.sortedLines('out.csv').map((line) => Number(line.split(',')[1]));
  expect(bids.length).toBe(stats.sources['bids']!.admitted);
  return { stats, bids };
}

function expectLedger({ sources }: EngineStats): void {
  const { admission, ...counts } = sources['bids']!;
  const { offered, admitted, shed, rejected, expired, spilled } = counts;
  expect(admitted + shed + rejected + expired + spilled).toBe(offered);
  for (const cell of admission?.cells ?? []) {
    const { threshold, room, late } = cell;
    for (const part of ['rows', 'value'] as const) {
      const parts = [cell.admitted, threshold, room, late, cell.expired];
      const sum = parts.reduce((total, worth) => total + worth[part], 0);
      expect(Math.abs(sum - cell.offered[part])).toBeLessThanOrEqual(1e-9 * cell.offered[part]);
    }
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test('five times the capacity: what is worth most is worked on, within the goal', async () => {
  const admission = { value: 'bid', class: 'tier', slo: '50ms' };
  const rate = 5000 / ROW_MS;
  const { stats, bids } = await run(topology({ admission, rate, count: 0.4 * rate }));
  const { admission: ledger, ...counts } = stats.sources['bids']!;
  expect(counts.offered).toBe(0.4 * rate);
  expect(counts.shed + counts.expired).toBeGreaterThan(counts.offered / 2);
  expect(ledger!.cells.map((cell) => cell.class).toSorted()).toEqual(['0', '1', '2']);
  // By chance they would be 50 on average; what came before the gate closed was not chosen.
  expect(mean(bids)).toBeGreaterThan(70);
  const lost = ledger!.cells.reduce((sum, { threshold }) => sum + threshold.value, 0);
  const lostRows = ledger!.cells.reduce((sum, { threshold }) => sum + threshold.rows, 0);
  expect(lost / lostRows).toBeLessThan(mean(bids));
  // Blocking, or all of it queued, would make it a second and more.
  expect(stats.tasks.find(({ node }) => node === 'out')!.latencyUs!.p50).toBeLessThan(200_000);
  const [price] = stats.prices!;
  expect(price!.opened).toBeGreaterThan(0);
});

test('what the queue can take is never shed, and nothing comes out other than without', async () => {
  const count = 3000;
  const operators = {
    per_tier: { type: 'aggregate', input: 'bids', groupBy: ['tier'], select: { n: 'COUNT(*)' } },
  };
  const setup = { rate: 10_000, count, operators, last: 'per_tier' };
  const admission = { value: 'bid', class: 'tier', tenant: 'id % 10', slo: '1s' };
  const summary = await runToEnd(topology({ ...setup, admission }), workspace, { workers: 2 });
  const lines = workspace.sortedLines('out.csv');
  expect(summary.sources['bids']).toMatchObject({ offered: count, admitted: count, shed: 0 });
  await runToEnd(topology({ ...setup, rate: 1e6 }), workspace, { workers: 2 });
  expect(workspace.sortedLines('out.csv')).toEqual(lines);
});

test('the work of another worker is priced as well, and of rows that are dealt out', async () => {
  const admission = { value: 'bid', slo: '50ms' };
  const rate = 8000 / ROW_MS;
  const operators = {
    slow: { ...burn('bids'), by: { dispatch: 'hash', columns: ['id'] }, parallel: 2 },
  };
  const { bids } = await run(topology({ admission, rate, count: 0.3 * rate, operators }), {
    workers: 2,
  });
  expect(mean(bids)).toBeGreaterThan(65);
});
