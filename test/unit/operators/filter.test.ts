/** What a filter keeps and where it sends it. */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import { INT32, STRING } from '../../../src/core/types.ts';
import { createFilterKernel } from '../../../src/operators/filter/kernel.ts';
import type { TestInput } from '../../support/kernel/operator-nodes.ts';
import { planNode, routesNode, soundNode, whereNode } from '../../support/kernel/operator-nodes.ts';
import type { Cell, TestRow } from '../../support/kernel/rows.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'n', type: INT32 },
  { name: 's', type: STRING },
];
const INPUT: TestInput = { name: 'in', schema: SCHEMA, hasTime: true };
const OPTIONS = { rowCapacity: 64 };

const steps = (...numbers: readonly Cell[]): Step[] =>
  numbers.map((n, i) => ({ port: 0, row: { values: [n, `text ${String(n)}`], timeUs: i } }));
const numbers = (rows: readonly TestRow[]) => rows.map((row) => row.values[0]);

describe('where', () => {
  const run = (where: string, script: readonly Step[]) =>
    runKernel(createFilterKernel, soundNode(whereNode([INPUT], where), [INPUT]), script, OPTIONS);

  test('keeps the rows for which it is true, not null', async () => {
    const { out } = await run('n > 2', steps(1, 5, null, 3, 2));
    expect(numbers(out.rows())).toEqual([5, 3]);
  });

  test('keeps event time, lateness and the watermark', async () => {
    const script: Step[] = [
      { port: 0, row: { values: [9, 'x'], timeUs: 50, lateByUs: 7 } },
      { port: 0, watermarkUs: 60 },
    ];
    const { out } = await run('n > 2', script);
    expect(out.events.slice(0, 2)).toEqual([
      { kind: 'row', port: 0, row: { values: [9, 'x'], timeUs: 50, lateByUs: 7 } },
      { kind: 'watermark', watermarkUs: 60 },
    ]);
  });

  test('may name its input', async () => {
    const { out } = await run("in.s = 'text 4'", steps(3, 4));
    expect(numbers(out.rows())).toEqual([4]);
  });
});

describe('routes', () => {
  const run = (routes: Record<string, string | true>, script: readonly Step[]) =>
    runKernel(createFilterKernel, soundNode(routesNode([INPUT], routes), [INPUT]), script, OPTIONS);

  test('send a row to the first that is true, else to the rest', async () => {
    const { out } = await run(
      { big: 'n > 10', even: 'n % 2 = 0', rest: true },
      steps(12, 4, 7, null),
    );
    expect([0, 1, 2].map((port) => numbers(out.rows(port)))).toEqual([[12], [4], [7, null]]);
  });

  test('drop what none takes where there is no rest', async () => {
    const { out } = await run({ big: 'n > 10', small: 'n < 2' }, steps(1, 5, 11));
    expect([0, 1].map((port) => numbers(out.rows(port)))).toEqual([[11], [1]]);
  });

  test('have the names of the document, the rest behind the others', () => {
    const node = routesNode([INPUT], { others: true, big: 'n > 10' }, 'deadLetter');
    const { outputs } = soundNode(node, [INPUT]);
    expect(outputs.map(({ name }) => name)).toEqual(['big', 'others', 'errors']);
  });
});

describe('a row on which a condition fails', () => {
  const routes = { zero: '10 / n > 100', some: 'n = 0', rest: true } as const;
  const script = steps(1, 0, 2);
  const run = (onError: 'stop' | 'skip' | 'deadLetter') => {
    const plan = soundNode(routesNode([INPUT], routes, onError), [INPUT]);
    return runKernel(createFilterKernel, plan, script, OPTIONS);
  };

  test('stops the run', async () => {
    await expect(run('stop')).rejects.toMatchObject({
      code: 'ERR_ROW_EXPRESSION',
      node: 'tested',
      message: expect.stringContaining(
        'division by zero; the row is {"n":0,"s":"text 0"}',
      ) as string,
    });
  });

  test('goes nowhere, also where another route would have taken it', async () => {
    const { out, errors } = await run('skip');
    expect([0, 1, 2].map((port) => numbers(out.rows(port)))).toEqual([[], [], [1, 2]]);
    expect(errors).toBe(1);
  });

  test('goes to the dead letters', async () => {
    const { out, errors } = await run('deadLetter');
    expect(out.rows(3).map((row) => [row.values[2], row.values[6]])).toEqual([
      ['division by zero', '{"n":0,"s":"text 0"}'],
    ]);
    expect(errors).toBe(1);
  });
});

test('a condition must be a bool over known columns', () => {
  const { issues } = planNode(routesNode([INPUT], { a: 'm > 1', b: 'n + 1' }), [INPUT]);
  expect(issues).toHaveLength(2);
  expect(issues[0]).toMatch(/^routes\/a: unknown column 'm'/);
  expect(issues[1]).toMatch(/^routes\/b: /);
});
