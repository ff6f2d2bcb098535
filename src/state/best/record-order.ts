/** The order of rows by their records. @module */

import { INLINE_BYTES } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type { RowField, RowLayout } from '../rows/row-layout.ts';

/** One column of an order. */
export interface RecordOrderKey {
  /** Position among the columns. */
  readonly column: number;
  /** 1: ascending, -1: descending. */
  readonly direction: 1 | -1;
}

/**
 * By some columns; rows that are equal by these, by all columns in their order, so that it never depends
 * on the order of arrival which of them is better. Nulls come first, NaN after all numbers.
 */
export class RecordOrder {
  readonly #arena: Arena;
  readonly #layout: RowLayout;
  readonly #keys: readonly RecordOrderKey[];

  constructor(arena: Arena, layout: RowLayout, keys: readonly RecordOrderKey[]) {
    this.#arena = arena;
    this.#layout = layout;
    this.#keys = keys;
  }

  /** Less than 0, 0 or greater than 0, as record `a` is better than, equal to or worse than `b`. */
  compareKeys(a: number, b: number): number {
    for (let k = 0; k < this.#keys.length; k++) {
      const { column, direction } = this.#keys[k]!;
      const result = this.#compare(this.#layout.fields[column]!, a, b);
      if (result !== 0) return result * direction;
    }
    return 0;
  }

  /** As {@link compareKeys}; 0 only for rows that are the same in all columns. */
  compare(a: number, b: number): number {
    const result = this.compareKeys(a, b);
    if (result !== 0) return result;
    const { fields } = this.#layout;
    for (let k = 0; k < fields.length; k++) {
      const byColumn = this.#compare(fields[k]!, a, b) || this.#compareZeros(fields[k]!, a, b);
      if (byColumn !== 0) return byColumn;
    }
    return 0;
  }

  #isNull({ nullsAt, nullBit }: RowField, record: number): boolean {
    return (this.#arena.words[(record + nullsAt) >> 2]! & nullBit) !== 0;
  }

  #compare(field: RowField, a: number, b: number): number {
    const nullA = this.#isNull(field, a);
    const nullB = this.#isNull(field, b);
    if (nullA || nullB) return Number(nullB) - Number(nullA);
    const { words } = this.#arena;
    const [wordA, wordB] = [(a + field.at) >> 2, (b + field.at) >> 2];
    switch (field.storage) {
      case 'bits':
      case 'i32':
        return words[wordA]! - words[wordB]!;
      case 'f64':
        return this.#compareFloats((a + field.at) >> 3, (b + field.at) >> 3);
      case 'i64': {
        const high = words[wordA + 1]! - words[wordB + 1]!;
        return high === 0 ? (words[wordA]! >>> 0) - (words[wordB]! >>> 0) : high;
      }
      case 'view':
        return this.#compareViews(field, a, b);
    }
  }

  #compareFloats(a: number, b: number): number {
    const { floats } = this.#arena;
    const [x, y] = [floats[a]!, floats[b]!];
    if (x < y) return -1;
    if (x > y) return 1;
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  }

  /** -0 and 0 are equal, and yet not the same. */
  #compareZeros({ storage, at }: RowField, a: number, b: number): number {
    if (storage !== 'f64') return 0;
    const { floats } = this.#arena;
    const isNegative = (record: number): boolean => Object.is(floats[(record + at) >> 3], -0);
    return Number(isNegative(b)) - Number(isNegative(a));
  }

  #compareViews({ at }: RowField, a: number, b: number): number {
    const { words, bytes } = this.#arena;
    const lengthA = words[(a + at) >> 2]!;
    const lengthB = words[(b + at) >> 2]!;
    const startA = this.#startOf(a, at, lengthA);
    const startB = this.#startOf(b, at, lengthB);
    const common = Math.min(lengthA, lengthB);
    for (let i = 0; i < common; i++) {
      const difference = bytes[startA + i]! - bytes[startB + i]!;
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  /** First byte of a value. */
  #startOf(record: number, at: number, length: number): number {
    if (length <= INLINE_BYTES) return record + at + 4;
    return record + this.#arena.words[(record + at + 12) >> 2]!;
  }
}
