/** Taking records out of the segments of a table. @module */

import type { Arena } from './arena.ts';
import { Chunk, HashBit } from './kernel/shape.ts';

const RECORDS_WORD = Chunk.RECORDS / 4;

/**
 * Frees the slot of a record.
 *
 * @param segment - first word of the segment
 * @param hash - of the record's key
 * @returns false when the segment does not have it
 */
export function removeSlot(
  { words, bytes, pageCells }: Arena,
  segment: number,
  record: number,
  hash: number,
): boolean {
  const pageBytes = pageCells * 8;
  const lastChunk = pageBytes - Chunk.BYTES;
  const address = record * 8;
  let at = (hash >>> (HashBit.END - Math.log2(pageBytes))) & lastChunk;
  for (let looked = 0; looked <= lastChunk; looked += Chunk.BYTES) {
    const chunk = segment + at / 4;
    const taken = bytes[4 * chunk + Chunk.TAKEN]!;
    for (let slot = 0; slot < taken; slot++) {
      if (words[chunk + RECORDS_WORD + slot] !== address) continue;
      const last = taken - 1;
      bytes[4 * chunk + slot] = bytes[4 * chunk + last]!;
      bytes[4 * chunk + last] = 0;
      words[chunk + RECORDS_WORD + slot] = words[chunk + RECORDS_WORD + last]!;
      words[chunk + RECORDS_WORD + last] = 0;
      bytes[4 * chunk + Chunk.TAKEN] = last;
      return true;
    }
    if (bytes[4 * chunk + Chunk.OVERFLOWED] === 0) return false;
    at = (at + Chunk.BYTES) & lastChunk;
  }
  return false;
}
