/** Operators of one table are on one worker, and see each other's changes. */

import { expect, test } from 'vitest';
import { explainTopology } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const topology = (workers: number): object => ({
  version: 1,
  name: 'stock',
  sources: {
    moves: {
      connector: 'file',
      path: 'moves.jsonl',
      schema: { item: 'string', amount: 'int64', out: 'bool' },
    },
  },
  tables: { stock: { schema: { item: 'string', count: 'int64' }, key: ['item'] } },
  operators: {
    sides: { type: 'filter', input: 'moves', routes: { out: 'out', in: true } },
    added: {
      type: 'query',
      input: 'sides.in',
      table: 'stock',
      do: 'upsert',
      set: { count: 'COALESCE(t.count, 0) + amount' },
    },
    taken: {
      type: 'query',
      input: 'sides.out',
      table: 'stock',
      do: 'update',
      key: { item: 'item' },
      set: { count: 't.count - amount' },
      misses: 'port',
    },
    deltas: { type: 'union', inputs: ['added.changes', 'taken.changes'] },
  },
  sinks: {
    none: { connector: 'discard', input: 'added' },
    gone: { connector: 'discard', input: 'taken' },
    misses: { connector: 'file', input: 'taken.misses', path: 'misses.csv' },
    delta: { connector: 'file', input: 'deltas', path: 'delta.csv' },
  },
  engine: { workers },
});

test.each([1, 2, 3])('with %i workers', async (workers) => {
  using workspace = new Workspace();
  const moves = Array.from({ length: 3000 }, (_, i) => ({
    item: `item ${i % 50}`,
    amount: (i % 7) + 1,
    out: i % 3 === 2 && i >= 100,
  }));
  workspace.write('moves.jsonl', moves.map((move) => `${JSON.stringify(move)}\n`).join(''));
  await runToEnd({ ...topology(workers), name: `stock on ${workers}` }, workspace);
  const stock = new Map<string, number>();
  for (const { item, amount, out } of moves) {
    stock.set(item, (stock.get(item) ?? 0) + (out ? -amount : amount));
  }
  // What was to be taken before anything of it was there: the two streams meet as they come.
  for (const line of workspace.sortedLines('misses.csv')) {
    const [item, amount] = line.split(',') as [string, string];
    stock.set(item, stock.get(item)! + Number(amount));
  }
  // What the changes add up to is what is there in the end.
  const left = new Map<string, number>();
  for (const line of workspace.sortedLines('delta.csv')) {
    const [item, count, change] = line.split(',') as [string, string, string];
    left.set(item, (left.get(item) ?? 0) + (change.startsWith('-') ? -1 : 1) * Number(count));
  }
  expect(left).toEqual(stock);
});

test('are on one worker, that of a pin', () => {
  const pinned = { ...topology(2), engine: { workers: 2, placement: { pin: { taken: 1 } } } };
  const { workers } = explainTopology(pinned, { workers: 2 });
  const workersOf = (node: string): number[] =>
    workers
      .filter(({ tasks }) => tasks.some((task) => task.node === node))
      .map(({ worker }) => worker);
  expect(workersOf('added')).toEqual([1]);
  expect(workersOf('taken')).toEqual([1]);
});
