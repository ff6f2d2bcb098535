import { describe, expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import type { DataType } from '../../../src/core/types.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../../src/core/types.ts';
import {
  compileBatch,
  compilePredicate,
  inferExpression,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../../src/expr/index.ts';
import { CoverageMap } from '../../../src/expr/wasm/coverage.ts';
import { testMemory } from '../../support/memory.ts';

const SCHEMA = [
  { name: 'a', type: INT32 },
  { name: 'b', type: INT64 },
  { name: 'x', type: FLOAT64 },
  { name: 's', type: STRING },
];
const SCOPE = scopeOf(SCHEMA);
const typed = (text: string) => inferExpression(parseExpression(text), SCOPE);
const rowsOf = (count: number) => identitySelection(count).subarray(0, count);

function filled(type: DataType, values: readonly (number | bigint)[]): Column {
  const column = Column.allocate(type, values.length);
  const array: { [row: number]: number | bigint } =
    type.kind === 'int32' ? column.words : type.kind === 'int64' ? column.i64 : column.f64;
  for (const [row, value] of values.entries()) array[row] = value;
  return column;
}

/** A batch whose columns all hold the same numbers. */
function batchOf(values: readonly bigint[]): { columns: Column[] } {
  return {
    columns: [
      filled(
        INT32,
        values.map((value) => Number(BigInt.asIntN(32, value))),
      ),
      filled(INT64, values),
      filled(
        FLOAT64,
        values.map((value) => Number(value)),
      ),
      Column.allocate(STRING, values.length),
    ],
  };
}

function selected(text: string, batch: { columns: Column[] }, rows: number): readonly number[] {
  const predicate = compilePredicate(typed(text), {
    rowCapacity: rows,
    memory: testMemory(1 << 18),
  });
  const out = new Uint32Array(rows);
  const kept = predicate.select(batch, rowsOf(rows), rows, out, new RowErrors(rows));
  return Array.from(out.subarray(0, kept));
}

describe('remainders that are compared with zero', () => {
  const edges = [
    0n,
    1n,
    -1n,
    123n,
    -246n,
    2n ** 31n - 1n,
    -(2n ** 31n),
    2n ** 63n - 1n,
    -(2n ** 63n),
  ];
  const values = [...edges, ...Array.from({ length: 600 }, (_, i) => BigInt(i - 300))];

  test.each([1, 2, 3, 4, 6, 7, 10, 64, 96, 123, 1000, 65536, 2147483647, 1073741824])(
    'by %d',
    (divisor) => {
      const multiples = [divisor, -divisor].flatMap((d) =>
        values.map((value) => value * BigInt(d)),
      );
      const all = [...values, ...multiples.map((value) => BigInt.asIntN(64, value))];
      const batch = batchOf(all);
      for (const d of [divisor, -divisor]) {
        const rows = (column: Column, isHit: boolean) =>
          Array.from(all.keys()).filter(
            (row) =>
              ((column.storage === 'i32' ? BigInt(column.words[row]!) : column.i64[row]!) %
                BigInt(d) ===
                0n) ===
              isHit,
          );
        expect(selected(`a % ${d} = 0`, batch, all.length)).toEqual(rows(batch.columns[0]!, true));
        expect(selected(`a % ${d} <> 0`, batch, all.length)).toEqual(
          rows(batch.columns[0]!, false),
        );
        expect(selected(`b % ${d} = 0`, batch, all.length)).toEqual(rows(batch.columns[1]!, true));
      }
    },
  );
});

describe('what kernels cover', () => {
  const coverage = (text: string) => new CoverageMap().of(typed(text));

  test('numbers and logic, whole', () => {
    expect(coverage('a > 1 AND (b % 7 = 0 OR x IS NULL)')).toMatchObject({
      isCovered: true,
      hasLeaves: false,
    });
  });

  test('an operand of a strict operation may be computed before', () => {
    expect(coverage('EXP(x) + 1.0 > x')).toMatchObject({ isCovered: true, hasLeaves: true });
  });

  test('but not what is evaluated for some rows only', () => {
    expect(coverage('a > 1 AND EXP(x) > 2.0').isCovered).toBe(false);
    expect(coverage('EXP(x) > 2.0 AND a > 1').isCovered).toBe(true);
  });

  test('nothing too large, which is cut into several', () => {
    const sum = Array.from({ length: 300 }, () => 'x').join(' + ');
    expect(coverage(sum).nodes).toBeLessThan(250);
    const batch = batchOf([1n, 2n, 3n, 4n, 5n]);
    const compiled = compileBatch(typed(sum), { rowCapacity: 5, memory: testMemory() });
    const column = compiled.evaluate(batch, rowsOf(5), 5, new RowErrors(5));
    expect(Array.from(column.f64)).toEqual([300, 600, 900, 1200, 1500]);
  });
});

test('a failure is reported exactly, though a part that was computed before failed as well', () => {
  const batch = batchOf([1n, 0n, 3n, 4n]);
  batch.columns[3]!.setView(1, Buffer.from('x'), 0, 1);
  for (const row of [0, 2, 3]) batch.columns[3]!.setView(row, Buffer.from('7'), 0, 1);
  const compiled = compileBatch(typed('10 / a + CAST(s AS int)'), {
    rowCapacity: 4,
    memory: testMemory(),
  });
  const errors = new RowErrors(4);
  const column = compiled.evaluate(batch, rowsOf(4), 4, errors);
  expect(errors.count).toBe(1);
  expect([errors.rows[0], errors.message(0)]).toEqual([1, 'division by zero']);
  expect([0, 2, 3].map((row) => column.words[row])).toEqual([17, 10, 9]);
  expect(column.isNull(1)).toBe(true);
});

test('rows that are not evaluated do not fail', () => {
  const batch = batchOf([1n, 0n, 2n, 0n, 5n]);
  const errors = new RowErrors(5);
  const options = { rowCapacity: 5, memory: testMemory() };
  const chosen = compileBatch(typed('CASE WHEN a = 0 THEN -1 ELSE 10 / a END'), options);
  const column = chosen.evaluate(batch, rowsOf(5), 5, errors);
  expect(Array.from(column.words)).toEqual([10, -1, 5, -1, 2]);
  const list = Uint32Array.of(0, 2, 4);
  compileBatch(typed('10 / a'), options).evaluate(batch, list, 3, errors);
  expect(errors.count).toBe(0);
});

test('a selection may be narrowed where it lies, and is whole again when a row fails', () => {
  const batch = batchOf([1n, 7n, 1n, 0n, 3n, 4n]);
  const memory = testMemory();
  const predicate = compilePredicate(typed('12 / a > 2'), { rowCapacity: 6, memory });
  const list = memory.rows(6);
  list.set([0, 1, 3, 4, 5]);
  const errors = new RowErrors(6);
  const kept = predicate.select(batch, list, 5, list, errors);
  expect(Array.from(list.subarray(0, kept))).toEqual([0, 4, 5]);
  expect(Array.from(errors.rows.subarray(0, errors.count))).toEqual([3]);
});
