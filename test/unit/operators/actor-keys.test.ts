/** Which instance a row is for, whatever its key is made of, beside a map of texts. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { documentPlan } from '../../support/kernel/operator-nodes.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-actor-keys-'));
writeFileSync(
  join(folder, 'counter.mjs'),
  `export class Counter {
    n = 0;
    onRow({ id }, { emit }) { emit({ id, n: ++this.n, gone: false }); }
    onRemove({ emit }) { emit({ id: -1, n: this.n, gone: true }); }
  }`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const SCHEMA: Schema = [
  { name: 'id', type: INT32 },
  { name: 'i', type: INT32 },
  { name: 'l', type: INT64 },
  { name: 'f', type: FLOAT64 },
  { name: 's', type: STRING },
  { name: 'b', type: BOOL },
];
const LONG = 'a text that is too long for a view';
const VALUES = {
  i: fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)),
  l: fc.constantFrom(0n, 1n, 2n ** 32n, -1n, 2n ** 63n - 1n),
  f: fc.constantFrom(0, -0, Number.NaN, 1.5, -1.5, Infinity),
  s: fc.constantFrom('', 'é', 'a', `${LONG} Aa`, `${LONG} BB`, `${LONG}s 1`, 'twelve bytes'),
  b: fc.boolean(),
} as const;
const NAMES = Object.keys(VALUES) as (keyof typeof VALUES)[];
type Row = readonly [number, bigint, number, string, boolean];
const ROW: fc.Arbitrary<Row> = fc.tuple(VALUES.i, VALUES.l, VALUES.f, VALUES.s, VALUES.b);

/** Counts by key; the one without a row for longest goes when there are too many. */
function expected(rows: readonly Row[], key: readonly string[], most: number): unknown[] {
  const counts = new Map<string, number>();
  return rows.flatMap((row, id) => {
    const values = key.map((name) => row[NAMES.indexOf(name as (typeof NAMES)[number])]);
    const text = values.map((value) => `${typeof value} ${String(value)}`).join('|');
    const n = (counts.get(text) ?? 0) + 1;
    const out: unknown[] = [[id, n, false]];
    if (!counts.has(text) && counts.size >= most) {
      const [oldest, rest] = [...counts][0]!;
      counts.delete(oldest);
      out.push([-1, rest, true]);
    }
    counts.delete(text);
    counts.set(text, n);
    return out;
  });
}

test('is found by its key', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(ROW, { minLength: 1, maxLength: 150 }),
      fc.subarray(NAMES, { minLength: 1 }),
      fc.constantFrom(3, 20, 1000),
      async (rows, key, most) => {
        const plan = documentPlan(
          {
            type: 'actor',
            module: './counter.mjs',
            export: 'Counter',
            key,
            maxInstances: most,
            schema: { id: 'int32', n: 'int32', gone: 'bool' },
          },
          [{ name: 'in', schema: SCHEMA, hasTime: true }],
        );
        const script = rows.map((values, id) => ({
          port: 0,
          row: { values: [id, ...values], timeUs: id },
        }));
        const { out } = await runKernel(createKernel, plan, script, {
          rowCapacity: 64,
          baseDirectory: folder,
        });
        expect(out.rows().map(({ values }) => values)).toEqual(expected(rows, key, most));
      },
    ),
    { numRuns: 60 },
  );
});
