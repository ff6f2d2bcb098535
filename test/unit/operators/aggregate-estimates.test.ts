import { describe, expect, test } from 'vitest';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../../src/core/types.ts';
import { type OperatorText, planIssues, soundPlan } from '../../support/kernel/documents.ts';
import type { TestInput } from '../../support/kernel/operator-nodes.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import { runKernel, type Step } from '../../support/kernel/run-kernel.ts';
import { RandomStream } from '../../../src/connectors/generator/random.ts';

const fields = [
  { name: 'k', type: INT32 },
  { name: 'n', type: INT64 },
  { name: 'x', type: FLOAT64 },
];
const weighted: TestInput = {
  name: 'bids',
  schema: [...fields, { name: '$weight', type: FLOAT64 }],
  hasTime: true,
  weight: 3,
};
const plain: TestInput = { name: 'bids', schema: fields, hasTime: true };
const WINDOW = { type: 'tumbling', size: '10us' };
const SELECT = { rows: 'COUNT(*)', known: 'COUNT(n)', n: 'SUM(n)', x: 'SUM(x)', mean: 'AVG(x)' };

const row = (timeUs: number, ...values: Cell[]): Step => ({ port: 0, row: { values, timeUs } });

async function run(text: OperatorText, input: TestInput, script: readonly Step[]) {
  const plan = soundPlan(text, [input]);
  const { out } = await runKernel(createAggregateKernel, plan, script, { rowCapacity: 64 });
  const { schema } = plan.outputs[0]!.stream;
  return out
    .rows(0)
    .map(({ values }) => Object.fromEntries(schema.map(({ name }, c) => [name, values[c]!])));
}

describe('an aggregate over weighted rows', () => {
  test('gives the plain results, and bounds that meet, where nothing was shed', async () => {
    const text = { type: 'aggregate', groupBy: ['k'], window: WINDOW, select: SELECT };
    const rows = [
      [1, 1, 9_007_199_254_740_993n, 0.1],
      [2, 1, 2n, 0.2],
      [3, 2, null, 0.7],
      [11, 1, -4n, null],
    ] as const;
    const exact = await run(
      text,
      plain,
      rows.map(([t, ...values]) => row(t, ...values)),
    );
    const estimated = await run(
      text,
      weighted,
      rows.map(([t, ...values]) => row(t, ...values, 1)),
    );
    expect(estimated).toMatchObject(exact);
    for (const group of estimated) {
      for (const name of Object.keys(SELECT)) {
        const value = group[name] === null ? null : Number(group[name]);
        expect([group[`${name}_low`], group[`${name}_high`]]).toEqual([value, value]);
      }
    }
    expect(estimated.map(({ n_eff }) => n_eff)).toEqual([2, 1, 1]);
  });

  test('estimates by the formulas of Horvitz and Thompson, and of Hájek', async () => {
    const text = { type: 'aggregate', window: WINDOW, select: SELECT };
    const [group] = await run(text, weighted, [
      row(1, 1, 10n, 3, 4),
      row(2, 1, 20n, 1, 2),
      row(3, 1, null, 5, 1),
    ]);
    expect(group).toMatchObject({ rows: 7n, known: 6n, n: 80n, x: 19 });
    const bound = (value: number, variance: number): number =>
      value + 1.959963984540054 * Math.sqrt(variance);
    // d of the three rows: 12, 2 and 0.
    expect(group!['rows_high']).toBeCloseTo(bound(7, 14), 10);
    expect(group!['n_high']).toBeCloseTo(bound(80, 12 * 100 + 2 * 400), 10);
    expect(group!['x_high']).toBeCloseTo(bound(19, 12 * 9 + 2), 10);
    const mean = 19 / 7;
    const variance = (12 * (3 - mean) ** 2 + 2 * (1 - mean) ** 2) / 49;
    expect(group!['mean']).toBeCloseTo(mean, 12);
    expect(group!['mean_low']).toBeCloseTo(2 * mean - bound(mean, variance), 10);
    expect(group!['n_eff']).toBeCloseTo(49 / 21, 12);
  });

  test('counts only rows that a filter lets through', async () => {
    const select = { few: 'COUNT(*) FILTER (WHERE x > 2)', none: 'COUNT(n) FILTER (WHERE x > 9)' };
    const text = { type: 'aggregate', window: WINDOW, select };
    const [group] = await run(text, weighted, [row(1, 1, 1n, 3, 4), row(2, 1, 1n, 1, 2)]);
    expect(group).toMatchObject({ few: 4n, none: 0n, none_low: 0, none_high: 0 });
  });

  test('has bounds that hold what all rows give 95 times of 100', async () => {
    const windows = 1000;
    const perWindow = 400;
    const random = new RandomStream(7, 'estimates', 0);
    const script: Step[] = [];
    const truths: { rows: number; x: number; mean: number }[] = [];
    for (let window = 0; window < windows; window++) {
      let sum = 0;
      for (let i = 0; i < perWindow; i++) {
        random.begin(window * perWindow + i);
        const x = Math.exp(random.unit() + random.unit());
        sum += x;
        // What is worth more is more likely to be let in; five times too much arrives.
        const share = x > 4 ? 1 : 0.14;
        if (random.unit() < share) script.push(row(window * 10 + 5, 1, 1n, x, 1 / share));
      }
      truths.push({ rows: perWindow, x: sum, mean: sum / perWindow });
    }
    const select = { rows: 'COUNT(*)', x: 'SUM(x)', mean: 'AVG(x)' };
    const groups = await run({ type: 'aggregate', window: WINDOW, select }, weighted, script);
    expect(groups).toHaveLength(windows);
    const judged = groups.map((group, i) => ({ group, truth: truths[i]! }));
    const trusted = judged.filter(({ group }) => (group['n_eff'] as number) >= 30);
    expect(trusted.length).toBeGreaterThan(900);
    for (const name of ['rows', 'x', 'mean'] as const) {
      const held = trusted.filter(
        ({ group, truth }) =>
          (group[`${name}_low`] as number) <= truth[name] &&
          truth[name] <= (group[`${name}_high`] as number),
      );
      expect(held.length / trusted.length, name).toBeGreaterThan(0.93);
      expect(held.length / trusted.length, name).toBeLessThan(0.97);
    }
  });
});

describe('weighted rows', () => {
  const issues = (text: OperatorText, inputs: TestInput[] = [weighted]): string[] =>
    planIssues(text, inputs);

  test('are not summed up by aggregates without an estimate', () => {
    const select = { a: 'MIN(x)', b: 'COUNT(DISTINCT k)', c: 'SUM(x) / COUNT(*)', d: 'SUM(x)' };
    expect(issues({ type: 'aggregate', select })).toEqual([
      "select/a: 'MIN(x)' has no estimate: expected COUNT, SUM or AVG, of single rows",
      "select/b: 'COUNT(DISTINCT k)' has no estimate: expected COUNT, SUM or AVG, of single rows",
      "select/c: 'SUM(x) / COUNT(*)' has no estimate: expected COUNT, SUM or AVG, of single rows",
    ]);
  });

  test('name columns that must be free', () => {
    const select = { a: 'SUM(x)', a_low: 'COUNT(*)', n_eff: 'COUNT(*)' };
    expect(issues({ type: 'aggregate', select })).toEqual([
      "select/a: 'a_low' is a bound of 'a' already; rename one",
      "select/n_eff: 'n_eff' is what estimates say of themselves; rename it",
    ]);
  });

  test('do not meet others in a join, nor in a union', () => {
    const text = { type: 'join', on: 'l.k = r.k', select: { k: 'l.k' } };
    expect(issues(text, [weighted, { ...plain, name: 'r' }])).toEqual([
      ': rows of \'bids\' stand for others that were shed ("windows": "estimate"), ' +
        "and 'join' cannot say what those would give",
    ]);
    const same = { ...weighted, name: 'r', weight: undefined };
    expect(issues({ type: 'union' }, [weighted, same as unknown as TestInput])).toEqual([
      "inputs/1: rows of 'bids' stand for others that were shed, those of 'r' do not",
    ]);
  });

  test('keep their weight in a map, under its own name', () => {
    const { stream } = soundPlan({ type: 'map', select: { y: 'x * 2' } }, [weighted]).outputs[0]!;
    expect(stream.schema.map(({ name }) => name)).toEqual(['y', '$weight']);
    expect(stream.weight).toBe(1);
    expect(issues({ type: 'map', select: { '*': true, $weight: '1.5' } })).toEqual([
      "select/$weight: '$weight' says how many rows each row of this stream stands for: " +
        'give the column another name',
    ]);
  });

  test('have columns behind them in a lookup', () => {
    const table = { path: 't.csv', schema: { k: 'int32', name: 'string' } };
    const text = { type: 'lookup', table, on: { k: 'k' } };
    const { stream } = soundPlan(text, [weighted]).outputs[0]!;
    expect(stream.schema.at(-1)).toEqual({ name: 'name', type: STRING });
    expect(stream.weight).toBe(3);
  });
});
