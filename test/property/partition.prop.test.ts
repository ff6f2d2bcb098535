/** Rows by the keys that they have: against the definition of Yahoo! S4's partitions over 64 bits. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { INT64, JSON_TYPE, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { decodeJson, encodeJson } from '../../src/rows/values/json.ts';
import { planIssues, soundPlan } from '../support/kernel/documents.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { runKernel, type Step } from '../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'id', type: INT64 },
  { name: 'user', type: STRING },
  { name: 'event', type: JSON_TYPE },
];
const IN = { name: 'in', schema: SCHEMA, hasTime: false };
const json = (value: unknown): Cell => (value === null ? null : encodeJson(value)!.slice());

type Routed = readonly [id: bigint, partition: number | null, keys: readonly string[] | null];

async function route(
  document: object,
  rows: readonly (readonly Cell[])[],
): Promise<{ rows: Routed[]; errors: number }> {
  const plan = soundPlan({ type: 'partition', onError: 'skip', ...document }, [IN]);
  const script = rows.map((values): Step => ({ port: 0, row: { values } }));
  const { out, errors } = await runKernel(createKernel, plan, script, {
    rowCapacity: 64,
    outputHeapBytes: 65_536,
  });
  const routed = out.rows().map(({ values }): Routed => {
    const keys = values[4] === null ? null : (decodeJson(values[4] as Uint8Array) as string[]);
    return [values[0] as bigint, values[3] as number | null, keys];
  });
  return { rows: routed, errors };
}

/** 64-bit FNV-1, of which the low 32 bits count. */
function partitionOf(key: string, partitions: number): number {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(key)) {
    hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  }
  return Number((hash & 0xffffffffn) % BigInt(partitions));
}

function model(id: number | bigint, keys: readonly string[], partitions: number): Routed[] {
  const byPartition = new Map<number, string[]>();
  for (const key of new Set(keys)) {
    const partition = partitionOf(key, partitions);
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), key]);
  }
  return Array.from(byPartition, ([partition, own]): Routed => [BigInt(id), partition, own]);
}

const user = fc.option(fc.constantFrom('a', 'hello', 'Straße'), { freq: 5 });
const sku = fc.oneof(fc.constantFrom('16000000', 'x', null), fc.integer({ min: 0, max: 9 }));
const event = fc.option(
  fc.record(
    { items: fc.array(fc.record({ sku, n: fc.nat() }, { requiredKeys: [] }), { maxLength: 5 }) },
    { requiredKeys: [] },
  ),
  { freq: 8 },
);

describe('partition', () => {
  test('gives a row for each partition, with the keys in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(user, event), { maxLength: 70 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (events, partitions, keepsAll) => {
          const wanted = events.flatMap(([name, value], id) => {
            const skus = (value?.items ?? []).flatMap((item) =>
              item.sku === undefined || item.sku === null ? [] : [String(item.sku)],
            );
            const keys = name === null ? [] : skus.map((found) => `${name}:${found}`);
            const rows = model(id, keys, partitions);
            return rows.length === 0 && keepsAll ? [[BigInt(id), null, null] as Routed] : rows;
          });
          const rows = events.map(([name, value], id) => [BigInt(id), name, json(value)]);
          const unroutable = keepsAll ? 'null' : 'drop';
          const keys = ['user', 'event/items/sku'];
          const routed = await route({ keys, partitions, unroutable }, rows);
          expect(routed).toEqual({ rows: wanted, errors: 0 });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('sends an event with three keys once to each of two partitions', async () => {
    const words = ['', 'a', 'hello'];
    const { rows } = await route({ keys: ['event'], partitions: 2 }, [[7n, null, json(words)]]);
    // The low words are 2216829733, 2248259518 and 3183334599.
    expect(rows).toEqual([
      [7n, 1, ['', 'hello']],
      [7n, 0, ['a']],
    ]);
  });

  test('takes any value for the key that JavaScript writes it as', async () => {
    const numbers = fc.oneof(
      fc.constantFrom(0, -0, -33, 255, -129, 65_536, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e-7),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.integer({ min: -9999, max: 9999 }).map((n) => n / 8),
    );
    const bigints = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 4 }),
      fc.constantFrom(30, 32, 254, 256).map((length) => 'ö'.repeat(length / 2)),
    );
    const leaf = fc.oneof(numbers, bigints, texts, fc.boolean(), fc.constant(null));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(leaf, fc.array(leaf, { size: '+1' }), fc.array(tie('tree'), { maxLength: 3 })),
    }));
    const many = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 100, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(bigints, fc.oneof(tree, many)), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        async (events, partitions) => {
          const rows = events.map(([id, value]) => [id, 'x', json({ m: 1, größe: value })]);
          const keys = ['event/größe', 'id'];
          const routed = await route({ keys, partitions }, rows);
          const wanted = events.flatMap(([id, value]) => {
            const found = [value].flat(Infinity).filter((leaf_) => leaf_ !== null);
            return model(
              id,
              found.map((leaf_) => `${String(leaf_)}:${id}`),
              partitions,
            );
          });
          expect(routed).toEqual({ rows: wanted, errors: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('takes many keys that are long', async () => {
    const list = Array.from({ length: 100 }, (_, i) => i);
    const name = 'u'.repeat(200);
    const { rows } = await route({ keys: ['user', 'event'], partitions: 3 }, [
      [1n, name, json(list)],
    ]);
    expect(rows).toEqual(
      model(
        1,
        list.map((i) => `${name}:${i}`),
        3,
      ),
    );
  });

  test('takes numbers and texts for the keys that they are written as', async () => {
    const keys = [[1n, 'x', json(null)]] as const;
    const { rows } = await route({ keys: ['id', 'user'], partitions: 3 }, keys);
    expect(rows).toEqual([[1n, partitionOf('1:x', 3), ['1:x']]]);
  });

  test('a path that leads to no value is an error of its row', async () => {
    const rows = [
      [1n, 'x', json({ items: { sku: { a: 1 } } })],
      [2n, 'x', json({ items: 'none' })],
      [3n, 'x', json({ items: { sku: 'y' } })],
    ];
    const routed = await route({ keys: ['event/items/sku'], partitions: 1 }, rows);
    expect(routed).toEqual({ rows: [[3n, 0, ['y']]], errors: 2 });
  });

  test.each([
    ['users', /^keys\/0: unknown column 'users'/],
    ['user/name', /^keys\/0: a path leads into json; 'user' of 'in' is string$/],
  ])('%s is no key', (key, message) => {
    const issues = planIssues({ type: 'partition', keys: [key], partitions: 2 }, [IN]);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(message);
  });
});
