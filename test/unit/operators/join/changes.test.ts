/** Joins whose results are taken back: what they give when, what they keep, and what they refuse. */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../src/core/schema.ts';
import { describeSchema } from '../../../../src/core/schema.ts';
import { INT32, STRING } from '../../../../src/core/types.ts';
import { createJoinKernel } from '../../../../src/operators/join/kernel.ts';
import type { JoinDescription } from '../../../support/kernel/join-model.ts';
import { planJoin, soundJoin } from '../../../support/kernel/join-model.ts';
import type { Step } from '../../../support/kernel/run-kernel.ts';
import { runKernel } from '../../../support/kernel/run-kernel.ts';

const SIDE: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
  { name: 'op', type: STRING },
];
const BASE: JoinDescription = {
  left: SIDE,
  right: SIDE,
  changes: [2, 2],
  on: 'l.k = r.k',
  reach: { kind: 'unbounded' },
  select: { lv: 'l.v', rv: 'r.v' },
};
const left = (timeUs: number, k: number, v: number, op = '+I'): Step => ({
  port: 0,
  row: { values: [k, v, op], timeUs },
});
const right = (timeUs: number, k: number, v: number, op = '+I'): Step => ({
  port: 1,
  row: { values: [k, v, op], timeUs },
});
const watermark = (port: number, watermarkUs: number): Step => ({ port, watermarkUs });
const run = async (
  join: Partial<JoinDescription>,
  script: readonly Step[],
  limitBytes?: number,
) => {
  const plan = soundJoin({ ...BASE, ...join });
  const result = await runKernel(createJoinKernel, plan, script, {
    rowCapacity: 64,
    ...(limitBytes === undefined ? {} : { stateLimitBytes: limitBytes }),
  });
  const rows = result.out.rows().map(({ values, timeUs }) => `${values.join()} @${timeUs}`);
  return { ...result, rows };
};

describe('rows without a match', () => {
  test('come at once, and are taken back when a match comes, at its time', async () => {
    const script = [left(10, 1, 5), right(12, 1, 7), right(13, 1, 8), right(14, 1, 7, '-D')];
    expect((await run({ kind: 'left' }, script)).rows).toEqual([
      '5,,+I @10',
      '5,,-D @12',
      '5,7,+I @12',
      '5,8,+I @13',
      '5,7,-D @14',
    ]);
  });

  test('come again when the last match goes', async () => {
    const script = [left(10, 1, 5), right(12, 1, 7), right(14, 1, 7, '-D')];
    expect((await run({ kind: 'anti', select: { lv: 'l.v' } }, script)).rows).toEqual([
      '5,+I @10',
      '5,-D @12',
      '5,+I @14',
    ]);
  });

  test('make a join of streams that are not changes one that gives changes', () => {
    const plain = { left: SIDE.slice(0, 2), right: SIDE.slice(0, 2), changes: undefined };
    const { changes: _, ...base } = BASE;
    const columns = (kind: 'full' | 'inner' | 'semi') => {
      const select = kind === 'semi' ? { lv: 'l.v' } : BASE.select!;
      const { stream } = soundJoin({ ...base, left: plain.left, right: plain.right, kind, select })
        .outputs[0]!;
      return `${describeSchema(stream.schema)}: ${stream.change}`;
    };
    expect(columns('full')).toBe('lv int32, rv int32, change string: 2');
    expect(columns('inner')).toBe('lv int32, rv int32: undefined');
    expect(columns('semi')).toBe('lv int32: undefined');
  });
});

describe('a new version of a row', () => {
  test('goes before what takes its place, in whatever order a batch has them', async () => {
    const script = [right(1, 1, 7), left(2, 1, 5), left(3, 1, 5, '-U'), left(3, 1, 6, '+U')];
    expect((await run({}, script)).rows).toEqual(['5,7,+I @2', '5,7,-D @3', '6,7,+I @3']);
  });

  test('of a row that is not there is dropped and counted as late', async () => {
    const { rows, late } = await run({}, [right(1, 1, 7), left(3, 1, 5, '-U')]);
    expect(rows).toEqual([]);
    expect(late).toBe(1);
  });
});

describe('state', () => {
  test('stays small where rows are replaced again and again', async () => {
    const script: Step[] = [left(0, 1, 0)];
    for (let i = 1; i < 20_000; i++) script.push(left(i, 1, i - 1, '-U'), left(i, 1, i, '+U'));
    script.push(right(20_000, 1, 7));
    const { rows } = await run({}, script, 200_000);
    expect(rows).toEqual(['19999,7,+I @20000']);
  });

  test('forgets rows by ttl, which then neither match nor are taken back', async () => {
    const reach = { kind: 'unbounded', ttlUs: 100 } as const;
    const script = [
      left(0, 1, 5),
      right(50, 1, 7),
      watermark(0, 151),
      watermark(1, 151),
      right(151, 1, 8),
      left(152, 1, 5, '-D'),
    ];
    const { rows, late } = await run({ reach }, script);
    expect(rows).toEqual(['5,7,+I @50']);
    expect(late).toBe(1);
  });

  test('at its limit forgets what came first, if so, and counts that', async () => {
    const script: Step[] = [];
    for (let i = 0; i < 20_000; i++) script.push(left(i, i, i), right(i, i - 10, i));
    const { rows, evicted } = await run({ onLimit: 'evict' }, script, 200_000);
    expect(rows).toHaveLength(19_990);
    expect(evicted).toBeGreaterThan(30_000);
    await expect(run({}, script, 200_000)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
    await expect(run({ stateLimitBytes: 200_000 }, script)).rejects.toThrow('limit of 0.191 MiB');
  });
});

describe('a stream of changes', () => {
  const issuesOf = (join: Partial<JoinDescription>) => planJoin({ ...BASE, ...join }).issues;

  test('is not for joins that are bounded in time', () => {
    expect(issuesOf({ reach: { kind: 'interval', beforeUs: 0, afterUs: 5 } })).toEqual([
      expect.stringMatching(/^inputs\/0: 'lefts' is a stream of changes, which joins without/),
    ]);
  });

  test('says itself what it changes', () => {
    expect(issuesOf({ select: { op: 'l.op', change: 'l.v' } })).toEqual([
      expect.stringMatching(/^select\/op: the column that says what a row changes is not read/),
      expect.stringMatching(/^select\/change: the output has another column 'change'/),
    ]);
    expect(issuesOf({ on: 'l.k = r.k AND l.op <> r.op' })).toHaveLength(1);
  });
});
