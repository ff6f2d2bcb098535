/**
 * Batch evaluation against the interpreter: for random expressions over random rows, every row has
 * the same value or the same error.
 *
 * `MILLRACE_EXPR_RUNS` sets the number of expressions.
 */

import { testMemory } from '../support/memory.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePredicate, RowErrors } from '../../src/expr/index.ts';
import { expectAgreement, outcomeOf, typedOrRefused } from './expr-agreement.ts';
import { toColumns } from './expr-columns.ts';
import { expressionArbitrary, rowArbitrary, SCHEMA } from './expr-grammar.ts';

const CAPACITY = 40;
/** A busy machine may need long. */
const TIMEOUT_MS = 120_000;
const RUNS = Number(process.env['MILLRACE_EXPR_RUNS'] ?? 1200);

const rows = fc.array(rowArbitrary, { minLength: 1, maxLength: CAPACITY });
const bits = fc.array(fc.boolean(), { minLength: CAPACITY, maxLength: CAPACITY });

function selectionOf(chosen: readonly boolean[], count: number): Uint32Array {
  return Uint32Array.from(
    chosen.flatMap((isChosen, row) => (isChosen && row < count ? [row] : [])),
  );
}

test(
  'a batch has the value of the interpreter in every row',
  () => {
    let refused = 0;
    let run = 0;
    const property = fc.property(
      expressionArbitrary(4).any,
      rows,
      bits,
      bits,
      (text, data, first, second) => {
        run++;
        const typed = typedOrRefused(text);
        if (typed === undefined) {
          refused++;
          return;
        }
        const selections = [first, second, Array<boolean>(CAPACITY).fill(true)];
        expectAgreement(
          typed,
          data,
          selections.map((chosen) => selectionOf(chosen, data.length)),
        );
      },
    );
    fc.assert(property, { numRuns: RUNS });
    expect(refused / run).toBeLessThan(0.2);
  },
  TIMEOUT_MS,
);

test(
  'a predicate selects the rows for which the interpreter says true',
  () => {
    const property = fc.property(expressionArbitrary(5).bool, rows, bits, (text, data, chosen) => {
      const typed = typedOrRefused(text);
      if (typed === undefined) return;
      const predicate = compilePredicate(typed, {
        rowCapacity: CAPACITY,
        memory: testMemory(1 << 20),
      });
      const columns = toColumns(SCHEMA, data, CAPACITY);
      const selection = selectionOf(chosen, data.length);
      const outcomes = Array.from(selection, (row) => ({
        row,
        outcome: outcomeOf(typed, data[row]!),
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
  },
  TIMEOUT_MS,
);
