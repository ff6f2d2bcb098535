/**
 * Results that are revised against an obvious model: for each window and key, arrays of rows by the
 * time at which they become part of the result, aggregated anew for each. The model knows no
 * watermarks but that of its source in each late row.
 *
 * @module
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Window } from '../../src/core/topology/model.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { placesAt } from '../support/kernel/window-places.ts';
import {
  cumulating,
  hopping,
  schemaOf,
  soundPlan,
  tumbling,
} from '../unit/operators/aggregate-nodes.ts';

/** A key, values, and what a row does. */
export const SCHEMA = schemaOf({ k: 'string', i: 'int32', s: 'string', change: 'string' });
const LONG = 'a string that does not fit its view';

const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(of, { freq: 6 });

const WINDOW: fc.Arbitrary<Window> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -7, max: 7 }))
    .map(([size, offset]) => tumbling(size, offset)),
  fc
    .tuple(fc.integer({ min: 3, max: 12 }), fc.nat({ max: 25 }))
    .map(([slide, more]) => hopping(slide + more, slide, -3)),
  fc
    .tuple(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 1, max: 4 }))
    .map(([step, steps]) => cumulating(step * steps, step, 5)),
);

/** Rows of two sources, windows and how they are run. */
export const CASE = fc.record({
  rows: fc.array(
    fc.record({
      source: fc.nat({ max: 1 }),
      stepUs: fc.integer({ min: -40, max: 15 }),
      values: fc.tuple(
        nullable(fc.constantFrom('a', 'b', LONG)),
        nullable(fc.integer({ min: -3, max: 3 })),
        nullable(fc.constantFrom('', 'x', `${LONG}?`, LONG)),
        fc.constant<Cell>(null),
      ),
    }),
    { maxLength: 100, size: 'max' },
  ),
  window: WINDOW,
  latenessUs: fc.nat({ max: 20 }),
  allowedUs: fc.constantFrom(0, 5, 30, 300),
  everyUs: fc.constantFrom(undefined, 1, 4, 10, 100),
  hasKeys: fc.boolean(),
  isDistinct: fc.boolean(),
  batchRows: fc.integer({ min: 1, max: 64 }),
  watermarks: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  refuses: fc.boolean(),
  gaps: fc.boolean(),
});
/** What is drawn. */
export type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

/** How the kernel is run. */
export const optionsOf = ({
  batchRows,
  refuses,
  gaps,
}: Pick<Case, 'batchRows' | 'refuses' | 'gaps'>): RunOptions => ({
  rowCapacity: 64,
  batchRows: () => batchRows,
  refuses,
  gaps,
  renews: nowAndThen(gaps && refuses),
});

/** A script of which only some watermarks come. */
function scriptOf({ rows, latenessUs, watermarks }: Case): Step[] {
  let at = 0;
  return lateRowsScript(rows, latenessUs).filter(
    (step) => 'row' in step || watermarks[at++ % watermarks.length]!,
  );
}

const rowsOf = (script: readonly Step[]): TestRow[] =>
  script.flatMap((step) => ('row' in step ? [step.row] : []));

/** Aggregates that fail now and then, or such as keep distinct values. */
export const selectOf = (isDistinct: boolean): Record<string, string> => ({
  most: 'MAX(i)',
  least: 'MIN(s)',
  ...(isDistinct ? { different: 'COUNT(DISTINCT i)' } : { half: '10 / COUNT(i)' }),
});

/** Values of rows. */
export type Rows = readonly (readonly Cell[])[];

/** The selected columns of a group; `undefined`: there is none. */
export function resultOf(rows: Rows, isDistinct: boolean): Cell[] | undefined {
  if (rows.length === 0) return undefined;
  const numbers = rows.flatMap(([, i]) => (i === null ? [] : [i as number]));
  const texts = rows.flatMap(([, , s]) => (s === null ? [] : [s as string])).sort();
  if (!isDistinct && numbers.length === 0) return undefined;
  const last = isDistinct ? BigInt(new Set(numbers).size) : BigInt(Math.trunc(10 / numbers.length));
  return [numbers.length === 0 ? null : Math.max(...numbers), texts[0] ?? null, last];
}

/** What a new version of a result gives, beside the window and the keys. */
export function changesOf(old: Cell[] | undefined, now: Cell[] | undefined): Cell[][] {
  const isSame = old !== undefined && now !== undefined && old.every((cell, c) => cell === now[c]);
  if (isSame) return [];
  if (old === undefined) return now === undefined ? [] : [[...now, '+I']];
  return now === undefined
    ? [[...old, '-D']]
    : [
        [...old, '-U'],
        [...now, '+U'],
      ];
}

const multipleAfter = (timeUs: number, everyUs: number): number =>
  (Math.floor(timeUs / everyUs) + 1) * everyUs;

/** When a row becomes part of a window's result. */
export function dueOf(markUs: number, endUs: number, { everyUs, allowedUs }: Case): number {
  const lateUs = everyUs ?? Math.max(1, Math.floor(allowedUs / 64));
  if (markUs >= endUs) return multipleAfter(markUs, lateUs);
  return Math.min(endUs, everyUs === undefined ? endUs : multipleAfter(markUs, everyUs));
}

interface Group {
  readonly startUs: number;
  readonly endUs: number;
  readonly keys: Cell[];
  /** By due time. */
  readonly panes: Map<number, (readonly Cell[])[]>;
}

/** The windows that a row counts in, and late rows. */
export function openPlaces(
  row: TestRow,
  window: Window,
  allowedUs: number,
): (readonly [number, number])[] {
  const { timeUs = 0, lateByUs = 0 } = row;
  const closedUs = lateByUs > 0 ? timeUs + lateByUs - allowedUs : -Infinity;
  return placesAt(window, timeUs).filter(([, endUs]) => endUs > closedUs);
}

function model(rows: readonly TestRow[], drawn: Case): { out: string[]; late: string[] } {
  const groups = new Map<string, Group>();
  const late: string[] = [];
  for (const row of rows) {
    const { timeUs = 0, lateByUs = 0, values } = row;
    const open = openPlaces(row, drawn.window, drawn.allowedUs);
    if (open.length === 0) late.push(rowKey(row));
    for (const [startUs, endUs] of open) {
      const keys = drawn.hasKeys ? [values[0]!] : [];
      const id = rowKey({ values: [BigInt(startUs), BigInt(endUs), ...keys] });
      const group = groups.get(id) ?? { startUs, endUs, keys, panes: new Map() };
      groups.set(id, group);
      const dueUs = dueOf(timeUs + lateByUs, endUs, drawn);
      group.panes.set(dueUs, [...(group.panes.get(dueUs) ?? []), values]);
    }
  }
  const out: string[] = [];
  for (const { startUs, endUs, keys, panes } of groups.values()) {
    let all: Rows = [];
    let shown: Cell[] | undefined;
    for (const dueUs of [...panes.keys()].sort((a, b) => a - b)) {
      all = [...all, ...panes.get(dueUs)!];
      const now = resultOf(all, drawn.isDistinct);
      for (const change of changesOf(shown, now)) {
        const values = [BigInt(startUs), BigInt(endUs), ...keys, ...change];
        const lateByUs = Math.max(0, dueUs - endUs);
        out.push(rowKey({ values, timeUs: endUs - 1, lateByUs }));
      }
      shown = now;
    }
  }
  return { out: out.sort(), late: late.sort() };
}

/** Early, final and late results are those of the model, whenever watermarks come. */
export async function checkRevisions(numRuns: number): Promise<void> {
  const seen = { rows: 0, late: 0, revised: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { window, everyUs, allowedUs, isDistinct, hasKeys } = drawn;
      if (everyUs === undefined && allowedUs === 0) return;
      const plan = soundPlan(SCHEMA, {
        window: allowedUs === 0 ? window : { ...window, latenessUs: allowedUs },
        emit: everyUs === undefined ? { kind: 'end' } : { kind: 'every', everyUs },
        groupBy: hasKeys ? ['k'] : [],
        select: selectOf(isDistinct),
        onError: 'skip',
      });
      const script = scriptOf(drawn);
      const { out, late } = await runKernel(createAggregateKernel, plan, script, optionsOf(drawn));
      const expected = model(rowsOf(script), drawn);
      expect(out.rows(0).map(rowKey).sort()).toEqual(expected.out);
      expect(out.rows(1).map(rowKey).sort()).toEqual(expected.late);
      seen.rows += expected.out.length;
      seen.late += late;
      seen.revised += expected.out.filter((row) => row.includes('-U')).length;
    }),
    { numRuns },
  );
  expect(seen.rows).toBeGreaterThan(400);
  expect(seen.late).toBeGreaterThan(20);
  expect(seen.revised).toBeGreaterThan(100);
}

/** What each row changes, in windows or over the whole input. */
function modelRows(rows: readonly TestRow[], drawn: Case, window: Window | undefined): string[] {
  const groups = new Map<string, Rows>();
  const out: string[] = [];
  for (const row of rows) {
    const { timeUs = 0, lateByUs = 0, values } = row;
    const open = window === undefined ? [] : openPlaces(row, window, drawn.allowedUs);
    const places = window === undefined ? [undefined] : open;
    for (const place of places) {
      const edges = place === undefined ? [] : place.map(BigInt);
      const keys = drawn.hasKeys ? [values[0]!] : [];
      const id = rowKey({ values: [...edges, ...keys] });
      const before = groups.get(id) ?? [];
      const gone = before.findIndex((other) =>
        other.every((cell, c) => c > 2 || cell === values[c]),
      );
      const isBack = values[3] === '-U' || values[3] === '-D';
      const after = isBack ? before.toSpliced(gone, 1) : [...before, values];
      groups.set(id, after);
      const [old, now] = [before, after].map((of) => resultOf(of, drawn.isDistinct));
      const result: Pick<TestRow, 'timeUs' | 'lateByUs'> =
        place === undefined
          ? { timeUs, lateByUs }
          : { timeUs: place[1] - 1, lateByUs: Math.max(0, timeUs + lateByUs - (place[1] - 1)) };
      for (const change of changesOf(old, now)) {
        out.push(rowKey({ values: [...edges, ...keys, ...change], ...result }));
      }
    }
  }
  return out.sort();
}

/** What each row changes is what the model says, for any batches. */
export async function checkRowChanges(numRuns: number): Promise<void> {
  let rows = 0;
  await fc.assert(
    fc.asyncProperty(CASE, fc.boolean(), async (drawn, hasWindow) => {
      const { window, allowedUs, isDistinct, hasKeys } = drawn;
      const plan = soundPlan(SCHEMA, {
        ...(hasWindow ? { window: { ...window, latenessUs: allowedUs } } : {}),
        emit: { kind: 'change' },
        groupBy: hasKeys ? ['k'] : [],
        select: selectOf(isDistinct),
        onError: 'skip',
      });
      const script = scriptOf(drawn);
      const { out } = await runKernel(createAggregateKernel, plan, script, optionsOf(drawn));
      const expected = modelRows(rowsOf(script), drawn, hasWindow ? window : undefined);
      expect(out.rows(0).map(rowKey).sort()).toEqual(expected);
      rows += expected.length;
    }),
    { numRuns },
  );
  expect(rows).toBeGreaterThan(1000);
}

/** Every other row, at most, takes back one that was there: the oldest, or the newest. */
function withRetractions(script: readonly Step[]): Step[] {
  const there: (readonly Cell[])[] = [];
  return script.map((step, i) => {
    if (!('row' in step)) return step;
    const isBack = i % 7 > 3 && there.length > 0;
    const taken = isBack ? (i % 2 === 0 ? there.shift()! : there.pop()!) : step.row.values;
    if (!isBack) there.push(taken);
    const change = isBack ? (i % 3 === 0 ? '-U' : '-D') : [null, '+I', '+U'][i % 3]!;
    return { ...step, row: { ...step.row, values: [...taken.slice(0, 3), change] } };
  });
}

/** Rows that are taken back change results back. */
export async function checkRetractions(numRuns: number): Promise<void> {
  let [rows, deleted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const isDistinct = true;
      const text = {
        emit: { kind: 'change' as const },
        groupBy: drawn.hasKeys ? ['k'] : [],
        select: selectOf(isDistinct),
      };
      const plan = soundPlan(SCHEMA, text, true, 3);
      const script = withRetractions(scriptOf(drawn));
      const { out } = await runKernel(createAggregateKernel, plan, script, optionsOf(drawn));
      const expected = modelRows(rowsOf(script), { ...drawn, isDistinct }, undefined);
      expect(out.rows(0).map(rowKey).sort()).toEqual(expected);
      rows += expected.length;
      deleted += expected.filter((row) => row.includes('-D')).length;
    }),
    { numRuns },
  );
  expect(rows).toBeGreaterThan(700);
  expect(deleted).toBeGreaterThan(40);
}
