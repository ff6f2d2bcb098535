/** Every kernel takes all rows of a batch, however many: those of whole steps, and those behind them. */

import { describe, expect, test } from 'vitest';
import { Column } from '../../../src/core/column.ts';
import type { DataType } from '../../../src/core/types.ts';
import { BOOL, FLOAT64, INT32, INT64 } from '../../../src/core/types.ts';
import type { Fold, KernelProgram, KernelStep } from '../../../src/expr/index.ts';
import {
  BatchKernel,
  inferExpression,
  kernelModule,
  parseExpression,
  planUnit,
  scopeOf,
  storedColumn,
} from '../../../src/expr/index.ts';
import { testMemory } from '../../support/memory.ts';

const ROWS = 24;
const SCHEMA = [
  { name: 'a', type: INT32 },
  { name: 'x', type: FLOAT64 },
];
const SCOPE = scopeOf(SCHEMA);
const typed = (text: string) => inferExpression(parseExpression(text), SCOPE);
const where = (text: string): KernelStep => ({ kind: 'filter', expr: typed(text) });
const value = (column: number, text: string): KernelStep => ({
  kind: 'value',
  column,
  expr: typed(text),
});
const program = (...steps: readonly KernelStep[]): KernelProgram => ({
  steps,
  stored: steps.flatMap((step) => (step.kind === 'value' ? [step.column] : [])),
  folds: [],
});

/** A program, the blocks of its steps, and what it does with a row: `undefined` if that is dropped. */
interface Case {
  readonly name: string;
  readonly program: KernelProgram;
  readonly blocks: number;
  readonly wanted: (a: number) => readonly (number | bigint | boolean)[] | undefined;
}

const CASES: readonly Case[] = [
  {
    name: 'a small value',
    program: program(value(2, 'x * 2')),
    blocks: 4,
    wanted: (a) => [(a / 2) * 2],
  },
  {
    name: 'a small bool',
    program: program(value(2, 'a > 3')),
    blocks: 4,
    wanted: (a) => [a > 3],
  },
  {
    name: 'values of several types',
    program: program(value(2, 'x + a'), value(3, 'a <> 5'), value(4, 'CAST(a AS BIGINT) + 7')),
    blocks: 1,
    wanted: (a) => [a / 2 + a, a !== 5, BigInt(a) + 7n],
  },
  {
    name: 'a condition',
    program: program(where('a <> 4')),
    blocks: 2,
    wanted: (a) => (a === 4 ? undefined : []),
  },
  {
    name: 'conditions around values',
    program: program(where('a <> 4'), value(2, 'a * 2'), value(3, 'a < 7'), where('x <> 3')),
    blocks: 2,
    wanted: (a) => (a === 4 || a === 6 ? undefined : [a * 2, a < 7]),
  },
  {
    name: 'a large condition',
    program: program(where(Array.from({ length: 15 }, (_, i) => `a <> ${i + 15}`).join(' AND '))),
    blocks: 1,
    wanted: (a) => (a >= 15 ? undefined : []),
  },
];

function filled(rows: number, isNull: (row: number) => boolean, memory = testMemory(1 << 18)) {
  const columns = SCHEMA.map(({ type }) => Column.allocate(type, ROWS, memory));
  for (let row = 0; row < rows; row++) {
    columns[0]!.words[row] = row;
    columns[1]!.f64[row] = row / 2;
    if (isNull(row)) for (const column of columns) column.setNull(row);
  }
  return { columns, memory };
}

function valueOf(column: Column, type: DataType, row: number): number | bigint | boolean {
  switch (type) {
    case BOOL:
      return ((column.bytes[row >> 3]! >> (row & 7)) & 1) === 1;
    case INT64:
      return column.i64[row]!;
    case INT32:
      return column.words[row]!;
    default:
      return column.f64[row]!;
  }
}

/** Runs a program for some rows, and compares what it leaves with what it should. */
function check(
  { program: code, blocks, wanted }: Case,
  selection: Uint32Array,
  isNull: (row: number) => boolean,
): void {
  const { columns, memory } = filled(ROWS, isNull);
  const options = { rowCapacity: ROWS, memory };
  const unit = planUnit(code);
  expect(unit.shape.blocks).toBe(blocks);
  const values = code.steps.filter(({ kind }) => kind === 'value');
  const stored = values.map(({ expr }) => storedColumn(expr.type, options));
  const kernel = new BatchKernel(
    { unit, stored, cells: 0, load: () => ({ kernelModule }) },
    options,
  );
  const drops = code.steps.length > values.length;
  const expected = Array.from(selection).filter(
    (row) => wanted(row) !== undefined && !(drops && isNull(row)),
  );
  const kept = kernel.run(columns, selection, selection.length);
  expect(kept).toBe(expected.length);
  if (drops) expect(Array.from(kernel.list.subarray(0, kept))).toEqual(expected);
  for (const row of expected) {
    const found = stored.map((column, v) =>
      column.nullCount > 0 && column.isNull(row)
        ? null
        : valueOf(column, values[v]!.expr.type, row),
    );
    const whole = wanted(row)!.map((cell) => (isNull(row) ? null : cell));
    expect(found).toEqual(whole);
  }
}

describe.each(CASES)('$name', (one) => {
  test.each([
    ['without nulls', () => false],
    ['with nulls', (row: number) => row % 5 === 2],
  ])('%s', (_name, isNull) => {
    for (let rows = 1; rows <= 18; rows++) {
      const all = Uint32Array.from({ length: rows }, (_, row) => row);
      check(one, all, isNull);
      const odd = all.filter((row) => row % 3 === 1);
      if (odd.length > 0) check(one, odd, isNull);
    }
  });
});

test('aggregates take every row, and none that is behind the last', () => {
  const fold: Fold = {
    argument: typed('a'),
    storage: 'i32',
    filter: undefined,
    countCell: 0,
    ops: [
      { kind: 'exactSum', cell: 1 },
      { kind: 'max', cell: 3 },
    ],
  };
  for (const steps of [[], [where('a <> 4')]]) {
    for (let rows = 1; rows <= 18; rows++) {
      const { columns, memory } = filled(ROWS, () => false);
      const options = { rowCapacity: ROWS, memory };
      const unit = planUnit({ steps, stored: [], folds: [fold] });
      const kernel = new BatchKernel(
        { unit, stored: [], cells: 4, load: () => ({ kernelModule }) },
        options,
      );
      const all = Array.from({ length: rows }, (_, row) => row);
      const kept = all.filter((row) => steps.length === 0 || row !== 4);
      expect(kernel.run(columns, Uint32Array.from(all), rows)).toBe(kept.length);
      const sum = kept.reduce((a, b) => a + b, 0);
      expect(Array.from(kernel.cells.subarray(0, 4))).toEqual([kept.length, 0, sum, 0]);
      expect(kernel.cells[6]).toBe(kept.at(-1));
    }
  }
});
