/**
 * New keys without end, to every operator that remembers something and each way to act at the limit of its
 * state: the bytes that it says it uses stay below.
 */

import { expect, test } from 'vitest';
import type { KernelFactory } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { FLOAT64, INT32, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { documentPlan, type TestInput } from '../../support/kernel/operator-nodes.ts';
import type { RunResult, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const LIMIT_BYTES = 1 << 18;
const ROWS = 6144;
const BATCH = 256;
const STEP_US = 10;

const SCHEMA: Schema = [
  { name: 'k', type: STRING },
  { name: 'id', type: INT32 },
  { name: 'x', type: FLOAT64 },
];
const VALUES: Schema = SCHEMA.map(({ name, type }) => ({ name: name === 'x' ? 'v' : name, type }));
const input = (name: string, schema = SCHEMA): TestInput => ({ name, schema, hasTime: true });
const ONE = [input('in')];
const TWO = [input('l'), input('r')];

/** Each key has one row on each input; watermarks follow the rows, and close nothing. */
function script(ports: number): Step[] {
  const steps: Step[] = [];
  for (let from = 0; from < ROWS; from += BATCH) {
    for (let port = 0; port < ports; port++) {
      for (let id = from; id < from + BATCH; id++) {
        const values = [`key number ${id} of many`, id, id / 2];
        steps.push({ port, row: { values, timeUs: id * STEP_US } });
      }
    }
    const watermarkUs = (from + BATCH - 1) * STEP_US;
    for (let port = 0; port < ports; port++) steps.push({ port, watermarkUs });
  }
  return steps;
}

type Settings = Readonly<Record<string, unknown>>;

/** Plays the script; `most` is the most bytes of state that there were after a batch. */
async function run(
  settings: Settings,
  inputs: readonly TestInput[],
): Promise<{ result: RunResult | { code?: string }; mostBytes: number }> {
  const parts: (() => number)[] = [];
  let mostBytes = 0;
  const watched: KernelFactory = async (plan, context) => {
    const watchState = (usedBytes: () => number): void => void parts.push(usedBytes);
    const counters = { ...context.counters, watchState };
    const kernel = await createKernel(plan, { ...context, counters });
    const onBatch = kernel.onBatch.bind(kernel);
    kernel.onBatch = (...given) => {
      const progress = onBatch(...given);
      mostBytes = Math.max(
        mostBytes,
        parts.reduce((sum, part) => sum + part(), 0),
      );
      return progress;
    };
    return kernel;
  };
  const options = { rowCapacity: BATCH, stateLimitBytes: LIMIT_BYTES, renews: () => false };
  const ports = inputs.length;
  const result = await runKernel(
    watched,
    documentPlan(settings, inputs),
    script(ports),
    options,
  ).catch((error: unknown) => error as { code?: string });
  return { result, mostBytes };
}

const groupBy = { type: 'aggregate', groupBy: ['k'], select: { n: 'COUNT(*)', s: 'SUM(id)' } };
const hour = { type: 'tumbling', size: '1h' };
const events = {
  x: { input: 'in', where: 'id % 2 = 0' },
  y: { input: 'in', where: 'id % 2 = 1' },
};
const select = { id: 'l.id' };

const FAILING: readonly [string, Settings, readonly TestInput[]][] = [
  ['aggregate', groupBy, ONE],
  ['aggregate of windows', { ...groupBy, window: hour }, ONE],
  ['aggregate of sessions', { ...groupBy, window: { type: 'session', gap: '1h' } }, ONE],
  ['aggregate of row windows', { ...groupBy, window: { type: 'count', size: 5 } }, ONE],
  ['aggregate with each row', { ...groupBy, emit: 'each' }, ONE],
  ['aggregate with changes', { ...groupBy, emit: 'onChange' }, ONE],
  ['aggregate of distinct values', { ...groupBy, select: { n: 'COUNT(DISTINCT id)' } }, ONE],
  ['dedup', { type: 'dedup', key: ['k'] }, ONE],
  ['dedup of last rows', { type: 'dedup', key: ['k'], keep: 'last' }, ONE],
  ['top', { type: 'top', n: 1, orderBy: ['id'], groupBy: ['k'] }, ONE],
  ['bsort', { type: 'bsort', slack: 3, groupBy: ['k'] }, ONE],
  [
    'resample',
    { type: 'resample', key: ['k'], values: ['v'], method: 'previous' },
    [input('in'), input('v', VALUES)],
  ],
  ['merge', { type: 'merge', groupBy: ['k'] }, TWO],
  ['join', { type: 'join', on: 'l.k = r.k', select }, TWO],
  ['join by time', { type: 'join', on: 'l.k = r.k', within: { after: '1h' }, select }, TWO],
  ['join of windows', { type: 'join', on: 'l.k = r.k', window: hour, select }, TWO],
  ['as-of join', { type: 'join', on: 'l.k = r.k', asOf: true, select }, TWO],
  ['pattern', { type: 'pattern', events, pattern: 'x THEN y', key: ['k'], within: '1h' }, ONE],
];

test.each(FAILING)('%s: the run fails, in time', async (_, settings, inputs) => {
  const { result, mostBytes } = await run(settings, inputs);
  expect(result).toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', node: 'tested' });
  expect(mostBytes).toBeGreaterThan(LIMIT_BYTES / 8);
  expect(mostBytes).toBeLessThanOrEqual(LIMIT_BYTES);
});

const EVICTING: readonly [string, Settings, readonly TestInput[]][] = [
  ['aggregate with each row', { ...groupBy, emit: 'each' }, ONE],
  ['dedup', { type: 'dedup', key: ['k'] }, ONE],
  ['dedup by time', { type: 'dedup', key: ['k'], within: '1h' }, ONE],
  ['join', { type: 'join', on: 'l.k = r.k', select }, TWO],
  ['pattern', { type: 'pattern', events, pattern: 'x THEN y', key: ['k'], within: '1h' }, ONE],
];

test.each(EVICTING)('%s: what is old is forgotten, and counted', async (_, settings, inputs) => {
  const { result, mostBytes } = await run({ ...settings, onLimit: 'evict' }, inputs);
  expect(mostBytes).toBeGreaterThan(LIMIT_BYTES / 8);
  expect(mostBytes).toBeLessThanOrEqual(LIMIT_BYTES);
  const { evicted } = result as RunResult;
  expect(evicted).toBeGreaterThan(ROWS / 8);
  expect(evicted).toBeLessThanOrEqual(inputs.length * ROWS);
});

test('join: rows go to disk, and all pairs come', async () => {
  const settings = { type: 'join', on: 'l.k = r.k', select, onLimit: 'spill' };
  const { result, mostBytes } = await run(settings, TWO);
  expect(mostBytes).toBeGreaterThan(LIMIT_BYTES / 2);
  expect(mostBytes).toBeLessThanOrEqual(LIMIT_BYTES);
  expect((result as RunResult).out.rows()).toHaveLength(ROWS);
  expect((result as RunResult).spilled).toBeGreaterThan(ROWS);
});

test.each([
  ['aggregate', groupBy],
  ['aggregate of windows', { ...groupBy, window: hour }],
  ['aggregate of distinct values', { ...groupBy, select: { n: 'COUNT(DISTINCT id)' } }],
])('%s: groups go to disk, and all have results', async (_, settings) => {
  const { result, mostBytes } = await run({ ...settings, onLimit: 'spill' }, ONE);
  expect(mostBytes).toBeGreaterThan(LIMIT_BYTES / 2);
  expect(mostBytes).toBeLessThanOrEqual(LIMIT_BYTES);
  const { out, spilled, restored } = result as RunResult;
  expect(out.rows()).toHaveLength(ROWS);
  // Groups that had room had all their rows in memory, and each row of the others was written once.
  const known = ROWS - spilled;
  expect(known).toBeGreaterThan(ROWS / 64);
  expect(known).toBeLessThan(LIMIT_BYTES / 64);
  expect(restored).toBe(spilled);
});

const session = { type: 'session', gap: '1h' };
const PARTS: readonly [string, Settings, readonly TestInput[]][] = [
  ['sessions', { ...groupBy, window: session }, ONE],
  ['row windows', { ...groupBy, window: { type: 'count', size: 1 } }, ONE],
  ['dedup', { type: 'dedup', key: ['k'] }, ONE],
  ['dedup of last rows', { type: 'dedup', key: ['k'], keep: 'last' }, ONE],
  ['top', { type: 'top', n: 1, groupBy: ['k'], orderBy: ['x'] }, ONE],
  [
    'left join of windows',
    { type: 'join', kind: 'left', window: hour, on: 'l.k = r.k', select },
    TWO,
  ],
];

test.each(PARTS)('%s: parts go to disk, and all results come', async (_, settings, inputs) => {
  const { result, mostBytes } = await run({ ...settings, onLimit: 'spill' }, inputs);
  expect(mostBytes).toBeGreaterThan(LIMIT_BYTES / 4);
  expect(mostBytes).toBeLessThanOrEqual(LIMIT_BYTES);
  const { out, spilled, restored } = result as RunResult;
  expect(out.rows()).toHaveLength(ROWS);
  expect(spilled).toBeGreaterThan(ROWS / 4);
  expect(restored).toBe(spilled);
});
