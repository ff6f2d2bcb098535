import { afterEach, expect, test, vi } from 'vitest';
import { Column } from '../../../src/core/column.ts';
import { INT32, STRING } from '../../../src/core/types.ts';
import { InterpretedRows } from '../../../src/expr/batch/nodes/interpreted.ts';
import {
  compileBatch,
  compilePredicate,
  inferExpression,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../../src/expr/index.ts';
import { testMemory } from '../../support/memory.ts';

const ROWS = 1024;
const SCOPE = scopeOf([
  { name: 'a', type: INT32 },
  { name: 'b', type: INT32 },
  { name: 's', type: STRING },
]);
const typed = (text: string) => inferExpression(parseExpression(text), SCOPE);
const memory = testMemory(1 << 22);

/** Rows `a = row, b = 1, s = 'n<row>'`, but `b = 0` and a null `a` in some. */
function columnsWith(zeros: readonly number[], nulls: readonly number[] = []): Column[] {
  const [a, b, s] = [INT32, INT32, STRING].map((type) => Column.allocate(type, ROWS, memory));
  for (let row = 0; row < ROWS; row++) {
    a!.words[row] = row;
    b!.words[row] = zeros.includes(row) ? 0 : 1;
    const text = Buffer.from(`n${row}`);
    s!.setView(row, text, 0, text.length);
  }
  for (const row of nulls) a!.setNull(row);
  return [a!, b!, s!];
}

const all = memory.rows(ROWS).map((_, row) => row);
const odd = all.filter((row) => row % 2 === 1);
const errors = new RowErrors(ROWS);

/** Gives how many rows the interpreter has computed from now on. */
function watchInterpreter(): () => number {
  const compute = vi.spyOn(InterpretedRows.prototype, 'compute');
  return () => compute.mock.calls.reduce((sum, [, , count]) => sum + count, 0);
}

afterEach(() => {
  vi.restoreAllMocks();
  errors.reset();
});

test.each([
  ['all rows', all],
  ['a list of rows', odd],
])('of %s with one in error, the interpreter sees eight at most', (_, selection) => {
  const count = watchInterpreter();
  const expression = compileBatch(typed('a / b'), { rowCapacity: ROWS, memory });
  const columns = columnsWith([701], [5, 700, 703]);
  const out = expression.evaluate({ columns }, selection, selection.length, errors);
  expect(count()).toBeLessThanOrEqual(8);
  expect(errors.count).toBe(1);
  expect([errors.rows[0], errors.code(0)]).toEqual([701, 'divisionByZero']);
  for (const row of selection) {
    const isNull = row === 701 || columns[0]!.isNull(row);
    expect(out.isNull(row) ? null : out.words[row]).toBe(isNull ? null : row);
  }
});

test('rows in error are found in their order, and the others have their values', () => {
  const zeros = [0, 1, 511, 512, 1022, 1023];
  const expression = compileBatch(typed('a / b + 1'), { rowCapacity: ROWS, memory });
  const out = expression.evaluate({ columns: columnsWith(zeros) }, all, ROWS, errors);
  expect(Array.from(errors.rows.subarray(0, errors.count))).toEqual(zeros);
  for (const row of all) {
    expect(out.isNull(row) ? null : out.words[row]).toBe(zeros.includes(row) ? null : row + 1);
  }
});

test('a condition leaves rows in error out', () => {
  const condition = compilePredicate(typed('a / b > 1000'), { rowCapacity: ROWS, memory });
  const out = memory.rows(ROWS);
  const kept = condition.select({ columns: columnsWith([1001]) }, all, ROWS, out, errors);
  expect(Array.from(out.subarray(0, kept))).toEqual(
    Array.from(all).filter((row) => row > 1000 && row !== 1001),
  );
  expect(Array.from(errors.rows.subarray(0, errors.count))).toEqual([1001]);
});

test('what fails before the kernel fails the row only', () => {
  const count = watchInterpreter();
  const text = "CAST(REPLACE(s, CASE WHEN b = 0 THEN 'x' ELSE 'n' END, '') AS INT) + a";
  const expression = compileBatch(typed(text), { rowCapacity: ROWS, memory });
  const out = expression.evaluate({ columns: columnsWith([9, 77]) }, all, ROWS, errors);
  expect(count()).toBe(2);
  expect(Array.from(errors.rows.subarray(0, errors.count))).toEqual([9, 77]);
  expect(errors.message(1)).toContain('n77');
  expect([out.words[8], out.words[10], out.isNull(77)]).toEqual([16, 20, true]);
});

test('columns from elsewhere are copied, their long values too', () => {
  const expression = compileBatch(typed("UPPER(s) || '!'"), { rowCapacity: 4, memory });
  const column = Column.allocate(STRING, 4);
  const texts = ['short', 'a text that is longer than a view', 'garbage', 'and one more long text'];
  for (const [row, text] of texts.entries()) {
    column.setView(row, Buffer.from(text), 0, text.length);
  }
  column.words[4 * 2] = 99_999;
  const [a, b] = columnsWith([]);
  const selection = Uint32Array.of(0, 1, 3);
  const out = expression.evaluate({ columns: [a!, b!, column] }, selection, 3, errors);
  const found = Array.from(selection, (row) => {
    const start = out.viewStart(row);
    return Buffer.from(out.viewSource(row).subarray(start, start + out.viewLength(row))).toString();
  });
  expect(found).toEqual([
    'SHORT!',
    'A TEXT THAT IS LONGER THAN A VIEW!',
    'AND ONE MORE LONG TEXT!',
  ]);
});
