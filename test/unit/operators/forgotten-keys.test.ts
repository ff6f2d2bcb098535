/** Keys that never come back take no room for ever: new ones without end fit into a small state. */

import { expect, test } from 'vitest';
import type { KernelFactory } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { FLOAT64, INT32, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { documentPlan, type TestInput } from '../../support/kernel/operator-nodes.ts';
import type { ClockedStep, RunResult } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'k', type: STRING },
  { name: 'id', type: INT32 },
  { name: 'x', type: FLOAT64 },
];
const LIMIT_BYTES = 1 << 19;
const ROWS = 8192;
/** More than are looked at in one call. */
const MANY_ROWS = 9216;
const BATCH = 512;
const STEP_US = 10;

const stream = (name: string, schema: Schema = SCHEMA): TestInput => ({
  name,
  schema,
  hasTime: true,
});
/** The columns of the values of a resample have names of their own. */
const VALUES: Schema = SCHEMA.map(({ name, type }) => ({ name: name === 'x' ? 'v' : name, type }));

/** Each key has a few rows one after the other, and does not come again; watermarks follow the rows. */
function script(
  ports: number,
  rowsOfKey: number,
  isWatermarked = true,
  rows = ROWS,
): ClockedStep[] {
  const steps: ClockedStep[] = [];
  for (let from = 0; from < rows; from += BATCH) {
    for (let port = 0; port < ports; port++) {
      for (let id = from; id < from + BATCH; id++) {
        const key = `key ${Math.floor(id / rowsOfKey)}`;
        steps.push({ port, row: { values: [key, id, id / 2], timeUs: id * STEP_US } });
      }
    }
    const watermarkUs = (from + BATCH - 20) * STEP_US;
    for (let port = 0; port < ports && isWatermarked; port++) steps.push({ port, watermarkUs });
  }
  return steps;
}

async function run(
  settings: Readonly<Record<string, unknown>>,
  inputs: readonly TestInput[],
  steps: readonly ClockedStep[],
): Promise<RunResult> {
  const plan = documentPlan(settings, inputs);
  return await runKernel(createKernel, plan, steps, {
    rowCapacity: BATCH,
    stateLimitBytes: LIMIT_BYTES,
  });
}

/** How often a kernel yields at the last steps, where rows of very many keys wait. */
async function yieldsAtEnd(
  settings: Readonly<Record<string, unknown>>,
  last: ClockedStep,
): Promise<number> {
  let yields = 0;
  let isAtEnd = false;
  const counted: KernelFactory = async (plan, context) => {
    const kernel = await createKernel(plan, context);
    const resume = kernel.resume!.bind(kernel);
    const onWatermark = kernel.onWatermark!.bind(kernel);
    kernel.resume = (out) => {
      const progress = resume(out);
      if (progress === 'yielded' && isAtEnd) yields++;
      return progress;
    };
    kernel.onWatermark = (port, watermarkUs, out) => {
      isAtEnd = watermarkUs < Infinity;
      const progress = onWatermark(port, watermarkUs, out);
      if (progress === 'yielded' && isAtEnd) yields++;
      return progress;
    };
    return kernel;
  };
  const plan = documentPlan(settings, [stream('a'), stream('b')]);
  const steps = [...script(1, 1, false, MANY_ROWS), last];
  await runKernel(counted, plan, steps, { rowCapacity: BATCH });
  return yields;
}

test('a watermark is not answered for all groups in one call', async () => {
  const last = { port: 1, watermarkUs: 3 * STEP_US };
  expect(await yieldsAtEnd({ type: 'merge', groupBy: ['k'] }, last)).toBeGreaterThan(0);
  expect(await yieldsAtEnd({ type: 'waitfor', key: ['k'], timeout: '1us' }, last)).toBeGreaterThan(
    0,
  );
});

test('merge by event time forgets groups behind the watermark', async () => {
  const settings = { type: 'merge', groupBy: ['k'] };
  const inputs = [stream('a'), stream('b')];
  const { out } = await run(settings, inputs, script(2, 1));
  const ids = out.rows().map(({ values }) => values[1]);
  expect(ids).toHaveLength(2 * ROWS);
  expect(new Set(ids).size).toBe(ROWS);
  // Nothing is forgotten where no watermark says so.
  await expect(run(settings, inputs, script(2, 1, false))).rejects.toThrow('limit of its state');
});

test('resample forgets keys of which no value is near', async () => {
  const settings = { type: 'resample', key: ['k'], values: ['v'] };
  const inputs = [stream('rows'), stream('values', VALUES)];
  const near = { ...settings, method: 'linear', within: `${5 * STEP_US}us` };
  const { out } = await run(near, inputs, script(2, 2));
  expect(out.rows().map(({ values }) => values[3])).toEqual(
    Array.from({ length: ROWS }, (_, id) => id / 2),
  );
  const last = { ...settings, method: 'previous' };
  await expect(run(last, inputs, script(2, 1))).rejects.toThrow('limit of its state');
  await run({ ...last, within: `${5 * STEP_US}us` }, inputs, script(2, 1));
});

test('windows of rows forget groups after their timeout', async () => {
  const settings = (window: object): Readonly<Record<string, unknown>> => ({
    type: 'aggregate',
    groupBy: ['k'],
    window: { type: 'count', size: 2, ...window },
    select: { n: 'COUNT(*)', first: 'window_first' },
  });
  const steps = script(1, 3);
  const { out } = await run(settings({ timeout: `${5 * STEP_US}us` }), [stream('in')], steps);
  const windows = out
    .rows()
    .map(({ values: [, n, first] }) => `${String(n)} from ${String(first)}`);
  // The last key has two rows only.
  expect(windows.filter((window) => window === '2 from 1')).toHaveLength(Math.ceil(ROWS / 3));
  expect(windows.filter((window) => window === '1 from 3')).toHaveLength(Math.floor(ROWS / 3));
  const more = script(1, 1);
  await run(settings({ timeout: `${5 * STEP_US}us` }), [stream('in')], more);
  await expect(run(settings({}), [stream('in')], more)).rejects.toThrow('limit of its state');
});

test('bsort lets the rows of groups go after their time to live', async () => {
  const settings = { type: 'bsort', slack: 2, groupBy: ['k'] };
  const steps = script(1, 2);
  const { out } = await run({ ...settings, ttl: `${5 * STEP_US}us` }, [stream('in')], steps);
  expect(out.rows()).toHaveLength(ROWS);
  await expect(run(settings, [stream('in')], steps)).rejects.toThrow('limit of its state');
});

test('pattern forgets keys whose windows have ended, and at a limit what began first', async () => {
  const events = {
    x: { input: 'in', where: 'id % 2 = 0' },
    y: { input: 'in', where: 'id % 2 = 1' },
  };
  const settings = { type: 'pattern', events, pattern: 'x THEN y', select: { id: 'y.id' } };
  const steps = script(1, 2);
  const inputs = [stream('in')];
  const keyed = { ...settings, key: ['k'], within: `${5 * STEP_US}us` };
  expect((await run(keyed, inputs, steps)).out.rows()).toHaveLength(ROWS / 2);
  const without = {
    ...keyed,
    pattern: 'x THEN NOT y',
    select: { id: 'x.id' },
    stateLimit: '192KiB',
  };
  expect((await run(without, inputs, steps)).out.rows()).toEqual([]);
  const long = { ...settings, key: ['k'], within: '1h' };
  await expect(run(long, inputs, steps)).rejects.toThrow('limit of its state');
  const evicting = { ...long, onLimit: 'evict', stateLimit: '256KiB' };
  const { out, evicted } = await run(evicting, inputs, steps);
  // A row is followed at once: what is forgotten is old.
  expect(out.rows()).toHaveLength(ROWS / 2);
  expect(evicted).toBeGreaterThan(ROWS / 8);
});
