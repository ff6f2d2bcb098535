/** Lists of rows, ascending: narrowed, subtracted, merged. Branch-free where rows are random. @module */

import type { Column } from '../../core/column.ts';

/** @hot Keeps the rows whose bit is set. `out` may be `selection`. */
export function keepSet(
  selection: Uint32Array,
  selected: number,
  bitmap: Uint8Array,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += (bitmap[row >>> 3]! >>> (row & 7)) & 1;
  }
  return kept;
}

/** @hot Keeps the rows whose bit is not set. `out` may be `selection`. */
export function keepClear(
  selection: Uint32Array,
  selected: number,
  bitmap: Uint8Array,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += 1 - ((bitmap[row >>> 3]! >>> (row & 7)) & 1);
  }
  return kept;
}

/** @hot Keeps the rows of a bool column that are false or null: those that don't decide an `OR`. */
export function keepNotTrue(
  selection: Uint32Array,
  selected: number,
  column: Column,
  out: Uint32Array,
): number {
  if (column.nullCount === 0) return keepClear(selection, selected, column.bytes, out);
  const bits = column.bytes;
  const validity = column.validity;
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += 1 - (((bits[row >>> 3]! & validity[row >>> 3]!) >>> (row & 7)) & 1);
  }
  return kept;
}

/** @hot Keeps the rows of a bool column that are true or null: those that don't decide an `AND`. */
export function keepNotFalse(
  selection: Uint32Array,
  selected: number,
  column: Column,
  out: Uint32Array,
): number {
  if (column.nullCount === 0) return keepSet(selection, selected, column.bytes, out);
  const bits = column.bytes;
  const validity = column.validity;
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += ((bits[row >>> 3]! | ~validity[row >>> 3]!) >>> (row & 7)) & 1;
  }
  return kept;
}

/** @hot Keeps the rows of a bool column that are true. `out` may be `selection`. */
export function keepTrue(
  selection: Uint32Array,
  selected: number,
  column: Column,
  out: Uint32Array,
): number {
  const kept = keepSet(selection, selected, column.bytes, out);
  return column.nullCount === 0 ? kept : keepSet(out, kept, column.validity, out);
}

/**
 * @hot The rows of `selection` that are not among `removed`, which is a part of it. `out` may be
 * `selection`, but not `removed`.
 */
export function subtractRows(
  selection: Uint32Array,
  selected: number,
  removed: Uint32Array,
  removedCount: number,
  out: Uint32Array,
): number {
  let kept = 0;
  let next = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const isRemoved = +(next < removedCount && removed[next] === row);
    out[kept] = row;
    kept += 1 - isRemoved;
    next += isRemoved;
  }
  return kept;
}

/** @hot Both lists, which share no row, in order. `out` is neither of them. */
export function mergeRows(
  a: Uint32Array,
  aCount: number,
  b: Uint32Array,
  bCount: number,
  out: Uint32Array,
): number {
  let i = 0;
  let j = 0;
  let k = 0;
  while (i < aCount && j < bCount) {
    const x = a[i]!;
    const y = b[j]!;
    const first = +(x < y);
    out[k++] = first === 1 ? x : y;
    i += first;
    j += 1 - first;
  }
  while (i < aCount) out[k++] = a[i++]!;
  while (j < bCount) out[k++] = b[j++]!;
  return k;
}

/** @hot Makes a bool column true for `rows` and false for all others up to `bytes * 8`. */
export function setTrueRows(out: Column, bytes: number, rows: Uint32Array, count: number): void {
  const bits = out.bytes;
  for (let i = 0; i < bytes; i++) bits[i] = 0;
  for (let s = 0; s < count; s++) {
    const row = rows[s]!;
    bits[row >>> 3] = bits[row >>> 3]! | (1 << (row & 7));
  }
}
