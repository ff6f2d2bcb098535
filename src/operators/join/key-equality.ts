/** Equality of join keys. @module */

import type { Column } from '../../core/column.ts';
import { INLINE_BYTES } from '../../core/column.ts';

/**
 * Whether two values of one type, neither of them null, are equal as SQL's `=` has it: by value,
 * strings and bytes by bytes; 0 equals -0 and NaN nothing.
 */
export function keysEqual(a: Column, rowA: number, b: Column, rowB: number): boolean {
  switch (a.storage) {
    case 'i32':
      return a.words[rowA] === b.words[rowB];
    case 'i64':
      return (
        a.words[2 * rowA] === b.words[2 * rowB] && a.words[2 * rowA + 1] === b.words[2 * rowB + 1]
      );
    case 'f64':
      return a.f64[rowA] === b.f64[rowB];
    case 'bits':
      return a.getBool(rowA) === b.getBool(rowB);
    case 'view':
      return viewsEqual(a, rowA, b, rowB);
  }
}

function viewsEqual(a: Column, rowA: number, b: Column, rowB: number): boolean {
  const atA = 4 * rowA;
  const atB = 4 * rowB;
  const length = a.words[atA]!;
  if (length !== b.words[atB] || a.words[atA + 1] !== b.words[atB + 1]) return false;
  if (length <= INLINE_BYTES) {
    return a.words[atA + 2] === b.words[atB + 2] && a.words[atA + 3] === b.words[atB + 3];
  }
  const bytesA = a.heap.bytes;
  const bytesB = b.heap.bytes;
  const startA = a.words[atA + 3]!;
  const startB = b.words[atB + 3]!;
  for (let i = 4; i < length; i++) {
    if (bytesA[startA + i] !== bytesB[startB + i]) return false;
  }
  return true;
}
