/**
 * Keys of group records: writing, comparing and reading them, a column at a time.
 *
 * Equality of keys: nulls are equal to each other, strings and bytes are compared by bytes, floats
 * by bits after {@link canonicalFloats}, so that 0 and −0 are one key and all NaNs are one key.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import { copyBytes, INLINE_BYTES } from '../core/column.ts';
import type { Arena } from './arena.ts';
import type { ByteStore } from './byte-store.ts';
import type { KeyField } from './record-layout.ts';

/** Word of a record that says which keys are null. */
export const NULLS_WORD = 1;

/**
 * Copies floats so that equal keys have equal bits: −0 becomes 0, every NaN the same NaN.
 *
 * Null rows stay garbage; `target` takes over which rows are null.
 *
 * @hot
 */
export function canonicalFloats(
  source: Column,
  target: Column,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  const values = source.f64;
  const floats = target.f64;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const value = values[row]!;
    // Adding 0 turns −0 into 0.
    floats[row] = value === value ? value + 0 : NaN;
  }
  target.nullCount = source.nullCount;
  if (source.nullCount !== 0) target.validity.set(source.validity);
}

/**
 * Writes the keys of new records.
 *
 * A string in memory of the arena itself is borrowed, not copied: it must outlive the records.
 *
 * @param fresh - positions in `rows` and `records`
 */
export function writeKey(
  arena: Arena,
  bytes: ByteStore,
  field: KeyField,
  column: Column,
  rows: Uint32Array,
  records: Int32Array,
  fresh: Int32Array,
  freshFrom: number,
  freshTo: number,
): void {
  const hasNulls = column.nullCount !== 0;
  for (let f = freshFrom; f < freshTo; f++) {
    const i = fresh[f]!;
    const row = rows[i]!;
    const record = records[i]!;
    if (hasNulls && column.isNull(row)) {
      arena.words[2 * record + NULLS_WORD] = arena.words[2 * record + NULLS_WORD]! | field.nullBit;
    } else {
      writeValue(arena, bytes, field, column, row, 2 * (record + field.cell));
    }
  }
}

/** Writes one value that is not null to the words from `at` on. */
function writeValue(
  arena: Arena,
  bytes: ByteStore,
  field: KeyField,
  column: Column,
  row: number,
  at: number,
): void {
  const words = arena.words;
  switch (field.storage) {
    case 'i32':
      words[at] = column.words[row]!;
      break;
    case 'bits':
      words[at] = column.getBool(row) ? 1 : 0;
      break;
    case 'view':
      writeViewKey(arena, bytes, column, row, at);
      break;
    default:
      words[at] = column.words[2 * row]!;
      words[at + 1] = column.words[2 * row + 1]!;
  }
}

function writeViewKey(
  arena: Arena,
  bytes: ByteStore,
  column: Column,
  row: number,
  at: number,
): void {
  const words = arena.words;
  const view = column.words;
  const length = view[4 * row]!;
  words[at] = length;
  words[at + 1] = view[4 * row + 1]!;
  words[at + 2] = view[4 * row + 2]!;
  words[at + 3] = view[4 * row + 3]!;
  if (length <= INLINE_BYTES || column.heap.bytes === arena.bytes) return;
  const offset = bytes.take(length);
  copyBytes(column.heap.bytes, view[4 * row + 3]!, arena.bytes, offset, length);
  words[at + 2] = 0;
  words[at + 3] = offset;
}

/**
 * Compares a key of `records[from .. to)` with `rows[from .. to)`.
 *
 * @param mismatches - takes the positions that differ, from `count` on
 * @returns the count with those added
 */
export function verifyKey(
  arena: Arena,
  field: KeyField,
  column: Column,
  rows: Uint32Array,
  from: number,
  to: number,
  records: Int32Array,
  mismatches: Int32Array,
  count: number,
  mayBeNull: boolean,
): number {
  const words = arena.words;
  if (mayBeNull || column.nullCount !== 0 || field.storage === 'bits') {
    let found = count;
    for (let i = from; i < to; i++) {
      if (!equalKey(arena, field, column, rows[i]!, records[i]!)) mismatches[found++] = i;
    }
    return found;
  }
  switch (field.storage) {
    case 'i32':
      return verifyI32(words, field.cell, column.words, rows, from, to, records, mismatches, count);
    case 'view':
      return verifyViews(arena, field.cell, column, rows, from, to, records, mismatches, count);
    default:
      return verifyPairs(
        words,
        field.cell,
        column.words,
        rows,
        from,
        to,
        records,
        mismatches,
        count,
      );
  }
}

/** @hot */
function verifyI32(
  words: Int32Array,
  cell: number,
  values: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  records: Int32Array,
  mismatches: Int32Array,
  count: number,
): number {
  let found = count;
  for (let i = from; i < to; i++) {
    if (words[2 * (records[i]! + cell)] !== values[rows[i]!]) mismatches[found++] = i;
  }
  return found;
}

/** @hot */
function verifyPairs(
  words: Int32Array,
  cell: number,
  values: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  records: Int32Array,
  mismatches: Int32Array,
  count: number,
): number {
  let found = count;
  for (let i = from; i < to; i++) {
    const at = 2 * (records[i]! + cell);
    const row = 2 * rows[i]!;
    const differs = (words[at]! ^ values[row]!) | (words[at + 1]! ^ values[row + 1]!);
    if (differs !== 0) mismatches[found++] = i;
  }
  return found;
}

/** @hot */
function verifyViews(
  arena: Arena,
  cell: number,
  column: Column,
  rows: Uint32Array,
  from: number,
  to: number,
  records: Int32Array,
  mismatches: Int32Array,
  count: number,
): number {
  const words = arena.words;
  const bytes = arena.bytes;
  const views = column.words;
  const heap = column.heap.bytes;
  let found = count;
  for (let i = from; i < to; i++) {
    const at = 2 * (records[i]! + cell);
    if (!equalViews(words, at, bytes, views, 4 * rows[i]!, heap)) mismatches[found++] = i;
  }
  return found;
}

/** Whether two views hold the same bytes. @hot */
function equalViews(
  words: Int32Array,
  at: number,
  bytes: Uint8Array,
  others: Int32Array,
  otherAt: number,
  otherBytes: Uint8Array,
): boolean {
  const length = words[at]!;
  const differs = (length ^ others[otherAt]!) | (words[at + 1]! ^ others[otherAt + 1]!);
  if (differs !== 0) return false;
  if (length <= INLINE_BYTES) {
    return words[at + 2] === others[otherAt + 2] && words[at + 3] === others[otherAt + 3];
  }
  const start = words[at + 3]!;
  const otherStart = others[otherAt + 3]!;
  for (let i = 4; i < length; i++) {
    if (bytes[start + i] !== otherBytes[otherStart + i]) return false;
  }
  return true;
}

/** Whether one key of a record equals the value in a row. */
export function equalKey(
  arena: Arena,
  field: KeyField,
  column: Column,
  row: number,
  record: number,
): boolean {
  const words = arena.words;
  const isNull = (words[2 * record + NULLS_WORD]! & field.nullBit) !== 0;
  if (isNull || column.isNull(row)) return isNull === column.isNull(row);
  const at = 2 * (record + field.cell);
  switch (field.storage) {
    case 'i32':
      return words[at] === column.words[row];
    case 'bits':
      return words[at] === (column.getBool(row) ? 1 : 0);
    case 'view':
      return equalViews(words, at, arena.bytes, column.words, 4 * row, column.heap.bytes);
    default:
      return words[at] === column.words[2 * row] && words[at + 1] === column.words[2 * row + 1];
  }
}

/**
 * Copies a key of `records[0 .. count)` to rows `0 .. count` of `target`.
 *
 * Of strings only the views are copied: the heap of `target` must be over the arena's bytes.
 */
export function readKey(
  arena: Arena,
  field: KeyField,
  records: Int32Array,
  count: number,
  target: Column,
): void {
  target.clearNulls();
  switch (field.storage) {
    case 'i32':
      readI32(arena.words, field.cell, records, count, target.words);
      break;
    case 'bits':
      readBits(arena.words, field.cell, records, count, target);
      break;
    case 'view':
      readViews(arena.words, field.cell, records, count, target.words);
      break;
    default:
      readPairs(arena.words, field.cell, records, count, target.words);
  }
  for (let i = 0; i < count; i++) {
    if ((arena.words[2 * records[i]! + NULLS_WORD]! & field.nullBit) !== 0) target.setNull(i);
  }
}

/** @hot */
function readI32(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  count: number,
  target: Int32Array,
): void {
  for (let i = 0; i < count; i++) target[i] = words[2 * (records[i]! + cell)]!;
}

/** @hot */
function readBits(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  count: number,
  target: Column,
): void {
  for (let i = 0; i < count; i++) target.setBool(i, words[2 * (records[i]! + cell)] !== 0);
}

/** @hot */
function readPairs(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  count: number,
  target: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = 2 * (records[i]! + cell);
    target[2 * i] = words[at]!;
    target[2 * i + 1] = words[at + 1]!;
  }
}

/** @hot */
function readViews(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  count: number,
  target: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = 2 * (records[i]! + cell);
    target[4 * i] = words[at]!;
    target[4 * i + 1] = words[at + 1]!;
    target[4 * i + 2] = words[at + 2]!;
    target[4 * i + 3] = words[at + 3]!;
  }
}
