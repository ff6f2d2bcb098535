/**
 * Columns into JSON Lines: one object a line, members in column order, nulls included.
 *
 * Integers of any size and decimals are JSON numbers with all their digits. NaN and the infinities,
 * for which JSON has no number, are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`, which decoding
 * takes back.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import type { ByteWriter } from '../values/byte-writer.ts';
import { writeCell } from '../values/cell-write.ts';
import { writeFloat } from '../values/number-format.ts';
import type { RowEncoder } from './row-encoder.ts';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE_BRACE = 0x7d;

/** Writes rows as JSON Lines. */
export class JsonlEncoder implements RowEncoder {
  /** For each column: what stands before its value, `{"a":` or `,"b":`. */
  readonly #heads: readonly Uint8Array[];

  constructor(schema: Schema) {
    const encoder = new TextEncoder();
    this.#heads = schema.map(({ name }, c) =>
      encoder.encode(`${c === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    );
  }

  /** JSON Lines has no header. */
  writeHeader(_out: ByteWriter): void {}

  writeRow(out: ByteWriter, columns: readonly Column[], row: number): void {
    for (let c = 0; c < columns.length; c++) {
      const head = this.#heads[c]!;
      out.copy(head, 0, head.length);
      const column = columns[c]!;
      if (column.isNull(row)) out.ascii('null');
      else writeMember(out, column, row);
    }
    out.byte(CLOSE_BRACE);
    out.byte(LINE_FEED);
  }
}

function writeMember(out: ByteWriter, column: Column, row: number): void {
  switch (column.type.kind) {
    case 'string':
      writeString(out, column.viewSource(row), column.viewStart(row), column.viewLength(row));
      break;
    case 'timestamp':
    case 'duration':
    case 'bytes':
      out.byte(QUOTE);
      writeCell(out, column, row);
      out.byte(QUOTE);
      break;
    case 'float64': {
      const value = column.f64[row]!;
      if (Number.isFinite(value)) writeFloat(out, value);
      else out.ascii(`"${value}"`);
      break;
    }
    default:
      writeCell(out, column, row);
  }
}

const HEX = '0123456789abcdef';
/** Characters whose escape is a letter. */
const LETTERS: ReadonlyMap<number, string> = new Map([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
]);

function writeString(out: ByteWriter, source: Uint8Array, start: number, length: number): void {
  out.ensure(6 * length + 2);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = QUOTE;
  for (let i = start; i < start + length; i++) {
    const byte = source[i]!;
    if (byte < 0x20) {
      out.length = at;
      writeControl(out, byte);
      at = out.length;
      continue;
    }
    if (byte === QUOTE || byte === BACKSLASH) bytes[at++] = BACKSLASH;
    bytes[at++] = byte;
  }
  bytes[at++] = QUOTE;
  out.length = at;
}

function writeControl(out: ByteWriter, byte: number): void {
  const letter = LETTERS.get(byte);
  out.ascii(letter === undefined ? `\\u00${HEX[byte >> 4]}${HEX[byte & 15]}` : `\\${letter}`);
}
