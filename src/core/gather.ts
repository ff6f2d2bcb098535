/**
 * Copying selected rows from one batch's columns to the end of another: how rows enter a slot when
 * they cannot be written there in the first place, and how results leave state.
 *
 * @module
 */

import type { Batch } from './batch.ts';
import type { Column } from './column.ts';
import { copyBytes, INLINE_BYTES } from './column.ts';

/** What an append achieved, when it did not copy every row. */
export const TUPLE_TOO_LARGE = -1;

/**
 * Appends rows `selection[from .. to)` of `columns` to `target`, as many as fit.
 *
 * Only the columns: see {@link appendTimes} for event times. `target.rowCount` grows by the result.
 *
 * @returns rows copied; 0 when `target` is full; {@link TUPLE_TOO_LARGE} when the first row does not
 * fit even into an empty heap
 */
export function appendColumns(
  target: Batch,
  columns: readonly Column[],
  selection: Uint32Array,
  from: number,
  to: number,
): number {
  const start = target.rowCount;
  const wanted = Math.min(to - from, target.rowCapacity - start);
  const count = fittingRows(target, columns, selection, from, wanted);
  if (count <= 0) return count;
  for (let c = 0; c < columns.length; c++) {
    appendColumn(target.columns[c]!, start, columns[c]!, selection, from, count);
  }
  target.setRowCount(start + count);
  return count;
}

/**
 * Appends whole rows of `source`: columns, event times, lateness and ingest time.
 *
 * @returns as {@link appendColumns}
 */
export function appendRows(
  target: Batch,
  source: Batch,
  selection: Uint32Array,
  from: number,
  to: number,
): number {
  const start = target.rowCount;
  const count = appendColumns(target, source.columns, selection, from, to);
  if (count <= 0) return count;
  if (target.hasTime) appendTimes(target, start, source, selection, from, count);
  if (source.ingestTimeUs < target.ingestTimeUs) target.ingestTimeUs = source.ingestTimeUs;
  return count;
}

/** Copies event times and lateness of `selection[from .. from + count)` to rows from `start` on. */
function appendTimes(
  target: Batch,
  start: number,
  source: Batch,
  selection: Uint32Array,
  from: number,
  count: number,
): void {
  const to = target.timeWords;
  const words = source.timeWords;
  for (let i = 0; i < count; i++) {
    const row = selection[from + i]!;
    to[2 * (start + i)] = words[2 * row]!;
    to[2 * (start + i) + 1] = words[2 * row + 1]!;
  }
  // The bounds of the source hold for any part of it.
  if (source.minTimeUs < target.minTimeUs) target.minTimeUs = source.minTimeUs;
  if (source.maxTimeUs > target.maxTimeUs) target.maxTimeUs = source.maxTimeUs;
  if (source.lateCount === 0 && target.lateCount === 0) return;
  for (let i = 0; i < count; i++) {
    target.setLateBy(start + i, source.lateByUs(selection[from + i]!));
  }
}

/** How many of `wanted` rows fit the heap of `target`. */
function fittingRows(
  target: Batch,
  columns: readonly Column[],
  selection: Uint32Array,
  from: number,
  wanted: number,
): number {
  const free = target.heap.freeBytes;
  if (!mayOverflow(columns, free)) return wanted;
  let needed = 0;
  for (let i = 0; i < wanted; i++) {
    needed += longBytes(columns, selection[from + i]!);
    if (needed > free) {
      return i === 0 && needed > target.heap.capacityBytes ? TUPLE_TOO_LARGE : i;
    }
  }
  return wanted;
}

/** Bytes that the long values of a row take in a heap. */
export function longBytes(columns: readonly Column[], row: number): number {
  let bytes = 0;
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c]!;
    if (column.storage !== 'view' || column.isNull(row)) continue;
    const length = column.words[4 * row]!;
    if (length > INLINE_BYTES) bytes += length;
  }
  return bytes;
}

/** Whether the long values of `columns`, all rows together, could exceed `freeBytes`. */
export function mayOverflow(columns: readonly Column[], freeBytes: number): boolean {
  let used = 0;
  for (let c = 0; c < columns.length; c++) {
    if (columns[c]!.storage === 'view') used += columns[c]!.heap.used;
  }
  return used > freeBytes;
}

/** @hot The greatest length of the selected views, nulls included. */
export function longestView(words: Int32Array, selection: Uint32Array, selected: number): number {
  let longest = 0;
  for (let i = 0; i < selected; i++) {
    const length = words[4 * selection[i]!]!;
    longest = length > longest ? length : longest;
  }
  return longest;
}

function appendColumn(
  target: Column,
  start: number,
  source: Column,
  selection: Uint32Array,
  from: number,
  count: number,
): void {
  switch (source.storage) {
    case 'f64':
      gatherF64(target.f64, start, source.f64, selection, from, count);
      break;
    case 'i64':
      gatherPairs(target.words, start, source.words, selection, from, count);
      break;
    case 'i32':
      gatherI32(target.words, start, source.words, selection, from, count);
      break;
    case 'bits':
      for (let i = 0; i < count; i++)
        target.setBool(start + i, source.getBool(selection[from + i]!));
      break;
    case 'view':
      gatherViews(target, start, source, selection, from, count);
      break;
  }
  if (source.nullCount === 0) {
    // A slot that had nulls before keeps bits for rows that are rewritten.
    if (target.nullCount !== 0) for (let i = 0; i < count; i++) target.setPresent(start + i);
    return;
  }
  for (let i = 0; i < count; i++) {
    if (source.isNull(selection[from + i]!)) target.setNull(start + i);
    else target.setPresent(start + i);
  }
}

/** @hot */
function gatherF64(
  target: Float64Array,
  start: number,
  source: Float64Array,
  selection: Uint32Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) target[start + i] = source[selection[from + i]!]!;
}

/** @hot */
function gatherI32(
  target: Int32Array,
  start: number,
  source: Int32Array,
  selection: Uint32Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) target[start + i] = source[selection[from + i]!]!;
}

/** @hot An int64 as two words: no bigint is made. */
function gatherPairs(
  target: Int32Array,
  start: number,
  source: Int32Array,
  selection: Uint32Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const row = 2 * selection[from + i]!;
    const at = 2 * (start + i);
    target[at] = source[row]!;
    target[at + 1] = source[row + 1]!;
  }
}

/** @hot Room in the heap was checked by the caller. */
function gatherViews(
  target: Column,
  start: number,
  source: Column,
  selection: Uint32Array,
  from: number,
  count: number,
): void {
  const to = target.words;
  const words = source.words;
  const heap = target.heap;
  const bytes = source.heap.bytes;
  for (let i = 0; i < count; i++) {
    const row = selection[from + i]!;
    const at = 4 * (start + i);
    const length = words[4 * row]!;
    to[at] = length;
    to[at + 1] = words[4 * row + 1]!;
    if (length <= INLINE_BYTES) {
      to[at + 2] = words[4 * row + 2]!;
      to[at + 3] = words[4 * row + 3]!;
    } else if (source.isNull(row)) {
      to[at] = 0;
    } else {
      const offset = heap.reserve(length);
      copyBytes(bytes, words[4 * row + 3]!, heap.bytes, offset, length);
      to[at + 2] = 0;
      to[at + 3] = offset;
    }
  }
}

/**
 * Copies the long values of views that were copied as they are. Room in the heap was checked by the caller.
 *
 * @hot
 */
export function copyLongValues(
  target: Column,
  start: number,
  source: Column,
  selection: Uint32Array,
  from: number,
  count: number,
): void {
  const to = target.words;
  const heap = target.heap;
  const bytes = source.heap.bytes;
  for (let i = 0; i < count; i++) {
    const at = 4 * (start + i);
    const length = to[at]!;
    if (length <= INLINE_BYTES) continue;
    if (source.isNull(selection[from + i]!)) {
      to[at] = 0;
      continue;
    }
    const offset = heap.reserve(length);
    copyBytes(bytes, to[at + 3]!, heap.bytes, offset, length);
    to[at + 2] = 0;
    to[at + 3] = offset;
  }
}
