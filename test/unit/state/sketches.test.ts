/** How near sketches come, over many seeds, and that parts of them add up. */

import { describe, expect, test } from 'vitest';
import {
  estimateHashes,
  rankOf,
  REGISTERS,
  registerOf,
} from '../../../src/state/sketches/estimate.ts';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { hopping, schemaOf, soundPlan } from '../operators/aggregate-nodes.ts';

/** A generator of 32-bit hashes. */
function hashes(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let h = state;
    h = Math.imul(h ^ (h >>> 16), 0x21f0_aaad);
    h = Math.imul(h ^ (h >>> 15), 0x735a_2d97);
    return (h ^ (h >>> 15)) | 0;
  };
}

describe('registers', () => {
  test.each([1000, 5000, 20_000, 200_000])('%d hashes are counted within the error', (count) => {
    const runs = count > 100_000 ? 12 : 60;
    let squares = 0;
    let bias = 0;
    for (let seed = 0; seed < runs; seed++) {
      const next = hashes(Math.imul(seed, 0x85eb_ca6b));
      const registers = new Uint8Array(REGISTERS);
      for (let i = 0; i < count; i += 1) {
        const hash = next();
        const r = registerOf(hash);
        registers[r] = Math.max(registers[r]!, rankOf(hash));
      }
      const error = estimateHashes(registers, 0) / count - 1;
      squares += error * error;
      bias += error;
    }
    // A standard error of 1.04 / 64; of the mean over n runs that by the root of n.
    expect(Math.sqrt(squares / runs)).toBeLessThan((1.25 * 1.04) / 64);
    expect(Math.abs(bias / runs)).toBeLessThan((4 * 1.04) / 64 / Math.sqrt(runs));
  });
});

const SCHEMA = schemaOf({ i: 'int32', f: 'float64' });

async function aggregate(text: string, rows: readonly (readonly number[])[]): Promise<number> {
  const plan = soundPlan(SCHEMA, { select: { v: text } });
  const script = rows.map((values): Step => ({ port: 0, row: { values, timeUs: 0, lateByUs: 0 } }));
  const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 1024 });
  return Number(out.rows(0)[0]!.values[0]);
}

test.each([0, 1, 9, 300, 768, 769, 3000, 30_000])('%d values are about as many', async (count) => {
  const rows = Array.from({ length: count * 2 }, (_, i) => [i % Math.max(1, count), 0]);
  const found = await aggregate('APPROX_COUNT_DISTINCT(i)', rows);
  if (count <= 768) expect(found).toBe(count);
  else expect(Math.abs(found / count - 1)).toBeLessThan(0.06);
});

test.each([
  ['exponential', (u: number) => -Math.log(1 - u)],
  ['of both signs', (u: number) => (u - 0.3) * 1e6],
  ['of all sizes', (u: number) => 10 ** (600 * u - 300)],
])('numbers %s are found within the error', async (_, shape) => {
  const next = hashes(7);
  const values = Array.from({ length: 4000 }, () => shape((next() >>> 0) / 2 ** 32));
  const sorted = values.toSorted((a, b) => a - b);
  const rows = values.map((value) => [0, value]);
  for (const share of [0, 0.01, 0.5, 0.99, 1]) {
    const exact = sorted[Math.floor(share * (sorted.length - 1))]!;
    const found = await aggregate(`APPROX_PERCENTILE(f, ${share})`, rows);
    expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.010_000_001 * Math.abs(exact));
  }
});

test('special numbers have places of their own', async () => {
  const rows = [NaN, Infinity, 0, -Infinity, -0].map((value) => [0, value]);
  const found = [];
  for (const share of [0, 0.3, 0.6, 0.8, 1]) {
    found.push(await aggregate(`APPROX_PERCENTILE(f, ${share})`, rows));
  }
  expect(found).toEqual([-Infinity, 0, 0, Infinity, NaN]);
});

test('slices of windows add up to what whole windows give', async () => {
  const next = hashes(3);
  const values = Array.from({ length: 6000 }, (_, i) => [next() & 4095, (i % 977) + 1]);
  const select = { d: 'APPROX_COUNT_DISTINCT(i)', p: 'APPROX_PERCENTILE(f, 0.9)' };
  const run = async (parts: number): Promise<unknown> => {
    const plan = soundPlan(SCHEMA, { window: hopping(6000, 6000 / parts), select });
    const script = values.map((row, timeUs): Step => ({
      port: 0,
      row: { values: row, timeUs, lateByUs: 0 },
    }));
    const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 512 });
    return out.rows(0).find(({ values: [start] }) => start === 0n)?.values;
  };
  const whole = await run(1);
  expect(whole).toBeDefined();
  expect(await run(5)).toEqual(whole);
  expect(await run(30)).toEqual(whole);
});
