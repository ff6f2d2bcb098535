/** Windows that rows open and close, against models that hold every row against every window. */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { openAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { DrawnWindow } from '../support/kernel/row-window-cases.ts';
import {
  drawnRows,
  drawnValueWindows,
  drawnWindows,
  risingValues,
  ROW_SCHEMA,
} from '../support/kernel/row-window-cases.ts';
import { modelGroup, type ModelResult } from '../support/kernel/row-window-model.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { soundPlan } from '../unit/operators/aggregate-nodes.ts';

const MERGED = {
  n: 'COUNT(*)',
  si: 'SUM(i)',
  mi: 'MIN(i)',
  mv: 'MAX(v)',
  f: 'COUNT(i) FILTER (WHERE o)',
};
const KEPT = {
  n: 'COUNT(*)',
  si: 'SUM(i)',
  ms: 'MIN(s)',
  ds: 'COUNT(DISTINCT s)',
  fs: 'MAX(s) FILTER (WHERE o)',
};
const FACTS = { first: 'window_first', last: 'window_last', closed: 'window_closed' };

const layout = fc.record({
  groupBy: fc.constantFrom([], ['k']),
  latenessUs: fc.nat({ max: 12 }),
  refuses: fc.boolean(),
  gaps: fc.boolean(),
  inMemory: fc.boolean(),
  keepsRows: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

const CASE = fc.record({ rows: drawnRows, drawn: drawnWindows, layout });
const VALUE_CASE = fc.record({ rows: drawnRows, drawn: drawnValueWindows, layout });

function optionsOf({ refuses, gaps, inMemory, batchRows }: Layout): RunOptions {
  let turn = 0;
  return {
    rowCapacity: 64,
    batchRows: () => batchRows[turn++ % batchRows.length]!,
    refuses,
    gaps,
    inMemory,
    stateLimitBytes: 64 << 20,
    renews: nowAndThen(gaps && refuses),
  };
}

const column = (name: string): number => ROW_SCHEMA.findIndex((field) => field.name === name);
const present = (rows: readonly TestRow[], name: string): Cell[] =>
  rows.map(({ values }) => values[column(name)]!).filter((cell) => cell !== null);

/** The columns of `MERGED` or `KEPT` over the rows of a window. */
function aggregates(rows: readonly TestRow[], keepsRows: boolean): Cell[] {
  const ints = present(rows, 'i') as number[];
  const sum = ints.length === 0 ? null : BigInt(ints.reduce((a, b) => a + b, 0));
  const chosen = rows.filter(({ values }) => values[column('o')] === true);
  if (keepsRows) {
    const texts = (present(rows, 's') as string[]).toSorted();
    const greatest = (present(chosen, 's') as string[]).toSorted().at(-1) ?? null;
    return [BigInt(rows.length), sum, texts[0] ?? null, BigInt(new Set(texts).size), greatest];
  }
  const floats = present(rows, 'v') as number[];
  return [
    BigInt(rows.length),
    sum,
    ints.length === 0 ? null : Math.min(...ints),
    floats.length === 0 ? null : Math.max(...floats),
    BigInt(present(chosen, 'i').length),
  ];
}

const keyOf = (row: TestRow, { groupBy }: Layout): Cell[] =>
  groupBy.map((name) => row.values[column(name)]!);

function groupsOf(script: readonly Step[], drawn: Layout): TestRow[][] {
  const groups = new Map<string, TestRow[]>();
  for (const step of script) {
    if (!('row' in step)) continue;
    const key = rowKey({ values: keyOf(step.row, drawn) });
    groups.set(key, [...(groups.get(key) ?? []), step.row]);
  }
  return [...groups.values()];
}

/** The time of a result that the end of the input fired. */
function atEnd(rows: readonly TestRow[], script: readonly Step[]): [timeUs: number, late: number] {
  const latest = Math.max(...rows.map(({ timeUs, lateByUs }) => timeUs! + lateByUs!));
  const passed = script.findLast((step) => 'watermarkUs' in step);
  const passedUs = passed !== undefined && 'watermarkUs' in passed ? passed.watermarkUs : -Infinity;
  return [latest, Math.max(0, passedUs - latest)];
}

function toRow(
  result: ModelResult,
  group: readonly TestRow[],
  script: readonly Step[],
  drawn: Layout,
  edges: readonly Cell[] = [],
): TestRow {
  const { rows, first, last, isClosed, timeUs, lateByUs } = result;
  const keys = keyOf(group[0]!, drawn);
  const facts = [BigInt(first), BigInt(last), isClosed];
  const values = [...edges, ...keys, ...aggregates(rows, drawn.keepsRows), ...facts];
  const [endUs, endLateBy] = atEnd(group, script);
  return timeUs === undefined
    ? { values, timeUs: endUs, lateByUs: endLateBy }
    : { values, timeUs, lateByUs };
}

const sorted = (rows: readonly TestRow[]): string[] => rows.map(rowKey).sort();

async function run(
  { window }: DrawnWindow,
  script: readonly Step[],
  drawn: Layout,
): Promise<readonly TestRow[]> {
  const { groupBy, keepsRows } = drawn;
  const select = { ...(keepsRows ? KEPT : MERGED), ...FACTS };
  const plan = soundPlan(ROW_SCHEMA, { groupBy, rowWindow: window, select });
  const { out, late } = await runKernel(openAggregateKernel, plan, script, optionsOf(drawn));
  expect(late).toBe(0);
  expect(out.watermarkUs).toBe(Infinity);
  return out.rows();
}

const scriptOf = (
  rows: (typeof CASE extends fc.Arbitrary<infer T> ? T : never)['rows'],
  drawn: Layout,
) =>
  lateRowsScript(
    risingValues(rows, (k) => (drawn.groupBy.length === 0 ? '' : String(k))),
    drawn.latenessUs,
  );

/** Windows of counts, conditions and several dimensions are those of the model. */
export async function checkDimensions(numRuns: number): Promise<void> {
  let results = 0;
  let partial = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async ({ rows, drawn, layout: how }) => {
      const script = scriptOf(rows, how);
      const expected = groupsOf(script, how).flatMap((group) =>
        modelGroup(drawn.model, group).map((result) => toRow(result, group, script, how)),
      );
      expect(sorted(await run(drawn, script, how))).toEqual(sorted(expected));
      results += expected.length;
      partial += expected.filter(({ values }) => values.at(-1) === false).length;
    }),
    { numRuns },
  );
  // The generator reaches what the test is about.
  expect(results).toBeGreaterThan(12 * numRuns);
  expect(partial).toBeGreaterThan(numRuns);
}

/** Every window that a row of the group lies in, or that lies between two such, by its number. */
function valueWindows(
  { model, dropEmpty }: DrawnWindow & { readonly dropEmpty: boolean },
  group: readonly TestRow[],
): { start: number; size: number; result: ModelResult }[] {
  const dimension = model.dimensions[0]!;
  if (dimension.kind !== 'value') throw new Error('a window over a value');
  const { of, align, offset = 0, emit } = dimension;
  const [size, slide] = [dimension.size!, dimension.slide!];
  const values = group.map(of);
  const origin = offset + (align === 'group' ? values[0]! : 0);
  const found: { start: number; size: number; result: ModelResult }[] = [];
  const low = Math.floor((values[0]! - origin - size) / slide) - 2;
  for (let k = align === 'group' ? 0 : low; origin + k * slide <= values.at(-1)!; k++) {
    const start = origin + k * slide;
    const inside = group.filter((_, i) => values[i]! >= start && values[i]! < start + size);
    const firing = group.findIndex((_, i) => values[i]! >= start + size);
    const isBefore = start + size <= values[0]!;
    if (inside.length === 0 && (dropEmpty || isBefore || firing < 0)) continue;
    const first = group.findIndex((_, i) => values[i]! >= start) + 1;
    const resultAt = (index: number, rows: readonly TestRow[], isClosed: boolean): void => {
      const row = group[index];
      const fact = row === undefined ? { timeUs: undefined, lateByUs: 0 } : row;
      const last = index < 0 ? group.length : index;
      const { timeUs, lateByUs = 0 } = fact;
      found.push({ start, size, result: { rows, first, last, isClosed, timeUs, lateByUs } });
    };
    inside.forEach((row, i) => {
      const at = group.indexOf(row);
      const steps = (value: number): number => Math.floor((value - start) / emit!);
      if (emit === undefined || i === 0 || steps(of(row)) === steps(values[at - 1]!)) return;
      resultAt(at, inside.slice(0, i), false);
    });
    if (firing >= 0) resultAt(firing, inside, true);
    else if (model.partial === true) resultAt(-1, inside, true);
  }
  return found;
}

/** Windows over a value hold the rows whose value lies in them. */
export async function checkValues(numRuns: number): Promise<void> {
  let results = 0;
  let empty = 0;
  await fc.assert(
    fc.asyncProperty(VALUE_CASE, async ({ rows, drawn, layout: how }) => {
      const script = scriptOf(rows, how);
      const isTime = drawn.window.dimensions.some(
        (dimension) => dimension.kind === 'value' && dimension.on!.text === 't',
      );
      const expected = groupsOf(script, how).flatMap((group) =>
        valueWindows(drawn, group).map(({ start, size, result }) => {
          const edges = isTime ? [BigInt(start), BigInt(start + size)] : [start, start + size];
          return toRow(result, group, script, how, edges);
        }),
      );
      expect(sorted(await run(drawn, script, how))).toEqual(sorted(expected));
      results += expected.length;
      empty += expected.filter(({ values }) => values.includes(0n)).length;
    }),
    { numRuns },
  );
  expect(results).toBeGreaterThan(12 * numRuns);
  expect(empty).toBeGreaterThan(numRuns / 3);
}
