/** Patterns, by hand: the operators of StreamBase's, windows of time and of a field, and what is skipped. */

import { describe, expect, test } from 'vitest';
import { createKernel } from '../../../src/operators/kernels.ts';
import { planIssues, soundPlan } from '../../support/kernel/documents.ts';
import type { TestInput } from '../../support/kernel/operator-nodes.ts';
import type { TestRow } from '../../support/kernel/rows.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { openStepwise } from '../../support/kernel/stepwise.ts';
import { schemaOf } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'string', v: 'int32' });
const stream = (name: string): TestInput => ({ name, schema: SCHEMA, hasTime: true });
const INPUTS = ['a', 'b', 'c'].map(stream);

/** `name`, its time, and its value: `['a', 1, 10]`. */
type Given = readonly [name: string, timeUs: number, v?: number, k?: string];

/** What a pattern over streams `a`, `b` and `c` gives: `[time, values of the events that have some]`. */
async function matches(
  pattern: string,
  rows: readonly Given[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<unknown[]> {
  const names = pattern.match(/\b[abc]\b/g)!.toSorted();
  const inputs = INPUTS.filter(({ name }) => names.includes(name));
  const out = inputs.filter(({ name }) => !new RegExp(`(NOT|!) *${name}\\b`).test(pattern));
  const select = Object.fromEntries(out.map(({ name }) => [name, `${name}.v`]));
  const text = { type: 'pattern', pattern, within: '10us', key: ['k'], select, ...more };
  const kernel = await openStepwise(createKernel, soundPlan(text, inputs));
  for (const [name, timeUs, v = timeUs, k = 'k'] of rows) {
    const port = inputs.findIndex((input) => input.name === name);
    kernel.feed(port, { values: [k, v], timeUs });
  }
  inputs.forEach((_, port) => kernel.end(port));
  return kernel.out.rows().map(({ values, timeUs }) => [timeUs, ...values]);
}

describe('pattern: the operators of StreamBase', () => {
  test('A THEN B: every A with every B behind it, within the window', async () => {
    const rows: Given[] = [
      ['a', 1],
      ['a', 3],
      ['b', 2],
      ['b', 11],
      ['b', 12],
      ['b', 13, 13, 'x'],
    ];
    expect(await matches('a THEN b', rows)).toEqual([
      [2, 1, 2],
      [11, 1, 11],
      [11, 3, 11],
      [12, 3, 12],
    ]);
  });

  test('A THEN B: rows of one time do not follow each other', async () => {
    expect(
      await matches('a -> b', [
        ['a', 5],
        ['b', 5],
        ['b', 4],
      ]),
    ).toEqual([]);
  });

  test('A THEN B: of one time the one follows that has the larger value in a column', async () => {
    const rows: Given[] = [
      ['a', 5, 2],
      ['b', 5, 1],
      ['b', 5, 2],
      ['b', 5, 3],
    ];
    expect(await matches('a THEN b', rows, { orderBy: 'v' })).toEqual([[5, 2, 3]]);
    expect(await matches('a THEN NOT b', rows, { orderBy: 'v' })).toEqual([]);
    expect(await matches('a AND b', rows, { orderBy: 'v' })).toHaveLength(3);
  });

  test('A AND B, in any order', async () => {
    const rows: Given[] = [
      ['b', 1],
      ['a', 4],
      ['a', 30],
      ['b', 32],
      ['a', 60],
      ['b', 60],
      ['b', 71],
    ];
    expect(await matches('a AND b', rows)).toEqual([
      [4, 4, 1],
      [32, 30, 32],
      [60, 60, 60],
    ]);
  });

  test('A OR B: either, and null for the other', async () => {
    expect(
      await matches('a || b', [
        ['a', 1],
        ['b', 2],
      ]),
    ).toEqual([
      [1, 1, null],
      [2, null, 2],
    ]);
  });

  test('NOT B after A: a match when the window has ended, at that time', async () => {
    const rows: Given[] = [
      ['a', 1],
      ['b', 11],
      ['a', 20],
      ['b', 31],
      ['a', 50],
      ['b', 50],
    ];
    expect(await matches('a THEN NOT b', rows)).toEqual([
      [30, 20],
      [60, 50],
    ]);
  });

  test('NOT in between: A THEN NOT B THEN C', async () => {
    const rows: Given[] = [
      ['a', 1],
      ['c', 2],
      ['b', 3],
      ['c', 4],
      ['a', 5],
      ['b', 6],
      ['c', 6],
    ];
    expect(await matches('a THEN NOT b THEN c', rows)).toEqual([
      [2, 1, 2],
      [6, 5, 6],
    ]);
  });

  test('A AND NOT B: none in the window that begins with A', async () => {
    expect(
      await matches('a AND NOT b', [
        ['b', 1],
        ['a', 2],
        ['a', 20],
        ['b', 20],
      ]),
    ).toEqual([[12, 2]]);
  });

  test('nested: (A AND B) THEN C, and A THEN (B OR C)', async () => {
    const rows: Given[] = [
      ['b', 1],
      ['c', 2],
      ['a', 3],
      ['c', 4],
    ];
    expect(await matches('(a AND b) THEN c', rows)).toEqual([[4, 3, 1, 4]]);
    expect(await matches('a THEN (b OR c)', [...rows, ['b', 9]])).toEqual([
      [4, 3, null, 4],
      [9, 3, 9, null],
    ]);
  });

  test('a window over a field ends with the first row beyond it', async () => {
    const within = { field: 'v', size: 5 };
    const rows: Given[] = [
      ['a', 1, 10],
      ['b', 2, 15],
      ['b', 3, 16],
      ['a', 4, 16],
      ['b', 5, 30],
    ];
    expect(await matches('a THEN b', rows, { within })).toEqual([[2, 10, 15]]);
    expect(await matches('a THEN NOT b', rows, { within })).toEqual([[5, 16]]);
  });

  test('WHERE over the rows of a match, and over those that must stay out', async () => {
    const rows: Given[] = [
      ['a', 1, 7],
      ['b', 2, 6],
      ['b', 3, 8],
      ['b', 4, 9],
    ];
    expect(await matches('a THEN b', rows, { where: 'b.v = a.v + 2' })).toEqual([[4, 7, 9]]);
    const out: Given[] = [
      ['a', 1, 7],
      ['a', 2, 8],
      ['b', 3, 7],
    ];
    expect(await matches('a THEN NOT b', out, { where: 'b.v = a.v' })).toEqual([[12, 8]]);
  });

  test('parts of one key', async () => {
    const rows: Given[] = [
      ['a', 1, 1, 'x'],
      ['a', 1, 2, 'y'],
      ['b', 2, 3, 'y'],
      ['b', 2, 4, 'z'],
    ];
    expect(await matches('a THEN b', rows)).toEqual([[2, 2, 3]]);
    expect(await matches('a THEN b', rows, { key: [] })).toHaveLength(4);
  });
});

describe('pattern: skip', () => {
  const rows: Given[] = [
    ['a', 1],
    ['a', 2],
    ['b', 3],
    ['b', 4],
    ['a', 5],
    ['b', 6],
  ];

  test('none: all combinations', async () => {
    expect(await matches('a THEN b', rows)).toHaveLength(7);
  });

  test('next: the first of those that begin with the same row', async () => {
    expect(await matches('a THEN b', rows, { skip: 'next' })).toEqual([
      [3, 1, 3],
      [3, 2, 3],
      [6, 5, 6],
    ]);
  });

  test('past: the first of those that overlap', async () => {
    expect(await matches('a THEN b', rows, { skip: 'past' })).toEqual([
      [3, 1, 3],
      [6, 5, 6],
    ]);
    expect(await matches('a THEN b', rows, { skip: 'past', where: 'b.v > 3' })).toEqual([
      [4, 1, 4],
      [6, 5, 6],
    ]);
  });

  test('of matches that the end of a window makes', async () => {
    const given: Given[] = [
      ['a', 1],
      ['b', 2],
      ['b', 3],
      ['a', 20],
      ['b', 21],
    ];
    const pattern = 'a THEN b THEN NOT c';
    expect(await matches(pattern, given)).toHaveLength(3);
    expect(await matches(pattern, given, { skip: 'next' })).toEqual([
      [11, 1, 2],
      [30, 20, 21],
    ]);
    expect(await matches(pattern, given, { skip: 'past' })).toHaveLength(2);
  });
});

describe('pattern: rows', () => {
  test('wait for the watermark, and late ones go to the port of late rows', async () => {
    const events = { x: { input: 'in', where: 'v = 1' }, y: { input: 'in', where: 'v = 2' } };
    const text = {
      type: 'pattern',
      events,
      pattern: 'x THEN y',
      within: '10us',
      select: { k: 'y.k' },
    };
    const kernel = await openStepwise(createKernel, soundPlan(text, [stream('in')]));
    const row = (v: number, timeUs: number, lateByUs = 0): TestRow => ({
      values: [`${v} at ${timeUs}`, v],
      timeUs,
      lateByUs,
    });
    expect(kernel.feed(0, row(2, 7), row(1, 5), row(3, 6))).toEqual([]);
    expect(kernel.watermark(0, 7)).toEqual([]);
    expect(kernel.watermark(0, 8)).toEqual([['2 at 7']]);
    expect(kernel.out.watermarkUs).toBe(8);
    expect(kernel.feed(0, row(2, 6, 1), row(2, 9))).toEqual([]);
    expect(kernel.out.rows(1).map(({ values }) => values)).toEqual([['2 at 6', 2]]);
    expect(kernel.end(0)).toEqual([['2 at 9']]);
    expect(kernel.counts[0]).toBe(1);
  });

  test('that are very many are not looked at in one call', async () => {
    const row = (port: number, timeUs: number): Step => ({
      port,
      row: { values: ['k', timeUs], timeUs },
    });
    const script = Array.from({ length: 9000 }, (_, i) => row(0, i));
    script.push(row(1, 9000), row(0, 9001), row(0, 9002));
    const count = async (pattern: string): Promise<number> => {
      const text = { type: 'pattern', pattern, within: '1h', select: { v: 'a.v' } };
      const plan = soundPlan(text, INPUTS.slice(0, 2));
      const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 1024 });
      return out.rows().length;
    };
    expect(await count('a THEN NOT b')).toBe(2);
    expect(await count('a THEN b')).toBe(9000);
    expect(await count('a AND NOT b')).toBe(2);
  });

  test('of an input that was idle come too late behind the watermark', async () => {
    const text = { type: 'pattern', pattern: 'a THEN b', within: '10us', select: { v: 'b.v' } };
    const row = (port: number, timeUs: number): Step => ({
      port,
      row: { values: ['k', timeUs], timeUs },
    });
    const script: Step[] = [
      { port: 0, watermarkUs: Infinity },
      row(1, 7),
      { port: 1, watermarkUs: 6 },
      row(0, 5),
      row(0, 6),
      { port: 0, watermarkUs: 6 },
    ];
    const plan = soundPlan(text, INPUTS.slice(0, 2));
    const options = { rowCapacity: 64, renews: () => true };
    const { out, late } = await runKernel(createKernel, plan, script, options);
    expect(out.rows().map(({ values }) => values)).toEqual([[7]]);
    expect(late).toBe(1);
  });

  test('have all columns of all events where nothing is selected', () => {
    const plan = soundPlan(
      { type: 'pattern', pattern: 'a THEN NOT b THEN c', within: '1s' },
      INPUTS,
    );
    const names = plan.outputs[0]!.stream.schema.map(({ name }) => name);
    expect(names).toEqual(['a_k', 'a_v', 'c_k', 'c_v']);
    expect(plan.outputs).toHaveLength(1);
  });
});

describe('pattern: mistakes', () => {
  const issues = (pattern: string, more: Readonly<Record<string, unknown>> = {}): string[] =>
    planIssues({ type: 'pattern', pattern, within: '10s', ...more }, INPUTS);

  test.each([
    ['a THEN', 'pattern: character 7: expected the name of an event, found the end'],
    ['a THEN (b AND c', "pattern: character 16: expected ')', found the end"],
    ['a b', "pattern: character 3: expected THEN, AND or OR, found 'b'"],
    ['a THEN d', "pattern: character 8: there is no event 'd'"],
    ['a THEN b % c', "pattern: character 10: unexpected '%'"],
    ['a THEN b', "pattern: it says nothing of 'c'"],
    ['a THEN b THEN c THEN a', "pattern: 'a' is there twice"],
    ['NOT a THEN b THEN c', 'pattern: NOT a stands before the first event'],
    ['a THEN (b OR NOT c)', 'pattern: NOT c is a branch of OR by itself'],
    ['a THEN NOT (b AND c)', 'pattern: NOT takes an event, or events joined by OR'],
    ['NOT (a OR b OR c)', 'pattern: expected an event that occurs'],
    ['a+ THEN b THEN c', "pattern: character 2: expected how often, at most 30: 'a{3}'"],
    ['a{2,} THEN b THEN c', "'a{1,5}' or 'a?'; found '{2,}'"],
    ['a{3,2} THEN b THEN c', "found '{3,2}'"],
    ['a{31} THEN b THEN c', "found '{31}'"],
    ['a THEN NOT b{2} THEN c', 'pattern: NOT takes an event, or events joined by OR'],
    ['a? OR b? OR c?', 'pattern: a match may have no row'],
    ['a{20} THEN b{20} THEN c', 'events: there are 41 events; at most 30 are possible'],
  ])('%s', (pattern, message) => {
    expect(issues(pattern)[0]).toContain(message);
  });

  test('of rows of an event that repeats', () => {
    const pattern = 'a{1,2} THEN b THEN c';
    const selects = (x: string): string => issues(pattern, { select: { x } })[0] ?? '';
    expect(issues(pattern)[0]).toMatch(/'a' is several rows: say in 'select'/);
    expect(selects('a.v')).toMatch(/^select\/x: 'a' is several rows; expected FIRST, LAST/);
    expect(selects('COUNT(*)')).toMatch(/expected columns of one event: COUNT\(a.x\)/);
    expect(selects('SUM(DISTINCT a.v)')).toMatch(/rows of 'a' are taken as they follow/);
    expect(selects('MEDIAN(a.v)')).toMatch(/expected FIRST, LAST, COUNT, SUM, AVG, MIN and MAX/);
    expect(selects('SUM(a.v) + b.v')).toBe('');
  });

  test('of conditions and columns', () => {
    const pattern = 'a THEN NOT b THEN c';
    expect(issues(pattern, { select: { x: 'b.v' } })[0]).toMatch(/^select\/x: 'b' stays out/);
    expect(issues(pattern, { where: 'b.v = c.v' })[0]).toMatch(
      /^where: 'b' can come before 'c' is known/,
    );
    expect(issues(pattern, { within: { field: 'k', size: 1 } })[0]).toMatch(
      /^within\/field: expected a column of numbers or times, 'k' is string/,
    );
    expect(issues(pattern, { within: { field: 'v', size: '1s' } })[0]).toMatch(
      /^within\/size: 'v' is int32: expected a number/,
    );
  });
});
