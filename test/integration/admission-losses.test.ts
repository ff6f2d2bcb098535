/** Graphs of losses of a source that sheds: what is worth most changes with what is lost. */
import { afterAll, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';
import { writeSlow } from '../support/slow-rows.ts';

const workspace = new Workspace();
afterAll(() => workspace[Symbol.dispose]());

const ROW_MS = 0.1;
/** Rows that were done last. */
const RECENT = 1000;
/** More than are done before losses are known, however busy the machine. */
const MOST_ROWS = 100_000;

test('a class that has lost more than it can bear takes the place of another', async () => {
  writeSlow(workspace, 'burn.js', { burn: ROW_MS });
  const schema = { id: 'int64', tier: 'int32' };
  const document = {
    version: 1,
    name: 'losses',
    sources: {
      bids: {
        connector: 'generator',
        rate: 8000 / ROW_MS,
        schema,
        fields: { id: { sequence: {} }, tier: { choice: [0, 1] } },
        admission: {
          class: 'tier',
          slo: '100ms',
          // At first a row of tier 1 is worth half of one of tier 0, and half as much more when most are lost.
          qos: {
            loss: {
              1: [
                [0, 1],
                [0.5, 0.75],
                [1, 0],
              ],
            },
          },
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
  let share = 0;
  for await (const batch of engine.output('out')) {
    done.push(...(batch.column('tier') as Int32Array));
    if (done.length < RECENT) continue;
    share = done.slice(-RECENT).reduce((sum, tier) => sum + tier, 0) / RECENT;
    if (share > 0.8 || done.length > MOST_ROWS) break;
  }
  expect(share).toBeGreaterThan(0.8);
});
