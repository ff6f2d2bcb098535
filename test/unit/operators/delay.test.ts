/** When a delay lets rows go. */

import { expect, test } from 'vitest';
import { tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { documentPlan, type TestInput } from '../../support/kernel/operator-nodes.ts';
import { complete, testContext } from '../../support/kernel/run-kernel.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import { TestOutbox } from '../../support/kernel/test-outbox.ts';

const SCHEMA: Schema = [{ name: 's', type: STRING }];
const INPUT: TestInput = { name: 'in', schema: SCHEMA, hasTime: true };

test('rows and watermarks go on together once their time has come', async () => {
  const plan = documentPlan({ type: 'delay', for: '10us' }, [INPUT]);
  const options = { rowCapacity: 64, stateLimitBytes: 1 << 20 };
  const { context } = testContext(options);
  const kernel = await createKernel(plan, context);
  const out = new TestOutbox(plan.outputs, options);
  const batch = allocateBatch(plan.inputs[0]!, 64, 1024);
  const send = (nowUs: number, text: string, timeUs: number): void => {
    kernel.onClock!(nowUs);
    fillBatch(batch, [{ values: [text], timeUs }]);
    complete(kernel, out, () => kernel.onBatch(0, batch, out));
  };
  const tell = (nowUs: number, watermarkUs: number): void => {
    kernel.onClock!(nowUs);
    complete(kernel, out, () => tellWatermark(kernel, 0, watermarkUs, out));
  };
  const tick = (nowUs: number): string[] => {
    kernel.onClock!(nowUs);
    if (kernel.dueUs!() <= nowUs) complete(kernel, out, () => kernel.onDue!(out));
    return out.rows().map(({ values }) => String(values[0]));
  };

  send(100, 'a', 1);
  send(104, 'b, which does not fit a view', 2);
  tell(104, 2);
  send(104, 'c', 3);
  expect(kernel.dueUs!()).toBe(110);
  expect(tick(109)).toEqual([]);
  expect(tick(110)).toEqual(['a']);
  expect(out.watermarkUs).toBe(-Infinity);
  expect(tick(115)).toEqual(['a', 'b, which does not fit a view', 'c']);
  expect(out.watermarkUs).toBe(2);
  expect(kernel.dueUs!()).toBe(Infinity);

  send(120, 'd', 4);
  tell(120, Infinity);
  expect(tick(121)).toHaveLength(3);
  complete(kernel, out, () => tellEnd(kernel, 0, out));
  expect(tick(121)).toHaveLength(4);
  expect(out.watermarkUs).toBe(Infinity);
});
