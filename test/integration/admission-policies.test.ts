/** Other policies than value: what each of them sheds, and that all of it is counted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdmissionCell, type EngineStats, Millrace } from '../../src/index.ts';
import { expectConservation } from '../support/conservation.ts';
import { Workspace } from '../support/run-topology.ts';
import { writeSlow } from '../support/slow-rows.ts';
import { until } from '../support/until.ts';

const workspace = new Workspace();
const ROW_MS = 0.2;
beforeAll(() => {
  writeSlow(workspace, 'burn.js', { burn: ROW_MS });
});
afterAll(() => workspace[Symbol.dispose]());

const schema = { id: 'int64', bid: 'float64' };
type Counts = EngineStats['sources'][string];

/** Ten times of what can be done, until `isEnough`; then what has come is worked off. */
async function run(
  admission: object,
  isEnough: (counts: Counts) => boolean,
  rate = 10_000 / ROW_MS,
) {
  const document = {
    version: 1,
    name: 'policies',
    sources: {
      bids: {
        connector: 'generator',
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
  await until(() => isEnough(engine.stats().sources['bids']!), 'enough is shed');
  await engine.drain();
  const summary = await engine.completed;
  expectConservation(document, summary);
  const counts = summary.sources['bids']!;
  expect(summary.sinks['out']!.rows).toBe(counts.admitted);
  const ids = workspace.sortedLines('out.csv').map((line) => Number(line.split(',')[0]));
  return { counts, ids, cells: engine.stats().sources['bids']!.admission!.cells };
}

describe('a source under ten times of what can be done', () => {
  test.each(['random', 'dropTail', 'codel'])(
    'sheds by %s, whatever rows are worth',
    async (policy) => {
      const { counts, cells } = await run({ policy }, ({ shed, expired }) => shed + expired > 3000);
      expect(counts.admitted).toBeGreaterThan(0);
      // The mean of all rows is 50; by value it would be more, the more are shed.
      expect(cells[0]!.admitted.value / counts.admitted).toBeLessThan(75);
    },
  );

  test('lets a throttled number a second through, though more could be done', async () => {
    const throttle = { policy: 'throttle', maxRate: 100 };
    const { counts, ids } = await run(throttle, ({ shed }) => shed > 5000, 20_000);
    // 100 a second, and what the bucket holds at first.
    expect(counts.admitted).toBeLessThan(counts.offered / 10);
    expect(ids).toContain(0);
  });

  test('keeps the least share of a class that is worth nothing beside the other', async () => {
    const admission = {
      value: 'CASE WHEN id % 2 = 0 THEN bid ELSE 0.001 END',
      class: 'id % 2',
      minShare: { '1': 1 },
    };
    const cellOf = (counts: Counts, name: string): AdmissionCell | undefined =>
      counts.admission!.cells.find((cell) => cell.class === name);
    const chosen = (cell: AdmissionCell | undefined): number =>
      cell === undefined ? 0 : cell.threshold.rows + cell.late.rows;
    const { cells } = await run(admission, (counts) => chosen(cellOf(counts, '0')) > 100);
    // What finds no room, or waits too long, has no share.
    expect(chosen(cells.find((cell) => cell.class === '1'))).toBe(0);
  });
});
