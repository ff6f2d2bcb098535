/** The look at one column by which a top leaves rows out never leaves out one that is good enough. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Column } from '../../src/core/column.ts';
import { compareValues } from '../../src/core/compare-values.ts';
import type { DataType } from '../../src/core/types.ts';
import { keepPromising } from '../../src/operators/top/threshold.ts';

const VALUES = {
  int32: fc.integer({ min: -3, max: 3 }),
  int64: fc.constantFrom(-(2n ** 63n), -(2n ** 40n), -1n, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n),
  float64: fc.constantFrom(-Infinity, -0.5, -0, 0, 1, Infinity, NaN),
} as const;

function fill(type: DataType, values: readonly (number | bigint)[]): Column {
  const column = Column.allocate(type, 64);
  values.forEach((value, row) => {
    if (typeof value === 'bigint') column.i64[row] = value;
    else if (type.kind === 'int32') column.words[row] = value;
    else column.f64[row] = value;
  });
  return column;
}

for (const kind of ['int32', 'int64', 'float64'] as const) {
  const values: fc.Arbitrary<(number | bigint)[]> = fc.array<number | bigint>(VALUES[kind], {
    minLength: 2,
    maxLength: 60,
  });
  test(`${kind}: rows that are as good stay, and rows that are clearly worse go`, () => {
    fc.assert(
      fc.property(values, fc.constantFrom(1 as const, -1 as const), (list, direction) => {
        const column = fill({ kind }, list);
        const [key, columns] = [{ column: 0, direction }, [column]];
        const rows = Uint32Array.from(list, (_, row) => row);
        const kept = new Uint32Array(64);
        const worst = { columns, position: 0 };
        const count = keepPromising(key, columns, rows, 1, list.length, worst, kept);
        const found = [...kept.subarray(0, count)];
        const good = [...rows.subarray(1)].filter(
          (row) => compareValues(column, row, column, 0) * direction <= 0,
        );
        expect(found.filter((row) => good.includes(row))).toEqual(good);
        const clear = found.filter((row) => {
          const [value, limit] = [Number(list[row]), Number(list[0])];
          return direction === 1 ? value > limit : value < limit;
        });
        expect(clear).toEqual([]);
      }),
    );
  });
}

test('columns with nulls, and others than numbers, are looked at row by row', () => {
  const rows = Uint32Array.of(0, 1);
  const look = (column: Column): number =>
    keepPromising(
      { column: 0, direction: 1 },
      [column],
      rows,
      0,
      2,
      { columns: [column], position: 0 },
      new Uint32Array(2),
    );
  const withNull = fill({ kind: 'int32' }, [1, 2]);
  withNull.setNull(1);
  expect(look(withNull)).toBe(-1);
  expect(look(Column.allocate({ kind: 'string' }, 64))).toBe(-1);
  expect(look(fill({ kind: 'int32' }, [1, 2]))).toBe(1);
});
