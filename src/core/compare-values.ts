/** The order of values: what sorting goes by. @module */

import type { Column } from './column.ts';

/** Compares two values of the same type; nulls are less than anything, NaN greater than numbers. */
export function compareValues(a: Column, rowA: number, b: Column, rowB: number): number {
  const nullA = a.isNull(rowA);
  const nullB = b.isNull(rowB);
  if (nullA || nullB) return Number(nullB) - Number(nullA);
  switch (a.storage) {
    case 'bits':
      return Number(a.getBool(rowA)) - Number(b.getBool(rowB));
    case 'i32':
      return a.words[rowA]! - b.words[rowB]!;
    case 'f64':
      return compareFloats(a.f64[rowA]!, b.f64[rowB]!);
    case 'i64': {
      const high = a.words[2 * rowA + 1]! - b.words[2 * rowB + 1]!;
      return high === 0 ? (a.words[2 * rowA]! >>> 0) - (b.words[2 * rowB]! >>> 0) : high;
    }
    case 'view':
      return compareBytes(a, rowA, b, rowB);
  }
}

function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function compareBytes(a: Column, rowA: number, b: Column, rowB: number): number {
  const lengthA = a.viewLength(rowA);
  const lengthB = b.viewLength(rowB);
  const bytesA = a.viewSource(rowA);
  const bytesB = b.viewSource(rowB);
  const startA = a.viewStart(rowA);
  const startB = b.viewStart(rowB);
  const common = Math.min(lengthA, lengthB);
  for (let i = 0; i < common; i++) {
    const difference = bytesA[startA + i]! - bytesB[startB + i]!;
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}
