import { testMemory } from '../../support/memory.ts';
import { expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import type { DataType } from '../../../src/core/types.ts';
import {
  compileBatch,
  compilePredicate,
  inferExpression,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../../src/expr/index.ts';

const ROWS = 4;
const SCOPE = scopeOf([
  { name: 'a', type: { kind: 'int32' } },
  { name: 'b', type: { kind: 'int32' } },
  { name: 's', type: { kind: 'string' } },
]);

function int32Column(...values: readonly (number | null)[]): Column {
  const column = Column.allocate({ kind: 'int32' }, ROWS);
  for (const [row, value] of values.entries()) {
    if (value === null) column.setNull(row);
    else column.words[row] = value;
  }
  return column;
}

const batch = {
  columns: [
    int32Column(10, 20, null, 40),
    int32Column(2, 0, 1, 4),
    Column.allocate({ kind: 'string' } satisfies DataType, ROWS),
  ],
};
const typed = (text: string) => inferExpression(parseExpression(text), SCOPE);
const all = identitySelection(ROWS);

test('a mere column is the input column itself', () => {
  const compiled = compileBatch(typed('a'), { rowCapacity: ROWS, memory: testMemory() });
  expect(compiled.evaluate(batch, all, ROWS, new RowErrors(ROWS))).toBe(batch.columns[0]);
});

test('failed rows are reported once, with code and message, and null', () => {
  const errors = new RowErrors(ROWS);
  const compiled = compileBatch(typed('a / b + a / b'), {
    rowCapacity: ROWS,
    memory: testMemory(),
  });
  const column = compiled.evaluate(batch, all, ROWS, errors);
  expect(errors.count).toBe(1);
  expect([errors.rows[0], errors.code(0), errors.message(0)]).toEqual([
    1,
    'divisionByZero',
    'division by zero',
  ]);
  expect([0, 1, 2, 3].map((row) => (column.isNull(row) ? null : column.words[row]))).toEqual([
    10,
    null,
    null,
    20,
  ]);
});

test('a failed row is null even where the expression would hide it', () => {
  const errors = new RowErrors(ROWS);
  const compiled = compileBatch(typed('COALESCE(a / b, -1)'), {
    rowCapacity: ROWS,
    memory: testMemory(),
  });
  const column = compiled.evaluate(batch, all, ROWS, errors);
  expect(errors.has(1)).toBe(true);
  expect(column.isNull(1)).toBe(true);
  expect(column.words[2]).toBe(-1);
});

test('a predicate drops rows that are null or failed', () => {
  const errors = new RowErrors(ROWS);
  const out = new Uint32Array(ROWS);
  const predicate = compilePredicate(typed('a / b > 0 OR a / b IS NULL'), {
    rowCapacity: ROWS,
    memory: testMemory(),
  });
  const kept = predicate.select(batch, all, ROWS, out, errors);
  expect(Array.from(out.subarray(0, kept))).toEqual([0, 2, 3]);
  expect(errors.count).toBe(1);
});

test('errors are forgotten by reset', () => {
  const errors = new RowErrors(ROWS);
  const compiled = compileBatch(typed('a / b'), { rowCapacity: ROWS, memory: testMemory() });
  compiled.evaluate(batch, all, ROWS, errors);
  errors.reset();
  expect([errors.count, errors.has(1)]).toEqual([0, false]);
});

test('dropFailed takes failed rows out of a selection', () => {
  const errors = new RowErrors(ROWS);
  const rows = Uint32Array.from(all);
  compileBatch(typed('a / b'), { rowCapacity: ROWS, memory: testMemory() }).evaluate(
    batch,
    all,
    ROWS,
    errors,
  );
  expect(errors.dropFailed(rows, ROWS, rows)).toBe(3);
  expect(Array.from(rows.subarray(0, 3))).toEqual([0, 2, 3]);
});

test('only selected rows are computed, so that others cannot fail', () => {
  const errors = new RowErrors(ROWS);
  const compiled = compileBatch(typed('a / b'), { rowCapacity: ROWS, memory: testMemory() });
  compiled.evaluate(batch, Uint32Array.of(0, 3), 2, errors);
  expect(errors.count).toBe(0);
});

test('no rows give an empty column and an empty selection', () => {
  const errors = new RowErrors(ROWS);
  const options = { rowCapacity: ROWS, memory: testMemory() };
  expect(compileBatch(typed("s || 'x'"), options).evaluate(batch, all, 0, errors).nullCount).toBe(
    0,
  );
  expect(compilePredicate(typed('a > 1'), options).select(batch, all, 0, all, errors)).toBe(0);
});

test('results do not keep nulls of the batch before', () => {
  const errors = new RowErrors(ROWS);
  const compiled = compileBatch(typed('a + b'), { rowCapacity: ROWS, memory: testMemory() });
  expect(compiled.evaluate(batch, all, ROWS, errors).isNull(2)).toBe(true);
  const clean = { columns: [int32Column(1, 2, 3, 4), int32Column(1, 1, 1, 1)] };
  const column = compiled.evaluate(clean, all, ROWS, errors);
  expect(column.nullCount).toBe(0);
  expect(Array.from(column.words.subarray(0, ROWS))).toEqual([2, 3, 4, 5]);
});

test('memory for strings is used again by each batch', () => {
  const errors = new RowErrors(ROWS);
  const compiled = compileBatch(typed("CAST(a AS string) || ' and more than twelve bytes'"), {
    rowCapacity: ROWS,
    memory: testMemory(),
  });
  const first = compiled.evaluate(batch, all, ROWS, errors).heap.used;
  expect(first).toBeGreaterThan(0);
  for (let i = 0; i < 10; i++) {
    expect(compiled.evaluate(batch, all, ROWS, errors).heap.used).toBe(first);
  }
});
