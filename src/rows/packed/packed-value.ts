/**
 * The MessagePack values of json columns, read where they lie: into other columns, without an object
 * in between. The bytes are what `encodeJson` makes; what is not a plain case is left to `decodeJson`.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';

/** What functions return that leave a value to others. */
export const UNSURE = -1;

const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;
const FLOAT64 = 0xcb;
const UINT64 = 0xcf;
const INT64 = 0xd3;
const MOST_SHARP = 2 ** 53;

/** The number that was read last: a variable would be boxed. */
const number = new Float64Array(1);
/** Its words; the lower one comes first on every machine that Node runs on. */
const words = new Int32Array(number.buffer);

/** Big-endian integers. @hot */
function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** @hot */
function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Where the members of the object at `at` begin, whose number is {@link packedCount}. @hot */
export function objectStart(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >= 0x80 && first <= 0x8f) return startOf(at + 1, first & 0x0f);
  if (first === 0xde) return startOf(at + 3, uint16(bytes, at + 1));
  if (first === 0xdf) return startOf(at + 5, int32(bytes, at + 1));
  return UNSURE;
}

/** Where the elements of the list at `at` begin, whose number is {@link packedCount}. @hot */
export function listStart(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >= 0x90 && first <= 0x9f) return startOf(at + 1, first & 0x0f);
  if (first === 0xdc) return startOf(at + 3, uint16(bytes, at + 1));
  if (first === 0xdd) return startOf(at + 5, int32(bytes, at + 1));
  return UNSURE;
}

/** Where the bytes of the text at `at` begin, whose number is {@link packedCount}. @hot */
export function textStart(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >= 0xa0 && first <= 0xbf) return startOf(at + 1, first & 0x1f);
  if (first === 0xd9) return startOf(at + 2, bytes[at + 1]!);
  if (first === 0xda) return startOf(at + 3, uint16(bytes, at + 1));
  if (first === 0xdb) return startOf(at + 5, int32(bytes, at + 1));
  return UNSURE;
}

const found = new Int32Array(1);

function startOf(at: number, count: number): number {
  found[0] = count;
  return at;
}

/** What the last of the functions above found: members, elements or bytes. */
export function packedCount(): number {
  return found[0]!;
}

/** Bytes behind the first one of values whose first byte is `0xc0` or more and says it all; -1: it does not. */
const FIXED = Int8Array.from({ length: 64 }, () => -1);
for (const [first, bytes] of [
  [NIL, 0],
  [FALSE, 0],
  [TRUE, 0],
  [0xca, 4],
  [FLOAT64, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [UINT64, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [INT64, 8],
] as const) {
  FIXED[first - NIL] = bytes;
}

/** End of the value at `at`, or {@link UNSURE}. @hot */
export function packedEnd(bytes: Uint8Array, at: number): number {
  let left = 1;
  while (left > 0) {
    left--;
    const first = bytes[at]!;
    if (first < 0x80 || first >= 0xe0) {
      at++;
      continue;
    }
    if (first >= NIL && FIXED[first - NIL]! >= 0) {
      at += 1 + FIXED[first - NIL]!;
      continue;
    }
    let start = textStart(bytes, at);
    if (start >= 0) {
      at = start + found[0]!;
      continue;
    }
    start = listStart(bytes, at);
    if (start >= 0) {
      left += found[0]!;
      at = start;
      continue;
    }
    start = objectStart(bytes, at);
    if (start < 0) return UNSURE;
    left += 2 * found[0]!;
    at = start;
  }
  return at;
}

/** Whether the value at `at` is null. @hot */
export function isPackedNull(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === NIL;
}

/** The truth value at `at`, 0 or 1; {@link UNSURE} where it is none. @hot */
export function packedBool(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first === TRUE) return 1;
  return first === FALSE ? 0 : UNSURE;
}

/** The number whose end was found last. */
export function packedNumber(): number {
  return number[0]!;
}

/** End of the number at `at`, which {@link packedNumber} is; {@link UNSURE} where it may not be exact. @hot */
export function packedNumberEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first <= 0x7f) {
    number[0] = first;
    return at + 1;
  }
  if (first >= 0xe0) {
    number[0] = first - 256;
    return at + 1;
  }
  const place = at + 1;
  switch (first) {
    case FLOAT64:
      words[1] = int32(bytes, place);
      words[0] = int32(bytes, place + 4);
      return at + 9;
    case 0xcc:
      number[0] = bytes[place]!;
      return at + 2;
    case 0xcd:
      number[0] = uint16(bytes, place);
      return at + 3;
    case 0xce:
      number[0] = int32(bytes, place) >>> 0;
      return at + 5;
    case 0xd0:
      number[0] = (bytes[place]! << 24) >> 24;
      return at + 2;
    case 0xd1:
      number[0] = (uint16(bytes, place) << 16) >> 16;
      return at + 3;
    case 0xd2:
      number[0] = int32(bytes, place);
      return at + 5;
    default:
      return UNSURE;
  }
}

/** End of the int64 at `at`, which goes to a row. @hot */
function writeInt64(column: Column, row: number, bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  // An unsigned one beyond 63 bits is none.
  if (first === INT64 || (first === UINT64 && bytes[at + 1]! < 0x80)) {
    column.words[2 * row + 1] = int32(bytes, at + 1);
    column.words[2 * row] = int32(bytes, at + 5);
    return at + 9;
  }
  const end = packedNumberEnd(bytes, at);
  const value = number[0]!;
  if (end < 0 || !(Math.abs(value) < MOST_SHARP) || Math.floor(value) !== value) return UNSURE;
  column.setI64FromNumber(row, value);
  return end;
}

/**
 * Writes the value at `at` into a row of a column, null included.
 *
 * @returns where it ends; {@link UNSURE} where it may not fit the column, or takes more care
 *
 * @hot
 */
export function writePacked(column: Column, row: number, bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first === NIL) {
    column.setNull(row);
    return at + 1;
  }
  column.setPresent(row);
  switch (column.type.kind) {
    case 'int32': {
      const end = packedNumberEnd(bytes, at);
      const value = number[0]!;
      if (end < 0 || (value | 0) !== value) return UNSURE;
      column.words[row] = value;
      return end;
    }
    case 'int64':
      return writeInt64(column, row, bytes, at);
    case 'float64': {
      const end = packedNumberEnd(bytes, at);
      if (end >= 0) column.f64[row] = number[0]!;
      return end;
    }
    case 'bool':
      if (first !== TRUE && first !== FALSE) return UNSURE;
      column.setBool(row, first === TRUE);
      return at + 1;
    case 'string': {
      const start = textStart(bytes, at);
      if (start < 0) return UNSURE;
      const length = found[0]!;
      return column.setView(row, bytes, start, length) ? start + length : UNSURE;
    }
    case 'json': {
      const end = packedEnd(bytes, at);
      return end >= 0 && column.setView(row, bytes, at, end - at) ? end : UNSURE;
    }
    default:
      return UNSURE;
  }
}
