/**
 * Millions of pairs of an expression and a row: batches, and the kernels that compute them, have the value or the
 * error of the interpreter, bit for bit. `MILLRACE_EXPR_PAIRS` sets their number.
 */
import { env, stdout } from 'node:process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { identitySelection } from '../../src/core/batch.ts';
import type { TypedExpr, Value } from '../../src/expr/index.ts';
import { compilePredicate, formatTyped, interpret, RowErrors } from '../../src/expr/index.ts';
import { expectAgreement, outcomeOf, typedOrRefused } from '../differential/expr-agreement.ts';
import { toColumns } from '../differential/expr-columns.ts';
import { EDGES, expressionArbitrary, rowArbitrary, SCHEMA } from '../differential/expr-grammar.ts';
import { testMemory } from '../support/memory.ts';
import { Random } from '../support/oracle/random.ts';

const PAIRS = Number(env['MILLRACE_EXPR_PAIRS'] ?? 4_000_000);
const SEED = Number(env['MILLRACE_FUZZ_SEED'] ?? Math.floor(Date.now() / 1000));
const ROWS = 64;
const CHUNK = 100;

const expressions = expressionArbitrary(5).any;
const EVERY = identitySelection(ROWS).subarray(0, ROWS);
const SOME = EVERY.filter((row) => row % 3 !== 1);

/** Random rows, edge values and long texts among them, without nulls every other time. */
function rowsOf(seed: number): readonly (readonly Value[])[] {
  const random = new Random(seed);
  const hasNulls = random.chance(0.5);
  return fc.sample(rowArbitrary, { numRuns: ROWS, seed }).map((row) =>
    row.map((value, c) => {
      const { kind } = SCHEMA[c]!.type;
      if (kind === 'string' && random.chance(0.01)) {
        return random.pick(['a', 'é', 'ab/', '😀']).repeat(random.between(1, 600));
      }
      if ((value !== null || hasNulls) && !random.chance(0.2)) return value;
      return random.pick(EDGES[kind].filter((edge) => hasNulls || edge !== null));
    }),
  );
}

/** A condition selects the rows for which the interpreter says true. */
function expectSelection(
  typed: TypedExpr,
  rows: readonly (readonly Value[])[],
  selection: Uint32Array,
): void {
  const memory = testMemory(1 << 21);
  const predicate = compilePredicate(typed, { rowCapacity: rows.length, memory });
  const columns = toColumns(SCHEMA, rows, rows.length, memory);
  const out = new Uint32Array(rows.length);
  const errors = new RowErrors(rows.length);
  const kept = predicate.select({ columns }, selection, selection.length, out, errors);
  const wanted = selection.filter((row) => interpret(typed, rows[row]!) === true);
  expect(String(out.subarray(0, kept)), formatTyped(typed)).toBe(String(wanted));
  expect(errors.count).toBe(0);
}

test(`${PAIRS} pairs of seed ${SEED}`, { timeout: 7_200_000 }, () => {
  let [pairs, texts, refused] = [0, 0, 0];
  for (let chunk = SEED; pairs < PAIRS; chunk++) {
    const rows = rowsOf(chunk);
    for (const text of fc.sample(expressions, { numRuns: CHUNK, seed: chunk })) {
      texts++;
      const typed = typedOrRefused(text);
      if (typed === undefined) {
        refused++;
        continue;
      }
      expectAgreement(typed, rows, [EVERY, SOME]);
      pairs += EVERY.length + SOME.length;
      // A batch in which a row fails is not computed by kernels: once more without those rows.
      const sound = rows.filter((row) => 'value' in outcomeOf(typed, row));
      if (sound.length === 0) continue;
      const all = EVERY.subarray(0, sound.length);
      if (sound.length < rows.length) expectAgreement(typed, sound, [all]);
      if (typed.type.kind === 'bool') expectSelection(typed, sound, all);
      pairs += sound.length;
    }
  }
  stdout.write(`${JSON.stringify({ pairs, texts, refused })}\n`);
  expect(refused).toBeLessThan(0.2 * texts);
});
