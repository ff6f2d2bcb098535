/** Hashes of one or two words: FNV, Murmur, xxHash, CRC. Not for secrets. @module */

const WORD = 0x1_0000_0000;

/** The prime of 64-bit FNV is 2^40 + 435. */
const FNV_PRIME_LOW = 435;

/**
 * FNV of 64 bits.
 *
 * @param xorFirst - the variant 1a: exclusive or before the product, not behind it
 * @returns unsigned halves
 */
function fnv64(
  bytes: Uint8Array,
  xorFirst: boolean,
): { readonly high: number; readonly low: number } {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    if (xorFirst) low = (low ^ byte) >>> 0;
    const product = low * FNV_PRIME_LOW;
    const carry = Math.floor(product / WORD);
    high = (Math.imul(high, FNV_PRIME_LOW) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
    if (!xorFirst) low = (low ^ byte) >>> 0;
  }
  return { high, low };
}

/** FNV-1 of 64 bits, as a signed integer. */
export function fnv1Of64(bytes: Uint8Array): bigint {
  const { high, low } = fnv64(bytes, false);
  return signed(high, low);
}

/** FNV-1a of 64 bits, as a signed integer. */
export function fnv1aOf64(bytes: Uint8Array): bigint {
  const { high, low } = fnv64(bytes, true);
  return signed(high, low);
}

function signed(high: number, low: number): bigint {
  return (BigInt(high | 0) << 32n) | BigInt(low);
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** MurmurHash3 of 32 bits, x86 variant, as a signed integer. */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const end = bytes.length & ~3;
  let h = seed | 0;
  for (let i = 0; i < end; i += 4) {
    const block = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    h = (Math.imul(rotated(h ^ murmurBlock(block), 13), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = bytes.length - 1; i >= end; i--) rest = (rest << 8) | bytes[i]!;
  if (end < bytes.length) h ^= murmurBlock(rest);
  h ^= bytes.length;
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

/** CRC-32 as in zip and PNG, from 0 to 2^32 - 1. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffff_ffff) >>> 0;
}

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const turn = (value: bigint, by: bigint): bigint => u64(value << by) | (value >> (64n - by));
const round = (lane: bigint, word: bigint): bigint => u64(turn(u64(lane + word * P2), 31n) * P1);

/** xxHash of 64 bits (XXH64), as a signed integer. */
export function xxHash64(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let h = u64(seed + P5);
  if (bytes.length >= 32) {
    const lanes = [seed + P1 + P2, seed + P2, seed, seed - P1].map(u64);
    for (; at + 32 <= bytes.length; at += 32) {
      for (let i = 0; i < 4; i++) {
        lanes[i] = round(lanes[i]!, view.getBigUint64(at + 8 * i, true));
      }
    }
    const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
    h = u64(turn(a, 1n) + turn(b, 7n) + turn(c, 12n) + turn(d, 18n));
    for (const lane of lanes) h = u64((h ^ round(0n, lane)) * P1 + P4);
  }
  h = u64(h + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    h = u64(turn(h ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
  }
  if (at + 4 <= bytes.length) {
    h = u64(turn(h ^ u64(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++) h = u64(turn(h ^ u64(BigInt(bytes[at]!) * P5), 11n) * P1);
  h = u64((h ^ (h >> 33n)) * P2);
  h = u64((h ^ (h >> 29n)) * P3);
  return BigInt.asIntN(64, h ^ (h >> 32n));
}
