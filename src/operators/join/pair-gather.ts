/** Gathering rows that lie in several batches into one column. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';

/** For {@link gatherCells}: all rows lie in the first batch. */
export const ONE_BATCH = 31;

/**
 * Writes column `index` of rows `rows[0 .. count)` to the beginning of `target`.
 *
 * Row r lies in batch `r >>> shift`, at the position that the lower `shift` bits say.
 */
export function gatherCells(
  target: Column,
  batches: readonly Batch[],
  shift: number,
  index: number,
  rows: Int32Array,
  count: number,
): void {
  target.nullCount = 0;
  switch (target.storage) {
    case 'i32':
      gatherWords(target.words, batches, shift, index, rows, count);
      break;
    case 'i64':
    case 'f64':
      gatherPairs(target.words, batches, shift, index, rows, count);
      break;
    case 'view':
      gatherViews(target, batches, shift, index, rows, count);
      break;
    case 'bits':
      gatherBits(target, batches, shift, index, rows, count);
      break;
  }
  gatherNulls(target, batches, shift, index, rows, count);
}

/** @hot */
function gatherWords(
  target: Int32Array,
  batches: readonly Batch[],
  shift: number,
  index: number,
  rows: Int32Array,
  count: number,
): void {
  const mask = (1 << shift) - 1;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    target[i] = batches[row >>> shift]!.columns[index]!.words[row & mask]!;
  }
}

/** @hot */
function gatherPairs(
  target: Int32Array,
  batches: readonly Batch[],
  shift: number,
  index: number,
  rows: Int32Array,
  count: number,
): void {
  const mask = (1 << shift) - 1;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const words = batches[row >>> shift]!.columns[index]!.words;
    const at = 2 * (row & mask);
    target[2 * i] = words[at]!;
    target[2 * i + 1] = words[at + 1]!;
  }
}

function gatherBits(
  target: Column,
  batches: readonly Batch[],
  shift: number,
  index: number,
  rows: Int32Array,
  count: number,
): void {
  const mask = (1 << shift) - 1;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    target.setBool(i, batches[row >>> shift]!.columns[index]!.getBool(row & mask));
  }
}

/** Long values go to the heap of `target`, which is emptied first. */
function gatherViews(
  target: Column,
  batches: readonly Batch[],
  shift: number,
  index: number,
  rows: Int32Array,
  count: number,
): void {
  const mask = (1 << shift) - 1;
  const to = target.words;
  target.heap.used = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const source = batches[row >>> shift]!.columns[index]!;
    const at = 4 * (row & mask);
    const length = source.words[at]!;
    if (source.isNull(row & mask)) {
      to[4 * i] = 0;
    } else if (length <= INLINE_BYTES) {
      to[4 * i] = length;
      to[4 * i + 1] = source.words[at + 1]!;
      to[4 * i + 2] = source.words[at + 2]!;
      to[4 * i + 3] = source.words[at + 3]!;
    } else if (!target.setView(i, source.heap.bytes, source.words[at + 3]!, length)) {
      throw new MillraceError(
        'ERR_TUPLE_TOO_LARGE',
        `a value of ${length} bytes does not fit among ${count} joined rows`,
      );
    }
  }
}

function gatherNulls(
  target: Column,
  batches: readonly Batch[],
  shift: number,
  index: number,
  rows: Int32Array,
  count: number,
): void {
  const mask = (1 << shift) - 1;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const source = batches[row >>> shift]!.columns[index]!;
    if (source.nullCount !== 0 && source.isNull(row & mask)) target.setNull(i);
  }
}
