/** A kernel that a test feeds step by step, and looks at in between. @module */

import { tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { KernelFactory, OperatorPlan } from '../../../src/core/operator.ts';
import { allocateBatch, fillBatch, poisonBatch } from './rows.ts';
import type { TestRow } from './rows.ts';
import { complete, testContext } from './run-kernel.ts';
import { TestOutbox } from './test-outbox.ts';

const ROW_CAPACITY = 64;

/** A kernel at work. Each call gives the rows that it made leave by port 0, as their values. */
export interface Stepwise {
  readonly out: TestOutbox;
  readonly counts: readonly number[];
  feed(port: number, ...rows: TestRow[]): unknown[][];
  watermark(port: number, watermarkUs: number): unknown[][];
  end(port: number): unknown[][];
}

/** Makes the kernel of a plan. */
export async function openStepwise(
  create: KernelFactory,
  plan: OperatorPlan,
  options: { readonly stateLimitBytes?: number } = {},
): Promise<Stepwise> {
  const { context, counts } = testContext({ ...options, rowCapacity: ROW_CAPACITY });
  const kernel = await create(structuredClone(plan), context);
  const out = new TestOutbox(plan.outputs, { rowCapacity: ROW_CAPACITY });
  const rowsOf = (call: () => void): unknown[][] => {
    const before = out.rows().length;
    call();
    return out
      .rows()
      .slice(before)
      .map(({ values }) => [...values]);
  };
  return {
    out,
    counts,
    feed: (port, ...rows) =>
      rowsOf(() => {
        const batch = allocateBatch(plan.inputs[port]!, ROW_CAPACITY, 64 * 1024);
        fillBatch(batch, rows);
        complete(kernel, out, () => kernel.onBatch(port, batch, out));
        poisonBatch(batch);
      }),
    watermark: (port, watermarkUs) =>
      rowsOf(() => complete(kernel, out, () => tellWatermark(kernel, port, watermarkUs, out))),
    end: (port) =>
      rowsOf(() => {
        complete(kernel, out, () => tellWatermark(kernel, port, Infinity, out));
        complete(kernel, out, () => tellEnd(kernel, port, out));
      }),
  };
}
