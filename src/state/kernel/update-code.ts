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
  /** Whether the rows are taken back. */
  readonly isRetracted?: boolean;
}

/** Which rows are added, and how. */
interface Added extends ExtremeRows {
  readonly isRetracted: boolean;
  /** A value of another input in the same row. */
  readonly otherAt: (input: number) => Local<'f64'>;
}

/** Two records of one group may have either extreme. */
const MERGED: Added = {
  counts: undefined,
  isSteady: false,
  isRetracted: false,
  otherAt: (): never => {
    throw new Error('records have no rows');
  },
};

/**
 * Adds a row to all aggregates of one input, or takes it back.
 *
 * @param columns - by input
 * @param record - address of the record
 * @param ahead - it is the row so many behind `row`
 */
export function addRow(
  f: FunctionBuilder,
  input: FusedInput,
  columns: ReadonlyMap<number, InputCode>,
  record: I32,
  row: I32,
  { mayBeNull, isSteady, isRetracted = false }: RowVariant,
  ahead = 0,
): void {
  if (input.countCell === undefined && input.ops.length === 0) return;
  const column = columns.get(input.input)!;
  const bitRow = ahead === 0 ? row : add(row, c(ahead));
  const counts = conditionOf(f, input, column, bitRow, mayBeNull);
  const widthAt = (log2Bytes: number) => ({ memory: COLUMNS, offset: ahead << log2Bytes });
  const floatOf = ({ values }: InputCode): Local<'f64'> =>
    f.let(f64.load(add(values, shl(row, c(3))), widthAt(3)));
  const otherAt = (other: number): Local<'f64'> => floatOf(columns.get(other)!);
  const rows: Added = { counts, isSteady, isRetracted, otherAt };
  countRow(f, input, record, rows, mayBeNull);
  if (input.ops.length === 0) return;
  switch (input.storage) {
    case 'f64': {
      const value = floatOf(column);
      for (const op of input.ops) addFloat(f, op, record, value, rows);
      break;
    }
    case 'i64': {
      const value = f.let(i64.load(add(column.values, shl(row, c(3))), widthAt(3)));
      for (const op of input.ops) addInteger(f, op, record, value, rows);
      break;
    }
    case 'i32':
    case 'bits': {
      const word =
        input.storage === 'i32'
          ? i32.load(add(column.values, shl(row, c(2))), widthAt(2))
          : bitAt(column.values, bitRow);
      const value = f.let(word);
      const wide = f.let(i64.extendI32S(value));
      for (const op of input.ops) {
        if (op.kind === 'min' || op.kind === 'max') {
          extremeI32(f, { isMax: op.kind === 'max', record, cell: op.cell }, value, rows);
        } else addInteger(f, op, record, wide, rows);
      }
      break;
    }
    case 'view':
    case undefined:
  }
}

/** Counts a row of an input, or that it is null. */
function countRow(
  f: FunctionBuilder,
  { countCell, countsMissing }: FusedInput,
  record: I32,
  { counts, isRetracted }: Added,
  mayBeNull: boolean,
): void {
  if (countCell === undefined || (countsMissing && !mayBeNull)) return;
  const one = counts === undefined ? i64.const(1n) : i64.extendI32U(counts);
  const count = countsMissing ? i64.sub(i64.const(1n), one) : one;
  addI64(f, record, countCell, isRetracted ? i64.sub(i64.const(0n), count) : count);
}

function addI64(f: FunctionBuilder, record: I32, cell: number, value: I64): void {
  f.do(i64.store(record, i64.add(i64.load(record, cellAt(cell)), value), cellAt(cell)));
}

function addFloat(
  f: FunctionBuilder,
  { kind, cell, other }: FusedOp,
  record: I32,
  value: F64,
  rows: Added,
): void {
  const { counts, isRetracted } = rows;
  const signed = (one: F64): F64 => (isRetracted ? f64.neg(one) : one);
  const counted = (one: F64): Local<'f64'> =>
    f.let(counts === undefined ? one : select(counts, one, f64.const(0)));
  switch (kind) {
    case 'floatSum':
      addToSum(
        f,
        record,
        cell,
        counts === undefined && !isRetracted ? value : signed(counted(value)),
      );
      return;
    case 'otherSum':
      addToSum(f, record, cell, signed(counted(rows.otherAt(other!))));
      return;
    case 'squareSum': {
      const root = counted(value);
      addProduct(f, record, cell, f.let(signed(root)), root);
      return;
    }
    case 'productSum':
      addProduct(f, record, cell, f.let(signed(counted(value))), counted(rows.otherAt(other!)));
      return;
    case 'addFloat': {
      const sum = f64.add(f64.load(record, cellAt(cell)), value);
      f.do(f64.store(record, sum, cellAt(cell)));
      return;
    }
    default:
      extremeF64(f, { isMax: kind === 'max', record, cell }, value, rows);
  }
}

/** Knuth's two-sum: the rounding error is summed beside the sum. */
function addToSum(f: FunctionBuilder, record: I32, cell: number, given: F64, further?: F64): void {
  const value = f.let(given);
  const sum = f.let(f64.load(record, cellAt(cell)));
  const total = f.let(f64.add(sum, value));
  const part = f.let(f64.sub(total, sum));
  const rounding = f64.add(f64.sub(sum, f64.sub(total, part)), f64.sub(value, part));
  const error = further === undefined ? rounding : f64.add(rounding, further);
  const errors = f64.add(f64.load(record, cellAt(cell + 1)), error);
  f.do(f64.store(record, total, cellAt(cell)));
  f.do(f64.store(record, errors, cellAt(cell + 1)));
}

/** 2^27 + 1: splits 53 digits into 26 and 27. */
const SPLITTER = 134217729;

/** Adds a product with its rounding error, by Dekker's two-product. */
function addProduct(
  f: FunctionBuilder,
  record: I32,
  cell: number,
  a: Local<'f64'>,
  b: Local<'f64'>,
): void {
  const split = (value: Local<'f64'>): readonly [Local<'f64'>, Local<'f64'>] => {
    const scaled = f.let(f64.mul(value, f64.const(SPLITTER)));
    const high = f.let(f64.sub(scaled, f64.sub(scaled, value)));
    return [high, f.let(f64.sub(value, high))];
  };
  const product = f.let(f64.mul(a, b));
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  const first = f64.sub(f64.mul(aHigh, bHigh), product);
  const middle = f64.add(f64.add(first, f64.mul(aHigh, bLow)), f64.mul(aLow, bHigh));
  addToSum(f, record, cell, product, f.let(f64.add(middle, f64.mul(aLow, bLow))));
}

function addInteger(
  f: FunctionBuilder,
  { kind, cell }: FusedOp,
  record: I32,
  value: I64,
  rows: Added,
): void {
  const { counts, isRetracted } = rows;
  const counted = (neutral: bigint): I64 =>
    counts === undefined ? value : f.let(select(counts, value, i64.const(neutral)));
  const bits = (combine: (a: I64, b: I64) => I64, neutral: bigint): void => {
    const combined = combine(i64.load(record, cellAt(cell)), counted(neutral));
    f.do(i64.store(record, combined, cellAt(cell)));
  };
  switch (kind) {
    case 'exactSum':
      addExact(f, record, cell, counted(0n), isRetracted);
      return;
    case 'add':
      addI64(f, record, cell, value);
      return;
    case 'addLow':
      addWide(f, record, cell, value, i64.const(0n));
      return;
    case 'and':
      bits(i64.and, -1n);
      return;
    case 'or':
      bits(i64.or, 0n);
      return;
    case 'xor':
      bits(i64.xor, 0n);
      return;
    default:
      extremeI64(f, { isMax: kind === 'max', record, cell }, value, rows);
  }
}

/** Adds an int64 to an integer of 128 bits, or subtracts it. */
function addExact(
  f: FunctionBuilder,
  record: I32,
  cell: number,
  value: I64,
  isRetracted: boolean,
): void {
  if (!isRetracted) {
    addWide(f, record, cell, value, i64.shrS(value, i64.const(63n)));
    return;
  }
  // The least int64 has no negative of 64 bits, but its bits are those of one of 128.
  const isPositive = i64.extendI32U(i64.gtS(value, i64.const(0n)));
  const low = f.let(i64.sub(i64.const(0n), value));
  addWide(f, record, cell, low, i64.sub(i64.const(0n), isPositive));
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
    if (SUMS_OF_FLOATS.has(kind)) mergeFloatSum(f, target, source, cell);
    else if (kind === 'exactSum') {
      const low = f.let(i64.load(source, cellAt(cell)));
      addWide(f, target, cell, low, i64.load(source, cellAt(cell + 1)));
    } else if (storage === 'f64') {
      const value = f.let(f64.load(source, cellAt(cell)));
      extremeF64(f, { isMax: kind === 'max', record: target, cell }, value, MERGED);
    } else if (storage === 'i64' || (kind !== 'min' && kind !== 'max')) {
      addInteger(f, op, target, f.let(i64.load(source, cellAt(cell))), MERGED);
    } else {
      const value = f.let(i32.load(source, cellAt(cell)));
      extremeI32(f, { isMax: kind === 'max', record: target, cell }, value, MERGED);
    }
  }
}

/** Two cells each: a sum, and the summed errors. */
const SUMS_OF_FLOATS: ReadonlySet<FusedOp['kind']> = new Set([
  'floatSum',
  'squareSum',
  'otherSum',
  'productSum',
]);

/** The errors of the source are added to those of the target, beside that of adding the sums. */
function mergeFloatSum(f: FunctionBuilder, target: I32, source: I32, cell: number): void {
  const errors = f64.add(f64.load(target, cellAt(cell + 1)), f64.load(source, cellAt(cell + 1)));
  f.do(f64.store(target, errors, cellAt(cell + 1)));
  addToSum(f, target, cell, f.let(f64.load(source, cellAt(cell))));
}
