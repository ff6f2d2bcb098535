/**
 * Where JSON values begin and end, by the grammar of RFC 8259, without making them.
 *
 * Every scan stops at a line feed, which may stand between values only in other notations than JSON
 * Lines; the input has one at its end.
 *
 * @module
 */

import { MAX_JSON_DEPTH } from '../../../rows/values/json.ts';

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;

/** 1 for the bytes at which a scan through a string stops: quote, backslash, control characters. */
const STRING_STOP = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
);

/** The first byte from `at` on that is no blank, tab or carriage return. @hot */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let byte = bytes[at]!;
  while (byte === 0x20 || byte === 0x09 || byte === 0x0d) byte = bytes[++at]!;
  return at;
}

/** Whether a value may end before `byte`. @hot */
export function endsValue(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte <= 0x20;
}

/** End of the number at `at`, or -1 when none is there. */
export function numberEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === MINUS) at++;
  if (bytes[at] === ZERO) at++;
  else if ((at = digitsEnd(bytes, at)) < 0) return -1;
  if (bytes[at] === POINT && (at = digitsEnd(bytes, at + 1)) < 0) return -1;
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1];
    at = digitsEnd(bytes, sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
  }
  return at;
}

/** End of the digits at `at`, or -1 when there is none. */
function digitsEnd(bytes: Uint8Array, at: number): number {
  const from = at;
  while (bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  return at === from ? -1 : at;
}

/** Finds ends of strings and of whole values. */
export class JsonScan {
  /** Where the text stopped being JSON, after a scan returned -1. */
  failedAt = 0;
  /** The last string had an escape in it. */
  hasEscape = false;

  /**
   * The closing quote of the string whose text begins at `from`, or -1. Escapes are only stepped
   * over: whether they are good, decoding them tells.
   *
   * @hot
   */
  stringEnd(bytes: Uint8Array, from: number): number {
    let at = from;
    this.hasEscape = false;
    for (;;) {
      while (STRING_STOP[bytes[at]!] === 0) at++;
      const byte = bytes[at]!;
      if (byte === QUOTE) return at;
      if (byte !== BACKSLASH || bytes[at + 1]! < 0x20) {
        this.failedAt = at;
        return -1;
      }
      this.hasEscape = true;
      at += 2;
    }
  }

  /** End of the value at `at`, or -1. */
  valueEnd(bytes: Uint8Array, at: number, depth = 0): number {
    const first = bytes[at]!;
    let end = -1;
    if (first === QUOTE) return this.#stringValueEnd(bytes, at);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (depth >= MAX_JSON_DEPTH) return this.#fail(at);
      return this.#membersEnd(bytes, at, depth, first === OPEN_BRACE);
    }
    if (first === 0x74) end = wordEnd(bytes, at, 'true');
    else if (first === 0x66) end = wordEnd(bytes, at, 'false');
    else if (first === 0x6e) end = wordEnd(bytes, at, 'null');
    else end = numberEnd(bytes, at);
    return end < 0 ? this.#fail(at) : end;
  }

  #membersEnd(bytes: Uint8Array, open: number, depth: number, isObject: boolean): number {
    const closing = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
    let at = skipSpace(bytes, open + 1);
    if (bytes[at] === closing) return at + 1;
    for (;;) {
      if (isObject) {
        if (bytes[at] !== QUOTE) return this.#fail(at);
        at = this.#stringValueEnd(bytes, at);
        if (at < 0) return -1;
        at = skipSpace(bytes, at);
        if (bytes[at] !== COLON) return this.#fail(at);
        at = skipSpace(bytes, at + 1);
      }
      at = this.valueEnd(bytes, at, depth + 1);
      if (at < 0) return -1;
      at = skipSpace(bytes, at);
      if (bytes[at] === closing) return at + 1;
      if (bytes[at] !== COMMA) return this.#fail(at);
      at = skipSpace(bytes, at + 1);
    }
  }

  #stringValueEnd(bytes: Uint8Array, at: number): number {
    const close = this.stringEnd(bytes, at + 1);
    if (close < 0) return -1;
    if (this.hasEscape && !hasGoodEscapes(bytes, at + 1, close)) return this.#fail(at);
    return close + 1;
  }

  #fail(at: number): number {
    this.failedAt = at;
    return -1;
  }
}

/** End of a word, or -1 when it is not there. */
export function wordEnd(bytes: Uint8Array, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) {
    if (bytes[at + i] !== word.charCodeAt(i)) return -1;
  }
  return at + word.length;
}

/** Whether the escapes of a string are those of JSON. */
function hasGoodEscapes(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    const code = bytes[++at]!;
    if (code === 0x75) {
      if (hexAt(bytes, at + 1) < 0) return false;
      at += 4;
    } else if (ESCAPED[code] === 0) {
      return false;
    }
  }
  return true;
}

/** What the character behind a backslash stands for; 0 where it stands for nothing. */
export const ESCAPED: Uint8Array = new Uint8Array(256);
for (const [code, meaning] of [
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
] as const) {
  ESCAPED[code.charCodeAt(0)] = meaning.charCodeAt(0);
}

/** The number of four hexadecimal digits, or -1. */
export function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]!;
    const letter = byte | 0x20;
    if (byte >= ZERO && byte <= NINE) value = value * 16 + byte - ZERO;
    else if (letter >= 0x61 && letter <= 0x66) value = value * 16 + letter - 0x57;
    else return -1;
  }
  return value;
}
