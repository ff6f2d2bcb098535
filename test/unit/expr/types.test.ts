import { describe, expect, test } from 'vitest';
import { parseSqlType, parseTypeFrom, TokenStream } from '../../../src/expr/index.ts';
import { typeName } from '../../../src/core/types.ts';
import { evaluate, refusal, typed, typeOf } from './evaluate.ts';

describe('types of literals', () => {
  test.each([
    ['2147483647', 'int32'],
    ['-2147483648', 'int32'],
    ['2147483648', 'int64'],
    ['-9223372036854775808', 'int64'],
    ['1.0', 'float64'],
    ['1e3', 'float64'],
    ["DECIMAL '0.908'", 'decimal(3,3)'],
    ["DECIMAL '-12.50'", 'decimal(4,2)'],
    ["DECIMAL '1e3'", 'decimal(4,0)'],
    ["'x'", 'string'],
    ['TRUE', 'bool'],
    ["TIMESTAMP '2026-01-01'", 'timestamp'],
    ["INTERVAL '1' DAY", 'duration'],
  ])('%s is %s', (text, type) => expect(typeOf(text)).toBe(type));

  test.each([
    ['9223372036854775808', 'too large for an int64'],
    ['1e999', 'too large for a float64'],
    ["DECIMAL '1234567890123456789'", 'more than 18 digits'],
    ["DECIMAL 'x'", 'no decimal number'],
    ["X'abc'", 'two hexadecimal digits'],
  ])('%s is refused', (text, message) => expect(refusal(text)).toContain(message));
});

describe('types of operations', () => {
  test.each([
    ['i + i', 'int32'],
    ['i + b', 'int64'],
    ['b + x', 'float64'],
    ['i / 2', 'int32'],
    ['d + d', 'decimal(11,2)'],
    ['d * d', 'decimal(18,4)'],
    ["d * DECIMAL '0.908'", 'decimal(13,5)'],
    ["DECIMAL '0.908' * b", 'decimal(18,3)'],
    ['d / d', 'decimal(18,8)'],
    ['d % 7', 'decimal(10,2)'],
    ['d + i', 'decimal(13,2)'],
    ['d * 0.5', 'float64'],
    ['t - t', 'duration'],
    ['t + u', 'timestamp'],
    ['u + t', 'timestamp'],
    ['t - u', 'timestamp'],
    ['u * 2', 'duration'],
    ['2.5 * u', 'duration'],
    ['u / 2', 'duration'],
    ['u / u', 'float64'],
    ['u % u', 'duration'],
    ['-d', 'decimal(10,2)'],
    ['i < b', 'bool'],
    ['s || s', 'string'],
    ['CASE WHEN f THEN i ELSE b END', 'int64'],
    ['CASE WHEN f THEN NULL ELSE d END', 'decimal(10,2)'],
    ['COALESCE(i, d)', 'decimal(12,2)'],
    ["COALESCE(t, '2026-01-01')", 'timestamp'],
    ['GREATEST(i, b, x)', 'float64'],
    ['NULLIF(i, 5)', 'int32'],
    ['NULL + i', 'int32'],
    ['ROUND(d, 1)', 'decimal(10,1)'],
    ['ROUND(d)', 'decimal(9,0)'],
    ['EXTRACT(EPOCH FROM t)', 'int64'],
    ['HOUR(t)', 'int32'],
    ['SIGN(x)', 'float64'],
    ['CAST(NULL AS json)', 'json'],
  ])('%s is %s', (text, type) => expect(typeOf(text)).toBe(type));

  test.each([
    's = 1',
    's = f',
    't = 5',
    't + t',
    't * 2',
    's + s',
    'NOT i',
    '-s',
    'j = j',
    'CASE WHEN i THEN 1 END',
    "CASE WHEN f THEN 1 ELSE 'x' END",
    "i IN (1, 'x')",
    'UPPER(i)',
    's LIKE 5',
    'CAST(t AS BOOLEAN)',
    'ROUND(d, i)',
    'EXTRACT(FORTNIGHT FROM t)',
    "DATE_TRUNC('fortnight', t)",
    "DATE_FORMAT(t, 'yyyy-bb')",
    "REGEXP_LIKE(s, '(')",
    "s LIKE 'a!b' ESCAPE '!'",
    "JSON_VALUE(j, 'name')",
  ])('%s has no type', (text) => expect(refusal(text)).not.toBe('not refused'));
});

test.each([
  ['INT', 'int32'],
  ['integer', 'int32'],
  ['BIGINT', 'int64'],
  ['DOUBLE PRECISION', 'float64'],
  ['REAL', 'float64'],
  ['DECIMAL', 'decimal(10,0)'],
  ['NUMERIC(5)', 'decimal(5,0)'],
  ['decimal(18, 6)', 'decimal(18,6)'],
  ['VARCHAR(20)', 'string'],
  ['TIMESTAMP(3)', 'timestamp'],
  ['TIMESTAMP(3) WITH LOCAL TIME ZONE', 'timestamp'],
  ['bool', 'bool'],
  ['json', 'json'],
  ['bytes', 'bytes'],
])('the type %s is %s', (text, type) => {
  expect(typeName(parseSqlType(text).type)).toBe(type);
});

test('a statement parser reads a type and goes on behind it', () => {
  const tokens = new TokenStream('VARCHAR(20) NOT NULL');
  expect(parseTypeFrom(tokens)).toEqual({ type: { kind: 'string' }, maxLength: 20 });
  expect(tokens.atWords('NOT', 'NULL')).toBe(true);
});

test('a typed tree is plain data', () => {
  const tree = typed("CASE WHEN s LIKE 'h%' THEN b + 1 ELSE CAST(d AS bigint) END");
  expect(structuredClone(tree)).toEqual(tree);
});

test('what depends on no column is computed once', () => {
  expect(typed('1 + 2 * 3')).toEqual({ op: 'literal', type: { kind: 'int32' }, value: 7 });
  expect(typed("UPPER('a') || 'b'")).toMatchObject({ op: 'literal', value: 'Ab' });
  expect(typed('i > 2.0 * 3')).toMatchObject({ op: 'compare', right: { op: 'literal', value: 6 } });
});

test('a constant that fails, fails in the rows that reach it', () => {
  expect(typed('1 / 0').op).toBe('arithmetic');
  expect(evaluate('CASE WHEN f THEN 1 ELSE 1 / 0 END')).toBe(1);
});
