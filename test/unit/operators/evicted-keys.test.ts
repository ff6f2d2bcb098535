/** Dedups and aggregates that forget keys at the limit of their state. */

import { expect, test } from 'vitest';
import { createKernel } from '../../../src/operators/kernels.ts';
import { documentPlan } from '../../support/kernel/operator-nodes.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { schemaOf } from './aggregate-nodes.ts';

const INPUT = { name: 'in', schema: schemaOf({ k: 'int64', s: 'string' }), hasTime: true };
const LIMIT_BYTES = 1 << 18;
const ROWS = 12_000;
const OFTEN = 50;

/** Keys that never come again, and between them some that come again and again. */
function script(): Step[] {
  return Array.from({ length: ROWS }, (_, i): Step[] => {
    const k = i % 10 === 0 ? (i / 10) % OFTEN : 1_000_000 + i;
    const values = [BigInt(k), `the text of key ${k}`];
    const row = { port: 0, row: { values, timeUs: i * 10 } };
    return i % 256 === 0 ? [row, { port: 0, watermarkUs: i * 10 }] : [row];
  }).flat();
}

const run = (node: object, renews = false) => {
  let calls = 0;
  return runKernel(
    createKernel,
    documentPlan({ type: 'dedup', key: ['k', 's'], ...node }, [INPUT]),
    script(),
    {
      rowCapacity: 256,
      stateLimitBytes: LIMIT_BYTES,
      renews: () => renews && ++calls % 16 === 0,
    },
  );
};

test('keys without end end the run, unless they are forgotten', async () => {
  await expect(run({})).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
  await expect(run({ within: '1h' })).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
});

test.each([false, true])(
  'those that were not seen for longest are forgotten (renewed: %s)',
  async (renews) => {
    const { out, evicted } = await run({ onLimit: 'evict' }, renews);
    const kept = out.rows().map(({ values }) => Number(values[0]));
    // Keys that come often are never among those that go: each leaves once.
    expect(kept.filter((k) => k < OFTEN)).toHaveLength(OFTEN);
    expect(kept).toHaveLength(OFTEN + (ROWS * 9) / 10);
    // What is left fits into the state: the rest was forgotten, and counted.
    const most = LIMIT_BYTES / 40;
    expect(evicted).toBeGreaterThan(kept.length - most);
    expect(evicted).toBeLessThan(kept.length);
  },
);

test('with a distance, those whose row left first are forgotten', async () => {
  const { out, evicted } = await run({ onLimit: 'evict', within: '1h' });
  const kept = out.rows().map(({ values }) => Number(values[0]));
  // A key that comes often leaves again when it was forgotten, and not with each row.
  const often = kept.filter((k) => k < OFTEN);
  expect(often.length).toBeGreaterThan(OFTEN);
  expect(often.length).toBeLessThan(ROWS / 20);
  expect(evicted).toBeGreaterThan(kept.length - LIMIT_BYTES / 40);
});

test('keys that go by themselves are not counted', async () => {
  const { evicted } = await run({ onLimit: 'evict', within: '1ms' });
  expect(evicted).toBe(0);
});

test('the count is exact: the last key that was forgotten leaves again, and the first that was not does not', async () => {
  const keys = 9000;
  const row = (k: number, i: number): Step => ({
    port: 0,
    row: { values: [BigInt(k), 'x'], timeUs: i },
  });
  const steps = Array.from({ length: keys }, (_, k) => row(k, k));
  const plan = documentPlan({ type: 'dedup', key: ['k'], onLimit: 'evict' }, [INPUT]);
  const options = { rowCapacity: 256, stateLimitBytes: LIMIT_BYTES };
  const { evicted } = await runKernel(createKernel, plan, steps, options);
  expect(evicted).toBeGreaterThan(keys / 2);
  // Batches are the same up to here.
  const asked = [
    ...steps,
    { port: 0, watermarkUs: keys },
    row(evicted, keys),
    row(evicted - 1, keys),
  ];
  const { out } = await runKernel(createKernel, plan, asked, options);
  const again = out.rows().slice(keys);
  expect(again.map(({ values }) => Number(values[0]))).toEqual([evicted - 1]);
});

const EACH = {
  type: 'aggregate',
  groupBy: ['k', 's'],
  emit: 'each',
  select: { n: 'COUNT(*)', sum: 'SUM(k)', least: 'MIN(s)', middle: 'MEDIAN(k)' },
  onLimit: 'evict',
};

test.each([false, true])(
  'groups that get rows are never forgotten (renewed: %s)',
  async (renews) => {
    let calls = 0;
    const { out, evicted } = await runKernel(createKernel, documentPlan(EACH, [INPUT]), script(), {
      rowCapacity: 256,
      stateLimitBytes: 2 * LIMIT_BYTES,
      renews: () => renews && ++calls % 16 === 0,
    });
    const counts = new Map<string, number>();
    const wrong = out.rows().filter(({ values: [k, s, n, sum, least, middle] }) => {
      const count = (counts.get(String(k)) ?? 0) + 1;
      counts.set(String(k), count);
      const isRight = Number(n) === count && Number(sum) === count * Number(k);
      return !isRight || least !== s || middle !== Number(k);
    });
    expect(wrong).toEqual([]);
    expect(out.rows()).toHaveLength(ROWS);
    expect(evicted).toBeGreaterThan(ROWS / 2);
    expect(evicted).toBeLessThan(ROWS * 0.9);
  },
);

test('groups that are forgotten are counted exactly', async () => {
  const keys = 9000;
  const row = (k: number, i: number): Step => ({
    port: 0,
    row: { values: [BigInt(k), 'x'], timeUs: i },
  });
  const steps = Array.from({ length: keys }, (_, k) => row(k, k));
  const plan = documentPlan(EACH, [INPUT]);
  const options = { rowCapacity: 256, stateLimitBytes: 2 * LIMIT_BYTES };
  const { evicted } = await runKernel(createKernel, plan, steps, options);
  expect(evicted).toBeGreaterThan(keys / 4);
  const asked = [...steps, { port: 0, watermarkUs: 0 }, row(evicted, keys), row(evicted - 1, keys)];
  const { out } = await runKernel(createKernel, plan, asked, options);
  const again = out.rows().slice(keys);
  expect(again.map(({ values: [k, , n] }) => [Number(k), Number(n)])).toEqual([
    [evicted, 2],
    [evicted - 1, 1],
  ]);
});
