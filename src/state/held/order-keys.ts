/**
 * What rows are ordered by, as 64 bits that compare like the values: a signed high word, an unsigned
 * low one.
 *
 * Nulls come first, NaN after all numbers; in a descending order it is the other way round. A string
 * has its first eight bytes there, and there may be more columns than the first: where keys are equal,
 * and {@link OrderKeys.isExact} is false, rows are compared by their records.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Storage } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { RecordOrderKey } from '../best/record-order.ts';
import type { RowField } from '../rows/row-layout.ts';
import type { HeldRows } from './held-rows.ts';

const LEAST_HIGH = -(2 ** 31);
const LARGEST_HIGH = 2 ** 31 - 1;
const PREFIX_BYTES = 8;

/** Keys of the rows of one batch. */
export class OrderKeys {
  /** By position. */
  readonly high: Int32Array;
  readonly low: Int32Array;
  /** Rows with equal keys are equal in the order. */
  isExact: boolean;
  readonly #column: number;
  readonly #isDescending: boolean;

  /** @param keys - columns of the order; `undefined`: event time */
  constructor(
    keys: readonly RecordOrderKey[] | undefined,
    columns: readonly Storage[],
    rowCapacity: number,
  ) {
    const first = keys?.[0];
    this.high = new Int32Array(rowCapacity);
    this.low = new Int32Array(rowCapacity);
    this.#column = first?.column ?? -1;
    this.#isDescending = first?.direction === -1;
    this.isExact = first === undefined || (keys!.length === 1 && columns[first.column] !== 'view');
  }

  /** Reads the keys of `rows[0 .. count)`. */
  read(batch: Batch, rows: Uint32Array, count: number): void {
    if (this.#column < 0) {
      readPairs(batch.timeWords, rows, count, this.high, this.low);
      return;
    }
    const column = batch.columns[this.#column]!;
    readKeys(column, rows, count, this.high, this.low);
    // Of null and the least number nothing but the record knows which is which.
    if (column.nullCount !== 0) this.isExact = false;
    if (this.#isDescending) invert(this.high, this.low, count);
  }
}

function readKeys(
  column: Column,
  rows: Uint32Array,
  count: number,
  high: Int32Array,
  low: Int32Array,
): void {
  switch (column.storage) {
    case 'i32':
      for (let i = 0; i < count; i++) high[i] = column.words[rows[i]!]!;
      low.fill(0, 0, count);
      break;
    case 'bits':
      for (let i = 0; i < count; i++) high[i] = column.getBool(rows[i]!) ? 1 : 0;
      low.fill(0, 0, count);
      break;
    case 'i64':
      readPairs(column.words, rows, count, high, low);
      break;
    case 'f64':
      readFloats(column, rows, count, high, low);
      break;
    case 'view':
      readPrefixes(column, rows, count, high, low);
      break;
  }
  if (column.nullCount === 0) return;
  for (let i = 0; i < count; i++) {
    if (!column.isNull(rows[i]!)) continue;
    high[i] = LEAST_HIGH;
    low[i] = 0;
  }
}

/** @hot */
function readPairs(
  words: Int32Array,
  rows: Uint32Array,
  count: number,
  high: Int32Array,
  low: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = 2 * rows[i]!;
    high[i] = words[at + 1]!;
    low[i] = words[at]!;
  }
}

/** @hot Of negative floats all bits but the sign are turned round. */
function readFloats(
  { words, f64 }: Column,
  rows: Uint32Array,
  count: number,
  high: Int32Array,
  low: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const value = f64[row]!;
    const sign = words[2 * row + 1]! >> 31;
    high[i] = words[2 * row + 1]! ^ (sign & LARGEST_HIGH);
    low[i] = words[2 * row]! ^ sign;
    if (value === 0) high[i] = low[i] = 0;
    if (value !== value) {
      high[i] = LARGEST_HIGH;
      low[i] = -1;
    }
  }
}

function readPrefixes(
  column: Column,
  rows: Uint32Array,
  count: number,
  high: Int32Array,
  low: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const isNull = column.isNull(row);
    const length = isNull ? 0 : Math.min(PREFIX_BYTES, column.viewLength(row));
    const source = column.viewSource(row);
    const start = column.viewStart(row);
    let first = 0;
    let second = 0;
    for (let b = 0; b < 4; b++) first = (first << 8) | (b < length ? source[start + b]! : 0);
    for (let b = 4; b < 8; b++) second = (second << 8) | (b < length ? source[start + b]! : 0);
    high[i] = first ^ LEAST_HIGH;
    low[i] = second;
  }
}

/** @hot */
function invert(high: Int32Array, low: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    high[i] = ~high[i]!;
    low[i] = ~low[i]!;
  }
}

/** Keys of kept rows, one after the other: those that {@link OrderKeys} reads from batches. */
export class RecordKey {
  high = 0;
  low = 0;
  readonly #rows: HeldRows;
  readonly #field: RowField | undefined;
  readonly #isDescending: boolean;

  /** @param key - not a string; `undefined`: event time */
  constructor(rows: HeldRows, key: RecordOrderKey | undefined) {
    this.#rows = rows;
    this.#field = key === undefined ? undefined : rows.layout.fields[key.column]!;
    this.#isDescending = key?.direction === -1;
  }

  /** Reads the key of a record. */
  read(record: number): void {
    const field = this.#field;
    if (field === undefined) {
      this.setTime(this.#rows.timeUs(record));
      return;
    }
    this.#readField(field, record);
    if (!this.#isDescending) return;
    this.high = ~this.high;
    this.low = ~this.low;
  }

  /** Becomes the key of a finite event time. */
  setTime(timeUs: TimeUs): void {
    this.high = Math.floor(timeUs / 4294967296);
    this.low = timeUs | 0;
  }

  #readField({ storage, at, nullsAt, nullBit }: RowField, record: number): void {
    const { words, floats } = this.#rows.arena;
    const value = (record + at) >>> 2;
    if ((words[(record + nullsAt) >>> 2]! & nullBit) !== 0) {
      this.high = LEAST_HIGH;
      this.low = 0;
    } else if (storage === 'i64') {
      this.high = words[value + 1]!;
      this.low = words[value]!;
    } else if (storage === 'f64') {
      const float = floats[value >>> 1]!;
      const sign = words[value + 1]! >> 31;
      this.high = float === float ? words[value + 1]! ^ (sign & LARGEST_HIGH) : LARGEST_HIGH;
      this.low = float === float ? words[value]! ^ sign : -1;
      if (float === 0) this.high = this.low = 0;
    } else {
      this.high = words[value]!;
      this.low = 0;
    }
  }
}

/** Whether a key comes before another: less than 0, 0, or greater than 0. @hot */
export function compareOrderKeys(
  high: number,
  low: number,
  otherHigh: number,
  otherLow: number,
): number {
  if (high !== otherHigh) return high < otherHigh ? -1 : 1;
  if (low === otherLow) return 0;
  return low >>> 0 < otherLow >>> 0 ? -1 : 1;
}
