/** Sources that shed under overload: what is worth least, never needlessly, and all of it counted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EngineStats, Millrace } from '../../src/index.ts';
import { expectConservation } from '../support/conservation.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { writeSlow } from '../support/slow-rows.ts';
import { until } from '../support/until.ts';

const ROW_MS = 0.5;
const schema = { id: 'int64', bid: 'float64', tier: 'int32' };
const workspace = new Workspace();

beforeAll(() => {
  writeSlow(workspace, 'burn.js', { burn: ROW_MS });
});
afterAll(() => workspace[Symbol.dispose]());

interface Setup {
  readonly admission?: object;
  readonly rate?: number;
  readonly count?: number;
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
        ...(count === undefined ? {} : { count }),
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

/**
 * Runs until what is worked on is worth more than what comes by chance, whose mean is 50; then to the end. Checks
 * the ledger in every snapshot on the way.
 */
async function runUntilChosen(document: object, workers: number): Promise<EngineStats> {
  await using engine = await Millrace.start(document, {
    baseDirectory: workspace.directory,
    workers,
  });
  let before: Worth | undefined;
  await until(
    () => {
      const stats = engine.stats();
      expectLedger(stats);
      const admitted = sumOf(stats, 'admitted');
      // What came before shedding began was not chosen.
      if (sumOf(stats, 'threshold').rows === 0) return false;
      before ??= admitted;
      const rows = admitted.rows - before.rows;
      return rows > 50 && (admitted.value - before.value) / rows > 65;
    },
    'rows that are worth most are worked on',
    60_000,
  );
  expectConservation(document, await engine.drain());
  const stats = engine.stats();
  expectLedger(stats);
  expect(workspace.sortedLines('out.csv').length).toBe(stats.sources['bids']!.admitted);
  return stats;
}

interface Worth {
  readonly rows: number;
  readonly value: number;
}

function sumOf({ sources }: EngineStats, part: 'admitted' | 'threshold'): Worth {
  let rows = 0;
  let value = 0;
  for (const cell of sources['bids']!.admission!.cells) {
    rows += cell[part].rows;
    value += cell[part].value;
  }
  return { rows, value };
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

test('five times the capacity: what is worth most is worked on, within the goal', async () => {
  const admission = { value: 'bid', class: 'tier', slo: '250ms' };
  const stats = await runUntilChosen(topology({ admission, rate: 5000 / ROW_MS }), 1);
  const { cells } = stats.sources['bids']!.admission!;
  expect(cells.map((cell) => cell.class).toSorted()).toEqual(['0', '1', '2']);
  // Blocking, or all of it queued, would make it seconds.
  expect(stats.tasks.find(({ node }) => node === 'out')!.latencyUs!.p50).toBeLessThan(1_000_000);
  expect(stats.prices![0]!.opened).toBeGreaterThan(0);
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
  const admission = { value: 'bid', slo: '250ms' };
  const operators = {
    slow: { ...burn('bids'), by: { dispatch: 'hash', columns: ['id'] }, parallel: 2 },
  };
  const rate = 8000 / ROW_MS;
  const stats = await runUntilChosen(topology({ admission, rate, operators }), 2);
  const takers = stats.tasks.filter(({ node, rowsIn }) => node === 'slow' && rowsIn > 0);
  expect(takers.length).toBe(2);
});

test('rows of a program that may not be shed come through, rows in error are counted', async () => {
  const document = {
    version: 1,
    name: 'pushed',
    sources: {
      bids: {
        connector: 'embedded',
        schema,
        onError: 'skip',
        admission: {
          value: '10 / (id - 7)',
          droppable: 'id % 10 <> 0',
          slo: '20ms',
          onOverload: 'shed',
        },
      },
    },
    operators: { slow: burn('bids') },
    sinks: { out: { connector: 'file', input: 'slow', path: 'out.csv' } },
  };
  await using engine = await Millrace.start(document, {
    baseDirectory: workspace.directory,
    workers: 1,
  });
  const count = 1500;
  const rows = Array.from({ length: count }, (_, id) => ({ id: BigInt(id), bid: 1, tier: 0 }));
  await engine.input('bids').push(rows);
  const summary = await engine.drain();
  expectConservation(document, summary);
  const { offered, rejected, shed, expired } = summary.sources['bids']!;
  expect(offered).toBe(count);
  expect(rejected).toBe(1);
  expect(shed + expired).toBeGreaterThan(0);
  const ids = workspace.sortedLines('out.csv').map((line) => Number(line.split(',')[0]));
  expect(ids.filter((id) => id % 10 === 0).length).toBe(count / 10);
});
