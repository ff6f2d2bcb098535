/**
 * Aggregates that give updates, against a model that keeps all rows of each group and computes every
 * update anew.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Emit } from '../../src/core/topology/model.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf, soundPlan } from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'string', i: 'int32', s: 'string', f: 'float64' });
const SELECT = {
  n: 'COUNT(*)',
  si: 'SUM(i)',
  least: 'MIN(s)',
  most: 'MAX(s)',
  ds: 'COUNT(DISTINCT s)',
  df: 'SUM(DISTINCT f)',
  dsp: 'COUNT(DISTINCT s) FILTER (WHERE i > 0)',
  dsn: 'COUNT(DISTINCT s) FILTER (WHERE i < 2)',
};
const LONG = 'a string that does not fit its view';
const STRINGS = ['', 'a', 'ab', 'abcdefghijklm', LONG, `${LONG}!`, `${LONG}, and is longer`];

const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(of, { freq: 6 });

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      source: fc.integer({ min: 0, max: 1 }),
      stepUs: fc.integer({ min: -25, max: 15 }),
      values: fc.tuple(
        nullable(fc.constantFrom(...STRINGS)),
        nullable(fc.integer({ min: -3, max: 3 })),
        nullable(fc.constantFrom(...STRINGS)),
        nullable(fc.integer({ min: -2, max: 2 }).map((n) => n / 2)),
      ),
    }),
    { maxLength: 90, size: 'max' },
  ),
  groupBy: fc.constantFrom([], ['k'], ['k', 'i']),
  latenessUs: fc.nat({ max: 12 }),
  everyUs: fc.integer({ min: 1, max: 30 }),
  hasTime: fc.boolean(),
  refuses: fc.boolean(),
  gaps: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

const scriptOf = ({ rows, latenessUs }: Case): Step[] => lateRowsScript(rows, latenessUs);

const SCHEMA_NAMES = SCHEMA.map(({ name }) => name);
const rowsOf = (script: readonly Step[]): TestRow[] =>
  script.flatMap((step) => ('row' in step ? [step.row] : []));
const keysOf = (row: TestRow, groupBy: readonly string[]): Cell[] =>
  groupBy.map((name) => row.values[SCHEMA_NAMES.indexOf(name)]!);

/** The columns of `SELECT` over all rows of a group. */
function results(group: readonly TestRow[]): Cell[] {
  const present = <T extends Cell>(c: number): Exclude<T, null>[] =>
    group.map(({ values }) => values[c] as T).filter((cell) => cell !== null) as Exclude<T, null>[];
  const textsWhere = (passes: (i: number) => boolean): bigint => {
    const passing = group.filter(({ values }) => values[1] !== null && passes(values[1] as number));
    return BigInt(new Set(passing.map(({ values }) => values[2]).filter((s) => s !== null)).size);
  };
  const ints = present<number>(1);
  const texts = present<string>(2).toSorted((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const floats = [...new Set(present<number>(3))];
  return [
    BigInt(group.length),
    ints.length === 0 ? null : BigInt(ints.reduce((sum, x) => sum + x, 0)),
    texts[0] ?? null,
    texts.at(-1) ?? null,
    BigInt(new Set(texts).size),
    floats.length === 0 ? null : floats.reduce((sum, x) => sum + x, 0),
    textsWhere((i) => i > 0),
    textsWhere((i) => i < 2),
  ];
}

const run = (drawn: Case, emit: Emit, script: readonly Step[], hasTime = true) =>
  runKernel(
    createAggregateKernel,
    soundPlan(SCHEMA, { groupBy: drawn.groupBy, select: SELECT, emit }, hasTime),
    script,
    {
      rowCapacity: 64,
      batchRows: turns(drawn.batchRows),
      gaps: drawn.gaps,
      refuses: drawn.refuses,
      stateLimitBytes: 64 << 20,
    },
  );

function turns(values: readonly number[]): () => number {
  let i = 0;
  return () => values[i++ % values.length]!;
}

const zero = (row: TestRow): TestRow => ({
  ...row,
  values: row.values.map((cell) => (cell === 0 ? 0 : cell)),
});
const sorted = (rows: readonly TestRow[]): string[] => rows.map((row) => rowKey(zero(row))).sort();

test('updates at even times are those of the groups that changed, for any batches', async () => {
  let updates = 0;
  let repeated = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { everyUs, groupBy } = drawn;
      const script = scriptOf(drawn);
      const sliceOf = ({ timeUs, lateByUs }: TestRow): number =>
        Math.floor((timeUs! + lateByUs!) / everyUs);
      const rows = rowsOf(script);
      const expected: TestRow[] = [];
      for (const slice of new Set(rows.map(sliceOf))) {
        const changed = new Map(
          rows
            .filter((row) => sliceOf(row) === slice)
            .map((row) => [rowKey({ values: keysOf(row, groupBy) }), keysOf(row, groupBy)]),
        );
        for (const [key, cells] of changed) {
          const group = rows.filter(
            (row) => sliceOf(row) <= slice && rowKey({ values: keysOf(row, groupBy) }) === key,
          );
          const timeUs = (slice + 1) * everyUs - 1;
          expected.push({ values: [...cells, ...results(group)], timeUs, lateByUs: 0 });
        }
      }
      const { out, late } = await run(drawn, { kind: 'every', everyUs }, script);
      expect(sorted(out.rows())).toEqual(sorted(expected));
      expect(late).toBe(0);
      expect(out.watermarkUs).toBe(Infinity);
      updates += expected.length;
      repeated +=
        expected.length - new Set(rows.map((row) => rowKey({ values: keysOf(row, groupBy) }))).size;
    }),
    { numRuns: 150 },
  );
  // The generator reaches what the test is about.
  expect(updates).toBeGreaterThan(1000);
  expect(repeated).toBeGreaterThan(300);
});

test('an update for each row, in the order of the rows of a group, for any batches', async () => {
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { groupBy, hasTime } = drawn;
      const script = scriptOf(drawn).flatMap((step): Step[] =>
        hasTime ? [step] : 'row' in step ? [{ port: 0, row: { values: step.row.values } }] : [],
      );
      const groups = new Map<string, { rows: TestRow[]; updates: TestRow[] }>();
      for (const row of rowsOf(script)) {
        const cells = keysOf(row, groupBy);
        const key = rowKey({ values: cells });
        const group = groups.get(key) ?? { rows: [], updates: [] };
        groups.set(key, group);
        group.rows.push(row);
        group.updates.push({ ...row, values: [...cells, ...results(group.rows)] });
      }
      const { out } = await run(drawn, { kind: 'each' }, script, hasTime);
      const found = new Map<string, TestRow[]>();
      for (const row of out.rows()) {
        const key = rowKey({ values: row.values.slice(0, groupBy.length) });
        found.set(key, [...(found.get(key) ?? []), row]);
      }
      const texts = (rows: readonly TestRow[]) => rows.map((row) => rowKey(zero(row)));
      expect(new Map([...found].map(([key, rows]) => [key, texts(rows)]))).toEqual(
        new Map([...groups].map(([key, { updates }]) => [key, texts(updates)])),
      );
    }),
    { numRuns: 150 },
  );
});
