/** Whole groups of windows are shed: those that come are as without overload, and some do not come. */
import { afterAll, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';

const workspace = new Workspace();
afterAll(() => workspace[Symbol.dispose]());

const WINDOW_MS = 20;
const WINDOWS = 15;

interface Load {
  readonly rowsPerMs: number;
  /** Rounds of work for each row. */
  readonly work: number;
  readonly admission?: object;
}

function topology({ rowsPerMs, work, admission }: Load): object {
  return {
    version: 1,
    name: 'subset',
    sources: {
      bids: {
        connector: 'generator',
        ...(admission && { rate: rowsPerMs * 1000 }),
        count: rowsPerMs * WINDOW_MS * WINDOWS,
        schema: { at: 'timestamp', id: 'int64', ad: 'int32', bid: 'int32' },
        time: { field: 'at' },
        fields: {
          at: { time: { start: '2026-01-01T00:00:00Z', step: `${1000 / rowsPerMs}us` } },
          id: { sequence: {} },
          ad: { uniform: [0, 399] },
          bid: { uniform: [1, 1000] },
        },
        ...(admission && { admission: { onOverload: 'shed', windows: 'subset', ...admission } }),
      },
    },
    operators: {
      slow: {
        type: 'map',
        input: 'bids',
        select: {
          tier: 'ad % 4',
          name: "'ad ' || CAST(ad AS STRING)",
          bid: `bid + 0 * LENGTH(SHA256(REPEAT(CAST(id AS STRING), ${work})))`,
        },
      },
      sums: {
        type: 'aggregate',
        input: 'slow',
        groupBy: ['name', 'tier'],
        window: { type: 'hopping', size: `${2 * WINDOW_MS}ms`, slide: `${WINDOW_MS}ms` },
        select: {
          rows: 'COUNT(*)',
          spend: 'SUM(bid)',
          most: 'MAX(bid)',
        },
      },
    },
    sinks: {
      out: {
        connector: 'file',
        input: 'sums',
        path: 'out.jsonl',
        orderBy: ['window_start', 'name'],
      },
    },
  };
}

/** Results of a run, and what its source and operators say. */
async function run(load: Load) {
  const options = { baseDirectory: workspace.directory, workers: 2 };
  const engine = await Millrace.start(topology(load), options);
  try {
    const summary = await engine.completed;
    const stats = engine.stats();
    return { summary, stats, lines: workspace.read('out.jsonl').split('\n').slice(0, -1) };
  } finally {
    await engine.stop();
  }
}

test('groups that come are true, some do not, and all rows are accounted for', async () => {
  const rowsPerMs = 200;
  const plain = await run({ rowsPerMs, work: 1 });
  const busy = await run({ rowsPerMs, work: 1200, admission: {} });
  const truth = new Set(plain.lines);
  expect(busy.lines.filter((line) => !truth.has(line))).toEqual([]);
  expect(busy.lines.length).toBeGreaterThan(0);
  expect(busy.lines.length).toBeLessThan(plain.lines.length);
  const { offered, admitted, shed } = busy.summary.sources['bids']!;
  expect(offered).toBe(rowsPerMs * WINDOW_MS * WINDOWS);
  expect(admitted + shed).toBe(offered);
  expect(shed).toBeGreaterThan(offered / 4);
  const { windows, cells } = busy.stats.sources['bids']!.admission!;
  expect(windows).toBeGreaterThan(0);
  expect(windows).toBeLessThanOrEqual(WINDOWS + 1);
  const rows = (name: 'offered' | 'admitted' | 'threshold' | 'room' | 'late') =>
    cells.reduce((sum, cell) => sum + cell[name].rows, 0);
  expect(rows('admitted')).toBe(admitted);
  expect(rows('threshold') + rows('room') + rows('late')).toBe(shed);
});
