/** Which rows of a batch may be among the best of a group that is full: a look at one column. @module */

import type { Column } from '../../core/column.ts';
import type { OrderKey } from './config.ts';

/**
 * Writes those of `rows[from .. to)` to `kept` that are not worse than a row by the first column of the
 * order; few are left where a group has seen many rows. Some may be left that are worse: integers
 * beyond 2^53 that are near each other, and whatever is worse by a further column.
 *
 * @param worst - the row, and the columns that it lies in
 * @returns how many; -1 where the column cannot be looked at so: it has nulls, or is no number
 * @hot
 */
export function keepPromising(
  { column, direction }: OrderKey,
  columns: readonly Column[],
  rows: Uint32Array,
  from: number,
  to: number,
  worst: { readonly columns: readonly Column[]; readonly position: number },
  kept: Uint32Array,
): number {
  const values = columns[column]!;
  const others = worst.columns[column]!;
  if (values.nullCount !== 0 || others.isNull(worst.position)) return -1;
  const isDescending = direction === -1;
  switch (values.storage) {
    case 'i64':
      return isDescending
        ? keepHigh64(values.words, rows, from, to, others.getI64AsNumber(worst.position), kept)
        : keepLow64(values.words, rows, from, to, others.getI64AsNumber(worst.position), kept);
    case 'i32':
      return isDescending
        ? keepHigh(values.words, rows, from, to, others.words[worst.position]!, kept)
        : keepLow(values.words, rows, from, to, others.words[worst.position]!, kept);
    case 'f64':
      return isDescending
        ? keepHigh(values.f64, rows, from, to, others.f64[worst.position]!, kept)
        : keepLow(values.f64, rows, from, to, others.f64[worst.position]!, kept);
    default:
      return -1;
  }
}

type Rows = (
  values: Int32Array | Float64Array,
  rows: Uint32Array,
  from: number,
  to: number,
  limit: number,
  kept: Uint32Array,
) => number;

/** NaN is greater than any number: it stays, and as a limit is only left by another. @hot */
const keepHigh: Rows = (values, rows, from, to, limit, kept) => {
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    kept[count] = row;
    count += Number(!(values[row]! < limit));
  }
  return count;
};

/** As {@link keepHigh}. @hot */
const keepLow: Rows = (values, rows, from, to, limit, kept) => {
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    kept[count] = row;
    count += Number(!(values[row]! > limit));
  }
  return count;
};

/** Of the halves of int64, as numbers: rounding keeps their order. @hot */
const keepHigh64: Rows = (words, rows, from, to, limit, kept) => {
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    kept[count] = row;
    const value = words[2 * row + 1]! * 4294967296 + (words[2 * row]! >>> 0);
    count += Number(value >= limit);
  }
  return count;
};

/** As {@link keepHigh64}. @hot */
const keepLow64: Rows = (words, rows, from, to, limit, kept) => {
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    kept[count] = row;
    const value = words[2 * row + 1]! * 4294967296 + (words[2 * row]! >>> 0);
    count += Number(value <= limit);
  }
  return count;
};
