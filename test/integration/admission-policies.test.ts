/** Other policies than value: what each of them sheds, and that all of it is counted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { expectConservation } from '../support/conservation.ts';
import { Workspace } from '../support/run-topology.ts';

const workspace = new Workspace();
const ROW_MS = 0.2;
beforeAll(() => {
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

const schema = { id: 'int64', bid: 'float64' };
const ROWS = 6000;

/** Ten times of what can be done, for some time. */
async function run(admission: object, rate = 10_000 / ROW_MS) {
  const document = {
    version: 1,
    name: 'policies',
    sources: {
      bids: {
        connector: 'generator',
        count: ROWS,
        rate,
        schema,
        fields: { id: { sequence: {} }, bid: { uniform: [0, 100] } },
        admission: { value: 'bid', onOverload: 'shed', ...admission },
      },
    },
    operators: {
      slow: { type: 'module', input: 'bids', module: './burn.js', export: 'burn', schema },
    },
    sinks: { out: { connector: 'file', input: 'slow', path: 'out.csv' } },
  };
  await using engine = await Millrace.start(document, {
    baseDirectory: workspace.directory,
    workers: 1,
  });
  const summary = await engine.completed;
  expectConservation(document, summary);
  const counts = summary.sources['bids']!;
  expect(counts.offered).toBe(ROWS);
  expect(summary.sinks['out']!.rows).toBe(counts.admitted);
  const ids = workspace.sortedLines('out.csv').map((line) => Number(line.split(',')[0]));
  const { cells } = engine.stats().sources['bids']!.admission!;
  return { counts, ids, cells, cell: cells[0]! };
}

describe('a source under ten times of what can be done', () => {
  test.each(['random', 'dropTail', 'codel'])(
    'sheds by %s, whatever rows are worth',
    async (policy) => {
      const { counts, cell } = await run({ policy });
      expect(counts.admitted).toBeGreaterThan(0);
      expect(counts.shed + counts.expired).toBeGreaterThan(ROWS / 10);
      // The mean of all rows is 50; by value it would be more, the more are shed.
      expect(cell.admitted.value / cell.admitted.rows).toBeLessThan(75);
    },
  );

  test('lets a throttled number a second through, though more could be done', async () => {
    const { counts, ids } = await run({ policy: 'throttle', maxRate: 100 }, 20_000);
    // For 0.3 s, and what the bucket holds at first.
    expect(counts.shed).toBeGreaterThan(ROWS * 0.9);
    expect(counts.admitted).toBeGreaterThanOrEqual(1);
    expect(ids).toContain(0);
  });

  test('keeps the least share of a class that is worth nothing beside the other', async () => {
    const { cells } = await run({
      value: 'CASE WHEN id % 2 = 0 THEN bid ELSE 0.001 END',
      class: 'id % 2',
      minShare: { '1': 1 },
    });
    const [even, odd] = ['0', '1'].map((name) => cells.find((cell) => cell.class === name)!);
    // What finds no room, or waits too long, has no share.
    expect(odd!.threshold.rows + odd!.late.rows).toBe(0);
    expect(even!.threshold.rows + even!.late.rows).toBeGreaterThan(0);
  });
});
