/**
 * Code that adds rows, or other records, to the aggregates of records.
 *
 * No branches that cannot be foretold: a row that a filter keeps out, or whose value is null, adds
 * nothing by adding zero. A branch foretold wrongly costs more than all the aggregates of a row.
 *
 * @module
 */

import type { F64, FunctionBuilder, I32, I64, Local } from '../../wasm/index.ts';
import { f64, i32, i64, select } from '../../wasm/index.ts';
import type { ExtremeRows } from './extreme-code.ts';
import { extremeF64, extremeI32, extremeI64 } from './extreme-code.ts';
import type { InputCode } from './loop-code.ts';
import { bitAt, isPresent } from './loop-code.ts';
import type { FusedInput, FusedOp } from './shape.ts';
import { COLUMNS, STATE } from './shape.ts';

const { add, and, shl } = i32;
const c = i32.const;

const cellAt = (cell: number) => ({ memory: STATE, offset: 8 * cell });

/** Whether a row counts for an input: 0 or 1; `undefined`: every row does. */
function conditionOf(
  f: FunctionBuilder,
  { hasFilter }: FusedInput,
  column: InputCode,
  row: I32,
  mayBeNull: boolean,
): Local<'i32'> | undefined {
  if (!hasFilter && !mayBeNull) return undefined;
  const counts = f.let(isPresent(column.validity, row));
  if (hasFilter) {
    const passes = and(bitAt(column.filter, row), isPresent(column.filterValidity, row));
    f.set(counts, and(counts, passes));
  }
  return counts;
}

/** What rows the code is for. */
export interface RowVariant {
  /** Whether arguments have nulls. */
  readonly mayBeNull: boolean;
  /** Whether most records have many rows. */
  readonly isSteady: boolean;
}

/** Two records of one group may have either extreme. */
const MERGED: ExtremeRows = { counts: undefined, isSteady: false };

/**
 * Adds a row to all aggregates of one input.
 *
 * @param record - address of the record
 */
export function addRow(
  f: FunctionBuilder,
  input: FusedInput,
  column: InputCode,
  record: I32,
  row: I32,
  { mayBeNull, isSteady }: RowVariant,
): void {
  const counts = conditionOf(f, input, column, row, mayBeNull);
  const rows: ExtremeRows = { counts, isSteady };
  const one = counts === undefined ? i64.const(1n) : i64.extendI32U(counts);
  const { values } = column;
  if (input.countCell !== undefined) {
    if (!input.countsMissing) addI64(f, record, input.countCell, one);
    else if (mayBeNull) addI64(f, record, input.countCell, i64.sub(i64.const(1n), one));
  }
  if (input.ops.length === 0) return;
  switch (input.storage) {
    case 'f64': {
      const value = f.let(f64.load(add(values, shl(row, c(3))), { memory: COLUMNS }));
      for (const op of input.ops) addFloat(f, op, record, value, rows);
      break;
    }
    case 'i64': {
      const value = f.let(i64.load(add(values, shl(row, c(3))), { memory: COLUMNS }));
      for (const op of input.ops) addInteger(f, op, record, value, rows);
      break;
    }
    case 'i32':
    case 'bits': {
      const word =
        input.storage === 'i32'
          ? i32.load(add(values, shl(row, c(2))), { memory: COLUMNS })
          : bitAt(values, row);
      const value = f.let(word);
      const wide = f.let(i64.extendI32S(value));
      for (const op of input.ops) {
        if (op.kind === 'exactSum') addInteger(f, op, record, wide, rows);
        else extremeI32(f, { isMax: op.kind === 'max', record, cell: op.cell }, value, rows);
      }
      break;
    }
    case 'view':
    case undefined:
  }
}

function addI64(f: FunctionBuilder, record: I32, cell: number, value: I64): void {
  f.do(i64.store(record, i64.add(i64.load(record, cellAt(cell)), value), cellAt(cell)));
}

function addFloat(
  f: FunctionBuilder,
  { kind, cell }: FusedOp,
  record: I32,
  value: F64,
  rows: ExtremeRows,
): void {
  const { counts } = rows;
  if (kind === 'floatSum') {
    const counted = counts === undefined ? value : f.let(select(counts, value, f64.const(0)));
    addToSum(f, record, cell, counted);
    return;
  }
  if (kind === 'addFloat') {
    const sum = f64.add(f64.load(record, cellAt(cell)), value);
    f.do(f64.store(record, sum, cellAt(cell)));
    return;
  }
  extremeF64(f, { isMax: kind === 'max', record, cell }, value, rows);
}

/** Knuth's two-sum: the rounding error is summed beside the sum. */
function addToSum(f: FunctionBuilder, record: I32, cell: number, value: F64): void {
  const sum = f.let(f64.load(record, cellAt(cell)));
  const total = f.let(f64.add(sum, value));
  const part = f.let(f64.sub(total, sum));
  const error = f64.add(f64.sub(sum, f64.sub(total, part)), f64.sub(value, part));
  const errors = f64.add(f64.load(record, cellAt(cell + 1)), error);
  f.do(f64.store(record, total, cellAt(cell)));
  f.do(f64.store(record, errors, cellAt(cell + 1)));
}

function addInteger(
  f: FunctionBuilder,
  { kind, cell }: FusedOp,
  record: I32,
  value: I64,
  rows: ExtremeRows,
): void {
  const { counts } = rows;
  if (kind === 'exactSum') {
    const counted = counts === undefined ? value : f.let(select(counts, value, i64.const(0n)));
    addWide(f, record, cell, counted, i64.shrS(counted, i64.const(63n)));
    return;
  }
  if (kind === 'add') {
    addI64(f, record, cell, value);
    return;
  }
  if (kind === 'addLow') {
    addWide(f, record, cell, value, i64.const(0n));
    return;
  }
  extremeI64(f, { isMax: kind === 'max', record, cell }, value, rows);
}

/** Adds a 128-bit integer to one in two cells. */
function addWide(f: FunctionBuilder, record: I32, cell: number, low: I64, high: I64): void {
  const sum = f.let(i64.add(i64.load(record, cellAt(cell)), low));
  const carry = i64.extendI32U(i64.ltU(sum, low));
  const upper = i64.add(i64.load(record, cellAt(cell + 1)), i64.add(high, carry));
  f.do(i64.store(record, sum, cellAt(cell)));
  f.do(i64.store(record, upper, cellAt(cell + 1)));
}

/**
 * Adds the aggregates of one input of the record `source` to those of `target`. No value is beyond
 * the extremes that a record begins with.
 */
export function addRecord(f: FunctionBuilder, input: FusedInput, target: I32, source: I32): void {
  const { countCell, storage } = input;
  if (countCell !== undefined) {
    addI64(f, target, countCell, i64.load(source, cellAt(countCell)));
  }
  for (const op of input.ops) {
    const { kind, cell } = op;
    if (kind === 'floatSum') mergeFloatSum(f, target, source, cell);
    else if (kind === 'exactSum') {
      const low = f.let(i64.load(source, cellAt(cell)));
      addWide(f, target, cell, low, i64.load(source, cellAt(cell + 1)));
    } else if (storage === 'f64') {
      const value = f.let(f64.load(source, cellAt(cell)));
      extremeF64(f, { isMax: kind === 'max', record: target, cell }, value, MERGED);
    } else if (storage === 'i64') {
      addInteger(f, op, target, f.let(i64.load(source, cellAt(cell))), MERGED);
    } else {
      const value = f.let(i32.load(source, cellAt(cell)));
      extremeI32(f, { isMax: kind === 'max', record: target, cell }, value, MERGED);
    }
  }
}

/** The errors of the source are added to those of the target, beside that of adding the sums. */
function mergeFloatSum(f: FunctionBuilder, target: I32, source: I32, cell: number): void {
  const errors = f64.add(f64.load(target, cellAt(cell + 1)), f64.load(source, cellAt(cell + 1)));
  f.do(f64.store(target, errors, cellAt(cell + 1)));
  addToSum(f, target, cell, f.let(f64.load(source, cellAt(cell))));
}
