/** Showing columns that lie elsewhere, by reference where it can be. */

import { describe, expect, test } from 'vitest';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import { Batch } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING } from '../../../src/core/types.ts';
import { type Cell, readCell, writeCell } from '../../support/kernel/rows.ts';

const SCHEMA = [INT32, INT64, FLOAT64, STRING, BOOL].map((type, i) => ({ name: `c${i}`, type }));
const LAYOUT = layoutBatch({ schema: SCHEMA, hasTime: false }, 64, 256);
const LONG = 'a text that does not fit into a view, number ';

const rowOf = (i: number): Cell[] => [
  i % 5 === 1 ? null : i,
  i % 5 === 2 ? null : BigInt(i) << 33n,
  i % 5 === 3 ? null : i / 4,
  i % 5 === 4 ? null : i % 7 === 0 ? `${LONG}${i}` : `n${i}`,
  i % 5 === 0 ? null : i % 2 === 0,
];
/** Kept columns with rows `from` to `from + 10`, and a value behind them that must stay. */
function keptFrom(from: number): Column[] {
  return SCHEMA.map(({ type }, c) => {
    const column = Column.allocate(type, 64);
    for (let i = 0; i < 11; i++) writeCell(column, i, rowOf(from + i)[c]!);
    return column;
  });
}
const expected = (from: number, to: number): Cell[][] =>
  Array.from({ length: to - from }, (_, i) => rowOf(from + i));
const cellsOf = (columns: readonly Column[], rows: number): Cell[][] =>
  Array.from({ length: rows }, (_, row) => columns.map((column) => readCell(column, row)));

/** Shows ten rows of each; false when they did not fit. */
function show(batch: Batch, columns: readonly Column[]): boolean {
  const isShown = columns.every((column, c) => batch.show(c, column, 10));
  if (isShown) batch.setRowCount(batch.rowCount + 10);
  return isShown;
}

describe('a batch', () => {
  test('refers to columns, and is itself again after a reset', () => {
    const batch = Batch.allocate(LAYOUT);
    batch.reset();
    const own = [...batch.columns];
    const kept = keptFrom(0);
    expect(show(batch, kept)).toBe(true);
    expect(batch.columns.every((column, c) => column === kept[c])).toBe(true);
    expect(cellsOf(batch.columns, 10)).toEqual(expected(0, 10));
    batch.forgetNullsBehind();
    batch.reset();
    expect(batch.columns.every((column, c) => column === own[c])).toBe(true);
    expect(cellsOf(kept, 11)).toEqual(expected(0, 11));
  });

  test('with rows is to be passed on first', () => {
    const batch = Batch.allocate(LAYOUT);
    batch.reset();
    show(batch, keptFrom(0));
    expect(show(batch, keptFrom(10))).toBe(false);
    expect(cellsOf(batch.columns, 10)).toEqual(expected(0, 10));
  });
});

describe('a slot', () => {
  const slot = (): Batch => {
    const batch = Batch.over(LAYOUT, new ArrayBuffer(LAYOUT.slotBytes), 0);
    batch.reset();
    return batch;
  };

  test('takes copies, one behind the other', () => {
    const batch = slot();
    const own = [...batch.columns];
    const kept = [keptFrom(0), keptFrom(10), keptFrom(20)];
    kept.forEach((columns) => expect(show(batch, columns)).toBe(true));
    expect(batch.columns.every((column, c) => column === own[c])).toBe(true);
    expect(cellsOf(batch.columns, 30)).toEqual(expected(0, 30));
    kept.forEach((columns, i) =>
      expect(cellsOf(columns, 11)).toEqual(expected(10 * i, 10 * i + 11)),
    );
  });

  test('says when long values do not fit, and the rows before are as they were', () => {
    const batch = slot();
    let shown = 0;
    while (shown < 6 && show(batch, keptFrom(10 * shown))) shown++;
    expect(shown).toBeGreaterThan(0);
    expect(shown).toBeLessThan(6);
    batch.forgetNullsBehind();
    expect(cellsOf(batch.columns, batch.rowCount)).toEqual(expected(0, 10 * shown));
    batch.columns.forEach((column, c) => {
      const nulls = expected(0, 10 * shown).filter((row) => row[c] === null).length;
      expect(column.nullCount).toBe(nulls);
    });
  });
});
