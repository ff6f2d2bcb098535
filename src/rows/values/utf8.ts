/** UTF-8: checking bytes, and text into view columns. @module */

import type { Column } from '../../core/column.ts';
import type { FaultCode } from './fault.ts';
import { Fault } from './fault.ts';

/** Whether `bytes[from, to)` is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const first = bytes[at]!;
    if (first < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(first);
    if (length === 0 || at + length > to) return false;
    const second = bytes[at + 1]!;
    if (second < lowestSecond(first) || second > highestSecond(first)) return false;
    for (let i = 2; i < length; i++) {
      if ((bytes[at + i]! & 0xc0) !== 0x80) return false;
    }
    at += length;
  }
  return true;
}

/** Bytes of the sequence that begins with `first`, 0 when none does. */
export function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

function lowestSecond(first: number): number {
  if (first === 0xe0) return 0xa0;
  return first === 0xf0 ? 0x90 : 0x80;
}

function highestSecond(first: number): number {
  if (first === 0xed) return 0x9f;
  return first === 0xf4 ? 0x8f : 0xbf;
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(1024);
/** Shorter texts are encoded by a loop: a call into the runtime costs about 50 ns. */
const LOOP_CHARACTERS = 32;

/**
 * Writes a text into a string row. A lone surrogate is a fault, since it has no UTF-8 form.
 */
export function writeText(column: Column, row: number, text: string): FaultCode {
  const length = text.length;
  if (length <= LOOP_CHARACTERS) {
    let at = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) break;
      scratch[at] = code;
    }
    if (at === length) return column.setView(row, scratch, 0, length) ? Fault.OK : Fault.NO_ROOM;
  }
  if (!text.isWellFormed()) return Fault.ENCODING;
  // Every UTF-16 unit becomes at most three bytes.
  if (scratch.length < length * 3) scratch = new Uint8Array(length * 3);
  const { written } = encoder.encodeInto(text, scratch);
  return column.setView(row, scratch, 0, written) ? Fault.OK : Fault.NO_ROOM;
}
