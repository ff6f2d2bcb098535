/** Strings by their UTF-8 bytes, on selected rows none of which is null. @module */

import type { Column } from '../../../core/column.ts';
import { copyBytes, INLINE_BYTES } from '../../../core/column.ts';

/** @hot The length in bytes of each row. */
export function byteLengths(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  words: Int32Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = words[4 * row]!;
  }
}

/** @hot The number of code points of each row: of bytes that begin one. */
export function pointLengths(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  column: Column,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const bytes = column.viewSource(row);
    const start = column.viewStart(row);
    const end = start + column.viewLength(row);
    let points = 0;
    for (let i = start; i < end; i++) points += +((bytes[i]! & 0xc0) !== 0x80);
    out[row] = points;
  }
}

/** Where a needle must lie in a string. */
export const Place = { START: 0, END: 1, ANYWHERE: 2, WHOLE: 3 } as const;

/**
 * @hot Keeps the rows of `text` that contain the row of `needle` at a place. `step` is 0 when every
 * row of `needle` holds the same constant.
 */
export function containing(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  text: Column,
  needle: Column,
  step: number,
  place: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const needleRow = row * step;
    const length = needle.viewLength(needleRow);
    const slack = text.viewLength(row) - length;
    out[kept] = row;
    if (slack < 0) continue;
    const bytes = text.viewSource(row);
    const start = text.viewStart(row);
    const pattern = needle.viewSource(needleRow);
    const patternStart = needle.viewStart(needleRow);
    const first = place === Place.END ? start + slack : start;
    const last = place === Place.ANYWHERE ? start + slack : first;
    kept +=
      +(place !== Place.WHOLE || slack === 0) &
      +(indexBetween(bytes, first, last, pattern, patternStart, length) >= 0);
  }
  return kept;
}

/** @hot The first of the offsets `first` to `last` where a pattern lies in bytes, or -1. */
export function indexBetween(
  bytes: Uint8Array,
  first: number,
  last: number,
  pattern: Uint8Array,
  patternStart: number,
  length: number,
): number {
  if (length === 0) return first <= last ? first : -1;
  const lead = pattern[patternStart]!;
  for (let at = first; at <= last; at++) {
    if (bytes[at] !== lead) continue;
    let i = 1;
    while (i < length && bytes[at + i] === pattern[patternStart + i]) i++;
    if (i === length) return at;
  }
  return -1;
}

/**
 * @hot Joins the rows of two or more columns. A row that does not fit the heap is written to `left`;
 * returns how many.
 */
export function concatenate(
  selection: Uint32Array,
  selected: number,
  out: Column,
  parts: readonly Column[],
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    let length = 0;
    for (let p = 0; p < parts.length; p++) length += parts[p]!.viewLength(row);
    const at = reserveView(out, row, length);
    if (at < 0) {
      left[leftCount++] = row;
      continue;
    }
    const target = length <= INLINE_BYTES ? out.bytes : out.heap.bytes;
    let end = at;
    for (let p = 0; p < parts.length; p++) end = appendView(target, end, parts[p]!, row);
    finishView(out, row, length, at);
  }
  return leftCount;
}

/** @hot */
function appendView(target: Uint8Array, at: number, part: Column, row: number): number {
  const length = part.viewLength(row);
  copyBytes(part.viewSource(row), part.viewStart(row), target, at, length);
  return at + length;
}

/** @hot Room for a value whose bytes the caller then writes; -1 when there is none. */
function reserveView(out: Column, row: number, length: number): number {
  if (length > INLINE_BYTES) return out.heap.reserve(length);
  const words = out.words;
  words[4 * row + 1] = 0;
  words[4 * row + 2] = 0;
  words[4 * row + 3] = 0;
  return 16 * row + 4;
}

/** @hot Completes the view of a value whose bytes were written where `reserveView` said. */
function finishView(out: Column, row: number, length: number, at: number): void {
  out.words[4 * row] = length;
  if (length <= INLINE_BYTES) return;
  const heap = out.heap.bytes;
  const bytes = out.bytes;
  for (let i = 0; i < 4; i++) bytes[16 * row + 4 + i] = heap[at + i]!;
  out.words[4 * row + 2] = 0;
  out.words[4 * row + 3] = at;
}

/**
 * @hot Shifts the letters between `first` and `last` by 32: upper or lower case. Rows with bytes
 * beyond ASCII are written to `left`.
 */
export function shiftLetters(
  selection: Uint32Array,
  selected: number,
  out: Column,
  text: Column,
  left: Uint32Array,
  first: number,
  last: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const bytes = text.viewSource(row);
    const start = text.viewStart(row);
    const length = text.viewLength(row);
    const at = reserveView(out, row, length);
    let seen = 0;
    if (at >= 0) {
      const target = length <= INLINE_BYTES ? out.bytes : out.heap.bytes;
      for (let i = 0; i < length; i++) {
        const byte = bytes[start + i]!;
        seen |= byte;
        target[at + i] = byte ^ ((+(byte >= first) & +(byte <= last)) << 5);
      }
      finishView(out, row, length, at);
    }
    left[leftCount] = row;
    leftCount += +(at < 0) | (seen >>> 7);
  }
  return leftCount;
}

/**
 * @hot Code points `from` (≥ 0) up to `to` of each row. A row that does not fit the heap is written
 * to `left`.
 */
export function slicePoints(
  selection: Uint32Array,
  selected: number,
  out: Column,
  text: Column,
  left: Uint32Array,
  from: number,
  to: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const bytes = text.viewSource(row);
    const start = text.viewStart(row);
    const end = start + text.viewLength(row);
    const first = skipPoints(bytes, start, end, from);
    const behind = skipPoints(bytes, first, end, to - from);
    if (!out.setView(row, bytes, first, behind - first)) left[leftCount++] = row;
  }
  return leftCount;
}

/** @hot The offset `count` code points behind `at`, or `end`. */
function skipPoints(bytes: Uint8Array, at: number, end: number, count: number): number {
  let offset = at;
  for (let skipped = 0; skipped < count && offset < end; skipped++) {
    offset++;
    while (offset < end && (bytes[offset]! & 0xc0) === 0x80) offset++;
  }
  return offset;
}

/**
 * @hot Part number `index` of each row split at a separator that is not empty, the same in every
 * row. Rows without such a part become null; one that does not fit the heap is written to `left`.
 */
export function splitParts(
  selection: Uint32Array,
  selected: number,
  out: Column,
  text: Column,
  separator: Column,
  left: Uint32Array,
  index: number,
): number {
  const pattern = separator.viewSource(0);
  const patternStart = separator.viewStart(0);
  const length = separator.viewLength(0);
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const bytes = text.viewSource(row);
    const end = text.viewStart(row) + text.viewLength(row);
    let start = text.viewStart(row);
    let part = 0;
    let found = indexBetween(bytes, start, end - length, pattern, patternStart, length);
    while (part < index && found >= 0) {
      start = found + length;
      part++;
      found = indexBetween(bytes, start, end - length, pattern, patternStart, length);
    }
    if (part < index) out.setNull(row);
    else if (!out.setView(row, bytes, start, (found < 0 ? end : found) - start)) {
      left[leftCount++] = row;
    }
  }
  return leftCount;
}
