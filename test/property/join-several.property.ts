/**
 * Joins of three and four streams against nested loops over all rows: each step of the plan is run, with what
 * came out of the one before, and the rows of the last are those of the loops.
 *
 * @module
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { PlanStep } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import { BoundedDisorder } from '../../src/core/time.ts';
import type { JoinReach, JoinWindow } from '../../src/core/topology/model.ts';
import { INT32 } from '../../src/core/types.ts';
import { createJoinKernel } from '../../src/operators/join/kernel.ts';
import { joinSpec } from '../../src/operators/join/spec.ts';
import { joinNode } from '../support/kernel/join-model.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { windowsOf } from '../support/kernel/window-join-model.ts';

const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'x', type: INT32 },
];
const NAMES = ['a', 'b', 'c', 'd'];

type Values = readonly Cell[] | undefined;

/** A condition, and what it says of the rows of the streams so far. */
interface Condition {
  readonly text: string;
  readonly holds: (rows: readonly Values[]) => boolean;
}

const cell = (rows: readonly Values[], stream: number, column: number): number =>
  (rows[stream]?.[column] ?? NaN) as number;
const same = (at: number, column: number, other: number): Condition => ({
  text: `${NAMES[at]}.${SCHEMA[column]!.name} = ${NAMES[other]}.${SCHEMA[column]!.name}`,
  holds: (rows) => cell(rows, at, column) === cell(rows, other, column),
});
const both = (first: Condition, second: Condition): Condition => ({
  text: `${first.text} AND ${second.text}`,
  holds: (rows) => first.holds(rows) && second.holds(rows),
});
const near: Condition = {
  text: 'a.x < b.x + 2',
  holds: (rows) => cell(rows, 0, 1) < cell(rows, 1, 1) + 2,
};
const some: Condition = {
  text: 'c.x + b.x >= 1',
  holds: (rows) => cell(rows, 2, 1) + cell(rows, 1, 1) >= 1,
};
const few: Condition = { text: 'a.x > 0', holds: (rows) => cell(rows, 0, 1) > 0 };

/** By step: conditions that are judged there. */
const CONDITIONS: readonly (readonly Condition[])[] = [
  [same(0, 0, 1), both(same(1, 0, 0), near), both(few, same(0, 1, 1))],
  [same(1, 0, 2), same(2, 1, 0), both(same(2, 0, 0), same(1, 1, 2)), both(some, same(0, 0, 2))],
  [same(3, 0, 2), both(same(0, 0, 3), same(1, 1, 3))],
];

const CASE = fc.record({
  streams: fc.constantFrom(3, 3, 4),
  rows: fc.array(
    fc.record({
      stream: fc.nat({ max: 3 }),
      stepUs: fc.integer({ min: -6, max: 3 }),
      values: fc.tuple(fc.option(fc.nat({ max: 2 }), { freq: 8 }), fc.nat({ max: 2 })),
      announces: fc.boolean(),
    }),
    { maxLength: 60, size: 'max' },
  ),
  kind: fc.constantFrom<'inner' | 'left'>('inner', 'left'),
  reach: fc.oneof(
    fc.integer({ min: 2, max: 20 }).map((sizeUs): JoinReach => {
      return { kind: 'window', window: { kind: 'tumbling', sizeUs, offsetUs: -1 } };
    }),
    fc
      .tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 }))
      .map(([beforeUs, afterUs]): JoinReach => ({ kind: 'interval', beforeUs, afterUs })),
    fc.constant<JoinReach>({ kind: 'unbounded' }),
  ),
  choices: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
  order: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
  batchRows: fc.integer({ min: 1, max: 16 }),
  disturbs: fc.boolean(),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

/** By stream: its rows, as its source judges them, and its watermarks. */
function scriptsOf({ rows, streams, reach }: Case): readonly (readonly Step[])[] {
  // Which late rows an interval takes is for the tests of joins of two.
  const latenessUs = reach.kind === 'window' ? 3 : 1000;
  return Array.from({ length: streams }, (_, stream) => {
    const source = new BoundedDisorder(latenessUs);
    let latestUs = 0;
    return rows.flatMap(({ stream: of, stepUs, values, announces }): Step[] => {
      if (of !== stream) return [];
      const timeUs = latestUs + stepUs;
      latestUs = Math.max(latestUs, timeUs);
      const row = { values, timeUs, lateByUs: source.judge(timeUs) };
      const { watermarkUs } = source;
      return [{ port: 0, row }, ...(announces ? [{ port: 0, watermarkUs }] : [])];
    });
  });
}

function interleave(left: readonly Step[], right: readonly Step[], { order }: Case): Step[] {
  const sides = [
    left.map((step) => ({ ...step, port: 0 })),
    right.map((step) => ({ ...step, port: 1 })),
  ];
  const all: Step[] = [];
  for (let i = 0; sides[0]!.length + sides[1]!.length > 0; i++) {
    const [one, other] = order[i % order.length]! ? sides : sides.toReversed();
    all.push((one!.length > 0 ? one! : other!).shift()!);
  }
  return all;
}

const isNear = ({ reach }: Case, a: TestRow, row: TestRow): boolean => {
  if (reach.kind !== 'interval') return true;
  const apartUs = row.timeUs! - a.timeUs!;
  return apartUs >= -reach.beforeUs && apartUs <= reach.afterUs;
};

/** Rows of the first streams that match, as arrays by stream; a place for each window. */
function loops(
  drawn: Case,
  streams: readonly (readonly TestRow[])[],
  conditions: readonly Condition[],
) {
  const { reach, kind } = drawn;
  const window: JoinWindow | undefined = reach.kind === 'window' ? reach.window : undefined;
  const startsOf = (row: TestRow): readonly number[] => (window ? windowsOf(row, window) : [0]);
  const [first, ...others] = streams;
  return first!.flatMap((a) =>
    startsOf(a).flatMap((startUs) => {
      let found: (readonly Values[])[] = [[a.values]];
      others.forEach((rows, i) => {
        const there = rows.filter(
          (row) => isNear(drawn, a, row) && startsOf(row).includes(startUs),
        );
        found = found.flatMap((before) => {
          const pairs = there
            .map(({ values }) => [...before, values])
            .filter((all) => conditions[i]!.holds(all));
          return pairs.length === 0 && kind === 'left' ? [[...before, undefined]] : pairs;
        });
      });
      return found.map((values) => ({ a, startUs, values }));
    }),
  );
}

async function run(steps: readonly PlanStep[], scripts: readonly (readonly Step[])[], drawn: Case) {
  let before = scripts[0]!;
  let rows: TestRow[] = [];
  for (const [s, { plan }] of steps.entries()) {
    const { out } = await runKernel(
      createJoinKernel,
      plan,
      interleave(before, scripts[s + 1]!, drawn),
      {
        rowCapacity: 64,
        batchRows: () => drawn.batchRows,
        refuses: drawn.disturbs,
        gaps: drawn.disturbs,
        renews: nowAndThen(drawn.disturbs),
      },
    );
    rows = out.rows(0);
    before = out.events.map((event) =>
      event.kind === 'row'
        ? { port: 0, row: event.row }
        : { port: 0, watermarkUs: event.watermarkUs },
    );
  }
  return rows;
}

/** What rows come to where some are taken back, sorted. */
function left(rows: readonly TestRow[], change: boolean): string[] {
  const counts = new Map<string, number>();
  for (const { values } of rows) {
    const key = rowKey({ values: change ? values.slice(0, -1) : values });
    const by = change && String(values.at(-1)).startsWith('-') ? -1 : 1;
    counts.set(key, (counts.get(key) ?? 0) + by);
  }
  return [...counts].flatMap(([key, count]) => Array<string>(count).fill(key)).sort();
}

/** A join of several streams gives what nested loops give. */
export async function checkJoinsOfSeveral(numRuns: number): Promise<void> {
  const seen = { rows: 0, changed: 0, unmatched: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { streams, kind, reach, choices } = drawn;
      const names = NAMES.slice(0, streams);
      const chosen = CONDITIONS.slice(0, streams - 1).map((of, i) => of[choices[i]! % of.length]!);
      const columns = names.flatMap((name) => [`${name}.x`, `${name}.k`]);
      const select = Object.fromEntries(columns.map((column) => [column.replace('.', ''), column]));
      const on = chosen
        .map(({ text }) => text)
        .toReversed()
        .join(' AND ');
      const node = joinNode({ left: SCHEMA, right: SCHEMA, on, kind, reach, select });
      const inputs = names.map((name) => ({ name, stream: { schema: SCHEMA, hasTime: true } }));
      const plan = joinSpec.plan(node, inputs, (path, message) => {
        throw new Error(`${path.join('.')}: ${message}`);
      })!;
      const scripts = scriptsOf(drawn);
      const rows = await run(plan.steps!, scripts, drawn);
      const given = scripts.map((of) => of.flatMap((step) => ('row' in step ? [step.row] : [])));
      const expected = loops(drawn, given, chosen).map(({ a, startUs, values }): TestRow => {
        const edges = reach.kind === 'window' ? [startUs, startUs + reach.window.sizeUs] : [];
        const cells = values.flatMap((of) => [of?.[1] ?? null, of?.[0] ?? null]);
        return { ...a, values: [...edges.map(BigInt), ...cells] };
      });
      const isChanging = plan.outputs[0]!.stream.change !== undefined;
      expect(isChanging).toBe(reach.kind === 'unbounded' && kind === 'left');
      expect(left(rows, isChanging)).toEqual(left(expected, false));
      if (reach.kind === 'window') {
        expect(rows.map(rowKey).sort()).toEqual(expected.map(rowKey).sort());
      }
      seen.rows += expected.length;
      seen.changed += isChanging ? expected.length : 0;
      seen.unmatched += expected.filter(({ values }) => values.at(-1) === null).length;
    }),
    { numRuns },
  );
  expect(seen.rows).toBeGreaterThan(numRuns);
  expect(seen.unmatched).toBeGreaterThan(numRuns / 10);
  // One case in six, and some of these come to little.
  if (numRuns > 500) expect(seen.changed).toBeGreaterThan(numRuns);
}
