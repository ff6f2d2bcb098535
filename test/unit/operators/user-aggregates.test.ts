/** Aggregates that modules export: what they are called with, and what is said when they fail. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadUserAggregates } from '../../../src/operators/aggregate/user-aggregates.ts';
import { openAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import type { AggregateOperator } from '../../../src/core/topology/model.ts';
import { FLOAT64, INT64, STRING } from '../../../src/core/types.ts';
import { createRetractingKernel } from '../../support/kernel/retracting-kernel.ts';
import { Workspace } from '../../support/run-topology.ts';
import type { TestRow } from '../../support/kernel/rows.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import type { AggregateText } from './aggregate-nodes.ts';
import { hopping, planAggregate, schemaOf, soundPlan } from './aggregate-nodes.ts';

const SOURCE = `
/** A sum of x + y, changed in place, and how it was made. */
export const total = {
  init: () => ({ sum: 0 }),
  add(state, x, y) { state.sum += x + Number(y); },
  merge(state, other) { state.sum += other.sum; },
  retract(state, x, y) { state.sum -= x + Number(y); },
  result: ({ sum }) => sum,
};
/** Texts in order, as values that are never changed. */
export const texts = {
  init: () => [],
  add: (state, text) => [...state, text].sort(),
  merge: (state, other) => [...state, ...other].sort(),
  result: (state) => (state.length === 0 ? null : state.join(' and ')),
};
export const throws = {
  ...total,
  add(state, x) { if (x > 2) throw new RangeError('too much'); },
};
export const later = { ...total, result: async () => 1 };
export const wrong = { ...total, result: () => 'seven' };
export const halves = { init: () => 0 };
export const notObject = 5;
`;

const SCHEMA = schemaOf({ k: 'string', minus: 'bool', f: 'float64', l: 'int64', s: 'string' });
const LONG = 'a text that does not fit its view';

const declared = (
  name: string,
  from: string,
  rest: Partial<AggregateOperator['aggregates'][number]> = {},
): AggregateOperator['aggregates'][number] => ({
  name,
  module: './own.js',
  export: from,
  arguments: [FLOAT64, INT64],
  returns: FLOAT64,
  retracts: false,
  ...rest,
});
const TEXTS = declared('texts', 'texts', { arguments: [STRING], returns: STRING });

const ROWS: TestRow[] = [
  { values: ['a', false, 1, 10n, 'x'], timeUs: 0 },
  { values: ['b', false, 2, 20n, LONG], timeUs: 3 },
  { values: ['a', false, null, 30n, 'y'], timeUs: 4 },
  { values: ['a', false, 3, 40n, null], timeUs: 7 },
  { values: ['b', false, 0.5, null, 'w'], timeUs: 11 },
];
const stepsOf = (rows: readonly TestRow[]): Step[] => rows.map((row) => ({ port: 0, row }));

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace();
  workspace.write('own.js', SOURCE);
});
afterAll(() => workspace[Symbol.dispose]());

async function run(text: AggregateText, rows = ROWS): Promise<string[]> {
  const plan = soundPlan(SCHEMA, { groupBy: ['k'], ...text });
  const { out } = await runKernel(openAggregateKernel, plan, stepsOf(rows), {
    rowCapacity: 64,
    baseDirectory: workspace.directory,
  });
  return out
    .rows(0)
    .map(({ values }) => values.map(String).join(' '))
    .sort();
}

test('are called with rows in which no argument is null, and that pass a filter', async () => {
  const aggregates = [declared('total', 'total'), TEXTS];
  const select = { t: 'Total(f, l)', s: 'TEXTS(s)', only: 'total(f, l) FILTER (WHERE f > 1)' };
  expect(await run({ aggregates, select })).toEqual(['a 54 x and y 43', `b 22 ${LONG} and w 22`]);
});

test('are merged where windows overlap', async () => {
  const aggregates = [declared('total', 'total'), TEXTS];
  const select = { t: 'total(f, 1)', s: 'texts(s)' };
  expect(await run({ aggregates, select, window: hopping(10, 5) })).toEqual([
    '-5 5 a 2 x and y',
    `-5 5 b 3 ${LONG}`,
    '0 10 a 6 x and y',
    `0 10 b 3 ${LONG}`,
    '10 20 b 1.5 w',
    '5 15 a 4 null',
    '5 15 b 1.5 w',
  ]);
});

test('take rows back where they say so', async () => {
  const aggregates = [declared('total', 'total', { retracts: true })];
  const plan = soundPlan(SCHEMA, { groupBy: ['k'], aggregates, select: { t: 'total(f, l)' } });
  const back = { ...ROWS[0]!, values: ROWS[0]!.values.with(1, true) };
  const create = createRetractingKernel(1, loadUserAggregates);
  const { out } = await runKernel(create, plan, stepsOf([...ROWS, back]), {
    rowCapacity: 64,
    baseDirectory: workspace.directory,
  });
  expect(out.rows(0).map(({ values }) => values)).toEqual([
    ['a', 43],
    ['b', 22],
  ]);
});

test('give all state back that closed windows had', async () => {
  const aggregates = [declared('total', 'total')];
  const plan = soundPlan(SCHEMA, {
    groupBy: ['k'],
    aggregates,
    select: { t: 'total(f, l)' },
    window: hopping(10, 5),
  });
  const script = Array.from({ length: 3000 }, (_, i): Step[] => [
    { port: 0, watermarkUs: i },
    { port: 0, row: { values: [`${i % 7}`, false, 1, 1n, null], timeUs: i } },
  ]).flat();
  const { out } = await runKernel(openAggregateKernel, plan, script, {
    rowCapacity: 64,
    baseDirectory: workspace.directory,
    stateLimitBytes: 128 * 1024,
  });
  expect(out.rows(0).length).toBeGreaterThan(3000);
});

describe('say what is wrong', () => {
  test.each([
    ['throws', 'aggregate \'own\' of \'tested\': add threw too much for the group {"k":"a"}'],
    ['later', "aggregate 'own' of 'tested': result is asynchronous; it must return its value"],
    ['wrong', 'result of the group {"k":"a"}: expected float64 (a number), found "seven"'],
    ['halves', "module ./own.js: 'halves' has no function 'add', which aggregate 'own' needs"],
    ['notObject', "module ./own.js: exports no object 'notObject'; it exports"],
  ])('%s', async (from, message) => {
    const aggregates = [declared('own', from)];
    await expect(run({ aggregates, select: { c: 'own(f, l)' } })).rejects.toMatchObject({
      code: 'ERR_USER_CODE',
      message: expect.stringContaining(message) as string,
    });
  });

  test('a module outside of the folder', async () => {
    const aggregates = [declared('own', 'total', { module: '../own.js' })];
    const select = { c: 'own(f, l)' };
    await expect(run({ aggregates, select })).rejects.toMatchObject({ code: 'ERR_USER_CODE' });
  });

  test.each([
    ['own(f)', 'OWN takes 2 arguments: float64, int64 (line 1, column 1)'],
    ['own(f, s)', 'OWN expects int64 here, found string (line 1, column 8)'],
    ['owm(f, l)', 'unknown function OWM (line 1, column 1)'],
    ['owm(f, l) FILTER (WHERE f > 1)', 'unknown function OWM (line 1, column 1)'],
  ])('%s', (text, message) => {
    const aggregates = [declared('own', 'total')];
    const { issues } = planAggregate(SCHEMA, { aggregates, select: { c: text } });
    expect(issues[0]).toContain(`select.c: ${message}`);
  });

  test.each(['sum', 'Median', 'upper', 'no name'])('a name such as %s', (name) => {
    const aggregates = [declared(name, 'total')];
    const { issues } = planAggregate(SCHEMA, { aggregates, select: { c: 'COUNT(*)' } });
    expect(issues[0]).toMatch(/^aggregates\./);
  });

  test('no two stages', () => {
    const aggregates = [declared('own', 'total')];
    expect(soundPlan(SCHEMA, { aggregates, select: { c: 'own(f, l)' } }).stages).toBeUndefined();
  });
});
