import { expect, test } from 'vitest';
import type { Expr } from '../../../src/expr/index.ts';
import {
  childrenOf,
  parseExpression,
  parseExpressionFrom,
  TokenStream,
} from '../../../src/expr/index.ts';

/** The tree with brackets around every operation. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return expr.text;
    case 'string':
      return `'${expr.value}'`;
    case 'word':
      return expr.word;
    case 'typedLiteral':
      return `${expr.type}'${expr.text}'`;
    case 'interval':
      return `${expr.us}us`;
    case 'column':
      return expr.qualifier === undefined ? expr.name : `${expr.qualifier}.${expr.name}`;
    case 'call':
      return `${expr.name}(${expr.args.map(shape).join(',')})`;
    default: {
      const name =
        expr.kind === 'unary' || expr.kind === 'binary' || expr.kind === 'logical'
          ? expr.operator
          : 'negated' in expr && expr.negated
            ? `not-${expr.kind}`
            : expr.kind;
      return `(${[name, ...childrenOf(expr).map(shape)].join(' ')})`;
    }
  }
}

test.each([
  ['a or b and not c = d', '(or a (and b (not (= c d))))'],
  ['a and b and c', '(and a b c)'],
  ['not not a', '(not (not a))'],
  ['a + b * c - d', '(- (+ a (* b c)) d)'],
  ['a - b - c', '(- (- a b) c)'],
  ['-a * b', '(* (- a) b)'],
  ['- - 5', '(- (- 5))'],
  ['a || b || c', '(|| (|| a b) c)'],
  ['a = b is null', '(is (= a b))'],
  ['a is not distinct from b + 1', '(not-distinct a (+ b 1))'],
  ['a between 1 and 2 and b', '(and (between a 1 2) b)'],
  ['a not between 1 + 1 and 2', '(not-between a (+ 1 1) 2)'],
  ['a in (1, 2 + 3)', '(in a 1 (+ 2 3))'],
  ["a not like 'x%' escape '!'", "(not-like a 'x%' '!')"],
  ['case when a then 1 else 2 end', '(case a 1 2)'],
  ["case a when 1 then 'x' end", "(case a 1 'x')"],
  ['cast(a as decimal(10, 2)) + try_cast(b as int)', '(+ (cast a) (cast b))'],
  ["timestamp '2026-01-01' < date '2026-01-02'", "(< timestamp'2026-01-01' timestamp'2026-01-02')"],
  ["decimal '0.908' * a", "(* decimal'0.908' a)"],
  ["interval '10' second + interval '1.5' hours", '(+ 10000000us 5400000000us)'],
  ["interval '1 02:03:04.5' day to second", '93784500000us'],
  ["interval '-1:30' minute to second", '-90000000us'],
  ["interval '90s'", '90000000us'],
  ['substring(a from 2 for 3)', 'SUBSTRING(a,2,3)'],
  ['substring(a, 2)', 'SUBSTRING(a,2)'],
  ["position('x' in a || b)", "POSITION('x',(|| a b))"],
  ["trim(leading 'x' from a)", "LTRIM(a,'x')"],
  ['trim(trailing from a)', 'RTRIM(a)'],
  ["trim('x' from a)", "TRIM(a,'x')"],
  ['trim(both from a)', 'TRIM(a)'],
  ['trim(a)', 'TRIM(a)'],
  ['extract(hour from a)', "EXTRACT('HOUR',a)"],
  ['floor(a to day)', "DATE_TRUNC('DAY',a)"],
  ['floor(a)', 'FLOOR(a)'],
  ['count(*) filter (where a > 1)', '(aggregate (> a 1))'],
  ['sum(distinct a) / count(b)', '(/ (aggregate a) (aggregate b))'],
  ['a /* inside */ + -- to the end\n b', '(+ a b)'],
  ['a <> b', '(<> a b)'],
  ['a != b', '(<> a b)'],
  ["'it''s'", "'it's'"],
  ['.5 + 1. + 1e-3', '(+ (+ .5 1.) 1e-3)'],
])('%s', (text, expected) => {
  expect(shape(parseExpression(text))).toBe(expected);
});

test.each([
  ['value + timestamp - date', '(- (+ value timestamp) date)'],
  ['time = key and user = end', '(and (= time key) (= user end))'],
  ["timestamp > timestamp '2026-01-01'", "(> timestamp timestamp'2026-01-01')"],
  ['interval * 2', '(* interval 2)'],
  ['not = 5', '(= not 5)'],
  ['case = 1', '(= case 1)'],
  ['not end', '(not end)'],
  ['count + count(count)', '(+ count (aggregate count))'],
  ['count(distinct)', '(aggregate distinct)'],
  ['left + left(left, 1)', '(+ left LEFT(left,1))'],
  ['trim(leading)', 'TRIM(leading)'],
  ['case when end = 1 then end else end end', '(case (= end 1) end end)'],
  ['value between key and end and user', '(and (between value key end) user)'],
  ['in in (in)', '(in in in)'],
  ['l.end = r.case', '(= l.end r.case)'],
  ['"weird name"."x y" + `b``c` + "say ""hi"""', '(+ (+ weird name.x y b`c) say "hi")'],
  ['größe + $agg0 + _x', '(+ (+ größe $agg0) _x)'],
])('a column may bear the name of a keyword: %s', (text, expected) => {
  expect(shape(parseExpression(text))).toBe(expected);
});

test('a quoted name is never a keyword', () => {
  expect(parseExpression('"null"').kind).toBe('column');
  expect(parseExpression('"case"').kind).toBe('column');
});

test('every node knows where it was written', () => {
  const expr = parseExpression('  a + (b * c)  ');
  const texts = [expr, ...childrenOf(expr)].map(({ span }) =>
    span.source.slice(span.start, span.end),
  );
  expect(texts).toEqual(['a + (b * c)', 'a', 'b * c']);
});

test('a statement parser reads an expression and goes on behind it', () => {
  const tokens = new TokenStream('a + 1 AS total FROM t');
  expect(shape(parseExpressionFrom(tokens, new Set(['FROM', 'AS'])))).toBe('(+ a 1)');
  expect(tokens.peek().upper).toBe('AS');
});

test('keywords of a statement are not columns', () => {
  const tokens = new TokenStream('a + FROM t');
  expect(() => parseExpressionFrom(tokens, new Set(['FROM']))).toThrow("found 'FROM'");
});

test.each([
  '('.repeat(5000),
  '- '.repeat(5000) + '1',
  `1${'+1'.repeat(5000)}`,
  'not '.repeat(5000) + 'a',
])('a monstrous expression is refused, not a crash', (text) => {
  expect(() => parseExpression(text)).toThrow(/nested more than 200 deep|build on one another/);
});

test('a long list of conditions is no deep one', () => {
  const text = Array.from({ length: 5000 }, (_, i) => `a = ${i}`).join(' OR ');
  expect(childrenOf(parseExpression(text))).toHaveLength(5000);
});
