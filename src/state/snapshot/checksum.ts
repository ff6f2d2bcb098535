/** XXH32: a checksum of bytes by 32-bit words, four at a time. @module */

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const STRIPE_WORDS = 4;

/**
 * The checksum of `bytes[0 .. length)`.
 *
 * @param bytes - begin at a multiple of four in their buffer, which has whole words
 */
export function checksum(bytes: Uint8Array, length: number, seed: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, length >>> 2);
  const stripes = words.length & -STRIPE_WORDS;
  let hash = stripes === 0 ? (seed + P5) | 0 : sumStripes(words, stripes, seed);
  hash = (hash + length) | 0;
  for (let w = stripes; w < words.length; w++) {
    hash = Math.imul(rotate((hash + Math.imul(words[w]!, P3)) | 0, 17), P4);
  }
  for (let b = words.length * 4; b < length; b++) {
    hash = Math.imul(rotate((hash + Math.imul(bytes[b]!, P5)) | 0, 11), P1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return hash ^ (hash >>> 16);
}

/** @hot */
function sumStripes(words: Int32Array, count: number, seed: number): number {
  let a = (seed + P1 + P2) | 0;
  let b = (seed + P2) | 0;
  let c = seed | 0;
  let d = (seed - P1) | 0;
  for (let w = 0; w < count; w += STRIPE_WORDS) {
    a = Math.imul(rotate((a + Math.imul(words[w]!, P2)) | 0, 13), P1);
    b = Math.imul(rotate((b + Math.imul(words[w + 1]!, P2)) | 0, 13), P1);
    c = Math.imul(rotate((c + Math.imul(words[w + 2]!, P2)) | 0, 13), P1);
    d = Math.imul(rotate((d + Math.imul(words[w + 3]!, P2)) | 0, 13), P1);
  }
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
