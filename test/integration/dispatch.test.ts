/** `parallel` and `by`: instances with state of their own, and which of them gets a row. */

import { describe, expect, test } from 'vitest';
import { validateTopology } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = Array.from({ length: 3000 }, (_, i) => ({ id: i, shard: i % 5, user: `u${i % 11}` }));

const topology = (by: unknown, workers: number, operator: object = {}): object => ({
  version: 1,
  name: 'dispatch',
  sources: {
    in: {
      connector: 'file',
      path: 'in.jsonl',
      schema: { id: 'int32', shard: 'int32', user: 'string' },
    },
  },
  operators: {
    numbered: { type: 'sequence', input: 'in', as: 'no', parallel: 3, by, ...operator },
  },
  sinks: { out: { connector: 'file', input: 'numbered', path: 'out.csv' } },
  engine: { workers },
});

async function numbers(by: unknown, workers: number): Promise<Map<string, number[]>> {
  using workspace = new Workspace();
  workspace.write('in.jsonl', ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await runToEnd(topology(by, workers), workspace);
  const found = new Map<string, number[]>();
  for (const line of workspace.sortedLines('out.csv')) {
    const [id, , , no] = line.split(',');
    found.set(id!, [...(found.get(id!) ?? []), Number(no)]);
  }
  return found;
}

/** The numbers that instances give, if `instanceOf` says which gets a row. */
function expected(instanceOf: (row: (typeof ROWS)[number]) => unknown): Map<string, number[]> {
  const next = new Map<unknown, number>();
  return new Map(
    ROWS.map((row) => {
      const instance = instanceOf(row);
      const no = (next.get(instance) ?? 0) + 1;
      next.set(instance, no);
      return [String(row.id), [no]];
    }),
  );
}

describe.each([1, 2])('three instances on %i workers', (workers) => {
  test('each get every third row in turns', async () => {
    const found = await numbers({ dispatch: 'roundRobin' }, workers);
    expect(found).toEqual(expected(({ id }) => id % 3));
  });

  test('all get all rows by a broadcast', async () => {
    const found = await numbers({ dispatch: 'broadcast' }, workers);
    expect(found).toEqual(new Map(ROWS.map(({ id }) => [String(id), [id + 1, id + 1, id + 1]])));
  });

  test('get rows by a number', async () => {
    const found = await numbers({ dispatch: 'number', columns: ['shard'] }, workers);
    expect(found).toEqual(expected(({ shard }) => shard % 3));
  });

  test('get rows as Yahoo! S4 partitions', async () => {
    const fnv1 = (text: string): number => {
      let hash = 0xcbf29ce484222325n;
      for (const byte of Buffer.from(text))
        hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
      return Number(hash & 0xffffffffn);
    };
    const found = await numbers({ dispatch: 'fnv1', columns: ['user'] }, workers);
    expect(found).toEqual(expected(({ user }) => fnv1(user) % 3));
  });

  test('get all rows of a key by a hash', async () => {
    const found = await numbers(['user'], workers);
    expect(found.size).toBe(ROWS.length);
    const most = Math.max(...[...found.values()].flat());
    expect(most).toBeLessThan(ROWS.length);
    expect(most).toBeGreaterThanOrEqual(ROWS.length / 3);
  });
});

describe('is refused', () => {
  const issues = (by: unknown, operator?: object): unknown =>
    validateTopology(topology(by, 1, operator), { workers: 1 }).issues;

  test('without instances', () => {
    expect(issues(['user'], { parallel: undefined })).toMatchObject([
      {
        pointer: '/operators/numbered',
        message: expect.stringContaining("missing property 'parallel'"),
      },
    ]);
  });

  test('with columns that are not there, or cannot say it', () => {
    expect(issues(['usr'])).toMatchObject([
      { pointer: '/operators/numbered/by', suggestion: 'user' },
    ]);
    expect(issues({ dispatch: 'number', columns: ['user'] })).toMatchObject([
      { message: "expected a column of whole numbers; 'user' is string" },
    ]);
    expect(issues({ dispatch: 'number', columns: ['id', 'shard'] })).toHaveLength(1);
    expect(issues({ dispatch: 'hash' })).toHaveLength(1);
    expect(issues({ dispatch: 'broadcast', columns: ['id'] })).toHaveLength(1);
  });

  test('where it would tear groups apart', () => {
    const aggregate = {
      type: 'aggregate',
      as: undefined,
      groupBy: ['user'],
      select: { n: 'COUNT(*)' },
    };
    expect(issues({ dispatch: 'fnv1', columns: ['user'] }, aggregate)).toEqual([]);
    expect(issues({ dispatch: 'roundRobin' }, aggregate)).toMatchObject([
      { pointer: '/operators/numbered/by', message: expect.stringContaining('must meet') },
    ]);
    expect(issues(['shard'], aggregate)).toHaveLength(1);
  });
});
