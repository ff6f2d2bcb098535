/** Tenants of a source that sheds: what work is done for each of them, on another worker than the source's. */
import { afterAll, expect, test } from 'vitest';
import { jainIndex } from '../../src/admission/index.ts';
import { Millrace } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';
import { writeSlow } from '../support/slow-rows.ts';

const workspace = new Workspace();
afterAll(() => workspace[Symbol.dispose]());

const ROW_MS = 0.1;
/** Rows that were done last. */
const RECENT = 2000;
/** More than are done before shares are those that are asked for, however busy the machine. */
const MOST_ROWS = 100_000;

test('work is shared by weights, whatever rows are worth; what one leaves goes to the others', async () => {
  writeSlow(workspace, 'burn.js', { burn: ROW_MS });
  const schema = { id: 'int64', tenant: 'int32', bid: 'float64' };
  const document = {
    version: 1,
    name: 'tenants',
    sources: {
      bids: {
        connector: 'generator',
        rate: 8000 / ROW_MS,
        schema,
        fields: {
          id: { sequence: {} },
          // The last one asks for less than its share.
          tenant: { choice: [0, 1, 2, 3, 4], weights: [300, 300, 200, 195, 5] },
          bid: { uniform: [50, 100] },
        },
        admission: {
          value: 'bid * CASE tenant WHEN 1 THEN 10 WHEN 2 THEN 100 WHEN 3 THEN 1000 ELSE 1 END',
          tenant: 'tenant',
          weights: { 1: 2 },
          slo: '100ms',
          onOverload: 'shed',
        },
      },
    },
    operators: {
      slow: { type: 'module', input: 'bids', module: './burn.js', export: 'burn', schema },
    },
    sinks: { out: { connector: 'embedded', input: 'slow' } },
    engine: { workers: 2, placement: { pin: { bids: 0, slow: 1, out: 1 } } },
  };
  const baseDirectory = workspace.directory;
  await using engine = await Millrace.start(document, { baseDirectory, workers: 2 });
  const done: number[] = [];
  let fairness = 0;
  for await (const batch of engine.output('out')) {
    done.push(...(batch.column('tenant') as Int32Array));
    if (done.length < RECENT) continue;
    const rows = [0, 0, 0, 0, 0];
    for (const tenant of done.slice(-RECENT)) rows[tenant]!++;
    fairness = jainIndex([rows[0]!, rows[1]! / 2, rows[2]!, rows[3]!]);
    if (fairness > 0.98 || done.length > MOST_ROWS) break;
  }
  expect(fairness).toBeGreaterThan(0.98);
  const { cells } = engine.stats().sources['bids']!.admission!;
  const modest = cells.find(({ tenant }) => tenant === '4')!;
  expect(modest.threshold.rows + modest.late.rows).toBeLessThan(0.5 * modest.offered.rows);
});
