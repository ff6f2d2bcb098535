/**
 * What a decoding kernel and JavaScript tell each other, and the tables of kernels: a block of the
 * worker's memory.
 *
 * ```
 *  byte 0     │ Word: addresses and counts                         │  int32 each
 *  byte 64    │ 10^0 … 10^19                                       │  int64 each
 *  byte 224   │ 10^0 … 10^19                                       │  float64 each
 *  SPLATS     │ each ASCII character 16 times                      │
 *  WEIGHTS    │ what digits count in numbers of 2, 4 and 8 digits  │  int16 each
 *  POSITIONS  │ -16 … 15                                           │  bytes
 *  BEFORE     │ 16 times 255, 16 times 0                           │
 *  VIEWS      │ for each length of a short text: its bytes' places │  16 bytes each
 *  FIVES      │ see powers-of-five.ts                              │
 *  ESCAPES    │ what a letter behind a backslash stands for        │
 *  TEXT       │ see escapes.ts                                     │
 *  column 0   │ see ColumnWord                                     │
 *  column 1 … │                                                    │
 *             │ texts between values (JSON Lines), see jsonl.ts    │
 * ```
 *
 * @module
 */

import { INLINE_BYTES } from '../../../core/column.ts';
import { ESCAPED } from '../jsonl/scan.ts';
import { FIVES_BYTES, writeFives } from './powers-of-five.ts';

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
  /**
   * In: all ones if texts have to be ASCII, because nobody knows yet whether the input is UTF-8; else 0.
   * Out: 0 unless other bytes were seen near a text.
   */
  ODD_TEXT: 5,
  /** Of a long number: see `long-number.ts` and `long-float.ts`. */
  PLACES: 6,
  /** Bytes of a text that had escapes: see `escapes.ts`. */
  LENGTH: 7,
  VALUE: 8,
} as const;

/** Highest power of ten in the tables. */
const HIGHEST_POWER = 19;
export const POWERS_AT = 64;
export const FLOAT_POWERS_AT = POWERS_AT + 8 * (HIGHEST_POWER + 1);

const ASCII = 128;
const SPLATS_AT = FLOAT_POWERS_AT + 8 * (HIGHEST_POWER + 1);
export const PAIR_WEIGHTS_AT = SPLATS_AT + 16 * ASCII;
export const QUAD_WEIGHTS_AT = PAIR_WEIGHTS_AT + 16;
export const EIGHT_WEIGHTS_AT = QUAD_WEIGHTS_AT + 16;
export const POSITIONS_AT = EIGHT_WEIGHTS_AT + 16;
export const BEFORE_AT = POSITIONS_AT + 32;
export const VIEWS_AT = BEFORE_AT + 32;
export const FIVES_AT = VIEWS_AT + 16 * (INLINE_BYTES + 1);
export const ESCAPES_AT = FIVES_AT + FIVES_BYTES;
/** Where what was seen near a text with escapes stands. */
export const TEXT_AT = ESCAPES_AT + ASCII;
const COLUMNS_AT = TEXT_AT + 16;
const COLUMN_BYTES = 48;

/** Places inside the bytes of one column. */
export const ColumnWord = {
  VALUES: 0,
  VALIDITY: 4,
  NULL_COUNT: 8,
  /** The date that a timestamp had last, as its ten bytes, and when it began. */
  DAY: 12,
  DATE: 16,
  DAY_START_US: 24,
} as const;

/** Where a character stands 16 times. */
export function splatAt(code: number): number {
  return SPLATS_AT + 16 * code;
}

/** Where the words of a column are. */
export function columnAt(column: number): number {
  return COLUMNS_AT + COLUMN_BYTES * column;
}

let tables: Uint8Array | undefined;

/** Writes the tables into a block. */
export function writeTables(buffer: ArrayBufferLike, byteOffset: number): void {
  tables ??= makeTables();
  new Uint8Array(buffer, byteOffset, COLUMNS_AT).set(tables);
}

/** The front of a block. */
function makeTables(): Uint8Array {
  const bytes = new Uint8Array(COLUMNS_AT);
  const { buffer } = bytes;
  const whole = new BigUint64Array(buffer, POWERS_AT, HIGHEST_POWER + 1);
  const floats = new Float64Array(buffer, FLOAT_POWERS_AT, HIGHEST_POWER + 1);
  for (let n = 0; n <= HIGHEST_POWER; n++) {
    whole[n] = 10n ** BigInt(n);
    floats[n] = Number(10n ** BigInt(n));
  }
  for (let code = 0; code < ASCII; code++) bytes.fill(code, splatAt(code), splatAt(code + 1));
  const weights = (at: number, values: readonly number[]): void => {
    const words = new Int16Array(buffer, at, 8);
    for (let i = 0; i < words.length; i++) words[i] = values[i % values.length]!;
  };
  // A pair is tens + 256 * ones: times 2561 it has 10 * tens + ones in its upper byte.
  weights(PAIR_WEIGHTS_AT, [2561]);
  weights(QUAD_WEIGHTS_AT, [100, 1]);
  weights(EIGHT_WEIGHTS_AT, [10_000, 1]);
  for (let i = 0; i < 32; i++) {
    bytes[POSITIONS_AT + i] = i - 16;
    bytes[BEFORE_AT + i] = i < 16 ? 255 : 0;
  }
  for (let length = 0; length <= INLINE_BYTES; length++) {
    const at = VIEWS_AT + 16 * length;
    bytes.fill(255, at, at + 16);
    for (let i = 0; i < length; i++) bytes[at + 4 + i] = i;
  }
  writeFives(buffer, FIVES_AT);
  bytes.set(ESCAPED.subarray(0, ASCII), ESCAPES_AT);
  return bytes;
}
