/** Checks that a batch and the interpreter agree on every row. @module */

import { testMemory } from '../support/memory.ts';
import { expect } from 'vitest';
import { MillraceError } from '../../src/core/errors.ts';
import type { TypedExpr, Value } from '../../src/expr/index.ts';
import {
  compileBatch,
  formatTyped,
  inferExpression,
  interpret,
  parseExpression,
  RowError,
  RowErrors,
  scopeOf,
} from '../../src/expr/index.ts';
import { toColumns, valueAt } from './expr-columns.ts';
import { SCHEMA } from './expr-grammar.ts';

const SCOPE = scopeOf(SCHEMA);
let agreements = 0;

/** The value of a row, or why it has none. */
export type Outcome = { readonly value: Value } | { readonly error: string };

/** What the interpreter says about a row. */
export function outcomeOf(expr: TypedExpr, row: readonly Value[]): Outcome {
  try {
    return { value: interpret(expr, row) };
  } catch (error) {
    if (error instanceof RowError) return { error: `${error.code}: ${error.message}` };
    throw error;
  }
}

/** Parses and types a text; `undefined` when it is refused, which must happen properly. */
export function typedOrRefused(text: string): TypedExpr | undefined {
  try {
    return inferExpression(parseExpression(text), SCOPE);
  } catch (error) {
    expect(error, text).toBeInstanceOf(MillraceError);
    expect((error as MillraceError).code, text).toBe('ERR_EXPRESSION');
    return undefined;
  }
}

/**
 * Runs an expression over the rows, once per selection with the same compiled expression, so that
 * nothing a batch leaves behind may show in the next.
 */
export function expectAgreement(
  typed: TypedExpr,
  data: readonly (readonly Value[])[],
  selections: readonly Uint32Array[],
): void {
  const rowCapacity = data.length;
  const memory = testMemory(1 << 21);
  const compiled = compileBatch(structuredClone(typed), { rowCapacity, memory });
  // Kernels find columns, and the bytes of long strings, where they compute, or elsewhere.
  const place = agreements++ % 2 === 0 ? memory : undefined;
  const columns = toColumns(SCHEMA, data, rowCapacity, place);
  const errors = new RowErrors(rowCapacity);
  const outcomes = data.map((row) => outcomeOf(typed, row));
  for (const selection of selections) {
    errors.reset();
    const column = compiled.evaluate({ columns }, selection, selection.length, errors);
    const found = new Map<number, string>();
    for (let i = 0; i < errors.count; i++) {
      found.set(errors.rows[i]!, `${errors.code(i)}: ${errors.message(i)}`);
    }
    let failed = 0;
    for (const row of selection) {
      const outcome = outcomes[row]!;
      if ('error' in outcome) failed++;
      const batch: Outcome = found.has(row)
        ? { error: found.get(row)! }
        : { value: valueAt(column, row) };
      if (!isSame(batch, outcome)) {
        expect(batch, `${formatTyped(typed)}\n  row ${row}: ${show(data[row]!)}`).toStrictEqual(
          outcome,
        );
      }
      if ('error' in outcome) expect(column.isNull(row)).toBe(true);
    }
    expect(errors.count).toBe(failed);
  }
}

/** A cheap test that spares most rows the costly one. */
function isSame(a: Outcome, b: Outcome): boolean {
  if ('error' in a || 'error' in b) return 'error' in a && 'error' in b && a.error === b.error;
  return Object.is(a.value, b.value);
}

function shown(value: Value): string {
  return typeof value === 'object' && !(value instanceof Uint8Array)
    ? JSON.stringify(value, (_key, member: unknown) =>
        typeof member === 'bigint' ? String(member) : member,
      )
    : String(value);
}

function show(row: readonly Value[]): string {
  return SCHEMA.map(({ name }, c) => `${name} ${shown(row[c]!)}`).join(', ');
}
