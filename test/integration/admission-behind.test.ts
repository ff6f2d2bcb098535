/** A source that sheds for the sake of a worker that it does not give rows to itself. */
import { afterAll, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';
import { writeSlow } from '../support/slow-rows.ts';
import { until } from '../support/until.ts';

const workspace = new Workspace();
afterAll(() => workspace[Symbol.dispose]());

const ROW_MS = 0.2;

test('work behind another operator, whose rows are written in place, has a price', async () => {
  writeSlow(workspace, 'work.js', { pass: 0, burn: ROW_MS });
  const schema = { id: 'int64', bid: 'float64' };
  const operator = (input: string, name: string): object => ({
    type: 'module',
    input,
    module: './work.js',
    export: name,
    schema,
  });
  const document = {
    version: 1,
    name: 'behind',
    sources: {
      bids: {
        connector: 'generator',
        rate: 4000 / ROW_MS,
        schema,
        fields: { id: { sequence: {} }, bid: { uniform: [0, 100] } },
        admission: { value: 'bid', slo: '100ms', onOverload: 'shed' },
      },
    },
    operators: { first: operator('bids', 'pass'), slow: operator('first', 'burn') },
    sinks: { out: { connector: 'discard', input: 'slow' } },
    engine: { workers: 3, placement: { pin: { bids: 0, first: 1, slow: 2, out: 2 } } },
  };
  const baseDirectory = workspace.directory;
  await using engine = await Millrace.start(document, { baseDirectory, workers: 3 });
  const shed = (): number =>
    engine
      .stats()
      .sources['bids']!.admission!.cells.reduce((sum, cell) => sum + cell.threshold.rows, 0);
  await until(
    () => engine.stats().prices![2]!.price > 0 && shed() > 0,
    'the last worker has a price',
  );
  expect(engine.stats().prices![2]!.backlogMs).toBeGreaterThan(0);
});
