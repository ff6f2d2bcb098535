/** Aggregates of a chain without keys: any number of rows in a batch, and the bound of sums of floats. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chainProgram } from '../../src/operators/chain/chain.ts';
import * as deferred from '../../src/operators/chain/deferred.ts';
import { createChain, createTail } from '../../src/operators/kernels.ts';
import { exactSum } from '../support/exact-sum.ts';
import { mapNode, soundNode, whereNode } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf, soundPlan } from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ x: 'float64', y: 'float64' });
const INPUTS = [{ name: 'in', schema: SCHEMA, hasTime: true }];
const MAP = mapNode(INPUTS, { x: 'x', y: 'y' }, 'stop');

/** Count, sum of `x` and greatest `x` of the rows whose `y` is below 1; of all rows without a filter. */
async function aggregate(
  rows: readonly (readonly [x: Cell, y: number])[],
  batchRows: number,
  hasFilter: boolean,
): Promise<readonly Cell[]> {
  const first = hasFilter ? whereNode(INPUTS, 'y < 1.0', 'stop') : MAP;
  const select = { n: 'COUNT(x)', s: 'SUM(x)', m: 'MAX(x)' };
  const plans = [soundNode(first, INPUTS), soundPlan(SCHEMA, { select })];
  const program = chainProgram(plans);
  expect(program!.folds).not.toEqual([]);
  const { out } = await runKernel(
    async (_plan, context) => {
      const members = plans.map((plan) => ({ plan, context }));
      const counts = { rowsIn() {}, rowsOut() {}, watermark() {} };
      return await createChain(program, members, await createTail(members), counts, () => deferred);
    },
    { ...plans[0]!, outputs: plans[1]!.outputs },
    rows.map((values, timeUs) => ({ port: 0, row: { timeUs, values: [...values] } })),
    { rowCapacity: 256, batchRows: () => batchRows },
  );
  return out.rows()[0]!.values;
}

test('no row of a batch is left out, however many it has', async () => {
  for (const hasFilter of [true, false]) {
    for (let rows = 1; rows <= 17; rows++) {
      const values = Array.from({ length: rows }, (_, i): [number, number] => [2 ** i, i % 3]);
      const kept = values.filter(([, y]) => !hasFilter || y < 1).map(([x]) => x);
      const sum = kept.reduce((a, b) => a + b, 0);
      const wanted = [BigInt(kept.length), sum, kept.at(-1)];
      expect(await aggregate(values, rows, hasFilter)).toEqual(wanted);
    }
  }
});

test('the sum is within the bound of sums without keys', async () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e290, max: 1e290 }),
    fc.double({ noNaN: true, min: 0.5, max: 1 }),
    fc.constantFrom(1, 1e16, -1e16, 2 ** -1074, 0, -0),
    fc.constant(null),
  );
  const rows = fc.array(fc.tuple(value, fc.constantFrom(0, 0, 0, 2)), {
    minLength: 1,
    maxLength: 400,
    size: 'max',
  });
  const batchRows = fc.integer({ min: 1, max: 256 });
  await fc.assert(
    fc.asyncProperty(rows, batchRows, fc.boolean(), async (given, size, hasFilter) => {
      const kept = given.filter(([, y]) => !hasFilter || y < 1).flatMap(([x]) => x ?? []);
      const [, sum] = (await aggregate(given, size, hasFilter)) as [Cell, number | null];
      if (kept.length === 0) {
        expect(sum).toBeNull();
        return;
      }
      const exact = exactSum(kept);
      const absolute = exactSum(kept.map(Math.abs));
      const error = exactSum([sum!]) - exact;
      // u · |S| + (10 · u + n² · u²) · Σ|x|, with u = 2^-53; one unit more for subnormal results.
      const n = BigInt(kept.length);
      const magnitude = exact < 0n ? -exact : exact;
      const plain = (10n * absolute) >> 53n;
      const bound = (magnitude >> 53n) + plain + ((n * n * absolute) >> 106n) + 2n;
      expect(error < 0n ? -error : error).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 25 },
  );
});

test('infinities and NaN are those of a plain sum', async () => {
  const rows = (x: number): [number, number][] => [
    ...Array.from({ length: 70 }, (): [number, number] => [1, 0]),
    [x, 0],
  ];
  for (const x of [Infinity, -Infinity, NaN])
    expect((await aggregate(rows(x), 71, true))[1]).toBe(x);
  const both: [number, number][] = [...rows(Infinity), [-Infinity, 0]];
  expect((await aggregate(both, 72, true))[1]).toBeNaN();
  // A row that is dropped does not count, whatever it is.
  const dropped: [number, number][] = [...rows(1), [NaN, 2]];
  expect((await aggregate(dropped, 72, true))[1]).toBe(71);
});
