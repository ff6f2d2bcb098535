/** What must not depend on how the work is spread, nor on the order in which rows meet. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { exactSum } from '../support/exact-sum.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import type { AggregateText } from '../unit/operators/aggregate-nodes.ts';
import {
  cumulating,
  hopping,
  schemaOf,
  sessions,
  soundPlan,
  tumbling,
} from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'string', g: 'int32', x: 'float64', n: 'int64' });
const groups = {
  groupBy: { k: 'k', g: 'g % 2' },
  select: { c: 'COUNT(*)', s: 'SUM(n)', d: 'COUNT(DISTINCT n)', m: 'MAX(k)' },
};
const texts: fc.Arbitrary<AggregateText> = fc.constantFrom(
  { ...groups, window: hopping(20, 6) },
  { ...groups, window: cumulating(24, 6) },
  { ...groups, window: sessions(7) },
  { ...groups, window: { ...tumbling(20), latenessUs: 8 } },
  { ...groups, window: hopping(20, 6), emit: { kind: 'every', everyUs: 5 } },
  { ...groups, window: tumbling(20), emit: { kind: 'change' } },
  { ...groups, emit: { kind: 'change' } },
);

const rows = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 100 }),
    fc.oneof(fc.constant(null), fc.string({ maxLength: 1 })),
    fc.integer({ min: 0, max: 3 }),
    fc.bigInt(-9n, 9n),
    fc.integer({ min: 0, max: 12 }),
  ),
  { maxLength: 80 },
);

test('n instances, each with its share of the keys, give what one gives', async () => {
  await fc.assert(
    fc.asyncProperty(texts, rows, fc.integer({ min: 2, max: 4 }), async (text, rows, instances) => {
      const plan = soundPlan(SCHEMA, text);
      expect(plan.distribution).toEqual({ kind: 'keys', columns: [[0]] });
      const steps = rows.map(([timeUs, k, g, n, lateByUs]): Step => ({
        port: 0,
        row: { values: [k, g, 0, n], timeUs, lateByUs },
      }));
      const watermark: Step = { port: 0, watermarkUs: 15 };
      const outputOf = async (kept: (k: Cell) => boolean): Promise<string[]> => {
        const share = steps.filter((step) => 'row' in step && kept(step.row.values[0]!));
        const script = [...share, watermark];
        const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 64 });
        return [0, 1].flatMap((port) => out.rows(port).map((row) => `${port} ${rowKey(row)}`));
      };
      const shareOf = (k: Cell): number => (k === null ? 0 : (k as string).length) % instances;
      const parts: string[] = [];
      for (let i = 0; i < instances; i++) parts.push(...(await outputOf((k) => shareOf(k) === i)));
      expect(parts.sort()).toEqual((await outputOf(() => true)).sort());
    }),
    { numRuns: 100 },
  );
});

test('a float sum is within its bound of the exact one, in any order and any slices', async () => {
  const floats = fc.array(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e290, max: 1e290 }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
  await fc.assert(
    fc.asyncProperty(floats, fc.integer({ min: 1, max: 30 }), async (values, spread) => {
      const select = { s: 'SUM(x)' };
      const plan = soundPlan(SCHEMA, { window: hopping(120, 7), select });
      const script = values.map((x, i): Step => ({
        port: 0,
        row: { values: [null, 0, x, null], timeUs: 120 + ((i * spread) % 28) },
      }));
      const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 64 });
      // A window that has all rows in it.
      const all = out
        .rows()
        .find(({ values: [start] }) => (start as bigint) > 28n && (start as bigint) <= 120n);
      const sum = all!.values[2] as number;
      const exact = exactSum(values);
      const absolute = exactSum(values.map(Math.abs));
      const error = exactSum([sum]) - exact;
      // u · |S| + n² · u² · Σ|x|, with u = 2^-53; one unit more for subnormal results.
      const n = BigInt(values.length);
      const magnitude = exact < 0n ? -exact : exact;
      const bound = (magnitude >> 53n) + ((n * n * absolute) >> 106n) + 2n;
      expect(error < 0n ? -error : error).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 200 },
  );
});
