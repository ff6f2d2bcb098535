/** The order of entries: numbers by size with NaN last, strings by bytes, nulls first. @module */

import { compareViews } from '../views.ts';
import type { BagField, BagLayout, EntryOrder } from './layout.ts';
import { PRESENCE_WORD } from './layout.ts';

/** Memory with entries. */
export interface EntryMemory {
  readonly words: Int32Array;
  /** The same as float64. */
  readonly floats: Float64Array;
}

/**
 * Compares entries of one memory.
 *
 * @param bytes - where long strings lie
 */
export function orderOf(layout: BagLayout, memory: EntryMemory, bytes: Uint8Array): EntryOrder {
  const orders = layout.fields.map((field) => {
    const order = fieldOrder(field, memory, bytes);
    return field.isDescending ? (a: number, b: number) => order(b, a) : order;
  });
  if (orders.length === 1) return orders[0]!;
  const { words } = memory;
  const { fields } = layout;
  if (!layout.hasNulls) return lexical(orders);
  return (a, b) => {
    const [left, right] = [words[2 * a + PRESENCE_WORD]!, words[2 * b + PRESENCE_WORD]!];
    for (let f = 0; f < orders.length; f++) {
      const { bit, isDescending } = fields[f]!;
      if (((left ^ right) & bit) !== 0) return ((left & bit) === 0) === isDescending ? 1 : -1;
      const order = orders[f]!(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function lexical(orders: readonly EntryOrder[]): EntryOrder {
  return (a, b) => {
    for (let f = 0; f < orders.length; f++) {
      const order = orders[f]!(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function fieldOrder(
  { storage, cell }: BagField,
  { words, floats }: EntryMemory,
  bytes: Uint8Array,
): EntryOrder {
  switch (storage) {
    case 'f64':
      return (a, b) => {
        const [x, y] = [floats[a + cell]!, floats[b + cell]!];
        if (x < y) return -1;
        if (x > y) return 1;
        return x === y ? 0 : Number(x !== x) - Number(y !== y);
      };
    case 'i64':
      return (a, b) => {
        const [at, other] = [2 * (a + cell), 2 * (b + cell)];
        const [high, otherHigh] = [words[at + 1]!, words[other + 1]!];
        if (high !== otherHigh) return high < otherHigh ? -1 : 1;
        return (words[at]! >>> 0) - (words[other]! >>> 0);
      };
    case 'view':
      return (a, b) => compareViews(words, 2 * (a + cell), bytes, words, 2 * (b + cell), bytes);
    default:
      return (a, b) => {
        const [x, y] = [words[2 * (a + cell)]!, words[2 * (b + cell)]!];
        return x < y ? -1 : x > y ? 1 : 0;
      };
  }
}
