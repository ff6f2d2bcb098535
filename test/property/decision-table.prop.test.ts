/** Decision tables against rules in plain JavaScript. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { BOOL, FLOAT64, INT32, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { documentPlan, type TestInput } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'n', type: INT32 },
  { name: 'x', type: FLOAT64 },
  { name: 'a name', type: STRING },
  { name: 'f', type: BOOL },
];
const INPUT: TestInput = { name: 'in', schema: SCHEMA, hasTime: false };

/** A cell as a document writes it, and what it means. */
interface TestCell {
  readonly cell: unknown;
  readonly holds: (value: Cell) => boolean;
}

type Scalar = number | string | boolean;

const ANY: TestCell = { cell: '*', holds: () => true };
const NULLS: readonly TestCell[] = [
  ANY,
  { cell: null, holds: () => true },
  { cell: '', holds: () => true },
  { cell: 'null', holds: (value) => value === null },
  { cell: 'not null', holds: (value) => value !== null },
];

/** What holds for values that are not null. */
const present = (cell: unknown, test: (value: Scalar) => boolean): TestCell => ({
  cell,
  holds: (value) => value !== null && test(value as Scalar),
});

function comparisons(of: fc.Arbitrary<Scalar>, write: (value: Scalar) => string) {
  return fc.tuple(of, of).chain(([a, b]) =>
    fc.constantFrom<TestCell>(
      present(write(a), (value) => value === a),
      present(`= ${write(a)}`, (value) => value === a),
      present(`<> ${write(a)}`, (value) => value !== a),
      present(`!=${write(a)}`, (value) => value !== a),
      present(`<${write(a)}`, (value) => value < a),
      present(`<= ${write(a)}`, (value) => value <= a),
      present(`> ${write(a)}`, (value) => value > a),
      present(` >= ${write(a)} `, (value) => value >= a),
      present(`${write(a)}..${write(b)}`, (value) => value >= a && value <= b),
      present(`[${write(a)} .. ${write(b)})`, (value) => value >= a && value < b),
      present(`(${write(a)}..${write(b)}]`, (value) => value > a && value <= b),
      present(`${write(a)}..`, (value) => value >= a),
      present(`..${write(a)}`, (value) => value <= a),
      present(`${write(a)}, > ${write(b)}`, (value) => value === a || value > b),
      present(`not ${write(a)}, ${write(b)}`, (value) => value !== a && value !== b),
      present([a, b], (value) => value === a || value === b),
    ),
  );
}

const integers = fc.integer({ min: -4, max: 4 });
const quarters = fc.integer({ min: -6, max: 6 }).map((n) => n / 4);
const words = fc.constantFrom('', 'a', 'b', "it's", 'x, y', '1..2', '> a', 'null', ' ');
const quoted = (value: Scalar): string => `'${String(value).replaceAll("'", "''")}'`;

const cells: readonly fc.Arbitrary<TestCell>[] = [
  fc.oneof(fc.constantFrom(...NULLS), comparisons(integers, String)),
  fc.oneof(fc.constantFrom(...NULLS), comparisons(quarters, String)),
  fc.oneof(
    fc.constantFrom(
      ...NULLS,
      present('a', (value) => value === 'a'),
      present("like '%a%'", (value) => String(value).includes('a')),
    ),
    comparisons(fc.constantFrom('a', 'b', 'c'), String),
    // Of a list in JSON each text is a cell of its own, so it is quoted too.
    comparisons(words, quoted).filter(({ cell }) => !Array.isArray(cell)),
  ),
  fc.constantFrom(
    ...NULLS,
    present(true, (value) => value === true),
    present('false', (value) => value === false),
  ),
];

interface TestRule {
  readonly cells: readonly TestCell[];
  readonly result: {
    readonly number: number | null;
    readonly text: string | null;
    readonly yes: boolean | null;
    readonly whole: number | null;
  };
}

const rule: fc.Arbitrary<TestRule> = fc.record({
  // Most rules look at one or two columns.
  cells: fc.tuple(...cells.map((cell) => fc.oneof(fc.constant(ANY), cell))),
  result: fc.record({
    number: fc.option(fc.integer({ min: 0, max: 100 })),
    text: fc.option(fc.constantFrom('gold', 'a text that fits into no view', 'another such text')),
    yes: fc.option(fc.boolean()),
    whole: fc.option(fc.integer({ min: -9, max: 9 })),
  }),
});

const row = fc.tuple(
  fc.option(integers),
  fc.option(quarters),
  fc.option(words),
  fc.option(fc.boolean()),
);

function documentOf(
  rules: readonly TestRule[],
  hit: string,
  unmatched: string,
): Readonly<Record<string, unknown>> {
  return {
    type: 'decision_table',
    rules: rules.map(({ cells: ofRule, result }) => ({
      when: Object.fromEntries(ofRule.map(({ cell }, c) => [SCHEMA[c]!.name, cell])),
      then: { ...result, double: '= n * 2' },
    })),
    results: { number: 'float64', text: 'string', yes: 'bool', whole: 'int32', double: 'int32' },
    hit,
    unmatched,
    rule: 'rule',
  };
}

/** The rows that rules make of a row; `undefined` when it meets none. */
function expected(rules: readonly TestRule[], values: readonly Cell[], hit: string) {
  const met = rules.flatMap((one, r) =>
    one.cells.every(({ holds }, c) => holds(values[c]!))
      ? [[...values, ...resultsOf(one), twice(values[0]!), r + 1]]
      : [],
  );
  if (met.length === 0) return undefined;
  return hit === 'first' ? met.slice(0, 1) : met;
}

const resultsOf = ({ result: { number, text, yes, whole } }: TestRule): readonly Cell[] => [
  number,
  text,
  yes,
  whole,
];
const twice = (n: Cell): Cell => (n === null ? null : (n as number) * 2);

/** As texts in order, for rows of which the order is not promised. */
const sorted = (rows: readonly (readonly Cell[])[]): string[] =>
  rows.map((values) => JSON.stringify(values)).toSorted();

test('rows get the results of the rules that they meet', async () => {
  const tables = fc.oneof(
    fc.array(rule, { minLength: 1, maxLength: 5 }),
    // Constants of many rules are copied from a table, and conditions are evaluated a few at a time.
    fc.array(rule, { minLength: 9, maxLength: 14 }),
  );
  const modes = fc.tuple(fc.constantFrom('first', 'all'), fc.constantFrom('null', 'drop', 'port'));
  let met = 0;
  await fc.assert(
    fc.asyncProperty(
      tables,
      fc.array(row, { maxLength: 60 }),
      modes,
      async (rules, rows, [hit, unmatched]) => {
        const wanted: (readonly Cell[])[] = [];
        const others: (readonly Cell[])[] = [];
        for (const values of rows) {
          const results = expected(rules, values, hit);
          if (results === undefined) others.push(values);
          else wanted.push(...results);
        }
        met += wanted.length;
        if (unmatched === 'null') {
          wanted.push(...others.map((values) => [...values, null, null, null, null, null, null]));
        }
        const plan = documentPlan(documentOf(rules, hit, unmatched), [INPUT]);
        const script = rows.map((values) => ({ port: 0, row: { values } }));
        const { out } = await runKernel(createKernel, plan, script, {
          rowCapacity: 64,
          batchRows: () => 25,
        });
        const onPort = (port: number) => out.rows(port).map(({ values }) => values);
        expect(sorted(onPort(0))).toEqual(sorted(wanted));
        if (unmatched === 'port') expect(sorted(onPort(1))).toEqual(sorted(others));
      },
    ),
    { numRuns: Number(process.env['MILLRACE_TABLE_RUNS'] ?? 80) },
  );
  expect(met).toBeGreaterThan(0);
});
