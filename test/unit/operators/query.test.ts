/** Queries of tables against a plain map of rows; indexes against sorting. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import type { TableDefinition } from '../../../src/core/topology/model.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { OrderedRows } from '../../../src/operators/query/ordered-rows.ts';
import { PAGE_ROWS } from '../../../src/operators/query/page-loops.ts';
import { TableColumn } from '../../../src/operators/query/table-column.ts';
import { documentPlan, type TestInput } from '../../support/kernel/operator-nodes.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { describeKernel } from '../../conformance/kernel.ts';

const TABLE: TableDefinition = {
  name: 'stock',
  schema: [
    { name: 'sku', type: STRING },
    { name: 'count', type: INT64 },
    { name: 'price', type: FLOAT64 },
  ],
  key: ['sku'],
  indexes: ['price'],
  limitBytes: 1 << 20,
  keep: undefined,
  partitionBy: [],
};
const SCHEMA: Schema = [
  { name: 'item', type: STRING },
  { name: 'n', type: INT32 },
  { name: 'at', type: FLOAT64 },
];
const INPUT: TestInput = { name: 'in', schema: SCHEMA, hasTime: true };
const plan = (document: object, tables = [TABLE]) =>
  documentPlan({ type: 'query', table: 'stock', ...document }, [INPUT], tables);

type Row = readonly [item: string | null, n: number | null, at: number | null];
type World = Map<string, unknown>;

/** Plays rows to queries in turns, on one table. */
async function play(
  world: World,
  document: object,
  rows: readonly Row[],
): Promise<{ out: Cell[][]; second: Cell[][]; third: Cell[][]; errors: number }> {
  const script = rows.map((values, i) => ({ port: 0, row: { values: [...values], timeUs: i } }));
  const { out, errors } = await runKernel(createKernel, plan(document), script, {
    rowCapacity: 64,
    shared: world,
  });
  const rowsOf = (port: number): Cell[][] => out.rows(port).map(({ values }) => [...values]);
  return { out: rowsOf(0), second: rowsOf(1), third: rowsOf(2), errors };
}

const INSERT = {
  do: 'insert',
  set: { sku: 'item', count: 'n', price: 'at' },
  select: { sku: 't.sku' },
};
const stocked = async (): Promise<World> => {
  const world: World = new Map();
  await play(world, INSERT, [
    ['cup', 5, 2.5],
    ['pot', 1, 10],
    ['jug', 3, 7],
    ['bin', 9, 7],
  ]);
  return world;
};
const READ = { select: { item: 'item', sku: 't.sku', count: 't.count' } };
const all = async (world: World): Promise<Cell[][]> =>
  (
    await play(world, { select: { sku: 't.sku', count: 't.count', price: 't.price' } }, [
      ['', 0, 0],
    ])
  ).out;

describe('a read', () => {
  test('finds by the key, and passes misses on', async () => {
    const rows: Row[] = [
      ['pot', 0, 0],
      ['none', 0, 0],
      [null, 0, 0],
    ];
    const key = { key: { sku: 'item' } };
    expect((await play(await stocked(), { ...READ, ...key }, rows)).out).toEqual([
      ['pot', 'pot', 1n],
    ]);
    const outer = await play(await stocked(), { ...READ, ...key, misses: 'null' }, rows);
    expect(outer.out).toEqual([
      ['pot', 'pot', 1n],
      ['none', null, null],
      [null, null, null],
    ]);
    const sent = await play(await stocked(), { ...READ, ...key, misses: 'port' }, rows);
    expect(sent.second).toEqual([
      ['none', 0, 0],
      [null, 0, 0],
    ]);
  });

  test('finds a range in the order of an index, both ends included', async () => {
    const range = { column: 'price', from: 'at', to: 'at + n' };
    const rows: Row[] = [
      ['a', 5, 2.5],
      ['b', 0, 7],
      ['c', null, 7],
      ['d', 100, 7.5],
    ];
    expect((await play(await stocked(), { ...READ, range }, rows)).out).toEqual([
      ['a', 'cup', 5n],
      ['a', 'jug', 3n],
      ['a', 'bin', 9n],
      ['b', 'jug', 3n],
      ['b', 'bin', 9n],
      ['d', 'pot', 1n],
    ]);
    const top = { range: { column: 'price', from: 'at' }, limit: 1 };
    expect((await play(await stocked(), { ...READ, ...top }, [['x', 0, 3]])).out).toEqual([
      ['x', 'jug', 3n],
    ]);
  });

  test('finds all for which a condition holds', async () => {
    const where = 't.count > n AND t.price < at';
    expect((await play(await stocked(), { ...READ, where }, [['a', 2, 7]])).out).toEqual([
      ['a', 'cup', 5n],
    ]);
    const key = { price: 'at' };
    expect((await play(await stocked(), { ...READ, key }, [['a', 2, 7]])).out).toHaveLength(2);
    expect(
      (await play(await stocked(), { ...READ, key: { count: 'n' } }, [['a', 9, 7]])).out,
    ).toEqual([['a', 'bin', 9n]]);
  });
});

describe('a change', () => {
  test('by an insert is a miss where the key is there', async () => {
    const world = await stocked();
    const done = await play(world, { ...INSERT, misses: 'port' }, [
      ['cup', 1, 1],
      ['urn', 1, 1],
      ['urn', 2, 2],
    ]);
    expect(done.out).toEqual([['urn']]);
    expect(done.second).toEqual([
      ['cup', 1, 1],
      ['urn', 2, 2],
    ]);
    expect(done.third).toEqual([['urn', 1n, 1, '+I']]);
    expect(await all(world)).toHaveLength(5);
  });

  test('is seen by the next row', async () => {
    const world = await stocked();
    const sell = {
      do: 'update',
      key: { sku: 'item' },
      where: 't.count >= n',
      set: { count: 't.count - n' },
      select: { left: 't.count' },
      misses: 'port',
    };
    const done = await play(world, sell, [
      ['cup', 3, 0],
      ['cup', 3, 0],
      ['cup', 2, 0],
    ]);
    expect(done.out).toEqual([[2n], [0n]]);
    expect(done.second).toEqual([['cup', 3, 0]]);
    expect(done.third).toEqual([
      ['cup', 5n, 2.5, '-U'],
      ['cup', 2n, 2.5, '+U'],
      ['cup', 2n, 2.5, '-U'],
      ['cup', 0n, 2.5, '+U'],
    ]);
  });

  test('by an upsert adds or updates', async () => {
    const world = await stocked();
    const add = {
      do: 'upsert',
      set: { sku: 'item', count: 'COALESCE(t.count, 0) + n', price: 'at' },
      select: { c: 't.count' },
    };
    const done = await play(world, add, [
      ['urn', 2, 1],
      ['urn', 3, 4],
      ['cup', 1, 9],
    ]);
    expect(done.out).toEqual([[2n], [5n], [6n]]);
    expect(done.second.map((row) => row.at(-1))).toEqual(['+I', '-U', '+U', '-U', '+U']);
    const dear = { range: { column: 'price', from: 'at' }, select: { sku: 't.sku' } };
    expect((await play(world, dear, [['', 0, 8]])).out).toEqual([['cup'], ['pot']]);
  });

  test('by a delete gives what was there', async () => {
    const world = await stocked();
    const done = await play(
      world,
      { do: 'delete', where: 't.price = at', select: { sku: 't.sku' } },
      [
        ['', 0, 7],
        ['', 0, 7],
      ],
    );
    expect(done.out).toEqual([['jug'], ['bin']]);
    expect(done.second).toEqual([
      ['jug', 3n, 7, '-D'],
      ['bin', 9n, 7, '-D'],
    ]);
    expect((await all(world)).map(([sku]) => sku)).toEqual(['cup', 'pot']);
  });

  test('that fails changes nothing', async () => {
    const world = await stocked();
    const broken = {
      do: 'update',
      key: { sku: 'item' },
      set: { count: '10 / n' },
      onError: 'skip',
    };
    expect(
      (
        await play(world, broken, [
          ['cup', 0, 0],
          ['pot', 5, 0],
        ])
      ).errors,
    ).toBe(1);
    expect((await all(world)).slice(0, 2)).toEqual([
      ['cup', 5n, 2.5],
      ['pot', 2n, 10],
    ]);
    const nameless = await play(world, { ...INSERT, onError: 'skip' }, [[null, 1, 1]]);
    expect(nameless.errors).toBe(1);
  });

  test('beyond the limit is refused', async () => {
    const small = { ...TABLE, limitBytes: 1000 };
    const script = Array.from({ length: 10 }, (_, i) => ({
      port: 0,
      row: { values: [`s${i}`, 1, 1], timeUs: i },
    }));
    const run = runKernel(createKernel, plan(INSERT, [small]), script, { rowCapacity: 64 });
    await expect(run).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
  });
});

test('any script of changes leaves what a plain map has', async () => {
  const change = fc.tuple(
    fc.constantFrom('insert', 'upsert', 'update', 'delete'),
    fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 9 })), { maxLength: 5 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
      const world: World = new Map();
      const model = new Map<string, number>();
      const deltas = new Map<string, number>();
      for (const [action, pairs] of changes) {
        const rows = pairs.map(([k, n]): Row => [`k${k}`, n, n / 2]);
        const set =
          action === 'insert' || action === 'upsert' ? INSERT.set : { count: 'n', price: 'at' };
        const key = action === 'update' || action === 'delete' ? { key: { sku: 'item' } } : {};
        const document = { do: action, ...key, ...(action === 'delete' ? {} : { set }) };
        const { second } = await play(world, document, rows);
        for (const row of second) {
          const id = JSON.stringify(row.slice(0, 3).map(String));
          const left = (deltas.get(id) ?? 0) + (String(row[3]).startsWith('+') ? 1 : -1);
          if (left === 0) deltas.delete(id);
          else deltas.set(id, left);
        }
        for (const [k, n] of pairs) {
          const isThere = model.has(`k${k}`);
          if (action === 'delete') model.delete(`k${k}`);
          else if (action === 'upsert' || isThere === (action === 'update')) model.set(`k${k}`, n);
        }
      }
      const expected = [...model].map(([sku, n]) => [sku, BigInt(n), n / 2]);
      const found = await all(world);
      expect(found).toEqual(expected);
      expect([...deltas.values()].every((count) => count === 1)).toBe(true);
      expect([...deltas.keys()].toSorted()).toEqual(
        expected.map((row) => JSON.stringify(row.map(String))).toSorted(),
      );
    }),
    { numRuns: 30 },
  );
});

test('an index is a sorted list', () => {
  const step = fc.tuple(fc.boolean(), fc.option(fc.integer({ min: -20, max: 20 }), { freq: 5 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2000, size: 'max' }), fc.nat(20), (steps, to) => {
      const column = new TableColumn(INT32);
      const index = new OrderedRows(column, (slot) => slot);
      const rows: { slot: number; value: number | null }[] = [];
      steps.forEach(([isRemoval, value], slot) => {
        if (slot % PAGE_ROWS === 0) column.addPage();
        if (isRemoval && rows.length > 0) {
          index.remove(rows.splice(slot % rows.length, 1)[0]!.slot);
        } else {
          rows.push({ slot, value });
          column.write(slot, value);
          index.add(slot);
        }
      });
      const inOrder = rows
        .filter((row): row is { slot: number; value: number } => row.value !== null)
        .filter(({ value }) => value >= -5 && value <= to)
        .toSorted((a, b) => a.value - b.value || a.slot - b.slot)
        .map(({ slot }) => slot);
      expect([...index.between(-5, to)]).toEqual(inOrder);
    }),
    { numRuns: 30 },
  );
});

describe('a materialize', () => {
  const KEPT = (keep: TableDefinition['keep']): TableDefinition => ({
    ...TABLE,
    name: 'recent',
    schema: SCHEMA,
    key: [],
    indexes: [],
    keep,
    partitionBy: ['item'],
  });
  const rows: (readonly [Row, number])[] = [
    [['a', 1, 0], 10],
    [['b', 2, 0], 11],
    [['a', 3, 0], 30],
    [['a', 4, 0], 25],
    [['a', 5, 0], 41],
  ];
  const kept = async (keep: TableDefinition['keep'], renews = false): Promise<Cell[]> => {
    const world: World = new Map();
    const tables = [KEPT(keep)];
    const options = { rowCapacity: 64, shared: world, batchRows: () => 1, renews: () => renews };
    const script = rows.map(([values, timeUs]) => ({
      port: 0,
      row: { values: [...values], timeUs },
    }));
    const writer = documentPlan({ type: 'materialize', table: 'recent' }, [INPUT], tables);
    const passed = await runKernel(createKernel, writer, script, options);
    expect(passed.out.rows()).toHaveLength(rows.length);
    const reader = documentPlan(
      { type: 'query', table: 'recent', select: { n: 't.n' } },
      [INPUT],
      tables,
    );
    const ask = [{ port: 0, row: { values: ['', 0, 0], timeUs: 50 } }];
    const { out } = await runKernel(createKernel, reader, ask, options);
    return out.rows().map(({ values }) => values[0]!);
  };

  test('keeps the last rows of each group', async () => {
    expect(await kept({ kind: 'rows', rows: 2 })).toEqual([2, 4, 5]);
    expect(await kept({ kind: 'rows', rows: 1 })).toEqual([2, 5]);
  });

  test('keeps the rows of the last time', async () => {
    expect(await kept({ kind: 'time', forUs: 12 })).toEqual([2, 3, 5]);
    expect(await kept({ kind: 'time', forUs: 17 })).toEqual([2, 3, 4, 5]);
  });

  test('goes on in another kernel, groups and rows', async () => {
    expect(await kept({ kind: 'rows', rows: 2 }, true)).toEqual([2, 4, 5]);
    expect(await kept({ kind: 'time', forUs: 12 }, true)).toEqual([2, 3, 5]);
  });
});

describe('is refused', () => {
  test.each([
    [{ table: 'stok' }, "table: unknown table 'stok'; there is stock"],
    [
      { key: { skew: 'item' } },
      "key/skew: unknown column 'skew' of table 'stock' (sku, count, price)",
    ],
    [{ key: { sku: 'n' } }, 'key/sku: expected string, found int32; cast it'],
    [
      { range: { column: 'count' } },
      "range/column: 'count' of table 'stock' has no index; name it in the table's 'indexes'",
    ],
    [
      { do: 'insert', set: { count: 'n' } },
      "set: the key column 'sku' has no value: the input has none of this name; set it",
    ],
    [
      { do: 'update', key: { sku: 'item' }, set: { sku: 'item' } },
      "set/sku: 'sku' is of the key, which stays: delete and insert the row",
    ],
  ])('%j', (document, message) => {
    expect(() => plan(document)).toThrow(message);
  });
});

const world: World = new Map();
describeKernel('query that reads a table', {
  create: async (planned, context) => {
    await play(
      world,
      { ...INSERT, onError: 'skip' },
      Array.from({ length: 40 }, (_, i): Row => [`a long name of stock, ${i}`, i, i]),
    );
    return await createKernel(planned, {
      ...context,
      shared: <Item>(name: string) => world.get(name) as Item,
    });
  },
  plan: plan({ range: { column: 'price', from: 'at', to: 'at + n' }, misses: 'port' }),
  script: Array.from({ length: 150 }, (_, i) =>
    i % 30 === 29
      ? { port: 0, watermarkUs: 3 * i - 50 }
      : { port: 0, row: { values: [`r${i}`, i % 7, i % 53], timeUs: 3 * i } },
  ),
  keepsOrder: true,
  leastRows: 300,
});

describeKernel('query that changes a table by key', {
  create: createKernel,
  plan: plan({
    do: 'upsert',
    where: 't.count < 12',
    set: { sku: 'item', count: 'COALESCE(t.count, 0) + n', price: 'at' },
    misses: 'port',
  }),
  script: Array.from({ length: 120 }, (_, i) =>
    i % 30 === 29
      ? { port: 0, watermarkUs: 3 * i - 50 }
      : { port: 0, row: { values: [`a long name of stock, ${i % 7}`, i % 5, i], timeUs: 3 * i } },
  ),
  keepsOrder: true,
  leastRows: 150,
});

describeKernel('materialize', {
  create: createKernel,
  plan: documentPlan(
    { type: 'materialize', table: 'recent' },
    [INPUT],
    [
      {
        ...TABLE,
        name: 'recent',
        schema: SCHEMA,
        key: [],
        indexes: [],
        keep: { kind: 'rows', rows: 3 },
        partitionBy: ['item'],
      },
    ],
  ),
  script: Array.from({ length: 100 }, (_, i) => ({
    port: 0,
    row: { values: [`group ${i % 7}`, i, i / 4], timeUs: i },
  })),
  keepsOrder: true,
  leastRows: 100,
});
