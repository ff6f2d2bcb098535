/** Tables on disk under many kills, and under many changes. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, recoverCounts, runAndKill } from '../support/killed-table.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

test('a table outlives many processes that are killed', { timeout: 1_200_000 }, async () => {
  using workspace = new Workspace();
  let counts: Counts = new Map();
  // Enough rows for the log to be written anew now and then.
  const rounds = fc.sample(fc.integer({ min: 0, max: 300_000 }), 25);
  for (const rows of rounds) {
    const last = await runAndKill(workspace, rows);
    counts = await recoverCounts(workspace, counts, last);
  }
});

test('the log has a bound, however often rows change', async () => {
  using workspace = new Workspace();
  await runToEnd(
    {
      version: 1,
      name: 'bounded',
      sources: {
        numbers: {
          connector: 'generator',
          schema: { n: 'int64' },
          fields: { n: { sequence: { start: 0 } } },
          count: 900_000,
        },
      },
      tables: {
        last: { schema: { k: 'int64', n: 'int64' }, key: ['k'], storage: 'disk' },
      },
      operators: {
        kept: {
          type: 'query',
          input: 'numbers',
          table: 'last',
          do: 'upsert',
          set: { k: 'numbers.n % 1000', n: 'numbers.n' },
        },
      },
      sinks: { out: { connector: 'discard', input: 'kept' } },
      engine: { workers: 1, state: { dir: './state' } },
    },
    workspace,
  );
  const folder = join(workspace.directory, 'state', 'tables', 'last');
  const bytes = readdirSync(folder).reduce(
    (sum, name) => sum + statSync(join(folder, name)).size,
    0,
  );
  // 900,000 rows are 16 MB.
  expect(bytes).toBeLessThan(13_000_000);
});
