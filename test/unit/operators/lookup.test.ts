/** What a lookup adds to which rows, and which tables and keys it refuses. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { RowErrorPolicy } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import type { LookupKind } from '../../../src/core/topology/model.ts';
import { BOOL, FLOAT64, INT32, INT64, JSON_TYPE, STRING } from '../../../src/core/types.ts';
import { createLookupKernel } from '../../../src/operators/lookup/kernel.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { lookupNode, planNode, soundNode } from '../../support/kernel/operator-nodes.ts';
import type { TestInput } from '../../support/kernel/operator-nodes.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import type { RunOptions, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'millrace-lookup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(folder, name), content);
  return name;
};

const INPUT_SCHEMA: Schema = [
  { name: 'id', type: INT32 },
  { name: 'high', type: INT64 },
  { name: 'low', type: INT64 },
  { name: 'name', type: STRING },
  { name: 'flag', type: BOOL },
];
const INPUT: TestInput = { name: 'in', schema: INPUT_SCHEMA, hasTime: true };
const TABLE_SCHEMA: Schema = [
  { name: 'num', type: INT32 },
  { name: 'hi', type: INT64 },
  { name: 'lo', type: INT64 },
  { name: 'text', type: STRING },
  { name: 'yes', type: BOOL },
  { name: 'price', type: FLOAT64 },
  { name: 'label', type: STRING },
  { name: 'many', type: INT64 },
];
const LONG = 'a text that does not fit into a view no ';

/** Rows of the table by their values; a null is an empty field. */
const csv = (schema: Schema, rows: readonly (readonly Cell[])[]): string =>
  [schema.map(({ name }) => name), ...rows].map((row) => row.join(',')).join('\n');

/** 40 rows; every key column tells all but few of them apart. */
const TABLE: Cell[][] = Array.from({ length: 40 }, (_, i) => [
  i % 9 === 8 ? null : i,
  BigInt(i % 4) << 40n,
  BigInt(i >> 2),
  i % 2 === 0 ? `k${i}` : `${LONG}${i}`,
  i % 2 === 0,
  i % 5 === 4 ? null : i / 4,
  i % 3 === 2 ? null : i % 2 === 0 ? `l${i}` : `${LONG}${i}`,
  BigInt(i) * 7_000_000_000n,
]);
write('table.csv', csv(TABLE_SCHEMA, TABLE));

const ON: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'an int32': { id: 'num' },
  'two int64': { high: 'hi', low: 'lo' },
  'a string': { name: 'text' },
  'an int32 and a string': { id: 'num', name: 'text' },
};

/** Rows of which about half have a match by each kind of key, with nulls everywhere. */
function inputRow(i: number): Cell[] {
  const orNull = (nth: number, cell: Cell): Cell => (i % 13 === nth ? null : cell);
  const key = (i * 7) % 80;
  return [
    orNull(1, key),
    orNull(3, BigInt(key % 4) << 40n),
    orNull(5, BigInt(key >> 2)),
    orNull(7, key % 2 === 0 ? `k${key}` : `${LONG}${key}`),
    orNull(9, i % 2 === 0),
  ];
}

const SCRIPT: Step[] = Array.from({ length: 300 }, (_, i) =>
  i % 30 === 29
    ? { port: 0, watermarkUs: 10 * i }
    : { port: 0, row: { values: inputRow(i), timeUs: 10 * i, lateByUs: i % 11 === 0 ? 5 : 0 } },
);

/** Nested loops. */
function model(on: Readonly<Record<string, string>>, kind: LookupKind, rows: readonly Cell[][]) {
  const keys = Object.entries(on).map(([input, table]) => [
    INPUT_SCHEMA.findIndex(({ name }) => name === input),
    TABLE_SCHEMA.findIndex(({ name }) => name === table),
  ]);
  const values = TABLE_SCHEMA.flatMap(({ name }, c) => (Object.values(on).includes(name) ? [] : c));
  return rows.flatMap((row) => {
    const match = TABLE.find((other) =>
      keys.every(([a, b]) => row[a!] !== null && row[a!] === other[b!]),
    );
    if (kind === 'semi') return match === undefined ? [] : [row];
    if (kind === 'anti') return match === undefined ? [row] : [];
    if (match === undefined && kind === 'inner') return [];
    return [[...row, ...values.map((c) => match?.[c] ?? null)]];
  });
}

const planOf = (
  on: Readonly<Record<string, string>>,
  kind: LookupKind = 'inner',
  onError: RowErrorPolicy = 'stop',
  file = 'table.csv',
  schema: Schema = TABLE_SCHEMA,
) => soundNode(lookupNode([INPUT], file, schema, on, kind, onError), [INPUT]);
const run = (
  plan: ReturnType<typeof planOf>,
  script: readonly Step[] = SCRIPT,
  options: Partial<RunOptions> = {},
) =>
  runKernel(createLookupKernel, plan, script, {
    rowCapacity: 64,
    baseDirectory: folder,
    ...options,
  });

for (const [name, on] of Object.entries(ON)) {
  for (const kind of ['inner', 'left', 'semi', 'anti'] as const) {
    describeKernel(`${kind} lookup by ${name}`, {
      create: createLookupKernel,
      plan: planOf(on, kind),
      script: SCRIPT,
      keepsOrder: true,
      leastRows: 20,
      baseDirectory: folder,
    });

    test(`${kind} lookup by ${name} gives what nested loops give`, async () => {
      const { out } = await run(planOf(on, kind));
      const rows = SCRIPT.flatMap((step) => ('row' in step ? [step.row.values as Cell[]] : []));
      const expected = model(on, kind, rows);
      expect(expected.length).toBeGreaterThan(20);
      expect(out.rows().map(({ values }) => values)).toEqual(expected);
    });
  }
}

test('a row keeps its event time and how late it is', async () => {
  const { out } = await run(planOf(ON['two int64']!, 'left'));
  const rows = SCRIPT.flatMap((step) => ('row' in step ? [step.row] : []));
  expect(out.rows().map(({ timeUs, lateByUs }) => ({ timeUs, lateByUs }))).toEqual(
    rows.map(({ timeUs, lateByUs }) => ({ timeUs, lateByUs })),
  );
});

test('keys of one hash are told apart', async () => {
  // All int64 pairs whose halves cancel out in a poor hash, and some that are not there.
  const pairs = fc.array(fc.tuple(fc.bigInt(-3n, 3n), fc.bigInt(-3n, 3n)), { maxLength: 49 });
  const schema: Schema = [
    { name: 'hi', type: INT64 },
    { name: 'lo', type: INT64 },
    { name: 'n', type: INT32 },
  ];
  await fc.assert(
    fc.asyncProperty(pairs, async (all) => {
      const table = [...new Map(all.map((pair) => [String(pair), pair])).values()];
      write(
        'pairs.csv',
        csv(
          schema,
          table.map((pair, n) => [...pair, n]),
        ),
      );
      const probes = Array.from({ length: 49 }, (_, i) => [
        BigInt((i % 7) - 3),
        BigInt((i / 7) | 0) - 3n,
      ]);
      const script = probes.map(([hi, lo]) => ({
        port: 0,
        row: { values: [0, hi!, lo!, '', true], timeUs: 0 },
      }));
      const plan = planOf({ high: 'hi', low: 'lo' }, 'left', 'stop', 'pairs.csv', schema);
      const { out } = await run(plan, script);
      expect(out.rows().map(({ values }) => values[5])).toEqual(
        probes.map(([hi, lo]) => {
          const found = table.findIndex(([a, b]) => a === hi && b === lo);
          return found < 0 ? null : found;
        }),
      );
    }),
    { numRuns: 30 },
  );
});

describe('a table', () => {
  const small: Schema = [
    { name: 'num', type: INT32 },
    { name: 'text', type: STRING },
  ];
  const smallPlan = (file: string, kind: LookupKind = 'left') =>
    planOf({ id: 'num' }, kind, 'stop', file, small);
  const one: Step[] = [{ port: 0, row: { values: [1, 0n, 0n, '', true], timeUs: 0 } }];

  test('may be empty, or compressed', async () => {
    write('empty.csv', 'num,text\n');
    write('small.csv.gz', gzipSync('num,text\n1,one\n'));
    expect((await run(smallPlan('empty.csv'), one)).out.rows()[0]!.values[5]).toBeNull();
    expect((await run(smallPlan('small.csv.gz'), one)).out.rows()[0]!.values[5]).toBe('one');
  });

  test('may be larger than any batch, with long strings', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => [i, `${LONG}${i}`.repeat(3)]);
    write('large.csv', csv(small, rows));
    const script = [0, 4095, 4096, 29_999, 30_000].map((id) => ({
      port: 0,
      row: { values: [id, 0n, 0n, '', true], timeUs: 0 },
    }));
    const { out } = await run(smallPlan('large.csv'), script);
    expect(out.rows().map(({ values }) => values[5])).toEqual([
      ...[0, 4095, 4096, 29_999].map((id) => `${LONG}${id}`.repeat(3)),
      null,
    ]);
    await expect(run(smallPlan('large.csv'), one, { stateLimitBytes: 100_000 })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED', node: 'tested' }),
    );
  });

  test.each([
    [
      'has a key twice',
      'num,text\n1,one\n2,two\n1,uno\n',
      'ERR_BAD_ROW',
      '"num":1} is there twice',
    ],
    ['has a row in error', 'num,text\n1,one\nx,two\n', 'ERR_BAD_ROW', 'file.csv:3'],
  ])('that %s is refused', async (_, text, code, says) => {
    write('file.csv', text);
    await expect(run(smallPlan('file.csv'), one)).rejects.toThrow(
      expect.objectContaining({ code, node: 'tested', message: expect.stringContaining(says) }),
    );
  });

  test('that is not there is refused', async () => {
    await expect(run(smallPlan('nowhere.csv'), one)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_FILE' }),
    );
  });

  test('with a null key twice is none of our business', async () => {
    write('nulls.csv', 'num,text\n,one\n,two\n1,three\n');
    expect((await run(smallPlan('nulls.csv'), one)).out.rows()[0]!.values[5]).toBe('three');
  });

  test('with a string that makes a row too large puts the row in error', async () => {
    write(
      'long.csv',
      csv(small, [
        [1, 'x'.repeat(900)],
        [2, 'y'],
      ]),
    );
    const rows: Step[] = [1, 2].map((id) => ({
      port: 0,
      row: { values: [id, 0n, 0n, 'z'.repeat(200), true], timeUs: 0 },
    }));
    const options = { slotHeapBytes: 1024 };
    const plan = planOf({ id: 'num' }, 'inner', 'skip', 'long.csv', small);
    const { out, errors } = await run(plan, rows, options);
    expect([out.rows().map(({ values }) => values[5]), errors]).toEqual([['y'], 1]);
    await expect(run(smallPlan('long.csv'), rows, options)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_TUPLE_TOO_LARGE' }),
    );
  });
});

describe('a plan', () => {
  const issuesOf = (schema: Schema, on: Readonly<Record<string, string>>): string[] =>
    planNode(lookupNode([INPUT], 'table.csv', schema, on), [INPUT]).issues;

  test.each([
    ['an unknown column', TABLE_SCHEMA, { ids: 'num' }, /^on\/ids: unknown column 'ids'.*'in' has/],
    ['an unknown key', TABLE_SCHEMA, { id: 'nun' }, /^on\/id: unknown column 'nun'.*the table has/],
    [
      'other types',
      TABLE_SCHEMA,
      { id: 'hi' },
      /^on\/id: .*'id' is int32, 'hi' of the table int64/,
    ],
    [
      'a column that is there',
      [
        { name: 'num', type: INT32 },
        { name: 'name', type: STRING },
      ] as Schema,
      { id: 'num' },
      /^table\/schema\/name: 'in' has a column 'name' as well/,
    ],
  ])('with %s is refused', (_, schema, on, says) => {
    expect(issuesOf(schema, on)).toEqual([expect.stringMatching(says)]);
  });

  test.each([FLOAT64, JSON_TYPE])('with a key of type %o is refused', (type) => {
    const input: TestInput = { name: 'in', schema: [{ name: 'k', type }], hasTime: false };
    const { issues } = planNode(
      lookupNode([input], 'table.csv', [{ name: 'k', type }], { k: 'k' }),
      [input],
    );
    expect(issues).toEqual([expect.stringContaining('not looked up')]);
  });

  test('has the input’s columns, then those of the table that are no key', () => {
    const { outputs } = planOf({ high: 'hi', low: 'lo' });
    expect(outputs[0]!.stream.schema.map(({ name }) => name)).toEqual([
      ...INPUT_SCHEMA.map(({ name }) => name),
      'num',
      'text',
      'yes',
      'price',
      'label',
      'many',
    ]);
  });
});
