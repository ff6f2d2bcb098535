/** Views of strings and bytes, as columns and records have them: see `core/column.ts`. @module */

import { INLINE_BYTES } from '../core/column.ts';

/** The word of a view that says where a long value lies. */
export const VIEW_OFFSET = 3;

/**
 * Less than 0, 0, or greater than 0, as the value of one view is before, equal to or behind that of
 * another in the order of bytes.
 *
 * @param at - first word of a view in `words`, whose long values lie in `bytes`
 * @hot
 */
export function compareViews(
  words: Int32Array,
  at: number,
  bytes: Uint8Array,
  others: Int32Array,
  otherAt: number,
  otherBytes: Uint8Array,
): number {
  const prefix = words[at + 1]!;
  const otherPrefix = others[otherAt + 1]!;
  // Zeros stand behind the end of a short value, so a shorter one sorts first.
  if (prefix !== otherPrefix) return bigEndian(prefix) - bigEndian(otherPrefix);
  const length = words[at]!;
  const otherLength = others[otherAt]!;
  const common = length < otherLength ? length : otherLength;
  for (let i = 4; i < common; i++) {
    const byte =
      length <= INLINE_BYTES ? wordByte(words, at, i) : bytes[words[at + VIEW_OFFSET]! + i]!;
    const otherByte =
      otherLength <= INLINE_BYTES
        ? wordByte(others, otherAt, i)
        : otherBytes[others[otherAt + VIEW_OFFSET]! + i]!;
    if (byte !== otherByte) return byte - otherByte;
  }
  return length - otherLength;
}

/** Four bytes in the order of memory as an unsigned number that sorts like them. */
function bigEndian(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** Byte `i` of a value that lies in its view. */
function wordByte(words: Int32Array, at: number, i: number): number {
  return (words[at + 1 + (i >> 2)]! >>> ((i & 3) * 8)) & 0xff;
}
