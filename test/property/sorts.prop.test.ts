/** Sorting and merging against models that keep rows in plain lists. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { planIssues, soundPlan } from '../support/kernel/documents.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { openStepwise } from '../support/kernel/stepwise.ts';
import type { ModelOrder } from '../support/kernel/sort-models.ts';
import { compareCells, modelBsort, modelMerge } from '../support/kernel/sort-models.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const SCHEMA: Schema = schemaOf({
  k: 'string',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  b: 'bool',
  id: 'int32',
});
const LONG = 'a string that does not fit its view';
const TIMED = { name: 'in', schema: SCHEMA, hasTime: true };

const VALUES = fc.tuple(
  fc.option(fc.constantFrom('', 'a', 'abcdefgh', 'abcdefghi', LONG, `${LONG}!`), { freq: 6 }),
  fc.option(fc.integer({ min: -3, max: 3 }), { freq: 6 }),
  fc.option(fc.constantFrom(-(2n ** 63n), -(2n ** 40n), -1n, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n), {
    freq: 6,
  }),
  fc.option(fc.constantFrom(-Infinity, -1.5, 0, 0.5, 1e300, Infinity, NaN), { freq: 6 }),
  fc.option(fc.boolean(), { freq: 6 }),
);
const SOURCE_ROW = fc.record({
  source: fc.integer({ min: 0, max: 1 }),
  stepUs: fc.integer({ min: -25, max: 12 }),
  values: VALUES,
});
const RUN = fc.record({
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
  gaps: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
});

function optionsOf({ batchRows, ...run }: typeof RUN extends fc.Arbitrary<infer R> ? R : never) {
  let turn = 0;
  const options: RunOptions = {
    ...run,
    rowCapacity: 64,
    batchRows: () => batchRows[turn++ % batchRows.length]!,
    stateLimitBytes: 16 << 20,
    renews: nowAndThen(run.gaps && run.refuses),
  };
  return options;
}

const TTL = fc.constantFrom(undefined, 4, 25);
const ttlOf = (ttlUs: number | undefined): object =>
  ttlUs === undefined ? {} : { ttl: `${ttlUs}us` };

/** Where groups expire, watermarks decide which of two leaves first. */
function expectSame(
  found: readonly TestRow[],
  expected: readonly TestRow[],
  { groupOf }: ModelOrder,
  ttlUs: number | undefined,
): void {
  const lists = (rows: readonly TestRow[]): string[] =>
    ttlUs === undefined
      ? keysOf(rows)
      : [...Map.groupBy(rows, groupOf).values()].map((list) => keysOf(list).join()).toSorted();
  expect(lists(found)).toEqual(lists(expected));
}

const at = (name: string): number => SCHEMA.findIndex((field) => field.name === name);

/** The order that a document's keys say; without keys event time, then arrival. */
function modelOrder(orderBy: readonly string[], groupBy: readonly string[]): ModelOrder {
  const keys = orderBy.map((key) => {
    const sign = key.startsWith('-') ? -1 : 1;
    return { sign, column: at(sign < 0 ? key.slice(1) : key) };
  });
  return {
    compare(a, b) {
      if (keys.length === 0) return a.timeUs! - b.timeUs!;
      for (const { sign, column } of keys) {
        const result = compareCells(a.values[column]!, b.values[column]!);
        if (result !== 0) return result * sign;
      }
      return 0;
    },
    groupOf: (row) => groupBy.map((name) => String(row.values[at(name)])).join('|'),
  };
}

const keysOf = (rows: readonly TestRow[]): string[] => rows.map(rowKey);
const rowsOf = (script: readonly Step[], port = 0): TestRow[] =>
  script.flatMap((step) => ('row' in step && step.port === port ? [step.row] : []));

/** Rows with a number of their own, so that it shows which of equal ones is which. */
function numbered<Row extends { values: TestRow['values'] }>(rows: readonly Row[]): Row[] {
  return rows.map((row, i) => ({ ...row, values: [...row.values, i] }));
}

const ORDERS = [[], ['i'], ['-l'], ['f', '-k'], ['-b', 'i'], ['k'], ['-k']] as const;

describe('bsort', () => {
  test("gives Aurora's answer for a buffer of two rows", async () => {
    const input = { name: 'in', schema: schemaOf({ v: 'int32' }), hasTime: false };
    const plan = soundPlan({ type: 'bsort', orderBy: ['v'], slack: 2 }, [input]);
    const bsort = await openStepwise(createKernel, plan);
    expect(bsort.feed(0, { values: [10] })).toEqual([]);
    expect(bsort.feed(0, { values: [30] })).toEqual([]);
    expect(bsort.feed(0, { values: [5] })).toEqual([[5]]);
    expect(bsort.feed(0, { values: [7] })).toEqual([[7]]);
    expect(bsort.end(0)).toEqual([[10], [30]]);
  });

  test('gives what the model gives', async () => {
    let rows = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.array(SOURCE_ROW, { maxLength: 150, size: 'max' }),
          orderBy: fc.constantFrom(...ORDERS),
          groupBy: fc.constantFrom([], ['k'], ['f', 'b']),
          slack: fc.constantFrom(0, 1, 2, 7, 40),
          latenessUs: fc.nat({ max: 12 }),
          ttlUs: TTL,
          run: RUN,
        }),
        async ({ rows: drawn, orderBy, groupBy, slack, latenessUs, ttlUs, run }) => {
          const script = lateRowsScript(numbered(drawn), latenessUs);
          const more = { ...(orderBy.length > 0 ? { orderBy } : {}), ...ttlOf(ttlUs) };
          const plan = soundPlan({ type: 'bsort', slack, groupBy, ...more }, [TIMED]);
          const { out } = await runKernel(createKernel, plan, script, optionsOf(run));
          const order = modelOrder(orderBy, groupBy);
          const isOver = (kept: readonly TestRow[]): boolean => kept.length > slack;
          const expected = modelBsort(rowsOf(script), order, isOver, ttlUs);
          expectSame(out.rows(), expected, order, ttlUs);
          expect(out.watermarkUs).toBe(Infinity);
          rows += expected.length;
        },
      ),
      { numRuns: 50 },
    );
    expect(rows).toBeGreaterThan(1000);
  });

  test('gives what the model gives, by a range of values', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.array(SOURCE_ROW, { maxLength: 100, size: 'max' }),
          orderBy: fc.constantFrom<readonly string[]>([], ['i'], ['-i'], ['f'], ['-f']),
          groupBy: fc.constantFrom([], ['k']),
          range: fc.constantFrom(0, 1, 3),
          ttlUs: TTL,
          run: RUN,
        }),
        async ({ rows: drawn, orderBy, groupBy, range, ttlUs, run }) => {
          const script = lateRowsScript(numbered(drawn), 30);
          const [key] = orderBy;
          const more = key === undefined ? { range: `${range}us` } : { orderBy, range };
          const document = { type: 'bsort', groupBy, ...more, ...ttlOf(ttlUs) };
          const plan = soundPlan(document, [TIMED]);
          const { out } = await runKernel(createKernel, plan, script, optionsOf(run));
          const order = modelOrder(orderBy, groupBy);
          const column = key === undefined ? -1 : at(key.replace('-', ''));
          const sign = key?.startsWith('-') === true ? -1 : 1;
          const valueOf = (row: TestRow): number =>
            column < 0 ? row.timeUs! : ((row.values[column] as number | null) ?? -Infinity);
          const last = new Map<string, number>();
          const isApart = (kept: readonly TestRow[], group: string): boolean => {
            const newest = valueOf(kept.at(-1)!);
            const before = last.get(group) ?? -sign * Infinity;
            last.set(group, (newest - before) * sign > 0 ? newest : before);
            const least = kept.toSorted(order.compare)[0]!;
            return (last.get(group)! - valueOf(least)) * sign > range;
          };
          const begin = (group: string): void => void last.delete(group);
          const expected = modelBsort(rowsOf(script), order, isApart, ttlUs, begin);
          expectSame(out.rows(), expected, order, ttlUs);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('wsort', () => {
  test('gives rows on time in order, and late ones by their port', async () => {
    let late = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.array(SOURCE_ROW, { maxLength: 150, size: 'max' }),
          orderBy: fc.constantFrom(...ORDERS),
          timeoutUs: fc.constantFrom(undefined, 3, 30),
          latenessUs: fc.nat({ max: 20 }),
          run: RUN,
        }),
        async ({ rows: drawn, orderBy, timeoutUs, latenessUs, run }) => {
          const script = lateRowsScript(numbered(drawn), latenessUs);
          const more = {
            ...(orderBy.length > 0 ? { orderBy } : {}),
            ...(timeoutUs === undefined ? {} : { timeout: `${timeoutUs}us` }),
          };
          const plan = soundPlan({ type: 'wsort', ...more }, [TIMED]);
          const { out, late: counted } = await runKernel(
            createKernel,
            plan,
            script,
            optionsOf(run),
          );
          let latestUs = -Infinity;
          const onTime = rowsOf(script).filter((row) => {
            const boundUs = latestUs - (timeoutUs ?? Infinity);
            latestUs = Math.max(latestUs, row.timeUs!);
            return row.lateByUs === 0 && row.timeUs! >= boundUs;
          });
          const further = modelOrder(orderBy, []);
          const expected = onTime.toSorted(
            (a, b) => a.timeUs! - b.timeUs! || (orderBy.length > 0 ? further.compare(a, b) : 0),
          );
          expect(keysOf(out.rows())).toEqual(keysOf(expected));
          expect(out.rows(1)).toHaveLength(script.filter((s) => 'row' in s).length - onTime.length);
          expect(counted).toBe(out.rows(1).length);
          expect(out.watermarkUs).toBe(Infinity);
          late += counted;
        },
      ),
      { numRuns: 50 },
    );
    expect(late).toBeGreaterThan(200);
  });

  test('sorts the whole of a stream without event time', async () => {
    const input = { name: 'in', schema: schemaOf({ v: 'int32' }), hasTime: false };
    const plan = soundPlan({ type: 'wsort', orderBy: ['-v'] }, [input]);
    const script = [3, 1, null, 2].map((value) => ({ port: 0, row: { values: [value] } }));
    const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
    expect(out.rows().map((row) => row.values[0])).toEqual([3, 2, 1, null]);
  });
});

describe('merge', () => {
  const OTHER = { ...TIMED, name: 'other' };
  const THIRD = { ...TIMED, name: 'third' };
  const inputsOf = (script: readonly Step[]) => [0, 1, 2].map((port) => rowsOf(script, port));

  test('gives what the model gives, whichever input is faster', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.array(
            fc.record({
              port: fc.integer({ min: 0, max: 2 }),
              stepUs: fc.integer({ min: -2, max: 12 }),
              values: VALUES,
            }),
            { maxLength: 150, size: 'max' },
          ),
          orderBy: fc.constantFrom(undefined, 'i', '-i', 'l', 'f', '-f', 'b'),
          groupBy: fc.constantFrom([], ['k'], ['k', 'b']),
          watermarks: fc.boolean(),
          run: RUN,
        }),
        async ({ rows, orderBy, groupBy, watermarks, run }) => {
          const latest = [0, 0, 0];
          const script = numbered(rows).flatMap(({ port, stepUs, values }, i): Step[] => {
            // A row that comes behind its input's watermark has no certain place.
            const isTold = watermarks && orderBy === undefined;
            const timeUs = latest[port]! + (isTold ? Math.max(0, stepUs) : stepUs);
            const lateByUs = Math.max(0, latest[port]! - timeUs);
            latest[port] = Math.max(latest[port]!, timeUs);
            // Null is the least of all values here.
            const plain = values.map((cell) => (cell === -(2n ** 63n) ? null : cell));
            const row: Step = { port, row: { values: plain, timeUs, lateByUs } };
            return watermarks && i % 3 === 0 ? [row, { port, watermarkUs: latest[port] }] : [row];
          });
          const more = orderBy === undefined ? {} : { orderBy };
          const plan = soundPlan({ type: 'merge', groupBy, ...more }, [TIMED, OTHER, THIRD]);
          const { out } = await runKernel(createKernel, plan, script, optionsOf(run));
          const order = modelOrder(orderBy === undefined ? [] : [orderBy], groupBy);
          const expected = modelMerge(inputsOf(script), order);
          const found = Map.groupBy(out.rows(), order.groupOf);
          expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
          for (const [group, left] of expected) {
            expect(keysOf(found.get(group)!)).toEqual(keysOf(left));
          }
          expect(out.watermarkUs).toBe(Infinity);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('waits for a silent input until its watermark says that it need not', async () => {
    const input = { name: 'in', schema: schemaOf({ v: 'int32' }), hasTime: true };
    const plan = soundPlan({ type: 'merge' }, [input, { ...input, name: 'other' }]);
    const merge = await openStepwise(createKernel, plan);
    const row = (v: number): TestRow => ({ values: [v], timeUs: v, lateByUs: 0 });
    // A row of one input alone does not leave; one of the other says that it may.
    expect(merge.feed(0, row(5))).toEqual([]);
    expect(merge.feed(1, row(7))).toEqual([[5]]);
    expect(merge.feed(0, row(6), row(9), row(20))).toEqual([[6], [7]]);
    // A row with a value that has passed leaves at once, as it is.
    expect(merge.feed(1, row(3))).toEqual([[3]]);
    expect(merge.watermark(1, 8)).toEqual([]);
    expect(merge.watermark(1, 9)).toEqual([[9]]);
    expect(merge.out.watermarkUs).toBe(-Infinity);
    expect(merge.watermark(1, Infinity)).toEqual([[20]]);
    expect(merge.end(0)).toEqual([]);
    expect(merge.end(1)).toEqual([]);
    expect(merge.out.watermarkUs).toBe(Infinity);
  });

  test('says what is too much', async () => {
    const plan = soundPlan({ type: 'merge', orderBy: 'i' }, [TIMED, OTHER]);
    const rows = Array.from({ length: 5000 }, (_, i): Step => ({
      port: 0,
      row: { values: [LONG, i, null, null, null, i], timeUs: i, lateByUs: 0 },
    }));
    const run = runKernel(createKernel, plan, rows, { rowCapacity: 64, stateLimitBytes: 1 << 17 });
    await expect(run).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
    await expect(run).rejects.toThrow(/merge 'tested' keeps rows that wait for other inputs/);
  });
});

test('what cannot be sorted is refused with its place', () => {
  const plain = { name: 'plain', schema: SCHEMA, hasTime: false };
  const other = { name: 'other', schema: schemaOf({ k: 'string' }), hasTime: true };
  const issues = (text: Parameters<typeof planIssues>[0], ...inputs: (typeof plain)[]) =>
    planIssues(text, inputs);
  expect(issues({ type: 'bsort', slack: 1 }, plain)[0]).toMatch(/^: 'plain' has no event time/);
  expect(issues({ type: 'bsort', orderBy: ['i'], range: '5s' }, TIMED)).toEqual([
    'range: the order is by a int32: expected a number',
  ]);
  expect(issues({ type: 'bsort', range: 5 }, TIMED)).toEqual([
    'range: the order is by a timestamp: expected a duration such as "5s"',
  ]);
  expect(issues({ type: 'bsort', orderBy: ['k'], range: 5 }, TIMED)).toEqual([
    "range: values of type string have no distance: expected 'slack'",
  ]);
  expect(issues({ type: 'bsort', orderBy: ['ii'], slack: 5 }, TIMED)[0]).toMatch(
    /^orderBy\/0: unknown column 'ii' in 'in'/,
  );
  expect(issues({ type: 'wsort' }, plain)[0]).toMatch(/^: 'plain' has no event time/);
  expect(issues({ type: 'wsort', orderBy: ['i'], timeout: '1s' }, plain)[0]).toMatch(/^timeout: /);
  expect(issues({ type: 'merge' }, TIMED, plain)).toEqual([
    "inputs/1: 'plain' has no event time to order by; give its source a 'time', or write 'orderBy'",
  ]);
  expect(issues({ type: 'merge', orderBy: 'k' }, TIMED)).toEqual([
    "orderBy: column 'k' is of type string; expected one of numbers or times",
  ]);
  expect(issues({ type: 'merge', orderBy: 'k' }, TIMED, other)[0]).toMatch(/^inputs\/1: 'other'/);
});
