/** Values of kept rows as numbers. @module */

import type { HeldRows } from '../../state/index.ts';

/**
 * What reads a column of records as a number, in the units in which values are kept; null is less than
 * every number.
 *
 * @param column - of type int32, int64, float64, decimal, timestamp or duration; `undefined`: event time
 */
export function recordNumber(
  rows: HeldRows,
  column: number | undefined,
): (record: number) => number {
  if (column === undefined) return (record) => rows.timeUs(record);
  const { at, storage, nullsAt, nullBit } = rows.layout.fields[column]!;
  const { words, floats } = rows.arena;
  return (record) => {
    if ((words[(record + nullsAt) >>> 2]! & nullBit) !== 0) return -Infinity;
    const value = record + at;
    if (storage === 'f64') return floats[value >>> 3]!;
    if (storage === 'i32') return words[value >>> 2]!;
    return words[(value >>> 2) + 1]! * 4294967296 + (words[value >>> 2]! >>> 0);
  };
}
