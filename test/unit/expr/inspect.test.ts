import { expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import {
  conjunction,
  conjuncts,
  expressionColumns,
  expressionInputs,
  formatTyped,
  inferExpression,
  interpret,
  joinScope,
  onOwnInput,
  parseExpression,
  remapColumns,
} from '../../../src/expr/index.ts';
import { typed } from './evaluate.ts';

const LEFT: Schema = [
  { name: 'id', type: { kind: 'int32' } },
  { name: 'price', type: { kind: 'float64' } },
];
const RIGHT: Schema = [
  { name: 'id', type: { kind: 'int32' } },
  { name: 'name', type: { kind: 'string' } },
];
const join = (text: string) =>
  inferExpression(parseExpression(text), joinScope(LEFT, RIGHT, 'bids', 'people'));

test('a row of two inputs is the left columns, then the right', () => {
  const expr = join("bids.id = people.id AND price > 1 AND r.name <> 'x'");
  expect(expressionColumns(expr)).toEqual([0, 1, 2, 3]);
  expect(interpret(expr, [7, 2.5, 7, 'y'])).toBe(true);
});

test('a condition is split where all parts must hold', () => {
  const parts = conjuncts(join('(l.id = r.id AND price > 1) AND (price < 9 OR price IS NULL)'));
  expect(parts.map(formatTyped)).toEqual([
    'id = id',
    'price > 1.0',
    'price < 9.0 OR price IS NULL',
  ]);
  expect(formatTyped(conjunction(parts)!)).toContain(' AND ');
  expect(conjunction([])).toBeUndefined();
});

test('a key of one input is moved to rows of that input alone', () => {
  const [on] = conjuncts(join('l.id + 1 = r.id * 2'));
  const right = on?.op === 'compare' ? on.right : undefined;
  expect(expressionInputs(right!)).toEqual([1]);
  expect(interpret(onOwnInput(right!), [21, 'y'])).toBe(42);
});

test('columns can be given other places', () => {
  const expr = remapColumns(join('price * 2'), (index) => index + 10);
  expect(expressionColumns(expr)).toEqual([11]);
});

test.each([
  ['i + 1 > 2 AND (f OR NOT f)', 'i + 1 > 2 AND (f OR NOT f)'],
  ['(i + 1) * 2', '(i + 1) * 2'],
  ['i - (i - 1)', 'i - (i - 1)'],
  ['i * 0.5', 'CAST(i AS float64) * 0.5'],
  ['-(-i)', '-(-i)'],
  ['i - -1', 'i - -1'],
  ["s LIKE 'a%' AND s NOT LIKE 'it''s'", "s LIKE 'a%' AND NOT s LIKE 'it''s'"],
  ['CASE i WHEN 1 THEN x END', 'CASE WHEN i = 1 THEN x ELSE CAST(NULL AS float64) END'],
  ["t > '2026-01-01'", "t > TIMESTAMP '2026-01-01T00:00:00.000Z'"],
  ['d = 12', "d = DECIMAL '12.00'"],
  ['i IN (1, NULL)', 'i IN (1, NULL)'],
  ['i BETWEEN 1 AND 2', 'i >= 1 AND i <= 2'],
  ["INTERVAL '90' SECOND + u", "INTERVAL 'PT1M30S' + u"],
  ['TRY_CAST(s AS int)', 'TRY_CAST(s AS int32)'],
  ["EXTRACT(HOUR FROM t) + POSITION('l' IN s)", "EXTRACT(HOUR FROM t) + POSITION('l' IN s)"],
])('%s is shown as %s', (text, expected) => {
  expect(formatTyped(typed(text))).toBe(expected);
});

test('what is shown parses to the same', () => {
  const text = "CASE WHEN i % 2 = 0 AND s < 'b' THEN COALESCE(d, DECIMAL '1.5') ELSE -d END";
  expect(formatTyped(typed(formatTyped(typed(text))))).toBe(formatTyped(typed(text)));
});
