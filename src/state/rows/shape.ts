/**
 * What a row kernel is compiled for, and how it and its store talk.
 *
 * Everything is told by a *block* of words in the engine's memory: where the columns of a call lie,
 * and what the code knows of the store. Rows are numbered by their place in a log, in cells of 8
 * bytes, modulo 2^32; the pages of the log are found through a circular table of their addresses.
 *
 * @module
 */

import type { RowLayout } from './row-layout.ts';

/** Words of the block. Behind them {@link COLUMN_WORDS} for each column, {@link TARGET_WORDS} for each target. */
export const RowWord = {
  /** Addresses of arrays by row of the batch: hashes, times, marks, bits of matches. */
  HASHES: 0,
  TIMES: 1,
  MARKS: 2,
  MATCHES: 4,
  /** Address of the directory: an address of a segment for each value of the hash's leading bits. */
  DIRECTORY: 5,
  /** 31 less the number of those bits. */
  SHIFT: 6,
  /** The table of pages: its address, and the mask for bytes in it. */
  TABLE: 7,
  TABLE_MASK: 8,
  /** Number of the first row, and of the row that will be next. */
  TAIL: 9,
  HEAD: 10,
  /** Address of the next record, and end of the page it lies in. */
  NEXT_BYTE: 11,
  END_BYTE: 12,
  /** One of {@link Need}, and how many bytes. */
  NEED: 13,
  BYTES_NEEDED: 14,
  /** Where a probe goes on: which of so many walkers is next, and how many of those before it go on. */
  POSITION: 15,
  LEFT: 16,
  WALKERS: 17,
  /** Addresses of arrays by row of a probing batch: hashes, least times, largest marks. */
  PROBE_HASHES: 18,
  EARLIEST: 19,
  LATEST: 20,
  /** The largest time of rows in the current page, as float64. */
  MAX_TIME: 22,
  /** Addresses of lists by walker: the row of the probing batch, the next row of its chain. */
  WALKER_ROWS: 24,
  CANDIDATES: 25,
  /** The least time of rows that are not due, as float64. */
  LEAST_TIME: 26,
} as const;
const BLOCK_WORDS = 28;

/** Words of a column: address of its values, of its validity bitmap or 0, of its heap. */
export const ColumnWord = { VALUES: 0, VALIDITY: 1, HEAP: 2 } as const;
export const COLUMN_WORDS = 3;

/** Words of a target: addresses of values and validity, bytes of that bitmap, nulls before and after. */
export const TargetWord = { VALUES: 0, VALIDITY: 1, VALIDITY_BYTES: 2, NULLS: 3 } as const;
export const TARGET_WORDS = 4;

/** First word of a column of the batches that rows are kept of. */
export function columnWord(column: number): number {
  return BLOCK_WORDS + COLUMN_WORDS * column;
}

/** First word of a key of the batches that look for rows. */
export function probeWord(shape: RowShape, key: number): number {
  return columnWord(shape.layout.fields.length) + COLUMN_WORDS * key;
}

/** First word of a target of gathered rows. */
export function targetWord(shape: RowShape, target: number): number {
  return probeWord(shape, shape.keys.length) + TARGET_WORDS * target;
}

/** Words of a block. */
export function blockWords(shape: RowShape): number {
  return targetWord(shape, shape.gathered.length);
}

/** Why the code stopped before the last row. */
export const Need = {
  /** No room for a record. */
  PAGE: 1,
  /** The segment of the next row's hash is full. */
  SLOTS: 2,
} as const;

/**
 * A line of the cache with eight slots: eight hashes, then the numbers of eight rows, 0 where a slot is
 * free. They are taken from the front; what does not fit goes to the next bucket of the segment.
 */
export const Bucket = { BYTES: 64, SLOTS: 8, ROWS_AT: 32 } as const;

/** Words of the tags of a segment's page. */
export const SegmentTag = {
  /** Slots taken. */
  COUNT: 0,
  /** Leading bits of the hash that all its slots share. */
  DEPTH: 1,
  /** Address of the segment that takes what did not fit; 0: none. */
  NEXT: 2,
} as const;

/** Everything that the code depends on. */
export interface RowShape {
  readonly pageBytes: number;
  readonly layout: RowLayout;
  /** Positions of the columns that rows are looked for by; floats of them are hashed canonically. */
  readonly keys: readonly number[];
  /** Positions of the columns that are gathered, in the order of their targets. */
  readonly gathered: readonly number[];
}
