/** When the local stage of an aggregate hands its groups on. */

import { expect, test } from 'vitest';
import { tellWatermark } from '../../../src/core/kernel-calls.ts';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import { runKernel, testContext } from '../../support/kernel/run-kernel.ts';
import { runStages } from '../../support/kernel/run-stages.ts';
import { TestOutbox } from '../../support/kernel/test-outbox.ts';
import { schemaOf, soundPlan, tumbling } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'int64', v: 'int64' });
const select = { n: 'COUNT(*)', s: 'SUM(v)' };
const rowOf = (k: number, timeUs = 0) => ({
  port: 0,
  row: { values: [BigInt(k), 1n], timeUs },
});

test('with the watermark that closes their window, and not before', async () => {
  const plan = soundPlan(SCHEMA, { window: tumbling(10), groupBy: ['k'], select });
  const script = [rowOf(1, 3), { port: 0, watermarkUs: 9 }, { port: 0, watermarkUs: 10 }];
  const { out } = await runKernel(createAggregateKernel, plan.stages!.local, script, {
    rowCapacity: 64,
  });
  expect(
    out.events.slice(0, 3).map((event) => ('row' in event ? 'row' : event.watermarkUs)),
  ).toEqual([9, 'row', 10]);
  // Key, rows, nulls, sum as 128 bits, at the window's last microsecond.
  expect(out.rows()).toEqual([{ values: [1n, 1n, 0n, 1n, 0n], timeUs: 9, lateByUs: 0 }]);
});

test('when they take too much memory, however long the window', async () => {
  const plan = soundPlan(SCHEMA, { window: tumbling(1e9), groupBy: ['k'], select });
  const script = Array.from({ length: 60_000 }, (_, i) => rowOf(i >> 1));
  const options = { rowCapacity: 1024 };
  const deal = { locals: 1, turns: [0] };
  const both = await runStages(createAggregateKernel, plan, script, deal, options);
  // Groups of 40 bytes and their slots: a mebibyte is full several times.
  expect(both.between).toBeGreaterThanOrEqual(30_000);
  expect(both.between).toBeLessThan(30_100);
  expect(both.rows).toHaveLength(30_000);
  expect(both.rows.every(({ values }) => values[3] === 2n && values[4] === 2n)).toBe(true);
  const { out } = await runKernel(createAggregateKernel, plan.stages!.local, script, options);
  const first = out.events.findIndex(({ kind }) => kind === 'watermark');
  expect(out.events.slice(0, first).length).toBeGreaterThan(0);
});

test('a millisecond after the first row, where windows go by the clock', () => {
  const window = { ...tumbling(1e7), time: 'processing' as const };
  const { local } = soundPlan(SCHEMA, { window, groupBy: ['k'], select }).stages!;
  const { context } = testContext({ rowCapacity: 64 });
  const kernel = createAggregateKernel(local, context);
  const out = new TestOutbox(local.outputs, { rowCapacity: 64 });
  const batch = allocateBatch(local.inputs[0]!, 64, 1024);
  const nowUs = 5_000_000;
  expect(kernel.dueUs!()).toBe(Infinity);
  for (const timeUs of [nowUs, nowUs + 900]) {
    fillBatch(batch, [{ values: [7n, 1n], timeUs }]);
    kernel.onBatch(0, batch, out);
  }
  expect(kernel.dueUs!()).toBe(nowUs + 1000);
  expect(out.rows()).toEqual([]);
  tellWatermark(kernel, 0, nowUs + 1000, out);
  expect(out.rows()).toEqual([{ values: [7n, 2n, 0n, 2n, 0n] }]);
  expect(kernel.dueUs!()).toBe(Infinity);
});

test('as single rows, while keys do not repeat', async () => {
  const plan = soundPlan(SCHEMA, { window: tumbling(1e9), groupBy: ['k'], select });
  const script = Array.from({ length: 80_000 }, (_, i) => rowOf(i < 60_000 ? i : 7));
  const options = { rowCapacity: 1024 };
  const deal = { locals: 1, turns: [0] };
  const both = await runStages(createAggregateKernel, plan, script, deal, options);
  // Once it is seen that they do not, a million rows are handed on as they come.
  expect(both.between).toBe(80_000);
  expect(both.rows).toHaveLength(60_000);
});
