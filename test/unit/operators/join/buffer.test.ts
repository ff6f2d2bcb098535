/** Joins that keep the last rows of a side. */

import { expect, test } from 'vitest';
import type { Schema } from '../../../../src/core/schema.ts';
import { INT32 } from '../../../../src/core/types.ts';
import { createJoinKernel } from '../../../../src/operators/join/kernel.ts';
import { planJoin } from '../../../support/kernel/join-model.ts';
import type { Step } from '../../../support/kernel/run-kernel.ts';
import { runKernel } from '../../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
];

test('they keep no more than that, on an endless stream', async () => {
  const { plan } = planJoin({
    left: SCHEMA,
    right: SCHEMA,
    on: 'l.k = r.k',
    reach: { kind: 'unbounded' },
    buffer: { left: 100, right: 0 },
    select: { lv: 'l.v', rv: 'r.v' },
  });
  const script = Array.from({ length: 40_000 }, (_, i): Step => ({
    port: i % 100 === 99 ? 1 : 0,
    row: { values: [i % 50, i], timeUs: i },
  }));
  const options = { rowCapacity: 64, stateLimitBytes: 100_000 };
  const { out } = await runKernel(createJoinKernel, plan!, script, options);
  // Of the last hundred left rows, two have the key 49 but for those that went to the right.
  expect(out.rows().length).toBe(400);
});
