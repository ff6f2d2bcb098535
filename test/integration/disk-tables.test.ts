/** Tables on disk: what is there after a run, another run, and a process that was killed. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { recoverCounts, runAndKill } from '../support/killed-table.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const topology = (table: object = {}, engine: object = { state: { dir: './state' } }) => ({
  version: 1,
  name: 'stock',
  sources: {
    moves: { connector: 'file', path: 'moves.jsonl', schema: { item: 'string', amount: 'int64' } },
  },
  tables: {
    'stock/1': {
      schema: { item: 'string', count: 'int64' },
      key: ['item'],
      storage: 'disk',
      ...table,
    },
  },
  operators: {
    moved: {
      type: 'query',
      input: 'moves',
      table: 'stock/1',
      do: 'upsert',
      set: { count: 'COALESCE(t.count, 0) + amount' },
      select: { item: 't.item', count: 't.count' },
    },
  },
  sinks: { out: { connector: 'file', input: 'moved', path: 'out.csv' } },
  engine: { workers: 1, ...engine },
});

function workspaceWithMoves(): Workspace {
  const workspace = new Workspace();
  const moves = Array.from({ length: 100 }, (_, i) => ({ item: `item ${i % 10}`, amount: i }));
  workspace.write('moves.jsonl', moves.map((move) => `${JSON.stringify(move)}\n`).join(''));
  return workspace;
}

test('rows are there in the next run, unless the table is another', async () => {
  using workspace = workspaceWithMoves();
  await runToEnd(topology(), workspace);
  const first = workspace.sortedLines('out.csv');
  await runToEnd(topology({ durability: 'machine' }), workspace);
  // What the second run finds is what the first one left.
  const second = workspace.sortedLines('out.csv');
  const most = (lines: readonly string[]): number =>
    Math.max(...lines.map((line) => Number(line.split(',')[1])));
  expect(most(second)).toBe(2 * most(first));
  const folder = join(workspace.directory, 'state', 'tables', 'stock%2F1');
  expect(readdirSync(folder)).not.toContain('lock');

  const other = topology({ schema: { item: 'string', count: 'int64' }, key: ['item', 'count'] });
  const set = { count: 'amount' };
  await expect(
    runToEnd({ ...other, operators: { moved: { ...other.operators.moved, set } } }, workspace),
  ).rejects.toMatchObject({ code: 'ERR_FILE', node: 'moved' });
});

test.each([
  [topology({}, {}), 'a table on disk needs a folder: say where state is kept, /engine/state/dir'],
  [
    topology({ key: undefined, keep: { rows: 1 } }),
    'a table on disk has a key: rows of a stream are kept in memory',
  ],
  [
    topology({ storage: 'memory', durability: 'process' }),
    `'durability' goes with "storage": "disk"`,
  ],
])('a document without sense is refused (%#)', async (document, message) => {
  const plain = JSON.parse(JSON.stringify(document)) as object;
  await expect(Millrace.start(plain)).rejects.toThrow(message);
});

test('a process that is killed has kept what it handed on', async () => {
  using workspace = new Workspace();
  const last = await runAndKill(workspace, 20_000);
  const counts = await recoverCounts(workspace, new Map(), last);
  expect(counts.size).toBe(500);
});
