/**
 * Batch evaluation against the interpreter: for random expressions over random rows, every row has
 * the same value or the same error. Expressions run twice, over different selections, so that
 * nothing a batch leaves behind shows in the next.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/core/errors.ts';
import type { TypedExpr, Value } from '../../src/expr/index.ts';
import {
  compileBatch,
  compilePredicate,
  formatTyped,
  inferExpression,
  interpret,
  parseExpression,
  RowError,
  RowErrors,
  scopeOf,
} from '../../src/expr/index.ts';
import { toColumns, valueAt } from './expr-columns.ts';
import { expressionArbitrary, rowArbitrary, SCHEMA } from './expr-grammar.ts';

const CAPACITY = 40;
const SCOPE = scopeOf(SCHEMA);
const RUNS = Number(process.env['MILLRACE_EXPR_RUNS'] ?? 3000);

type Outcome = { readonly value: Value } | { readonly error: string };

function expected(expr: TypedExpr, row: readonly Value[]): Outcome {
  try {
    return { value: interpret(expr, row) };
  } catch (error) {
    if (error instanceof RowError) return { error: `${error.code}: ${error.message}` };
    throw error;
  }
}

const rows = fc.array(rowArbitrary, { minLength: 1, maxLength: CAPACITY });
const bits = fc.array(fc.boolean(), { minLength: CAPACITY, maxLength: CAPACITY });

function selectionOf(chosen: readonly boolean[], count: number): Uint32Array {
  const list = chosen.flatMap((isChosen, row) => (isChosen && row < count ? [row] : []));
  const selection = new Uint32Array(CAPACITY);
  selection.set(list);
  return selection.subarray(0, list.length);
}

/** Parses and types a random text; expressions that are refused must be refused properly. */
function typedOrSkip(text: string): TypedExpr | undefined {
  try {
    return inferExpression(parseExpression(text), SCOPE);
  } catch (error) {
    expect(error, text).toBeInstanceOf(MillraceError);
    expect((error as MillraceError).code, text).toBe('ERR_EXPRESSION');
    return undefined;
  }
}

test('a batch has the value of the interpreter in every row', () => {
  let refused = 0;
  let run = 0;
  const property = fc.property(
    expressionArbitrary(4).any,
    rows,
    bits,
    bits,
    (text, data, first, second) => {
      run++;
      const typed = typedOrSkip(text);
      if (typed === undefined) {
        refused++;
        return;
      }
      const cloned = structuredClone(typed);
      const compiled = compileBatch(cloned, { rowCapacity: CAPACITY });
      const columns = toColumns(SCHEMA, data, CAPACITY);
      const errors = new RowErrors(CAPACITY);
      for (const chosen of [first, second, Array<boolean>(CAPACITY).fill(true)]) {
        const selection = selectionOf(chosen, data.length);
        errors.reset();
        const column = compiled.evaluate({ columns }, selection, selection.length, errors);
        const found = new Map<number, string>();
        for (let i = 0; i < errors.count; i++) {
          found.set(errors.rows[i]!, `${errors.code(i)}: ${errors.message(i)}`);
        }
        for (const row of selection) {
          const outcome = expected(typed, data[row]!);
          const context = `${text}\n  typed ${formatTyped(typed)}\n  row ${row}`;
          if ('error' in outcome) {
            expect(found.get(row), context).toBe(outcome.error);
            expect(column.isNull(row), context).toBe(true);
          } else {
            expect(found.get(row), context).toBeUndefined();
            expect(valueAt(column, row), context).toStrictEqual(outcome.value);
          }
        }
        expect(errors.count).toBe(
          [...found.keys()].filter((row) => selection.includes(row)).length,
        );
      }
    },
  );
  fc.assert(property, { numRuns: RUNS });
  expect(refused / run).toBeLessThan(0.2);
});

test('a predicate selects the rows for which the interpreter says true', () => {
  const property = fc.property(expressionArbitrary(5).bool, rows, bits, (text, data, chosen) => {
    const typed = typedOrSkip(text);
    if (typed === undefined) return;
    const predicate = compilePredicate(typed, { rowCapacity: CAPACITY });
    const columns = toColumns(SCHEMA, data, CAPACITY);
    const selection = selectionOf(chosen, data.length);
    const outcomes = Array.from(selection, (row) => ({
      row,
      outcome: expected(typed, data[row]!),
    }));
    const wanted = outcomes
      .filter(({ outcome }) => 'value' in outcome && outcome.value === true)
      .map(({ row }) => row);
    const failed = outcomes.filter(({ outcome }) => 'error' in outcome).map(({ row }) => row);
    const errors = new RowErrors(CAPACITY);
    const out = new Uint32Array(CAPACITY);
    for (const target of [out, selection.slice()]) {
      errors.reset();
      const source = target === out ? selection : target;
      const kept = predicate.select({ columns }, source, source.length, target, errors);
      expect(Array.from(target.subarray(0, kept)), text).toEqual(wanted);
      const found = Array.from(errors.rows.subarray(0, errors.count)).sort((a, b) => a - b);
      expect(found, text).toEqual(failed);
    }
  });
  fc.assert(property, { numRuns: RUNS });
});
