/**
 * `SUM` and `AVG` of int32, int64, decimal and duration, exact whatever the order of the rows.
 *
 * The sum is kept in three limbs of float64, each exact, and a count:
 *
 * ```
 *   value = low + high · 2^32 + top · 2^64
 * ```
 *
 * A limb that passes 2^52 hands its upper part on. So a sum that leaves the range of int64 on the
 * way and comes back is right; only the final result is judged. A BigInt64Array with a word for its
 * overflows is as fast, but only where V8 turns bigints into machine integers.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { GroupState } from './accumulator.ts';
import type { RecordLayout } from '../record-layout.ts';
import type { Accumulator } from './accumulator.ts';

const TWO_32 = 4294967296;
const LIMB_LIMIT = 2 ** 52;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** Cells of a record, from the accumulator's first. */
const HIGH = 1;
const TOP = 2;
const COUNT = 3;

/** What is read from the sum. */
export type SumResult = 'sum' | 'avg';

/** Exact sum of an integer-like column. */
export class ExactSumAccumulator implements Accumulator {
  readonly #floats: Float64Array;
  readonly #cell: number;
  readonly #result: SumResult;
  readonly #argument: DataType;

  /** @param argument - type of the column: int32, int64, decimal or duration */
  constructor(arena: Arena, layout: RecordLayout, argument: DataType, result: SumResult) {
    this.#floats = arena.floats;
    this.#cell = layout.reserve(4);
    this.#argument = argument;
    this.#result = result;
  }

  update(
    _state: GroupState,
    records: Int32Array,
    column: Column | undefined,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    const words = column!.words;
    const add = this.#argument.kind === 'int32' ? addI32 : addI64;
    add(this.#floats, this.#cell, records, words, rows, from, to);
  }

  merge(targets: Int32Array, sources: Int32Array, count: number): void {
    const floats = this.#floats;
    for (let i = 0; i < count; i++) {
      const at = targets[i]! + this.#cell;
      const from = sources[i]! + this.#cell;
      floats[at] = floats[at]! + floats[from]!;
      floats[at + HIGH] = floats[at + HIGH]! + floats[from + HIGH]!;
      floats[at + TOP] = floats[at + TOP]! + floats[from + TOP]!;
      floats[at + COUNT] = floats[at + COUNT]! + floats[from + COUNT]!;
      carry(floats, at);
    }
  }

  finishMerge(): void {}

  read(records: Int32Array, count: number, target: Column, failed: Uint8Array): number {
    let failures = 0;
    for (let i = 0; i < count; i++) {
      const at = records[i]! + this.#cell;
      if (this.#floats[at + COUNT] === 0) target.setNull(i);
      else if (target.storage === 'f64') target.f64[i] = this.#meanAsFloat(at);
      else if (!this.#readInteger(at, i, target)) {
        failed[i] = 1;
        failures++;
      }
    }
    return failures;
  }

  /** The sum as a number: exact below 2^53, else the float64 nearest to the exact sum. */
  #sumAsNumber(at: number): number {
    const floats = this.#floats;
    const high = floats[at + HIGH]!;
    if (floats[at + TOP] === 0 && Math.abs(high) < 2 ** 20) {
      const low = floats[at]!;
      if (Math.abs(low) < LIMB_LIMIT) return low + high * TWO_32;
    }
    return Number(exactSum(floats, at));
  }

  #meanAsFloat(at: number): number {
    return this.#sumAsNumber(at) / this.#floats[at + COUNT]! / 10 ** scaleOf(this.#argument);
  }

  /** Writes a sum or mean into an `i64` row; false when it does not fit the type. */
  #readInteger(at: number, row: number, target: Column): boolean {
    const isMean = this.#result === 'avg';
    const factor = isMean ? 10 ** (scaleOf(target.type) - scaleOf(this.#argument)) : 1;
    const scaled = this.#sumAsNumber(at) * factor;
    if (factor < 1 || Math.abs(scaled) >= LIMB_LIMIT || Math.abs(scaled) >= digitLimit(target)) {
      const sum = exactSum(this.#floats, at);
      return writeExact(isMean ? this.#exactMean(sum, at, target) : sum, row, target);
    }
    const rounded = isMean ? divideHalfAway(scaled, this.#floats[at + COUNT]!) : scaled;
    target.setI64FromNumber(row, rounded);
    return true;
  }

  #exactMean(sum: bigint, at: number, target: Column): bigint {
    const numerator = sum * 10n ** BigInt(scaleOf(target.type));
    const denominator = BigInt(this.#floats[at + COUNT]!) * 10n ** BigInt(scaleOf(this.#argument));
    const twice = numerator < 0n ? -2n * numerator : 2n * numerator;
    const magnitude = (twice + denominator) / (2n * denominator);
    return numerator < 0n ? -magnitude : magnitude;
  }
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

function exactSum(floats: Float64Array, at: number): bigint {
  const high = BigInt(floats[at + HIGH]!) + (BigInt(floats[at + TOP]!) << 32n);
  return BigInt(floats[at]!) + (high << 32n);
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

/** Keeps the limbs that begin at `at` below 2^52. @hot */
function carry(floats: Float64Array, at: number): void {
  const low = floats[at]!;
  if (low >= LIMB_LIMIT || low <= -LIMB_LIMIT) {
    const part = Math.trunc(low / TWO_32);
    floats[at] = low - part * TWO_32;
    floats[at + HIGH] = floats[at + HIGH]! + part;
  }
  const high = floats[at + HIGH]!;
  if (high >= LIMB_LIMIT || high <= -LIMB_LIMIT) {
    const part = Math.trunc(high / TWO_32);
    floats[at + HIGH] = high - part * TWO_32;
    floats[at + TOP] = floats[at + TOP]! + part;
  }
}

/** @hot */
function addI32(
  floats: Float64Array,
  cell: number,
  records: Int32Array,
  words: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = records[i]! + cell;
    const low = floats[at]! + words[rows[i]!]!;
    floats[at] = low;
    floats[at + COUNT] = floats[at + COUNT]! + 1;
    if (low >= LIMB_LIMIT || low <= -LIMB_LIMIT) carry(floats, at);
  }
}

/** @hot */
function addI64(
  floats: Float64Array,
  cell: number,
  records: Int32Array,
  words: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = records[i]! + cell;
    const word = 2 * rows[i]!;
    const low = floats[at]! + (words[word]! >>> 0);
    const high = floats[at + HIGH]! + words[word + 1]!;
    floats[at] = low;
    floats[at + HIGH] = high;
    floats[at + COUNT] = floats[at + COUNT]! + 1;
    if (low >= LIMB_LIMIT || high >= LIMB_LIMIT || high <= -LIMB_LIMIT) carry(floats, at);
  }
}
