/** The text of a JSON string that has escapes, as UTF-8. @module */

import { BACKSLASH, ESCAPED, hexAt } from './scan.ts';

/** What {@link unescape} returns when the text cannot be had. */
export const Unescaped = {
  /** A backslash before something it may not stand before. */
  BAD_ESCAPE: -1,
  /** Half of a surrogate pair: no character. */
  LONE_SURROGATE: -2,
} as const;

/**
 * Copies `source[from, to)` to the front of `target` with its escapes resolved; never longer than
 * the source.
 *
 * @returns bytes written, or one of {@link Unescaped}
 */
export function unescape(source: Uint8Array, from: number, to: number, target: Uint8Array): number {
  let written = 0;
  let at = from;
  while (at < to) {
    const byte = source[at++]!;
    if (byte !== BACKSLASH) {
      target[written++] = byte;
      continue;
    }
    const code = source[at++]!;
    if (code !== 0x75) {
      const meaning = ESCAPED[code]!;
      if (meaning === 0) return Unescaped.BAD_ESCAPE;
      target[written++] = meaning;
      continue;
    }
    let point = at + 4 <= to ? hexAt(source, at) : -1;
    at += 4;
    if (point < 0) return Unescaped.BAD_ESCAPE;
    if (point >= 0xd800 && point <= 0xdfff) {
      if (point > 0xdbff || source[at] !== BACKSLASH || source[at + 1] !== 0x75) {
        return Unescaped.LONE_SURROGATE;
      }
      const low = at + 6 <= to ? hexAt(source, at + 2) : -1;
      at += 6;
      if (low < 0) return Unescaped.BAD_ESCAPE;
      if (low < 0xdc00 || low > 0xdfff) return Unescaped.LONE_SURROGATE;
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    written = writePoint(target, written, point);
  }
  return written;
}

function writePoint(target: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    target[at++] = point;
  } else if (point < 0x800) {
    target[at++] = 0xc0 | (point >> 6);
    target[at++] = 0x80 | (point & 63);
  } else if (point < 0x10000) {
    target[at++] = 0xe0 | (point >> 12);
    target[at++] = 0x80 | ((point >> 6) & 63);
    target[at++] = 0x80 | (point & 63);
  } else {
    target[at++] = 0xf0 | (point >> 18);
    target[at++] = 0x80 | ((point >> 12) & 63);
    target[at++] = 0x80 | ((point >> 6) & 63);
    target[at++] = 0x80 | (point & 63);
  }
  return at;
}
