/** How exact variances and products are. */

import { expect, test } from 'vitest';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { schemaOf, soundPlan } from '../operators/aggregate-nodes.ts';

/** What an aggregate of floats `f` gives. */
async function aggregate(text: string, values: readonly number[]): Promise<unknown> {
  const plan = soundPlan(schemaOf({ f: 'float64' }), { select: { v: text } });
  const script = values.map((value) => ({
    port: 0,
    row: { values: [value], timeUs: 0, lateByUs: 0 },
  }));
  const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 1024 });
  return out.rows(0)[0]!.values[0];
}

test.each([1e6, 1e9, 1e12, -1e14])('a mean of %d costs a variance no digits', async (mean) => {
  // Whole numbers, whose sums of squares are exact as bigints.
  const values = Array.from({ length: 1000 }, (_, i) => mean + ((i * 7919) % 1009));
  const exact = values.map(BigInt);
  const n = BigInt(values.length);
  const sum = exact.reduce((a, b) => a + b);
  const squares = exact.reduce((a, b) => a + b * b, 0n);
  const variance = Number(n * squares - sum * sum) / Number(n * n);
  const found = (await aggregate('VAR_POP(f)', values)) as number;
  const bound = 4 * 2 ** -53 * variance + 4 * 2 ** -106 * values.length * Number(squares);
  expect(Math.abs(found - variance)).toBeLessThanOrEqual(bound);
});

test('equal values have no variance, however they round', async () => {
  const values = Array.from({ length: 997 }, () => 0.1);
  expect(await aggregate('VAR_SAMP(f)', values)).toBeLessThan(1e-28);
  expect(await aggregate('CORR(f, f * 2)', [0.5, 1, 1.5, 7])).toBe(1);
});

test.each([
  ['infinite', [1, Infinity]],
  ['NaN', [1, NaN]],
  ['beyond 10^154', [1, 1e200]],
])('a variance is NaN where a value is %s', async (_, values) => {
  expect(await aggregate('VAR_POP(f)', values)).toBeNaN();
});

test('a product overflows in the end or not at all', async () => {
  const values = [2 ** 1000, 2 ** 1000, 3, 2 ** -1000, 2 ** -1000, 2 ** -1074, 2 ** 1000, 2 ** 74];
  expect(await aggregate('PRODUCT(f)', values)).toBe(3);
  expect(await aggregate('PRODUCT(f)', [1e300, -1e300])).toBe(-Infinity);
  expect(await aggregate('PRODUCT(f)', [1e-300, 1e-300])).toBe(0);
  expect(await aggregate('PRODUCT(f)', [-2, Infinity])).toBe(-Infinity);
  expect(await aggregate('PRODUCT(f)', [0, Infinity])).toBeNaN();
});

test('a product of many factors is right to the last digit', async () => {
  const factors = Array.from({ length: 400 }, (_, i) => 1 + (i % 7) / 8);
  const exact = factors.reduce((a, b) => a * BigInt(b * 8), 1n);
  const found = (await aggregate('PRODUCT(f)', factors)) as number;
  const expected = Number(exact) / 2 ** 600 / 2 ** 600;
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(Number.EPSILON * Math.abs(expected));
});
