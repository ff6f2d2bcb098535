/** Operators whose state goes to disk in parts. */

import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import type { KernelFactory, OperatorPlan } from '../../../src/core/operator.ts';
import { STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { partitionOf } from '../../../src/operators/spill/spilled-rows.ts';
import { hashRows } from '../../../src/state/index.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { planOf, SUBJECTS } from '../../property/spilled-parts.property.ts';
import { MemorySpill } from '../../support/kernel/memory-spill.ts';
import { allocateBatch, fillBatch, rowKey } from '../../support/kernel/rows.ts';
import type { RunOptions, RunResult, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const KIB = 1024;

/** Values without end, of many keys. */
function script(rows: number, keys: number, ports = 1): Step[] {
  return Array.from({ length: rows }, (_, id): Step[] => {
    const port = id % ports;
    const key = Math.imul(id, 0x9e3779b1) >>> 0;
    const values = [`key ${key % keys}`, id, BigInt(id % 37)];
    const row: Step = { port, row: { values, timeUs: id } };
    return id % 50 === 49 ? [row, { port, watermarkUs: id - 20 }] : [row];
  }).flat();
}

/** A run without a limit, and how many bytes of state there were at most. */
async function runWhole(
  plan: OperatorPlan,
  steps: readonly Step[],
  options: RunOptions,
): Promise<{ whole: RunResult; mostBytes: number }> {
  let mostBytes = 0;
  const create: KernelFactory = async (given, context) => {
    const watched: (() => number)[] = [];
    const watchState = (usedBytes: () => number): void => void watched.push(usedBytes);
    const counters = { ...context.counters, watchState };
    const kernel = await createKernel(given, { ...context, counters });
    const onBatch = kernel.onBatch.bind(kernel);
    kernel.onBatch = (...batch) => {
      const progress = onBatch(...batch);
      mostBytes = Math.max(
        mostBytes,
        watched.reduce((sum, used) => sum + used(), 0),
      );
      return progress;
    };
    return kernel;
  };
  return { whole: await runKernel(create, plan, steps, options), mostBytes };
}

/** Keys that are all in one of the places that keys have at first. */
function keysOfOnePlace(count: number): string[] {
  const rowCapacity = 64 * Math.ceil((2 / 3) * count);
  const stream = { schema: [{ name: 'k', type: STRING }], hasTime: false };
  const batch = allocateBatch(stream, rowCapacity, 32 * rowCapacity);
  const rows = Array.from({ length: rowCapacity }, (_, i) => ({ values: [`key ${i}`] }));
  fillBatch(batch, rows);
  const hashes = new Int32Array(rowCapacity);
  hashRows(batch.columns, batch.selection, 0, rowCapacity, hashes);
  const keys = rows.flatMap(({ values }, i) => (partitionOf(hashes[i]!, 0) === 7 ? values : []));
  return keys.slice(0, count);
}

const rowsOf = ({ out }: RunResult): string[] => out.rows(0).map(rowKey).sort();

test('groups that grow have the results of a state without a limit, in a tenth of what they take', async () => {
  const name = 'growing groups';
  const steps = script(8000, 500);
  const options = { rowCapacity: 256 };
  const plan = planOf(SUBJECTS[name]!, 'error');
  const { whole, mostBytes } = await runWhole(plan, steps, options);
  const stateLimitBytes = Math.floor(mostBytes / 10);
  await expect(
    runKernel(createKernel, plan, steps, { ...options, stateLimitBytes }),
  ).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
  const parts = planOf(SUBJECTS[name]!, 'spill');
  const found = await runKernel(createKernel, parts, steps, { ...options, stateLimitBytes });
  expect(rowsOf(found)).toEqual(rowsOf(whole));
  expect(found.spilled).toBeGreaterThan(4000);
  expect(found.restored).toBe(found.spilled);
});

test.each([
  ['growing groups', 1000, 192, {}],
  ['dedup of first rows', 3000, 64, {}],
  ['growing groups', 500, 256, { window: { type: 'hopping', size: '8ms', slide: '4ms' } }],
])(
  '%s: a part that has no room is parted in two, and so on',
  async (name, keys, limitKib, window) => {
    const node = { ...SUBJECTS[name]!, ...window };
    const places = keysOfOnePlace(keys);
    const steps = script(9000, keys).map((step): Step => {
      if (!('row' in step)) return step;
      const [, id, v] = step.row.values;
      return { ...step, row: { ...step.row, values: [places[Number(id) % keys]!, id!, v!] } };
    });
    const options = { rowCapacity: 256 };
    const { whole, mostBytes } = await runWhole(planOf(node, 'error'), steps, options);
    const spills: MemorySpill[] = [];
    const stateLimitBytes = limitKib * KIB;
    expect(mostBytes).toBeGreaterThan(2 * stateLimitBytes);
    const parts = planOf(node, 'spill');
    const found = await runKernel(createKernel, parts, steps, {
      ...options,
      stateLimitBytes,
      spills,
    });
    expect(rowsOf(found)).toEqual(rowsOf(whole));
    expect(spills[0]!.pieces).toBe(0);
  },
);

test('a group that alone exceeds the limit ends the run', async () => {
  const run = runKernel(
    createKernel,
    planOf(SUBJECTS['growing groups']!, 'spill'),
    script(8000, 1),
    {
      rowCapacity: 256,
      stateLimitBytes: 256 * KIB,
    },
  );
  await expect(run).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', node: 'tested' });
});

test('what the disk says is handed on', async () => {
  const full = new MillraceError('ERR_FILE', 'no space left');
  const create: KernelFactory = (plan, context) => {
    const refuse = (): never => {
      throw full;
    };
    const store = { bytes: 0, append: refuse, read: refuse, release: () => undefined };
    return createKernel(plan, { ...context, openSpillStore: () => Promise.resolve(store) });
  };
  const options = { rowCapacity: 256, stateLimitBytes: 256 * KIB };
  const plan = planOf(SUBJECTS['dedup of first rows']!, 'spill');
  await expect(runKernel(create, plan, script(8000, 8000), options)).rejects.toBe(full);
});

describeKernel('sessions in parts on disk', {
  create: createKernel,
  plan: planOf(SUBJECTS['sessions of growing groups']!, 'spill'),
  script: script(130, 100),
  keepsOrder: false,
  leastRows: 30,
  stateLimitBytes: 192 * KIB,
});
