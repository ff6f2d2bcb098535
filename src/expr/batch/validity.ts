/** Nulls of results: bitmaps copied and joined, for whole bytes up to the last selected row. @module */

import type { Column } from '../../core/column.ts';

/** Set bits of each byte. */
const BITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) bits++;
  return bits;
});

/** Bytes of a bitmap that cover the selected rows. */
export function coveringBytes(selection: Uint32Array, selected: number): number {
  return (selection[selected - 1]! >>> 3) + 1;
}

/** Gives `out` the nulls of `a`. */
export function copyNulls(out: Column, a: Column, bytes: number): void {
  out.nullCount = a.nullCount;
  if (a.nullCount !== 0) copyBitmap(out.validity, a.validity, bytes);
}

/** Makes rows of `out` null where `a` is, beside those that are null already. */
export function addNulls(out: Column, a: Column, bytes: number): void {
  if (a.nullCount === 0) return;
  if (out.nullCount === 0) copyNulls(out, a, bytes);
  else out.nullCount = joinBitmaps(out.validity, out.validity, a.validity, bytes);
}

/** @hot */
function copyBitmap(out: Uint8Array, a: Uint8Array, bytes: number): void {
  for (let i = 0; i < bytes; i++) out[i] = a[i]!;
}

/** @hot Returns the zeros of the result, those of unselected rows included. */
function joinBitmaps(out: Uint8Array, a: Uint8Array, b: Uint8Array, bytes: number): number {
  let nulls = 8 * bytes;
  for (let i = 0; i < bytes; i++) {
    const both = a[i]! & b[i]!;
    out[i] = both;
    nulls -= BITS[both]!;
  }
  return nulls;
}
