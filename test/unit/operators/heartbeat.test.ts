/** When a heartbeat adds rows. */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import { INT64, TIMESTAMP } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { documentPlan, type TestInput } from '../../support/kernel/operator-nodes.ts';
import type { ClockedStep } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'at', type: TIMESTAMP },
  { name: 'n', type: INT64 },
];
const INPUT: TestInput = { name: 'in', schema: SCHEMA, hasTime: true };

const row = (atUs: number | null, n: number): ClockedStep => ({
  port: 0,
  row: { values: [atUs === null ? null : BigInt(atUs), BigInt(n)], timeUs: atUs ?? 0 },
});

/** `time n` of data rows, `time beat` of those that were added. */
async function beats(script: readonly ClockedStep[], slack?: string): Promise<string[]> {
  const settings = { type: 'heartbeat', field: 'at', every: '10us' };
  const plan = documentPlan(slack === undefined ? settings : { ...settings, slack }, [INPUT]);
  const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
  return out.rows().map(({ values: [at, n], timeUs, lateByUs }) => {
    expect(lateByUs).toBe(0);
    if (n === null) expect(timeUs).toBe(Number(at));
    return `${String(at)} ${n === null ? 'beat' : String(n)}`;
  });
}

describe('a heartbeat', () => {
  test('comes in front of the first row that reaches a multiple', async () => {
    expect(await beats([row(3, 1), row(9, 2), row(10, 3), row(19, 4), row(21, 5)])).toEqual([
      '3 1',
      '9 2',
      '10 beat',
      '10 3',
      '19 4',
      '20 beat',
      '21 5',
    ]);
  });

  test('is the last of several multiples that are passed at once, also below zero', async () => {
    expect(await beats([row(-25, 1), row(37, 2)])).toEqual(['-25 1', '30 beat', '37 2']);
    expect(await beats([row(-25, 1), row(-13, 2)])).toEqual(['-25 1', '-20 beat', '-13 2']);
  });

  test('does not come for rows that go back, or that have no time', async () => {
    expect(await beats([row(25, 1), row(3, 2), row(null, 3), row(29, 4)])).toHaveLength(4);
  });

  test('comes after a silence, by the clock', async () => {
    const silent: ClockedStep[] = [
      { clockUs: 100 },
      row(98, 1),
      { clockUs: 111 },
      { clockUs: 112 },
      { clockUs: 117 },
      row(113, 2),
      { clockUs: 125 },
      { clockUs: 131 },
    ];
    expect(await beats(silent, '2us')).toEqual(['98 1', '110 beat', '113 2', '130 beat']);
    expect(await beats(silent)).toEqual(['98 1', '110 beat', '113 2']);
  });

  test('does not come before anything was heard', async () => {
    expect(await beats([{ clockUs: 1000 }], '2us')).toEqual([]);
  });
});
