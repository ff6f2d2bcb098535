/** Bags of many values: sorted, bounded, within the limit of the state, and let go with it. */

import { expect, test } from 'vitest';
import { goOn, tellWatermark } from '../../../src/core/kernel-calls.ts';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { decodeJson } from '../../../src/rows/values/json.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel, testContext } from '../../support/kernel/run-kernel.ts';
import { TestOutbox } from '../../support/kernel/test-outbox.ts';
import { hopping, schemaOf, soundPlan, tumbling } from '../operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'int32', f: 'float64', l: 'int64', s: 'string' });

/** A row whose numbers look random and repeat a little. */
function rowOf(i: number): Step {
  const random = Math.imul(i, 0x9e37_79b1) >>> 0;
  const text = `a text that is long enough ${random % 5000}`;
  return {
    port: 0,
    row: { values: [i % 2, random / 16, BigInt(random) * 65_537n, text], timeUs: i, lateByUs: 0 },
  };
}

const script = (rows: number): Step[] => Array.from({ length: rows }, (_, i) => rowOf(i));

const valuesOf = (steps: readonly Step[], column: number, key: number): Cell[] =>
  steps.flatMap((step) =>
    'row' in step && step.row.values[0] === key ? [step.row.values[column]!] : [],
  );

const compare = (a: Cell, b: Cell): number => (a! < b! ? -1 : a! > b! ? 1 : 0);

test('many values are sorted, numbers and strings', async () => {
  const steps = script(10_000);
  const plan = soundPlan(SCHEMA, {
    groupBy: ['k'],
    select: {
      f: 'MEDIAN(f)',
      l: 'PERCENTILE_DISC(l, 0.9)',
      s: 'MODE(s)',
      t: 'TOP_K(DISTINCT s, 5)',
    },
  });
  const { out } = await runKernel(createAggregateKernel, plan, steps, { rowCapacity: 1024 });
  for (const { values } of out.rows(0)) {
    const of = (column: number): Cell[] =>
      valuesOf(steps, column, values[0] as number).sort(compare);
    const [floats, longs, texts] = [of(1) as number[], of(2), of(3) as string[]];
    const middle = floats.length / 2;
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    const most = Math.max(...counts.values());
    expect(values.slice(1, 4)).toEqual([
      (floats[middle - 1]! + floats[middle]!) / 2,
      longs[Math.ceil(0.9 * longs.length) - 1],
      [...counts].find(([, times]) => times === most)![0],
    ]);
    expect(decodeJson(values[4] as Uint8Array)).toEqual([...counts.keys()].reverse().slice(0, 5));
  }
});

test('bounded bags take as much state as their bound, whatever comes', async () => {
  const select = { t: 'TOP_K(s, 3)', l: 'LAST(s)', a: 'ARG_MIN(f, l)', f: 'FIRST(s ORDER BY f)' };
  const plan = soundPlan(SCHEMA, { groupBy: ['k'], select });
  const { out } = await runKernel(createAggregateKernel, plan, script(20_000), {
    rowCapacity: 1024,
    stateLimitBytes: 128 * 1024,
  });
  expect(out.rows(0)).toHaveLength(2);
});

test('groups of many values are merged and read a few a call', async () => {
  const plan = soundPlan(SCHEMA, {
    groupBy: { key: 'l % 40' },
    window: hopping(20_000, 10_000),
    select: { m: 'MEDIAN(f)' },
  });
  const { context } = testContext({ rowCapacity: 1024 });
  const kernel = createAggregateKernel(plan, context);
  const out = new TestOutbox(plan.outputs, { rowCapacity: 1024, refuses: false });
  const batch = allocateBatch(plan.inputs[0]!, 1024, 64 * 1024);
  const rows = script(40_000).map((step) => ('row' in step ? step.row : { values: [] }));
  for (let from = 0; from < rows.length; from += 1024) {
    fillBatch(batch, rows.slice(from, from + 1024));
    expect(kernel.onBatch(0, batch, out)).toBe('done');
  }
  let calls = 1;
  let progress = tellWatermark(kernel, 0, 20_000, out);
  while (progress !== 'done') {
    expect(progress).toBe('yielded');
    progress = goOn(kernel, out);
    calls++;
  }
  // Windows of 10,000 and 20,000 values; some 16,000 a call are read or merged.
  expect(calls).toBeGreaterThan(2);
  expect(out.rows(0)).toHaveLength(80);
});

test('a bag of ever more values meets the limit of the state', async () => {
  const plan = soundPlan(SCHEMA, { select: { a: 'ARRAY_AGG(s)' } });
  const run = runKernel(createAggregateKernel, plan, script(20_000), {
    rowCapacity: 1024,
    stateLimitBytes: 512 * 1024,
  });
  await expect(run).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
});

test('closed windows give back what their values took', async () => {
  const plan = soundPlan(SCHEMA, {
    groupBy: ['k'],
    window: tumbling(20),
    select: {
      m: 'MEDIAN(f)',
      a: 'ARRAY_AGG(s)',
      j: "STRING_AGG(s, ' ')",
      l: 'LAST(s)',
      n: 'APPROX_COUNT_DISTINCT(s)',
      p: 'APPROX_PERCENTILE(f, 0.5)',
    },
  });
  const steps = script(20_000).flatMap((step, i) =>
    i % 20 === 0 ? [{ port: 0, watermarkUs: i }, step] : [step],
  );
  // A window's values take some 12 KiB.
  const { out } = await runKernel(createAggregateKernel, plan, steps, {
    rowCapacity: 64,
    stateLimitBytes: 256 * 1024,
  });
  expect(out.rows(0)).toHaveLength(2000);
});
