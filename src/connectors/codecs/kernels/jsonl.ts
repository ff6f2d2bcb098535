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
import { i32, v128 } from '../../../wasm/index.ts';
import { columnAt } from './layout.ts';
import type { Notation } from './numbers.ts';
import {
  emitBool,
  emitDecimal,
  emitFloat64,
  emitInt32,
  emitInt64,
  emitMilliseconds,
  emitSkippedNumber,
} from './numbers.ts';
import type { RowCode } from './row-code.ts';
import { buildRowModule } from './row-code.ts';
import { anyOf, emitSkippedText, emitText, orControl } from './text.ts';
import { emitIsoTimestamp } from './timestamp.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_F = 0x66;
const NULL = 0x6c6c756e;
const TRUE = 0x65757274;
const ALSE = 0x65736c61;

const VECTOR_BYTES = 16;
/** A text is compared in pieces: 16 bytes of it, and a mask of those that count. */
const PIECE_BYTES = 2 * VECTOR_BYTES;

/** What lines look like. */
export interface JsonShape {
  /** For each member its column, or -1. */
  readonly targets: readonly number[];
  /** The texts before, between and behind the values; one more than members. */
  readonly texts: readonly Uint8Array[];
}

const piecesOf = (text: Uint8Array): number => Math.ceil(text.length / VECTOR_BYTES);

/** Bytes that the texts take behind the columns of a block. */
export function textBytes({ texts }: JsonShape): number {
  return texts.reduce((sum, text) => sum + piecesOf(text) * PIECE_BYTES, 0);
}

/** Writes the texts into a block, given as words. */
export function writeTexts(shape: JsonShape, columns: number, block: Int32Array): void {
  const bytes = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
  let at = columnAt(columns);
  for (const text of shape.texts) {
    for (let from = 0; from < text.length; from += VECTOR_BYTES) {
      const piece = text.subarray(from, from + VECTOR_BYTES);
      bytes.fill(0, at, at + PIECE_BYTES);
      bytes.set(piece, at);
      bytes.fill(0xff, at + VECTOR_BYTES, at + VECTOR_BYTES + piece.length);
      at += PIECE_BYTES;
    }
  }
}

/** The bytes of a module for lines of a shape: depends on lengths of texts, not on the texts. */
export function buildJsonlModule(
  schema: Schema,
  timeColumn: number,
  { targets, texts }: JsonShape,
): Uint8Array<ArrayBuffer> {
  const absent = schema.flatMap((_, c) => (targets.includes(c) ? [] : [c]));
  return buildRowModule({
    schema,
    timeColumn,
    emitRow(c) {
      let textAt = columnAt(schema.length);
      texts.forEach((text, place) => {
        emitExpected(c, text.length, textAt);
        textAt += piecesOf(text) * PIECE_BYTES;
        const column = targets[place];
        if (column === undefined) return;
        if (column < 0) emitSkipped(c);
        else emitValue(c, column);
      });
      for (const column of absent) c.setNull(column);
    },
  });
}

/** Passes over a text of the block. The line feed behind the input differs from it, or ends it. */
function emitExpected(c: RowCode, length: number, textAt: number): void {
  for (let from = 0; from < length; from += VECTOR_BYTES) {
    const pieceAt = textAt + (from / VECTOR_BYTES) * PIECE_BYTES;
    const piece = v128.load(c.block, { offset: pieceAt });
    const mask = v128.load(c.block, { offset: pieceAt + VECTOR_BYTES });
    const here = v128.load(c.at, { offset: from });
    c.slowIf(v128.anyTrue(v128.and(v128.xor(here, piece), mask)));
  }
  c.f.increase(c.at, length);
}

const startsWith = (c: RowCode, word: number): I32 => i32.eq(i32.load(c.at), i32.const(word));
const isByte = (c: RowCode, code: number): I32 => i32.eq(c.byte(), i32.const(code));

const NOTATION: Notation = {
  allowsLeadingZeros: false,
  emitOther(c, column) {
    c.slowIf(i32.eqz(startsWith(c, NULL)));
    c.setNull(column);
    c.f.increase(c.at, 4);
  },
};

const stringStops = orControl(anyOf([QUOTE, BACKSLASH]));

/** Reads what is between quotes. An escape or a control character ends it before the closing one. */
function emitString(c: RowCode, inside: () => void): void {
  c.f.increase(c.at, 1);
  inside();
  c.slowIf(i32.eqz(isByte(c, QUOTE)));
  c.f.increase(c.at, 1);
}

function emitValue(c: RowCode, column: number): void {
  const type = c.typeOf(column);
  switch (type.kind) {
    case 'string':
      return c.f.if(
        isByte(c, QUOTE),
        () => emitString(c, () => emitText(c, column, stringStops)),
        () => NOTATION.emitOther(c, column),
      );
    case 'int32':
      return emitInt32(c, NOTATION, column);
    case 'int64':
      return emitInt64(c, NOTATION, column);
    case 'float64':
      return emitFloat64(c, NOTATION, column);
    case 'decimal':
      return emitDecimal(c, NOTATION, column, type);
    case 'bool':
      return emitBool(c, NOTATION, column);
    case 'timestamp':
      return c.f.if(
        isByte(c, QUOTE),
        () => emitString(c, () => emitIsoTimestamp(c, column)),
        () => emitMilliseconds(c, NOTATION, column),
      );
    default:
      return NOTATION.emitOther(c, column);
  }
}

/** Passes over a value that no column wants: a string, a number, a word; not an object or array. */
function emitSkipped(c: RowCode): void {
  const isTrue = startsWith(c, TRUE);
  const isFalse = i32.and(
    isByte(c, LETTER_F),
    i32.eq(i32.load(c.at, { offset: 1 }), i32.const(ALSE)),
  );
  const isWord = i32.or(isTrue, i32.or(isFalse, startsWith(c, NULL)));
  const isNumber: Notation = {
    allowsLeadingZeros: false,
    emitOther: () => {
      c.slowIf(i32.eqz(isWord));
      c.advance(i32.add(i32.const(4), isByte(c, LETTER_F)));
    },
  };
  c.f.if(
    isByte(c, QUOTE),
    () => emitString(c, () => emitSkippedText(c, stringStops)),
    () => emitSkippedNumber(c, isNumber),
  );
}
