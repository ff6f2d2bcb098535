/** Values of batches as numbers. @module */

import type { Column } from '../../core/column.ts';

/** A value of an int32, int64, float64, decimal, timestamp or duration, in the units in which it is kept; null is less than all. */
export function columnNumber(column: Column, row: number): number {
  if (column.isNull(row)) return -Infinity;
  switch (column.storage) {
    case 'f64':
      return column.f64[row]!;
    case 'i32':
      return column.words[row]!;
    default:
      return column.getI64AsNumber(row);
  }
}
