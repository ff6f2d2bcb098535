/**
 * Code that reads lines of JSON of one shape: the texts between values are the same in every line,
 * names, colons, commas, blanks and line end included. Only the values differ.
 *
 * The texts lie in the block, so that what stands in a file is data, never code.
 *
 * @module
 */

import type { Schema } from '../../../core/schema.ts';
import type { I32 } from '../../../wasm/index.ts';
import { i32, i64, i8x16 } from '../../../wasm/index.ts';
import { columnAt } from './layout.ts';
import type { Notation } from './numbers.ts';
import { emitSkippedNumber } from './numbers.ts';
import type { RowCode } from './row-code.ts';
import { buildRowModule } from './row-code.ts';
import type { TextEnds } from './text.ts';
import {
  anyOf,
  controls,
  eitherOf,
  emitEscapedText,
  emitSkippedText,
  emitText,
  textStart,
} from './text.ts';
import { emitIsoTimestamp } from './timestamp.ts';
import { emitColumnValue } from './values.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_F = 0x66;
const NULL = 0x6c6c756e;
const TRUE = 0x65757274;
const ALSE = 0x65736c61;

const VECTOR_BYTES = 16;

/** What lines look like. */
export interface JsonShape {
  /** For each member its column, or -1. */
  readonly targets: readonly number[];
  /** The texts before, between and behind the values; one more than members. */
  readonly texts: readonly Uint8Array[];
}

/** Bytes that a text takes in the block: whole vectors. */
const sizeOf = (length: number): number => Math.ceil(length / VECTOR_BYTES) * VECTOR_BYTES;

/** Bytes that the texts take behind the columns of a block. */
export function textBytes({ texts }: JsonShape): number {
  return texts.reduce((sum, text) => sum + sizeOf(text.length), 0);
}

/** Writes the texts into a block, given as words. */
export function writeTexts(shape: JsonShape, columns: number, block: Int32Array): void {
  const bytes = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
  let at = columnAt(columns);
  for (const text of shape.texts) {
    bytes.set(text, at);
    at += sizeOf(text.length);
  }
}

/** The bytes of a module for lines of a shape: depend on lengths of texts and how they begin. */
export function buildJsonlModule(
  schema: Schema,
  timeColumn: number,
  { targets, texts }: JsonShape,
): Uint8Array<ArrayBuffer> {
  const absent = schema.flatMap((_, c) => (targets.includes(c) ? [] : [c]));
  return buildRowModule({
    schema,
    timeColumn,
    escaping: 'backslash',
    emitRow(c) {
      let textAt = columnAt(schema.length);
      texts.forEach((text, place) => {
        emitExpected(c, text.length, textAt);
        textAt += sizeOf(text.length);
        const column = targets[place];
        if (column === undefined) return;
        const follower = texts[place + 1]![0]!;
        if (column < 0) emitSkipped(c, follower);
        else emitValue(c, column, follower);
      });
      for (const column of absent) c.setNull(column);
    },
  });
}

/** Passes over a text of the block. The line feed behind the input differs from it, or ends it. */
function emitExpected(c: RowCode, length: number, textAt: number): void {
  if (length <= 8) {
    const difference = i64.xor(c.word64(), i64.load(c.block, { offset: textAt }));
    c.slowIf(i64.ne(i64.shl(difference, i64.const(BigInt(64 - 8 * length))), i64.const(0n)));
  } else if (length < VECTOR_BYTES) {
    const mask = i32.const((1 << length) - 1);
    c.slowIf(i32.ne(i32.and(equalBytes(c, 0, textAt), mask), mask));
  } else {
    for (let from = 0; from < length; from += VECTOR_BYTES) {
      // The last vector ends with the text.
      const at = Math.min(from, length - VECTOR_BYTES);
      c.slowIf(i32.ne(equalBytes(c, at, textAt), i32.const(0xffff)));
    }
  }
  c.moveBy(length);
}

/** A bit for each of 16 bytes, set where the input is as the text at `textAt`. */
function equalBytes(c: RowCode, from: number, textAt: number): I32 {
  return i8x16.bitmask(i8x16.eq(c.bytes16(from), c.table(textAt + from)));
}

const startsWith = (c: RowCode, word: number): I32 => i32.eq(c.word32(), i32.const(word));
const isByte = (c: RowCode, code: number): I32 => i32.eq(c.byte(), i32.const(code));

const notationBefore = (follower: number): Notation => ({
  allowsLeadingZeros: false,
  followers: anyOf([follower]),
  emitOther(c, column) {
    c.slowIf(i32.eqz(startsWith(c, NULL)));
    c.setNull(column);
    c.moveBy(4);
  },
});

const inString: TextEnds = {
  ends: anyOf([QUOTE]),
  refused: eitherOf(anyOf([BACKSLASH]), controls),
};

/** Reads what is between quotes. What may not be there ends it before the closing one. */
function emitString(c: RowCode, inside: () => void): void {
  c.moveBy(1);
  inside();
  c.slowIf(i32.eqz(isByte(c, QUOTE)));
  c.moveBy(1);
}

function emitTextValue(c: RowCode, column: number): void {
  const start = textStart(c);
  emitText(c, column, inString);
  c.f.if(isByte(c, BACKSLASH), () => emitEscapedText(c, column, start));
}

function emitValue(c: RowCode, column: number, follower: number): void {
  const notation = notationBefore(follower);
  emitColumnValue(c, column, notation, {
    emitString: () =>
      c.either(
        isByte(c, QUOTE),
        () => emitString(c, () => emitTextValue(c, column)),
        () => notation.emitOther(c, column),
      ),
    isTimeText: () => isByte(c, QUOTE),
    emitTimeText: () => emitString(c, () => emitIsoTimestamp(c, column)),
  });
}

/** Passes over a value that no column wants: a string, a number, a word; not an object or array. */
function emitSkipped(c: RowCode, follower: number): void {
  const isTrue = startsWith(c, TRUE);
  const isFalse = i32.and(isByte(c, LETTER_F), i32.eq(c.word32(1), i32.const(ALSE)));
  const isWord = i32.or(isTrue, i32.or(isFalse, startsWith(c, NULL)));
  const isNumber: Notation = {
    ...notationBefore(follower),
    emitOther: () => {
      c.slowIf(i32.eqz(isWord));
      c.advance(i32.add(i32.const(4), isByte(c, LETTER_F)));
    },
  };
  c.either(
    isByte(c, QUOTE),
    () => emitString(c, () => emitSkippedText(c, inString)),
    () => emitSkippedNumber(c, isNumber),
  );
}
