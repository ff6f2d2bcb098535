/** Expressions as text: whatever is typed is either understood or refused; what is shown reads back. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/core/errors.ts';
import {
  type Expr,
  formatExpression,
  formatTyped,
  inferExpression,
  parseExpression,
  scopeOf,
  type TypedExpr,
} from '../../src/expr/index.ts';
import { expressionArbitrary, SCHEMA } from '../differential/expr-grammar.ts';

const SCOPE = scopeOf(SCHEMA);
const RUNS = Number(process.env['RUNS'] ?? 2000);

const words =
  "a i s f value end case when then else and or not in is null true like between escape as from for distinct cast try_cast extract trim leading position substring interval timestamp decimal count sum filter ( ) , . + - * / % || = <> < <= > >= 1 2.5 'x' '%' \"q\" second to hour int decimal(10,2)".split(
    ' ',
  );

test('a soup of tokens is understood or refused, never a crash', () => {
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((list) => list.join(' '));
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
      try {
        inferExpression(parseExpression(text), SCOPE);
      } catch (error) {
        expect(error, text).toBeInstanceOf(MillraceError);
        expect((error as MillraceError).code).toBe('ERR_EXPRESSION');
        expect((error as MillraceError).message).toMatch(
          /\(line \d+, column \d+\)\n {2}[^\n]*\n {2} *\^+$/,
        );
      }
    }),
    { numRuns: RUNS * 5 },
  );
});

test('what formatTyped shows is an expression, and shown alike', () => {
  fc.assert(
    fc.property(expressionArbitrary(3).any, (text) => {
      let typed: TypedExpr;
      try {
        typed = inferExpression(parseExpression(text), SCOPE);
      } catch {
        return;
      }
      const again = inferExpression(parseExpression(formatTyped(typed)), SCOPE);
      // A constant is shown without the type it got from its place, so it may be widened anew, once.
      const shown = formatTyped(again);
      expect(formatTyped(inferExpression(parseExpression(shown), SCOPE)), text).toBe(shown);
    }),
    { numRuns: RUNS },
  );
});

/** A tree without places. */
const bare = (expr: Expr): unknown =>
  JSON.parse(
    JSON.stringify(expr, (key, value: unknown) =>
      key === 'span' ? undefined : typeof value === 'bigint' ? `${value}` : value,
    ),
  );

test('what formatExpression writes parses to the same tree', () => {
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((list) => list.join(' '));
  let parsed = 0;
  fc.assert(
    fc.property(fc.oneof(soup, expressionArbitrary(3).any), (text) => {
      let tree: Expr;
      try {
        tree = parseExpression(text);
      } catch {
        return;
      }
      parsed++;
      const shown = formatExpression(tree);
      expect(bare(parseExpression(shown)), `${text} → ${shown}`).toEqual(bare(tree));
    }),
    { numRuns: RUNS },
  );
  expect(parsed).toBeGreaterThan(RUNS / 4);
});
