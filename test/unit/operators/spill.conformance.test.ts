/** Aggregates whose state has room for some of the groups only. */

import { expect, test } from 'vitest';
import { openAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import type { AggregateText } from './aggregate-nodes.ts';
import { hopping, schemaOf, soundPlan, tumbling } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ ad: 'int32', user: 'string', n: 'int64' });

/** Rows of which most have a key of their own. */
function script(): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < 360; i++) {
    const timeUs = i * 3 - ((i * 37) % 20);
    const user = i % 11 === 0 ? null : `user number ${(i * 7) % 190} of many`;
    const n = i % 13 === 0 ? null : BigInt(i % 5);
    steps.push({ port: 0, row: { values: [(i * i) % 90, user, n], timeUs, lateByUs: 0 } });
    if (i % 60 === 59) steps.push({ port: 0, watermarkUs: timeUs - 40 });
  }
  return steps;
}

const LIMIT_BYTES = 112 * 1024;
const groupBy = ['user', 'ad'];
const subjects: Readonly<Record<string, AggregateText>> = {
  'aggregate on disk': {
    groupBy,
    select: { n: 'COUNT(*)', least: 'MIN(user)', last: 'LAST(user)' },
  },
  'aggregate on disk, tumbling': {
    groupBy,
    window: tumbling(500),
    select: { s: 'SUM(n)', last: 'LAST(user)' },
  },
  'aggregate on disk, hopping': {
    groupBy,
    window: hopping(500, 200),
    select: { n: 'COUNT(n)', least: 'MIN(user)' },
  },
};

for (const [name, text] of Object.entries(subjects)) {
  describeKernel(name, {
    create: openAggregateKernel,
    plan: soundPlan(SCHEMA, { ...text, onLimit: 'spill' }),
    script: script(),
    keepsOrder: false,
    leastRows: 100,
    stateLimitBytes: LIMIT_BYTES,
  });
}

test.each(Object.entries(subjects))('%s: rows go there and come back', async (_, text) => {
  const plan = soundPlan(SCHEMA, { ...text, onLimit: 'spill' });
  const options = { rowCapacity: 64, stateLimitBytes: LIMIT_BYTES };
  const { spilled, restored } = await runKernel(openAggregateKernel, plan, script(), options);
  expect(spilled).toBeGreaterThan(20);
  expect(restored).toBeGreaterThanOrEqual(spilled);
});
