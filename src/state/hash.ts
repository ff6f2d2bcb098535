/**
 * Hashing columns, a column at a time: one short loop per storage class, so that each sees one
 * type of array for ever.
 *
 * The hash of a single int32 column is a permutation of the 32-bit integers: two rows have the same
 * hash only when they have the same value, so nothing else need be compared.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import { INLINE_BYTES } from '../core/column.ts';

/** Hash of a null. */
export const NULL_HASH = 0x3c6e_f372;

/** Bytes of a long string that are hashed in one step. */
export const LANE_BYTES = 16;

/** What the lanes of a long string's hash begin with, beside its length. */
export const LANE_SEEDS = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344] as const;

export const LANE_FACTOR = 0x9e37_79b1;

/** By how many bits lanes are rotated before they are put together: words that differ alike must not meet. */
export const LANE_ROTATIONS = [0, 5, 11, 19] as const;

/** Murmur3's finaliser, a permutation of 32-bit integers. */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}

/** One round of Murmur3 over a 32-bit word. */
function round(seed: number, word: number): number {
  let k = Math.imul(word, 0xcc9e_2d51);
  k = (k << 15) | (k >>> 17);
  let h = seed ^ Math.imul(k, 0x1b87_3593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe654_6b64) | 0;
}

let scratch = new Int32Array(4096);

/**
 * Hashes rows `rows[from .. to)` over all `columns` into `hashes[from .. to)`.
 *
 * Float columns must be canonical: see `canonicalFloats`.
 */
export function hashRows(
  columns: readonly Column[],
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  if (columns.length === 0) {
    hashes.fill(0, from, to);
    return;
  }
  hashColumn(columns[0]!, rows, from, to, hashes);
  if (columns.length === 1) return;
  if (scratch.length < to) scratch = new Int32Array(to);
  for (let c = 1; c < columns.length; c++) {
    hashColumn(columns[c]!, rows, from, to, scratch);
    combine(hashes, scratch, from, to);
  }
}

/** @hot */
function combine(hashes: Int32Array, others: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) hashes[i] = mix(round(hashes[i]!, others[i]!));
}

/** Hashes one column. */
export function hashColumn(
  column: Column,
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  switch (column.storage) {
    case 'i32':
      hashI32(column.words, rows, from, to, hashes);
      break;
    case 'i64':
    case 'f64':
      hashPairs(column.words, rows, from, to, hashes);
      break;
    case 'bits':
      hashBits(column.bytes, rows, from, to, hashes);
      break;
    case 'view':
      if (column.nullCount === 0) hashViews(column, rows, from, to, hashes);
      else hashViewsOrNull(column, rows, from, to, hashes);
      return;
  }
  if (column.nullCount !== 0) hashNulls(column.validity, rows, from, to, hashes);
}

/** @hot */
function hashI32(
  words: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  for (let i = from; i < to; i++) hashes[i] = mix(words[rows[i]!]!);
}

/** @hot */
function hashPairs(
  words: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const at = 2 * rows[i]!;
    hashes[i] = mix(words[at]! ^ round(0, words[at + 1]!));
  }
}

/** @hot */
function hashBits(
  bytes: Uint8Array,
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    hashes[i] = mix((bytes[row >> 3]! >> (row & 7)) & 1);
  }
}

/** @hot */
function hashNulls(
  validity: Uint8Array,
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    if ((validity[row >> 3]! & (1 << (row & 7))) === 0) hashes[i] = NULL_HASH;
  }
}

/** @hot */
function hashViews(
  column: Column,
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  const words = column.words;
  const heap = column.heap.bytes;
  for (let i = from; i < to; i++) hashes[i] = hashView(words, 4 * rows[i]!, heap);
}

/** @hot The view of a null row is garbage and must not be followed. */
function hashViewsOrNull(
  column: Column,
  rows: Uint32Array,
  from: number,
  to: number,
  hashes: Int32Array,
): void {
  const words = column.words;
  const heap = column.heap.bytes;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    hashes[i] = column.isNull(row) ? NULL_HASH : hashView(words, 4 * row, heap);
  }
}

/** @hot Short values lie in the view whole, with zeros behind, so three words are all of them. */
function hashView(words: Int32Array, at: number, heap: Uint8Array): number {
  const length = words[at]!;
  if (length <= INLINE_BYTES) {
    return mix(round(round(round(length, words[at + 1]!), words[at + 2]!), words[at + 3]!));
  }
  return hashBytes(heap, words[at + 3]!, length);
}

/** @hot */
function hashBytes(bytes: Uint8Array, start: number, length: number): number {
  if (length >= LANE_BYTES) return hashLanes(bytes, start, length);
  const last = start + length - 4;
  let h = length;
  for (let i = start; i < last; i += 4) h = round(h, load(bytes, i));
  // The last word overlaps the one before it.
  return mix(round(h, load(bytes, last)));
}

/** One step of a lane. */
function step(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, LANE_FACTOR);
  return h ^ (h >>> 16);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** Sixteen bytes at a time, a word of them in each of four lanes. @hot */
function hashLanes(bytes: Uint8Array, start: number, length: number): number {
  let a = length ^ LANE_SEEDS[0];
  let b = length ^ LANE_SEEDS[1];
  let c = length ^ LANE_SEEDS[2];
  let d = length ^ LANE_SEEDS[3];
  const last = start + length - LANE_BYTES;
  for (let i = start; ; i += LANE_BYTES) {
    // The last sixteen overlap those before them.
    const at = i < last ? i : last;
    a = step(a, load(bytes, at));
    b = step(b, load(bytes, at + 4));
    c = step(c, load(bytes, at + 8));
    d = step(d, load(bytes, at + 12));
    if (at === last) break;
  }
  const [, ofB, ofC, ofD] = LANE_ROTATIONS;
  return mix(a ^ rotate(b, ofB) ^ rotate(c, ofC) ^ rotate(d, ofD));
}

/** @hot Four bytes as a word. */
function load(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
