/**
 * Keys of groups: making floats comparable by their bits, and reading keys out of records.
 *
 * Equality of keys: nulls are equal to each other, strings and bytes are compared by bytes, floats
 * by bits after {@link canonicalFloats}, so that 0 and −0 are one key and all NaNs are one key.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import type { Arena } from './arena.ts';
import type { KeyField } from './record-layout.ts';

/** Word of a record that says which keys are null. */
const NULLS_WORD = 1;

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
  readCells(arena, field.cell, records, count, target);
  for (let i = 0; i < count; i++) {
    if ((arena.words[2 * records[i]! + NULLS_WORD]! & field.nullBit) !== 0) target.setNull(i);
  }
}

/** Copies the values at a cell of `records[0 .. count)`, which are of the storage of `target`. */
export function readCells(
  { words }: Arena,
  cell: number,
  records: Int32Array,
  count: number,
  target: Column,
): void {
  switch (target.storage) {
    case 'i32':
      readI32(words, cell, records, count, target.words);
      break;
    case 'bits':
      readBits(words, cell, records, count, target);
      break;
    case 'view':
      readViews(words, cell, records, count, target.words);
      break;
    default:
      readPairs(words, cell, records, count, target.words);
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
