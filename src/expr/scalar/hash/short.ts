/** Hashes of one or two words: FNV, Murmur, CRC. Not for secrets. `bytes[from, to)` is hashed. @module */

const WORD = 0x1_0000_0000;

/** The prime of 64-bit FNV is 2^40 + 435. */
const FNV_PRIME_LOW = 435;

/** 64 bits as two words, high and low; made anew by each call that fills it. */
export interface Hash64 {
  high: number;
  low: number;
}

/** A place for a hash of 64 bits. */
export function hash64(): Hash64 {
  return { high: 0, low: 0 };
}

/** Both words as one signed integer. */
export function signedOf({ high, low }: Hash64): bigint {
  return (BigInt(high | 0) << 32n) | BigInt(low >>> 0);
}

/**
 * FNV of 64 bits.
 *
 * @param isVariantA - the variant 1a: exclusive or before the product, not behind it
 * @hot
 */
function fnv64(
  bytes: Uint8Array,
  from: number,
  to: number,
  isVariantA: boolean,
  out: Hash64,
): void {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (isVariantA) low = (low ^ byte) >>> 0;
    const product = low * FNV_PRIME_LOW;
    const carry = Math.floor(product / WORD);
    high = (Math.imul(high, FNV_PRIME_LOW) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
    if (!isVariantA) low = (low ^ byte) >>> 0;
  }
  out.high = high;
  out.low = low;
}

/** FNV-1 of 64 bits. @hot */
export function fnv1(bytes: Uint8Array, from: number, to: number, out: Hash64): void {
  fnv64(bytes, from, to, false, out);
}

/** FNV-1a of 64 bits. @hot */
export function fnv1a(bytes: Uint8Array, from: number, to: number, out: Hash64): void {
  fnv64(bytes, from, to, true, out);
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** MurmurHash3 of 32 bits, x86 variant, as a signed integer. @hot */
export function murmur3(bytes: Uint8Array, from: number, to: number, seed: number): number {
  const length = to - from;
  const end = from + (length & ~3);
  let h = seed | 0;
  for (let i = from; i < end; i += 4) {
    const block = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    h = (Math.imul(rotated(h ^ murmurBlock(block), 13), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = to - 1; i >= end; i--) rest = (rest << 8) | bytes[i]!;
  if (end < to) h ^= murmurBlock(rest);
  h ^= length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

function murmurBlock(block: number): number {
  return Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc >>> 0;
});

/** CRC-32 as in zip and PNG. @hot */
export function crc32(bytes: Uint8Array, from: number, to: number, out: Hash64): void {
  let crc = 0xffff_ffff;
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[i]!) & 0xff]!;
  out.high = 0;
  out.low = (crc ^ 0xffff_ffff) >>> 0;
}
