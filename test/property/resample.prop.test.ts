/** Values at the times of rows, against a model that looks at all of them. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedDisorder } from '../../src/core/time.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { planIssues, soundPlan } from '../support/kernel/documents.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const ROWS = { name: 'a', schema: schemaOf({ id: 'int32', k: 'string' }), hasTime: true };
const VALUES = {
  name: 'b',
  schema: schemaOf({ k: 'string', x: 'float64', d: 'decimal(10,2)', n: 'int64' }),
  hasTime: true,
};
const LONG = 'a string that does not fit its view';

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      port: fc.integer({ min: 0, max: 1 }),
      stepUs: fc.integer({ min: -20, max: 14 }),
      k: fc.constantFrom(null, 'a', LONG),
      x: fc.option(fc.integer({ min: -50, max: 50 }), { freq: 8 }),
    }),
    { maxLength: 160, size: 'max' },
  ),
  keyed: fc.boolean(),
  method: fc.constantFrom('linear', 'previous', 'nearest'),
  withinUs: fc.constantFrom(undefined, 3, 30),
  latenessUs: fc.integer({ min: 5, max: 25 }),
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
});

/** The value of a column at a time. */
function modelValue(
  points: readonly TestRow[],
  column: number,
  timeUs: number,
  method: string,
  withinUs: number,
): number | null {
  const near = points.filter((point) => Math.abs(point.timeUs! - timeUs) <= withinUs);
  // Of equal times the one that came last counts before, the one that came first behind.
  const before = near
    .filter((point) => point.timeUs! <= timeUs)
    .toSorted((a, b) => a.timeUs! - b.timeUs!)
    .at(-1);
  const after = near
    .filter((point) => point.timeUs! > timeUs)
    .toSorted((a, b) => a.timeUs! - b.timeUs!)[0];
  const valueOf = (point: TestRow | undefined): number | null => {
    const cell = point?.values[column] ?? null;
    return cell === null ? null : column === 2 ? Number(cell) / 100 : Number(cell);
  };
  if (method === 'previous' || before?.timeUs === timeUs) return valueOf(before);
  if (method === 'nearest') {
    if (before === undefined || after === undefined) return valueOf(before ?? after);
    return valueOf(after.timeUs! - timeUs < timeUs - before.timeUs! ? after : before);
  }
  const [a, b] = [valueOf(before), valueOf(after)];
  if (a === null || b === null) return null;
  return a + (b - a) * ((timeUs - before!.timeUs!) / (after!.timeUs! - before!.timeUs!));
}

test('gives what the model gives', async () => {
  let present = 0;
  let absent = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async ({ rows, keyed, method, withinUs, latenessUs, ...run }) => {
      const sources = [new BoundedDisorder(latenessUs), new BoundedDisorder(latenessUs)] as const;
      const latest = [0, 0];
      const script = rows.flatMap(({ port, stepUs, k, x }, i): Step[] => {
        const source = sources[port as 0 | 1];
        const timeUs = latest[port]! + stepUs;
        latest[port] = Math.max(latest[port]!, timeUs);
        const big: Cell = x === null ? null : BigInt(x) * 7n;
        const values =
          port === 0 ? [i, k] : [k, x === null ? null : x / 4, big, x === null ? null : BigInt(x)];
        const row: Step = { port, row: { values, timeUs, lateByUs: source.judge(timeUs) } };
        return i % 3 === 0 ? [row, { port, watermarkUs: source.watermarkUs }] : [row];
      });
      const given = method === 'previous' ? withinUs : (withinUs ?? 8);
      const plan = soundPlan(
        {
          type: 'resample',
          values: ['x', 'd', 'n'],
          method,
          ...(keyed ? { key: ['k'] } : {}),
          ...(given === undefined ? {} : { within: `${given}us` }),
        },
        [ROWS, VALUES],
      );
      let turn = 0;
      const { out, late } = await runKernel(createKernel, plan, script, {
        ...run,
        rowCapacity: 64,
        batchRows: () => run.batchRows[turn++ % run.batchRows.length]!,
        renews: nowAndThen(run.refuses && run.inMemory),
        stateLimitBytes: 16 << 20,
      });
      const rowsOf = (port: number): TestRow[] =>
        script.flatMap((step) => ('row' in step && step.port === port ? [step.row] : []));
      const isLate = (row: TestRow): boolean => row.lateByUs! > 0;
      const points = rowsOf(1).filter((row) => !isLate(row));
      const expected = rowsOf(0)
        .filter((row) => !isLate(row))
        .map((row): TestRow => {
          const own = points.filter((point) => !keyed || point.values[0] === row.values[1]);
          const added = [1, 2, 3].map((column) =>
            modelValue(own, column, row.timeUs!, method, given ?? Infinity),
          );
          for (const value of added) {
            if (value === null) absent++;
            else present++;
          }
          return { ...row, values: [...row.values, ...added] };
        });
      expect(out.rows().map(rowKey).toSorted()).toEqual(expected.map(rowKey).toSorted());
      expect(late).toBe([...rowsOf(0), ...rowsOf(1)].filter(isLate).length);
      expect(out.rows(1)).toHaveLength(rowsOf(0).filter(isLate).length);
      expect(out.watermarkUs).toBe(Infinity);
    }),
    { numRuns: 80 },
  );
  expect(present).toBeGreaterThan(1000);
  expect(absent).toBeGreaterThan(300);
});

test('forgets values that no row needs', async () => {
  const plan = soundPlan({ type: 'resample', values: ['x'], method: 'previous', key: ['k'] }, [
    ROWS,
    VALUES,
  ]);
  const script = Array.from({ length: 30_000 }, (_, i): Step[] => {
    const values = [String(i % 50), i, null, null];
    const value: Step = { port: 1, row: { values, timeUs: i, lateByUs: 0 } };
    if (i % 500 !== 499) return [value];
    return [value, { port: 1, watermarkUs: i }, { port: 0, watermarkUs: i }];
  }).flat();
  script.push({ port: 0, row: { values: [1, '49'], timeUs: 30_000, lateByUs: 0 } });
  const options = { rowCapacity: 1024, stateLimitBytes: 1 << 20 };
  const { out } = await runKernel(createKernel, plan, script, options);
  expect(out.rows().map(({ values }) => values)).toEqual([[1, '49', 29_999]]);
});

test('says what it cannot take', () => {
  const within = '1s';
  const issues = (values: string[], a = ROWS, b = VALUES) =>
    planIssues({ type: 'resample', values, within }, [a, b]);
  expect(issues(['k'])).toEqual([
    "values/0: expected a column of numbers, 'k' is string",
    "values/0: the output has another column 'k'; rename one before",
  ]);
  expect(issues(['x'], { ...ROWS, hasTime: false })).toEqual([
    "inputs/0: 'a' has no event time; give its source a 'time'",
  ]);
});
