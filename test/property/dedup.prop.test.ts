/** First and last rows of keys against a model that remembers them in a map. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKernel } from '../../src/operators/kernels.ts';
import { planIssues, soundPlan } from '../support/kernel/documents.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const LONG = 'a string that does not fit its view';
const INPUT = {
  name: 'in',
  schema: schemaOf({ k: 'string', f: 'float64', id: 'int32', text: 'string' }),
  hasTime: true,
};
const CASE = fc.record({
  rows: fc.array(
    fc.record({
      source: fc.integer({ min: 0, max: 1 }),
      stepUs: fc.integer({ min: -25, max: 12 }),
      key: fc.tuple(
        fc.constantFrom(null, 'a', LONG, `${LONG}!`),
        fc.constantFrom(null, 0, NaN, 1.5),
      ),
    }),
    { maxLength: 150, size: 'max' },
  ),
  withinUs: fc.constantFrom(undefined, 5, 40),
  latenessUs: fc.nat({ max: 12 }),
  run: fc.record({
    refuses: fc.boolean(),
    inMemory: fc.boolean(),
    gaps: fc.boolean(),
    batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
  }),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

function scriptOf({ rows, latenessUs }: Case): Step[] {
  const numbered = rows.map(({ key, ...row }, i) => ({
    ...row,
    values: [...key, i, `${LONG} ${i}`],
  }));
  return lateRowsScript(numbered, latenessUs);
}

function optionsOf({ run: { batchRows, ...run } }: Case): RunOptions {
  let turn = 0;
  const next = (): number => batchRows[turn++ % batchRows.length]!;
  const renews = nowAndThen(run.gaps && run.refuses);
  return { ...run, rowCapacity: 64, batchRows: next, stateLimitBytes: 16 << 20, renews };
}

const withinOf = ({ withinUs }: Case) =>
  withinUs === undefined ? {} : { within: `${withinUs}us` };
const keyOf = ({ values }: TestRow): string => values.slice(0, 2).map(String).join('|');
const keysOf = (rows: readonly TestRow[]): string[] => rows.map(rowKey);
const rowsOf = (script: readonly Step[]): TestRow[] =>
  script.flatMap((step) => ('row' in step ? [step.row] : []));

describe('dedup', () => {
  test('keeps the first rows that the model keeps', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(CASE, async (drawn) => {
        const script = scriptOf(drawn);
        const withinUs = drawn.withinUs ?? Infinity;
        const plan = soundPlan({ type: 'dedup', key: ['k', 'f'], ...withinOf(drawn) }, [INPUT]);
        const { out, late } = await runKernel(createKernel, plan, script, optionsOf(drawn));
        const last = new Map<string, number>();
        const isLate = (row: TestRow): boolean => row.lateByUs! > withinUs;
        const expected = rowsOf(script).filter((row) => {
          const before = last.get(keyOf(row)) ?? -Infinity;
          if (isLate(row) || !(row.timeUs! - before > withinUs || before === -Infinity))
            return false;
          last.set(keyOf(row), row.timeUs!);
          return true;
        });
        expect(keysOf(out.rows())).toEqual(keysOf(expected));
        expect(late).toBe(rowsOf(script).filter(isLate).length);
        kept += expected.length;
      }),
      { numRuns: 50 },
    );
    expect(kept).toBeGreaterThan(500);
  });

  test('keeps the last rows that the model keeps', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(CASE, async (drawn) => {
        const script = scriptOf(drawn);
        const withinUs = drawn.withinUs ?? Infinity;
        const text = { type: 'dedup', key: ['k', 'f'], keep: 'last', ...withinOf(drawn) };
        const plan = soundPlan(text, [INPUT]);
        const { out, late } = await runKernel(createKernel, plan, script, optionsOf(drawn));
        const newest = new Map<string, TestRow>();
        const left: TestRow[] = [];
        for (const step of script) {
          if ('watermarkUs' in step) {
            for (const [key, row] of newest) {
              if (!(row.timeUs! < step.watermarkUs - withinUs)) continue;
              left.push(row);
              newest.delete(key);
            }
            continue;
          }
          const { row } = step;
          if (withinUs < Infinity && row.lateByUs! > 0) continue;
          const before = newest.get(keyOf(row));
          if (before !== undefined && row.timeUs! < before.timeUs!) continue;
          if (before !== undefined && row.timeUs! - before.timeUs! > withinUs) left.push(before);
          newest.set(keyOf(row), row);
        }
        left.push(...newest.values());
        expect(keysOf(out.rows()).toSorted()).toEqual(keysOf(left).toSorted());
        const lateRows = rowsOf(script).filter((row) => withinUs < Infinity && row.lateByUs! > 0);
        expect(late).toBe(lateRows.length);
        expect(out.watermarkUs).toBe(Infinity);
        kept += left.length;
      }),
      { numRuns: 50 },
    );
    expect(kept).toBeGreaterThan(300);
  });

  test('gives the changes of the table of last rows', async () => {
    await fc.assert(
      fc.asyncProperty(CASE, async (drawn) => {
        const script = scriptOf(drawn);
        const withinUs = drawn.withinUs ?? Infinity;
        const text = { type: 'dedup', key: ['k', 'f'], keep: 'last', emit: 'onChange' };
        const plan = soundPlan({ ...text, ...withinOf(drawn) }, [INPUT]);
        expect(plan.outputs[0]!.stream.change).toBe(4);
        const { out } = await runKernel(createKernel, plan, script, optionsOf(drawn));
        const newest = new Map<string, TestRow>();
        const changes: TestRow[] = [];
        const add = (row: TestRow, change: string, version = row): void => {
          const { timeUs, lateByUs } = version;
          changes.push({ values: [...row.values, change], timeUs: timeUs!, lateByUs: lateByUs! });
        };
        for (const step of script) {
          if (!('row' in step)) continue;
          const { row } = step;
          if (withinUs < Infinity && row.lateByUs! > 0) continue;
          const before = newest.get(keyOf(row));
          if (before !== undefined && row.timeUs! < before.timeUs!) continue;
          newest.set(keyOf(row), row);
          if (before === undefined || row.timeUs! - before.timeUs! > withinUs) add(row, '+I');
          else {
            add(before, '-U', row);
            add(row, '+U');
          }
        }
        expect(keysOf(out.rows())).toEqual(keysOf(changes));
      }),
      { numRuns: 50 },
    );
  });

  test.each(['first', 'last'])('forgets keys: %s', async (keep) => {
    const plan = soundPlan({ type: 'dedup', key: ['k'], keep, within: '10us' }, [INPUT]);
    const script = Array.from({ length: 30_000 }, (_, i): Step[] => {
      const row = { values: [`${LONG} ${i >> 1}`, null, i, LONG], timeUs: i, lateByUs: 0 };
      return i % 500 === 0
        ? [
            { port: 0, watermarkUs: i },
            { port: 0, row },
          ]
        : [{ port: 0, row }];
    }).flat();
    const options = { rowCapacity: 1024, stateLimitBytes: 1 << 20 };
    const { out } = await runKernel(createKernel, plan, script, options);
    expect(out.rows()).toHaveLength(15_000);
    const unbounded = soundPlan({ type: 'dedup', key: ['k'], keep }, [INPUT]);
    await expect(runKernel(createKernel, unbounded, script, options)).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
    });
  });

  test('says what it cannot do', () => {
    const plain = { ...INPUT, hasTime: false };
    expect(planIssues({ type: 'dedup', key: ['k'], within: '1s' }, [plain])).toEqual([
      "within: 'in' has no event time; give its source a 'time'",
    ]);
    expect(planIssues({ type: 'dedup', key: ['kk'] }, [INPUT])[0]).toMatch(
      /^key\/0: unknown column/,
    );
  });
});
