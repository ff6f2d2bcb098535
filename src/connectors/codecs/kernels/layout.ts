/**
 * What a decoding kernel and JavaScript tell each other: a block of the worker's memory.
 *
 * ```
 *  byte 0    │ at  heapAt  heapStart  heapEnd  validityBytes …   │  int32 each, see Word
 *  byte 64   │ 10^0 … 10^18                                      │  int64 each
 *  byte 216  │ 10^0 … 10^18                                      │  float64 each
 *  byte 384  │ column 0: values, validity, null count, –         │  int32 each: addresses, a number
 *            │ column 1 …                                        │
 *            │ texts between values (JSON Lines), see jsonl.ts   │
 * ```
 *
 * @module
 */

import { POWERS_OF_TEN } from '../../../rows/values/scaled.ts';

/** Positions of words at the front of the block. */
export const Word = {
  /** Out: where the first row begins that was not decoded. */
  AT: 0,
  /** In and out: where the next long value goes. */
  HEAP_AT: 1,
  HEAP_START: 2,
  HEAP_END: 3,
  /** Bytes of a validity bitmap. */
  VALIDITY_BYTES: 4,
} as const;

/** Highest power of ten in the tables. */
const HIGHEST_POWER = 18;
export const POWERS_AT = 64;
export const FLOAT_POWERS_AT = POWERS_AT + 8 * (HIGHEST_POWER + 1);
const COLUMNS_AT = 384;
const COLUMN_BYTES = 16;

/** Bytes inside the words of one column. */
export const ColumnWord = { VALUES: 0, VALIDITY: 4, NULL_COUNT: 8 } as const;

/** Where the words of a column are. */
export function columnAt(column: number): number {
  return COLUMNS_AT + COLUMN_BYTES * column;
}

/** Writes the powers of ten into a block. */
export function writePowers(buffer: ArrayBufferLike, byteOffset: number): void {
  const whole = new BigInt64Array(buffer, byteOffset + POWERS_AT, HIGHEST_POWER + 1);
  const floats = new Float64Array(buffer, byteOffset + FLOAT_POWERS_AT, HIGHEST_POWER + 1);
  for (let n = 0; n <= HIGHEST_POWER; n++) {
    whole[n] = BigInt(POWERS_OF_TEN[n]!);
    floats[n] = POWERS_OF_TEN[n]!;
  }
}
