/**
 * Comparisons of string and bytes columns on their bytes, which is the order of SQL strings here.
 *
 * @module
 */

import type { Column } from '../../../core/column.ts';
import { INLINE_BYTES } from '../../../core/column.ts';

/**
 * @hot Keeps the rows where a equals b (`isEqual` 1) or not (0). Length and first four bytes decide
 * most rows. `bStep` is 0 when every row of `b` holds the same constant, so that its row 0 is read.
 */
export function equalViews(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Column,
  b: Column,
  bStep: number,
  isEqual: number,
): number {
  const x = a.words;
  const y = b.words;
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const i = 4 * row;
    const j = i * bStep;
    out[kept] = row;
    let same = +(x[i] === y[j]) & +(x[i + 1] === y[j + 1]);
    if (same === 1) {
      same =
        x[i]! <= INLINE_BYTES
          ? +(x[i + 2] === y[j + 2]) & +(x[i + 3] === y[j + 3])
          : sameBytes(a.heap.bytes, x[i + 3]!, b.heap.bytes, y[j + 3]!, x[i]!);
    }
    kept += +(same === isEqual);
  }
  return kept;
}

/** @hot 1 when two runs of bytes are equal. */
function sameBytes(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  length: number,
): number {
  for (let i = 0; i < length; i++) {
    if (a[aStart + i] !== b[bStart + i]) return 0;
  }
  return 1;
}

/**
 * @hot Keeps the rows by the order of a and b: `accepted` has bit 0 set for less, bit 1 for equal,
 * bit 2 for greater. `bStep` as in {@link equalViews}.
 */
export function orderedViews(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Column,
  b: Column,
  bStep: number,
  accepted: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const order = compareViews(a, row, b, row * bStep);
    out[kept] = row;
    kept += (accepted >>> (order + 1)) & 1;
  }
  return kept;
}

/** @hot -1, 0 or 1: the order of two views by their bytes. */
export function compareViews(a: Column, aRow: number, b: Column, bRow: number): number {
  const aLength = a.viewLength(aRow);
  const bLength = b.viewLength(bRow);
  const x = a.viewSource(aRow);
  const y = b.viewSource(bRow);
  const aStart = a.viewStart(aRow);
  const bStart = b.viewStart(bRow);
  const shared = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < shared; i++) {
    const difference = x[aStart + i]! - y[bStart + i]!;
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return aLength < bLength ? -1 : +(aLength > bLength);
}
