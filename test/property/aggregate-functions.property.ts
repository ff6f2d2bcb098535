/**
 * Each aggregate function against an obvious one: in windows, in two stages, and with rows taken back.
 *
 * @module
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Window } from '../../src/core/topology/model.ts';
import type { AggregatePlanConfig } from '../../src/operators/aggregate/config.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { canRetract } from '../../src/state/index.ts';
import type { ModelFunction, ModelRow } from '../support/kernel/aggregate-model.ts';
import {
  agrees,
  CHANGING_FUNCTIONS,
  MODEL_SCHEMA,
  modelValues,
  MOMENT_FUNCTIONS,
  ORDER_FUNCTIONS,
  positionOf,
  SET_FUNCTIONS,
  SKETCH_FUNCTIONS,
} from '../support/kernel/aggregate-model.ts';
import { createRetractingKernel } from '../support/kernel/retracting-kernel.ts';
import type { TestRow } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { runStages } from '../support/kernel/run-stages.ts';
import { hopping, soundPlan, tumbling } from '../unit/operators/aggregate-nodes.ts';

const ALL = [
  ...MOMENT_FUNCTIONS,
  ...SET_FUNCTIONS,
  ...ORDER_FUNCTIONS,
  ...CHANGING_FUNCTIONS,
  ...SKETCH_FUNCTIONS,
];

const selectOf = (functions: readonly ModelFunction[]): Record<string, string> =>
  Object.fromEntries(functions.map(({ text }, i) => [`c${i}`, text]));

const rows = fc.array(
  fc.record({ timeUs: fc.integer({ min: -40, max: 40 }), values: modelValues }),
  {
    maxLength: 60,
    size: 'max',
  },
);

const windows: fc.Arbitrary<Window | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: 5, max: 50 }).map((size) => tumbling(size)),
  fc
    .tuple(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 1, max: 30 }))
    .map(([slide, more]) => hopping(slide + more, slide)),
);

const run = fc.record({
  rowCapacity: fc.constant(64),
  rows,
  window: windows,
  size: fc.integer({ min: 1, max: 64 }),
  gaps: fc.boolean(),
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
});

/** Rows of each window and group. */
function groupsOf(given: readonly ModelRow[], window: Window | undefined): Map<string, ModelRow[]> {
  const groups = new Map<string, ModelRow[]>();
  for (const row of given) {
    for (const start of startsOf(row.timeUs!, window)) {
      const key = `${start} ${String(row.values[positionOf('k')])}`;
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
  }
  return groups;
}

function startsOf(timeUs: number, window: Window | undefined): number[] {
  if (window === undefined) return [0];
  const slideUs = window.kind === 'hopping' ? window.slideUs : window.sizeUs;
  const starts: number[] = [];
  const last = Math.floor(timeUs / slideUs) * slideUs;
  for (let start = last; start > timeUs - window.sizeUs; start -= slideUs) starts.push(start);
  return starts;
}

/** Compares result rows, `[start, end,] key, …functions`, with what the functions give. */
function compare(
  found: readonly TestRow[],
  groups: ReadonlyMap<string, readonly ModelRow[]>,
  functions: readonly ModelFunction[],
  hasWindow: boolean,
): void {
  expect(found).toHaveLength(groups.size);
  for (const { values } of found) {
    const [start, cells] = hasWindow ? [values[0]!, values.slice(2)] : [0, values];
    const group = groups.get(`${String(start)} ${String(cells[0])}`)!;
    functions.forEach(({ text, of, error }, i) => {
      const expected = of(group);
      const isEqual = agrees(cells[i + 1]!, expected, sizeOf(text), error);
      if (!isEqual) expect({ text, found: cells[i + 1] }).toEqual({ text, found: expected });
    });
  }
}

/** What numbers of a function are about as large as on the way. */
function sizeOf(text: string): number {
  if (/^(VAR|COVAR)/.test(text)) return 1e6;
  return text.startsWith('STDDEV') ? 1e3 : 1;
}

const toScript = (given: readonly ModelRow[]): Step[] =>
  given.map(({ values, timeUs = 0 }) => ({ port: 0, row: { values, timeUs, lateByUs: 0 } }));

/** In windows and batches of all kinds. */
export async function checkWindows(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(run, async ({ rows: given, window, size, ...options }) => {
      const text = { groupBy: ['k'], select: selectOf(ALL) };
      const plan = soundPlan(MODEL_SCHEMA, window === undefined ? text : { ...text, window });
      const result = await runKernel(createAggregateKernel, plan, toScript(given), {
        ...options,
        batchRows: () => size,
        renews: nowAndThen(size % 4 === 1),
      });
      compare(result.out.rows(0), groupsOf(given, window), ALL, window !== undefined);
    }),
    { numRuns },
  );
}

/** In two stages, where there is such a way. */
export async function checkStages(numRuns: number): Promise<void> {
  const functions = ALL.filter(({ text }) => {
    const plan = soundPlan(MODEL_SCHEMA, { select: { c: text } });
    return plan.stages !== undefined;
  });
  expect(functions.map(({ text }) => text)).toContain('COVAR_POP(f, g)');
  await fc.assert(
    fc.asyncProperty(run, async ({ rows: given, window, size, ...options }) => {
      const text = { groupBy: ['k'], select: selectOf(functions) };
      const plan = soundPlan(MODEL_SCHEMA, window === undefined ? text : { ...text, window });
      const deal = { locals: 2, turns: [0, 1, 1, 0, 3, 2] };
      const result = await runStages(createAggregateKernel, plan, toScript(given), deal, {
        ...options,
        batchRows: () => size,
        renews: nowAndThen(size % 4 === 1),
      });
      compare(result.rows, groupsOf(given, window), functions, window !== undefined);
    }),
    { numRuns },
  );
}

/** Rows that are taken back leave no trace. */
export async function checkRetraction(numRuns: number): Promise<void> {
  const functions = ALL.filter(({ text }) => {
    const { config } = soundPlan(MODEL_SCHEMA, { select: { c: text } });
    return (config as AggregatePlanConfig).aggregates.every(canRetract);
  });
  expect(functions).toEqual(
    expect.arrayContaining([
      ...MOMENT_FUNCTIONS,
      ...SET_FUNCTIONS,
      ...ORDER_FUNCTIONS,
      ...CHANGING_FUNCTIONS,
    ]),
  );
  const minus = positionOf('minus');
  await fc.assert(
    fc.asyncProperty(run, fc.array(fc.nat({ max: 59 })), async (drawn, taken) => {
      const { rows: given, size, window: _, ...options } = drawn;
      const script: ModelRow[] = [...given];
      const back = new Set(taken.filter((at) => at < given.length));
      for (const at of back) {
        const { values } = given[at]!;
        script.push({ ...given[at]!, values: values.with(minus, true) });
      }
      const left = given.filter((_row, at) => !back.has(at));
      const plan = soundPlan(MODEL_SCHEMA, { groupBy: ['k'], select: selectOf(functions) });
      const create = createRetractingKernel(minus);
      const result = await runKernel(create, plan, toScript(script), {
        ...options,
        batchRows: () => size,
        renews: nowAndThen(size % 4 === 1),
      });
      const groups = groupsOf(left, undefined);
      for (const [key] of groupsOf(given, undefined)) {
        if (!groups.has(key)) groups.set(key, []);
      }
      compare(result.out.rows(0), groups, functions, false);
    }),
    { numRuns },
  );
}
