/**
 * The hash by which rows are spread over tasks in JavaScript, to hold compiled code to: equal keys
 * meet in one task, on every worker and in every run.
 *
 * int32 and int64 values that are equal hash alike; so do 0 and −0, and all NaNs. Null is a value
 * like any other.
 *
 * @module
 */

import type { Batch } from '../../../src/core/batch.ts';
import type { Column } from '../../../src/core/column.ts';
import { hashColumn } from '../../../src/state/hash.ts';

const NULL_HASH = 0x9e3779b9 | 0;
const NAN_HASH = 0x7ff80000;

const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);

/** The finaliser of MurmurHash3: every input bit reaches every output bit. @hot */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** @hot */
function combine(hash: number, low: number, high: number): number {
  return mix(Math.imul(hash, 31) ^ low ^ Math.imul(mix(high), 0x27d4eb2f));
}

/**
 * Writes the hash of the key columns of each selected row to `hashes[i]`, i counting the selection.
 *
 * @hot
 */
export function spreadHashes(
  batch: Batch,
  keyColumns: readonly number[],
  hashes: Int32Array,
): void {
  const { selection, selected } = batch;
  hashes.fill(0, 0, selected);
  for (let k = 0; k < keyColumns.length; k++) {
    const column = batch.columns[keyColumns[k]!]!;
    switch (column.storage) {
      case 'i32':
        hashI32(column, selection, selected, hashes);
        break;
      case 'i64':
        hashI64(column, selection, selected, hashes);
        break;
      case 'f64':
        hashF64(column, selection, selected, hashes);
        break;
      case 'bits':
        hashBits(column, selection, selected, hashes);
        break;
      case 'view':
        hashViews(column, selection, selected, hashes);
        break;
    }
  }
}

/** @hot */
function hashI32(
  column: Column,
  selection: Uint32Array,
  selected: number,
  hashes: Int32Array,
): void {
  const words = column.words;
  for (let i = 0; i < selected; i++) {
    const row = selection[i]!;
    const value = words[row]!;
    hashes[i] = column.isNull(row)
      ? combine(hashes[i]!, NULL_HASH, 1)
      : combine(hashes[i]!, value, value >> 31);
  }
}

/** @hot */
function hashI64(
  column: Column,
  selection: Uint32Array,
  selected: number,
  hashes: Int32Array,
): void {
  const words = column.words;
  for (let i = 0; i < selected; i++) {
    const row = selection[i]!;
    hashes[i] = column.isNull(row)
      ? combine(hashes[i]!, NULL_HASH, 1)
      : combine(hashes[i]!, words[2 * row]!, words[2 * row + 1]!);
  }
}

/** @hot */
function hashF64(
  column: Column,
  selection: Uint32Array,
  selected: number,
  hashes: Int32Array,
): void {
  const values = column.f64;
  for (let i = 0; i < selected; i++) {
    const row = selection[i]!;
    const value = values[row]!;
    if (column.isNull(row)) {
      hashes[i] = combine(hashes[i]!, NULL_HASH, 1);
    } else if (value !== value) {
      hashes[i] = combine(hashes[i]!, NAN_HASH, 0);
    } else {
      scratch[0] = value === 0 ? 0 : value;
      hashes[i] = combine(hashes[i]!, scratchWords[0]!, scratchWords[1]!);
    }
  }
}

/** @hot */
function hashBits(
  column: Column,
  selection: Uint32Array,
  selected: number,
  hashes: Int32Array,
): void {
  for (let i = 0; i < selected; i++) {
    const row = selection[i]!;
    const value = column.isNull(row) ? NULL_HASH : column.getBool(row) ? 1 : 0;
    hashes[i] = combine(hashes[i]!, value, 1);
  }
}

function hashViews(
  column: Column,
  selection: Uint32Array,
  selected: number,
  hashes: Int32Array,
): void {
  const texts = new Int32Array(selected);
  hashColumn(column, selection, 0, selected, texts);
  for (let i = 0; i < selected; i++) {
    const row = selection[i]!;
    hashes[i] = column.isNull(row)
      ? combine(hashes[i]!, NULL_HASH, 1)
      : combine(hashes[i]!, texts[i]!, column.viewLength(row));
  }
}
