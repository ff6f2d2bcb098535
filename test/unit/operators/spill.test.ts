import { expect, test } from 'vitest';
import type { KernelFactory } from '../../../src/core/operator.ts';
import type { Window } from '../../../src/core/topology/model.ts';
import { openAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { MemorySpill } from '../../support/kernel/memory-spill.ts';
import type { TestRow } from '../../support/kernel/rows.ts';
import { rowKey } from '../../support/kernel/rows.ts';
import type { RunResult, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { cumulating, hopping, schemaOf, soundPlan, tumbling } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ unused: 'string', k: 'int32', s: 'string', v: 'int64', f: 'float64' });
const SELECT = {
  n: 'COUNT(*)',
  sum: 'SUM(v)',
  least: 'MIN(s)',
  some: 'SUM(v) FILTER (WHERE v % 2 = 0)',
  bounds: 'MAX(f)',
  first: 'FIRST(v)',
};
const KIB = 1024;

function script(rows: number, keys: number, windowUs: number): Step[] {
  const steps: Step[] = [];
  let seed = 12345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let i = 0; i < rows; i++) {
    const timeUs = Math.floor(i / 4) + random(3);
    const k = random(keys);
    const values: TestRow['values'] = [
      'unused',
      k % 11 === 0 ? null : k,
      `a key of many letters ${k}`,
      random(100) === 0 ? null : BigInt(i),
      random(50) / 4,
    ];
    steps.push({ port: 0, row: { values, timeUs, lateByUs: 0 } });
    if (i % 512 === 511) steps.push({ port: 0, watermarkUs: timeUs - 3 - (timeUs % windowUs) });
  }
  return steps;
}

const create: KernelFactory = openAggregateKernel;
const keysOf = ({ out }: RunResult): string[] => out.rows(0).map(rowKey).sort();

const WINDOWS: readonly [string, Window | undefined][] = [
  ['no window', undefined],
  ['tumbling windows', tumbling(700)],
  ['hopping windows', hopping(700, 250)],
  ['cumulating windows', cumulating(900, 300)],
];

test.each(WINDOWS)('with %s, results are those of a state without a limit', async (_, window) => {
  const windowed = window === undefined ? {} : { window };
  const text = { groupBy: ['k', 's'], ...windowed, select: SELECT };
  const steps = script(4000, 2500, 250);
  const options = { rowCapacity: 64 };
  const whole = await runKernel(create, soundPlan(SCHEMA, text), steps, options);
  const spills: MemorySpill[] = [];
  const plan = soundPlan(SCHEMA, { ...text, onLimit: 'spill' });
  const spilled = await runKernel(create, plan, steps, {
    ...options,
    stateLimitBytes: 512 * KIB,
    spills,
  });
  expect(keysOf(spilled)).toEqual(keysOf(whole));
  expect(spilled.spilled).toBeGreaterThan(1000);
  expect(spilled.restored).toBeGreaterThan(1000);
  expect(spills[0]!.pieces).toBe(0);
});

test('a partition that has no room is parted once more', async () => {
  const rows = 60_001;
  const steps = Array.from({ length: rows }, (_, i): Step => {
    const values = [null, (i * 7919) % rows, null, BigInt(i), null];
    return { port: 0, row: { values, timeUs: i } };
  });
  const text = { groupBy: ['k'], select: { sum: 'SUM(v)' }, onLimit: 'spill' } as const;
  const options = { rowCapacity: 1024, stateLimitBytes: 88 * KIB };
  const { out, spilled } = await runKernel(create, soundPlan(SCHEMA, text), steps, options);
  expect(spilled).toBeGreaterThan(1.1 * rows);
  const sums = new Map(out.rows(0).map(({ values: [k, sum] }) => [k, sum]));
  expect(out.rows(0)).toHaveLength(rows);
  const wrong = steps.filter((_, i) => sums.get((i * 7919) % rows) !== BigInt(i));
  expect(wrong).toEqual([]);
});
