import { describe, expect, test } from 'vitest';
import { typeName } from '../../../src/core/types.ts';
import {
  aggregateType,
  extractAggregates,
  formatTyped,
  hasAggregates,
  inferAggregate,
  inferExpression,
  interpret,
  parseExpression,
  scopeOf,
} from '../../../src/expr/index.ts';
import { SCHEMA } from './evaluate.ts';

const SCOPE = scopeOf(SCHEMA);

test('aggregates are taken out of a scalar expression', () => {
  const { aggregates, expr } = extractAggregates(parseExpression('SUM(b) / COUNT(*) + i'));
  expect(aggregates.map(({ column, call }) => [column, call.fn])).toEqual([
    ['$agg0', 'sum'],
    ['$agg1', 'count'],
  ]);
  const results = scopeOf([
    { name: 'i', type: { kind: 'int32' } },
    ...aggregates.map((call) => ({ name: call.column, type: inferAggregate(call, SCOPE).type })),
  ]);
  expect(interpret(inferExpression(expr, results), [1, 30n, 4n])).toBe(8n);
});

test('equal calls are computed once, also across expressions', () => {
  const first = extractAggregates(parseExpression('SUM(b) + SUM( b )'));
  const second = extractAggregates(parseExpression('sum(b) * MAX(b)'), first.aggregates);
  expect(first.aggregates).toHaveLength(1);
  expect(second.aggregates.map(({ column }) => column)).toEqual(['$agg0', '$agg1']);
});

test('DISTINCT and FILTER make a different aggregate', () => {
  const text = 'COUNT(i) + COUNT(DISTINCT i) + COUNT(i) FILTER (WHERE f)';
  expect(extractAggregates(parseExpression(text)).aggregates).toHaveLength(3);
});

test('the filter is a condition', () => {
  const [call] = extractAggregates(parseExpression('COUNT(*) FILTER (WHERE i > 1)')).aggregates;
  const { filter, argument } = inferAggregate(call!, SCOPE);
  expect(argument).toBeUndefined();
  expect(formatTyped(filter!)).toBe('i > 1');
});

describe('types of results', () => {
  test.each([
    ['COUNT(*)', 'int64'],
    ['COUNT(s)', 'int64'],
    ['SUM(i)', 'int64'],
    ['SUM(b)', 'int64'],
    ['SUM(x)', 'float64'],
    ['SUM(d)', 'decimal(18,2)'],
    ['SUM(u)', 'duration'],
    ['AVG(i)', 'float64'],
    ['AVG(d)', 'decimal(14,6)'],
    ['AVG(u)', 'duration'],
    ['MIN(s)', 'string'],
    ['MAX(t)', 'timestamp'],
    ['VARIANCE(i)', 'float64'],
    ['COVAR_POP(x, d)', 'float64'],
    ['PRODUCT(b)', 'float64'],
    ['BOOL_AND(f)', 'bool'],
    ['BIT_XOR(i)', 'int32'],
    ['BIT_OR(b)', 'int64'],
  ])('%s is %s', (text, type) => {
    const [call] = extractAggregates(parseExpression(text)).aggregates;
    expect(typeName(inferAggregate(call!, SCOPE).type)).toBe(type);
  });

  test.each([
    'SUM(s)',
    'AVG(t)',
    'MIN(j)',
    'COUNT(DISTINCT j)',
    'VARIANCE(s)',
    'COVAR_POP(x, s)',
    'BOOL_OR(i)',
    'BIT_AND(x)',
    'PRODUCT(u)',
  ])('%s has no meaning', (text) => {
    const [call] = extractAggregates(parseExpression(text)).aggregates;
    expect(() => inferAggregate(call!, SCOPE)).toThrow('has no meaning for');
  });
});

test('a sum keeps the scale and gets all digits', () => {
  const type = aggregateType('sum', { kind: 'decimal', precision: 5, scale: 3 });
  expect(type).toEqual({ kind: 'decimal', precision: 18, scale: 3 });
});

test('an aggregate cannot contain another', () => {
  expect(() => extractAggregates(parseExpression('SUM(MAX(b))'))).toThrow(
    'an aggregate cannot contain another aggregate (line 1, column 5)',
  );
});

test.each([
  ['SUM(i, b)', 'SUM is written SUM(x) (line 1, column 1)'],
  ['CORR(x)', 'CORR is written CORR(x, y) (line 1, column 1)'],
  ['CORR(DISTINCT x, i)', 'DISTINCT has no meaning in CORR (line 1, column 1)'],
  ['SUM(i ORDER BY b)', 'the result of SUM has no order: no ORDER BY (line 1, column 1)'],
])('%s is refused', (text, message) => {
  expect(() => extractAggregates(parseExpression(text))).toThrow(message);
});

test('aggregates written out by others share theirs', () => {
  const text = 'STDDEV(x) + VARIANCE(x) + WEIGHTED_AVG(x, i) + WEIGHTED_SUM(x, i)';
  const { aggregates } = extractAggregates(parseExpression(text));
  expect(aggregates.map(({ call }) => call.fn)).toEqual(['var_samp', 'sum', 'sum']);
});

test('hasAggregates looks everywhere', () => {
  expect(hasAggregates(parseExpression('CASE WHEN f THEN COUNT(*) END'))).toBe(true);
  expect(hasAggregates(parseExpression('count + 1'))).toBe(false);
});
