/**
 * `SUM` and `AVG` of int32, int64, decimal and duration, exact whatever the order of the rows.
 *
 * The sum is kept as an integer of 128 bits in two cells, the lower one first. So a sum that leaves
 * the range of int64 on the way and comes back is right; only the final result is judged.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { Cells, ValueAccumulator } from './accumulator.ts';
import { addOnes, countOf, setNulls } from './count.ts';

const TWO_32 = 4294967296;
/** Below it, sums and means are computed in float64, exactly. */
const EXACT_LIMIT = 2 ** 52;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** What is read from the sum. */
export type SumResult = 'sum' | 'avg';

/** Exact sum of an integer-like column. */
export class ExactSumAccumulator implements ValueAccumulator {
  readonly #words: Int32Array;
  readonly #cells: Cells;
  readonly #result: SumResult;
  readonly #argument: DataType;

  /** @param argument - type of the column: int32, int64, decimal or duration */
  constructor(arena: Arena, cells: Cells, argument: DataType, result: SumResult) {
    this.#words = arena.words;
    this.#cells = cells;
    this.#argument = argument;
    this.#result = result;
  }

  add(records: Int32Array, column: Column, rows: Uint32Array, count: number): void {
    const { value } = this.#cells;
    if (this.#argument.kind === 'int32') {
      addI32(this.#words, value, records, column.words, rows, count);
    } else addI64(this.#words, value, records, column.words, rows, count);
    addOnes(this.#words, this.#cells.count, records, count);
  }

  read(records: Int32Array, count: number, target: Column, failed: Uint8Array): number {
    if (this.#result === 'sum' && target.type.kind !== 'decimal' && target.storage === 'i64') {
      const words = this.#words;
      setNulls(words, this.#cells, records, count, target);
      return readSums(words, this.#cells.value, records, count, target, failed);
    }
    let failures = 0;
    for (let i = 0; i < count; i++) {
      const at = 2 * (records[i]! + this.#cells.value);
      const rows = countOf(this.#words, records[i]!, this.#cells);
      if (rows === 0) target.setNull(i);
      else if (target.storage === 'f64') target.f64[i] = this.#meanAsFloat(at, rows);
      else if (!this.#readInteger(at, rows, i, target)) {
        failed[i] = 1;
        failures++;
      }
    }
    return failures;
  }

  /** The sum as a number: exact below 2^53, else the float64 nearest to the exact sum. */
  #sumAsNumber(at: number): number {
    const words = this.#words;
    const high = words[at + 1]!;
    const isSmall = words[at + 2] === high >> 31 && words[at + 3] === high >> 31;
    if (isSmall && high < 2 ** 20 && high >= -(2 ** 20)) {
      return high * TWO_32 + (words[at]! >>> 0);
    }
    return Number(exactSum(words, at));
  }

  #meanAsFloat(at: number, rows: number): number {
    return this.#sumAsNumber(at) / rows / 10 ** scaleOf(this.#argument);
  }

  /** Writes a sum or mean into an `i64` row; false when it does not fit the type. */
  #readInteger(at: number, rows: number, row: number, target: Column): boolean {
    const isMean = this.#result === 'avg';
    const factor = isMean ? 10 ** (scaleOf(target.type) - scaleOf(this.#argument)) : 1;
    const scaled = this.#sumAsNumber(at) * factor;
    if (factor < 1 || Math.abs(scaled) >= EXACT_LIMIT || Math.abs(scaled) >= digitLimit(target)) {
      const sum = exactSum(this.#words, at);
      return writeExact(isMean ? this.#exactMean(sum, rows, target) : sum, row, target);
    }
    const rounded = isMean ? divideHalfAway(scaled, rows) : scaled;
    target.setI64FromNumber(row, rounded);
    return true;
  }

  #exactMean(sum: bigint, rows: number, target: Column): bigint {
    const numerator = sum * 10n ** BigInt(scaleOf(target.type));
    const denominator = BigInt(rows) * 10n ** BigInt(scaleOf(this.#argument));
    const twice = numerator < 0n ? -2n * numerator : 2n * numerator;
    const magnitude = (twice + denominator) / (2n * denominator);
    return numerator < 0n ? -magnitude : magnitude;
  }
}

/** Copies sums that are int64; says of others that they failed, how many. @hot */
function readSums(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  count: number,
  target: Column,
  failed: Uint8Array,
): number {
  const to = target.words;
  let failures = 0;
  for (let i = 0; i < count; i++) {
    const at = 2 * (records[i]! + cell);
    const high = words[at + 1]!;
    const sign = high >> 31;
    to[2 * i] = words[at]!;
    to[2 * i + 1] = high;
    if (words[at + 2] === sign && words[at + 3] === sign) continue;
    failed[i] = 1;
    failures++;
  }
  return failures;
}

function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0;
}

/** Values of a column are smaller in magnitude. */
function digitLimit(target: Column): number {
  return target.type.kind === 'decimal' ? 10 ** target.type.precision : 2 ** 63;
}

/** Integers below 2^52: the quotient rounded to an integer, halves away from zero. */
function divideHalfAway(numerator: number, denominator: number): number {
  const rest = numerator % denominator;
  const whole = (numerator - rest) / denominator;
  return 2 * Math.abs(rest) >= denominator ? whole + Math.sign(numerator) : whole;
}

function exactSum(words: Int32Array, at: number): bigint {
  const high = (BigInt(words[at + 3]!) << 32n) | BigInt(words[at + 2]! >>> 0);
  const low = (BigInt(words[at + 1]! >>> 0) << 32n) | BigInt(words[at]! >>> 0);
  return (high << 64n) | low;
}

/** Writes `value` if it fits the column's type. */
function writeExact(value: bigint, row: number, target: Column): boolean {
  if (target.type.kind === 'decimal') {
    const limit = 10n ** BigInt(target.type.precision);
    if (value >= limit || value <= -limit) return false;
  }
  if (value > MAX_INT64 || value < MIN_INT64) return false;
  target.i64[row] = value;
  return true;
}

/** Adds an int64, given as two words, to the 128-bit integer that begins at a word. @hot */
function addWide(words: Int32Array, at: number, low: number, high: number): void {
  const sum0 = (words[at]! >>> 0) + (low >>> 0);
  words[at] = sum0 | 0;
  const sum1 = (words[at + 1]! >>> 0) + (high >>> 0) + (sum0 >= TWO_32 ? 1 : 0);
  words[at + 1] = sum1 | 0;
  const sign = high >> 31;
  const sum2 = (words[at + 2]! >>> 0) + (sign >>> 0) + (sum1 >= TWO_32 ? 1 : 0);
  words[at + 2] = sum2 | 0;
  words[at + 3] = (words[at + 3]! + sign + (sum2 >= TWO_32 ? 1 : 0)) | 0;
}

/** @hot */
function addI32(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  values: Int32Array,
  rows: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const value = values[rows[i]!]!;
    addWide(words, 2 * (records[i]! + cell), value, value >> 31);
  }
}

/** @hot */
function addI64(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  values: Int32Array,
  rows: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const row = 2 * rows[i]!;
    addWide(words, 2 * (records[i]! + cell), values[row]!, values[row + 1]!);
  }
}
