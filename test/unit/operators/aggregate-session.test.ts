import { describe, expect, test } from 'vitest';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import type { RunOptions, RunResult, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import type { AggregateText } from './aggregate-nodes.ts';
import { planAggregate, schemaOf, sessions, soundPlan } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'string', x: 'int64' });
const TEXT: AggregateText = {
  window: sessions(10),
  groupBy: ['k'],
  select: { n: 'COUNT(*)', s: 'SUM(x)' },
};

const row = (timeUs: number, k: string, x = 1n, lateByUs = 0): Step => ({
  port: 0,
  row: { values: [k, x], timeUs, lateByUs },
});
const watermark = (watermarkUs: number): Step => ({ port: 0, watermarkUs });

const run = (script: readonly Step[], options: Partial<RunOptions> = {}): Promise<RunResult> =>
  runKernel(createAggregateKernel, soundPlan(SCHEMA, TEXT), script, {
    rowCapacity: 64,
    ...options,
  });

const valuesOf = ({ out }: RunResult, port = 0): (readonly Cell[])[] =>
  out.rows(port).map(({ values }) => values);

describe('sessions', () => {
  test('end a gap after their last row, and come before the watermark that closes them', async () => {
    const { out } = await run([row(3, 'a'), row(12, 'a'), watermark(21), watermark(22)]);
    expect(out.events).toEqual([
      { kind: 'watermark', watermarkUs: 21 },
      {
        kind: 'row',
        port: 0,
        row: { values: [3n, 22n, 'a', 2n, 2n], timeUs: 21, lateByUs: 0 },
      },
      { kind: 'watermark', watermarkUs: 22 },
      { kind: 'watermark', watermarkUs: Infinity },
    ]);
  });

  test('rows a gap apart are of two', async () => {
    const result = await run([row(-3, 'a'), row(7, 'a'), row(-12, 'a')]);
    expect(valuesOf(result)).toHaveLength(2);
    expect(valuesOf(result)).toContainEqual([-12n, 7n, 'a', 2n, 2n]);
  });

  test('two become one by a row between them', async () => {
    const rows = [row(0, 'a', 1n), row(15, 'a', 2n), row(40, 'b', 8n), row(8, 'a', 4n)];
    const result = await run([...rows, watermark(20)], { batchRows: () => 1 });
    expect(valuesOf(result)).toEqual([
      [0n, 25n, 'a', 3n, 7n],
      [40n, 50n, 'b', 1n, 8n],
    ]);
  });

  test('a late row counts while a session of it alone would be open for its source', async () => {
    const script = [row(5, 'a'), row(40, 'b'), row(6, 'a', 2n, 8), row(6, 'a', 4n, 10)];
    const result = await run(script);
    expect(valuesOf(result)).toContainEqual([5n, 16n, 'a', 2n, 3n]);
    expect(valuesOf(result, 1)).toEqual([['a', 4n]]);
    expect(result.late).toBe(1);
  });

  test('a late row makes one of its own beside a session that its source had closed', async () => {
    const result = await run([row(0, 'a'), row(4, 'a', 2n, 6), row(20, 'a', 4n)]);
    expect(valuesOf(result)).toEqual(
      expect.arrayContaining([
        [0n, 10n, 'a', 1n, 1n],
        [4n, 14n, 'a', 1n, 2n],
        [20n, 30n, 'a', 1n, 4n],
      ]),
    );
  });

  test('keys without end need no more room than the sessions that are open', async () => {
    const script: Step[] = [];
    for (let i = 0; i < 40_000; i++) {
      script.push(row(i, `a key that is seen only once: ${i}`));
      if (i % 64 === 63) script.push(watermark(i - 20));
    }
    const { out } = await run(script, { stateLimitBytes: 96 * 1024 });
    expect(out.rows(0)).toHaveLength(40_000);
  });

  test('that end together keep their values apart, also where they fill several states', async () => {
    const keys = 5000;
    const plan = soundPlan(SCHEMA, {
      ...TEXT,
      select: { m: 'MODE(k)', all: "STRING_AGG(DISTINCT k, ',')", x: 'MEDIAN(x)' },
    });
    const text = (key: number): string => `a key that takes room of its own: ${key}`;
    const script = Array.from({ length: 2 * keys }, (_, i) => row(0, text(i % keys), BigInt(i)));
    script.push(watermark(100));
    const { out } = await runKernel(createAggregateKernel, plan, script, {
      rowCapacity: 1024,
    });
    const found = new Map(out.rows(0).map(({ values }) => [values[2], values]));
    expect(found.size).toBe(keys);
    for (let key = 0; key < keys; key++) {
      const k = text(key);
      expect(found.get(k)?.slice(2)).toEqual([k, k, k, key + keys / 2]);
    }
  });

  test('too many open ones are an error that says how many', async () => {
    const script = Array.from({ length: 3000 }, (_, i) => row(0, `key ${i}`));
    await expect(run(script, { stateLimitBytes: 64 * 1024 })).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      message: expect.stringMatching(/holds \d+ open sessions/),
    });
  });

  test('that are revised are taken back, and those that become one as well', async () => {
    const plan = soundPlan(SCHEMA, { ...TEXT, window: { ...sessions(10), latenessUs: 64 } });
    const script = [
      row(0, 'a'),
      row(13, 'a', 2n),
      watermark(40),
      row(6, 'a', 4n, 34),
      watermark(41),
    ];
    const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 64 });
    const results = out
      .rows(0)
      .map(({ values, timeUs, lateByUs }) => [...values, timeUs, lateByUs]);
    expect(results).toEqual([
      [0n, 10n, 'a', 1n, 1n, '+I', 9, 0],
      [13n, 23n, 'a', 1n, 2n, '+I', 22, 0],
      [13n, 23n, 'a', 1n, 2n, '-D', 22, 18],
      [0n, 10n, 'a', 1n, 1n, '-U', 9, 31],
      [0n, 23n, 'a', 3n, 7n, '+U', 22, 18],
    ]);
    expect(out.events.at(-2)).toEqual({ kind: 'watermark', watermarkUs: 41 });
  });

  test('that are open again give their next result when they end', async () => {
    const plan = soundPlan(SCHEMA, { ...TEXT, window: { ...sessions(10), latenessUs: 64 } });
    const script = [row(0, 'a'), watermark(12), row(5, 'a', 2n, 7), watermark(14), watermark(15)];
    const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 64 });
    expect(out.events.slice(2)).toMatchObject([
      { watermarkUs: 14 },
      { row: { values: [0n, 10n, 'a', 1n, 1n, '-U'] } },
      { row: { values: [0n, 15n, 'a', 2n, 3n, '+U'] } },
      { watermarkUs: 15 },
      { watermarkUs: Infinity },
    ]);
  });

  test.each([
    ['close', { kind: 'end' as const }],
    ['every', { kind: 'every' as const, everyUs: 5 }],
    ['change', { kind: 'change' as const }],
  ])('that are revised (%s) need no more room than those that may be', async (_name, emit) => {
    const text = { ...TEXT, window: { ...sessions(10), latenessUs: 10 }, emit };
    const select = { n: 'COUNT(*)', s: 'MEDIAN(x)' };
    for (const of of [text, { ...text, select }]) {
      const script: Step[] = [];
      for (let i = 0; i < 12_000; i++) {
        script.push(row(i, `a key that is seen only once: ${i}`));
        if (i % 64 === 63) script.push(watermark(i - 20));
      }
      const { out } = await runKernel(createAggregateKernel, soundPlan(SCHEMA, of), script, {
        rowCapacity: 64,
        stateLimitBytes: (of === text ? 160 : 2000) * 1024,
      });
      expect(out.rows(0)).toHaveLength(12_000);
    }
  });

  test('too many that are revised are an error that says how many', async () => {
    const plan = soundPlan(SCHEMA, { ...TEXT, window: { ...sessions(10), latenessUs: 10 } });
    const script = Array.from({ length: 3000 }, (_, i) => row(20 * i, `key ${i}`));
    const options = { rowCapacity: 64, stateLimitBytes: 64 * 1024 };
    await expect(runKernel(createAggregateKernel, plan, script, options)).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      message: expect.stringMatching(/holds \d+ sessions whose results may change/),
    });
  });

  test('take distinct values that can be taken back, and no others', () => {
    const issuesOf = (select: Record<string, string>): readonly string[] =>
      planAggregate(SCHEMA, { window: sessions(10), select }).issues;
    expect(issuesOf({ n: 'COUNT(DISTINCT x)', mean: 'AVG(DISTINCT x)' })).toEqual([]);
    expect(issuesOf({ n: 'COUNT(DISTINCT x)', about: 'APPROX_COUNT_DISTINCT(x)' })).toEqual([
      'select.about: APPROX_COUNT_DISTINCT does not go with sessions, nor with DISTINCT beside it',
    ]);
  });
});
