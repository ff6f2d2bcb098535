/** Base64 (RFC 4648, standard alphabet, padded) from and to bytes. @module */

import type { ByteWriter } from './byte-writer.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const INVALID = 64;
const PAD = 0x3d;

const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const VALUES = new Uint8Array(256).fill(INVALID);
CODES.forEach((code, value) => (VALUES[code] = value));

/** Bytes that `length` characters of base64 hold at most. */
export function decodedBytes(length: number): number {
  return (length >> 2) * 3;
}

/**
 * Decodes `source[from, to)` to the front of `target`.
 *
 * @returns bytes written, -1 when it is not padded base64
 */
export function decodeBase64(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
): number {
  if ((to - from) % 4 !== 0) return -1;
  if (to === from) return 0;
  const padding = source[to - 1] !== PAD ? 0 : source[to - 2] !== PAD ? 1 : 2;
  let written = 0;
  for (let at = from; at < to; at += 4) {
    const kept = at + 4 === to ? 4 - padding : 4;
    let group = 0;
    for (let i = 0; i < 4; i++) {
      const value = i < kept ? VALUES[source[at + i]!]! : 0;
      if (value === INVALID) return -1;
      group = (group << 6) | value;
    }
    target[written++] = group >> 16;
    if (kept > 2) target[written++] = (group >> 8) & 0xff;
    if (kept > 3) target[written++] = group & 0xff;
  }
  return written;
}

/** Writes `source[from, from + length)` as base64. */
export function writeBase64(
  out: ByteWriter,
  source: Uint8Array,
  from: number,
  length: number,
): void {
  out.ensure(Math.ceil(length / 3) * 4);
  const { bytes } = out;
  let target = out.length;
  for (let i = 0; i < length; i += 3) {
    const left = length - i;
    const at = from + i;
    const group =
      (source[at]! << 16) |
      ((left > 1 ? source[at + 1]! : 0) << 8) |
      (left > 2 ? source[at + 2]! : 0);
    bytes[target++] = CODES[group >> 18]!;
    bytes[target++] = CODES[(group >> 12) & 63]!;
    bytes[target++] = left > 1 ? CODES[(group >> 6) & 63]! : PAD;
    bytes[target++] = left > 2 ? CODES[group & 63]! : PAD;
  }
  out.length = target;
}
