/** Digests, checksums and base64 against Node's own. */

import { createHash } from 'node:crypto';
import { crc32 as nodeCrc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, fromHex, toBase64, toHex } from '../../src/expr/scalar/byte-text.ts';
import { md5, sha1, sha256, sha512 } from '../../src/expr/scalar/hash/digests.ts';
import { crc32, hash64 } from '../../src/expr/scalar/hash/short.ts';
import { XxHash64 } from '../../src/expr/scalar/hash/xx-hash.ts';
import { percentDecoded, percentEncoded } from '../../src/expr/scalar/url.ts';

/** Every length around the blocks of 64 and 128 bytes, with other bytes each time. */
const messages = Array.from({ length: 270 }, (_, length) =>
  Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 255),
);

test.each(Object.entries({ md5, sha1, sha256, sha512 }))('%s', (name, digest) => {
  for (const message of messages) {
    expect(toHex(digest(message))).toBe(createHash(name).update(message).digest('hex'));
  }
});

test('the checksum of zip, of a part of the bytes', () => {
  const out = hash64();
  for (const message of messages) {
    crc32(message, message.length >> 1, message.length, out);
    expect(out.low).toBe(nodeCrc32(message.subarray(message.length >> 1)));
  }
});

const P = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const turn = (x: bigint, by: bigint): bigint => u64(x << by) | (x >> (64n - by));
const round = (lane: bigint, word: bigint): bigint =>
  u64(turn(u64(lane + word * P[1]), 31n) * P[0]);

/** XXH64 as its description has it, in bigints. */
function xxHashModel(bytes: Uint8Array, seed: bigint): bigint {
  const word = (at: number, size: number): bigint =>
    Array.from(bytes.subarray(at, at + size)).reduceRight((sum, b) => (sum << 8n) | BigInt(b), 0n);
  let at = 0;
  let h = u64(seed + P[4]);
  if (bytes.length >= 32) {
    const lanes = [seed + P[0] + P[1], seed + P[1], seed, seed - P[0]].map(u64);
    for (; at + 32 <= bytes.length; at += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, word(at + 8 * i, 8));
    }
    h = u64(lanes.reduce((sum, lane, i) => sum + turn(lane, [1n, 7n, 12n, 18n][i]!), 0n));
    for (const lane of lanes) h = u64((h ^ round(0n, lane)) * P[0] + P[3]);
  }
  h = u64(h + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    h = u64(turn(h ^ round(0n, word(at, 8)), 27n) * P[0] + P[3]);
  }
  if (at + 4 <= bytes.length) {
    h = u64(turn(h ^ u64(word(at, 4) * P[0]), 23n) * P[1] + P[2]);
    at += 4;
  }
  for (; at < bytes.length; at++) h = u64(turn(h ^ u64(word(at, 1) * P[4]), 11n) * P[0]);
  h = u64((h ^ (h >> 33n)) * P[1]);
  h = u64((h ^ (h >> 29n)) * P[2]);
  return h ^ (h >> 32n);
}

test('XXH64 of words is that of bigints', () => {
  const hasher = new XxHash64();
  const seeds = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), seeds, (bytes, seed) => {
      const [high, low] = [seed >> 32n, seed & 0xffff_ffffn].map(Number) as [number, number];
      const hash = hasher.hash(bytes, 0, bytes.length, high, low);
      const found = (BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0);
      expect(found).toBe(xxHashModel(bytes, seed));
    }),
    { numRuns: 300 },
  );
});

test('what is written is read back, and as Node writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      expect(fromBase64(Buffer.from(bytes).toString('base64url'))).toEqual(bytes);
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const wellFormed = text.toWellFormed();
      expect(percentDecoded(percentEncoded(wellFormed))).toBe(wellFormed);
    }),
  );
});
