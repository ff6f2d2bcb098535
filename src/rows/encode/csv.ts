/**
 * Columns into CSV: a header line, LF, quotes only where they are needed.
 *
 * Null is the null text, the empty string `""`, as is a string that looks like the null text.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import type { CsvFormat } from '../../core/topology/model.ts';
import type { ByteWriter } from '../values/byte-writer.ts';
import { ByteWriter as Buffered } from '../values/byte-writer.ts';
import { equalsAt } from '../values/cell-parse.ts';
import { writeCell } from '../values/cell-write.ts';
import type { RowEncoder } from './row-encoder.ts';

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** Writes rows as CSV. */
export class CsvEncoder implements RowEncoder {
  readonly #schema: Schema;
  readonly #hasHeader: boolean;
  readonly #delimiter: number;
  readonly #nullText: Uint8Array;
  /** Values of these types never need quotes. */
  readonly #isPlain: readonly boolean[];
  /** 1 for the bytes that make quotes necessary. */
  readonly #quoteFor = new Uint8Array(256);
  readonly #cell = new Buffered(256);

  constructor(format: CsvFormat, schema: Schema) {
    this.#schema = schema;
    this.#hasHeader = format.header;
    this.#delimiter = format.delimiter.charCodeAt(0);
    this.#nullText = new TextEncoder().encode(format.nullText);
    for (const byte of [this.#delimiter, LINE_FEED, CARRIAGE_RETURN, QUOTE]) {
      this.#quoteFor[byte] = 1;
    }
    // With an unusual delimiter or null text a number may need quotes too.
    const isUsual = !/[-+.:0-9A-Za-z ]/.test(format.delimiter) && format.nullText === '';
    this.#isPlain = schema.map(({ type: { kind } }) => isUsual && !QUOTABLE.has(kind));
  }

  writeHeader(out: ByteWriter): void {
    if (!this.#hasHeader) return;
    this.#schema.forEach(({ name }, c) => {
      if (c > 0) out.byte(this.#delimiter);
      this.#cell.clear();
      this.#cell.text(name);
      this.#writeText(out, this.#cell.bytes, 0, this.#cell.length);
    });
    out.byte(LINE_FEED);
  }

  writeRow(out: ByteWriter, columns: readonly Column[], row: number): void {
    for (let c = 0; c < columns.length; c++) {
      if (c > 0) out.byte(this.#delimiter);
      const column = columns[c]!;
      if (column.isNull(row)) {
        out.copy(this.#nullText, 0, this.#nullText.length);
      } else if (this.#isPlain[c] === true) {
        writeCell(out, column, row);
      } else if (column.type.kind === 'string') {
        const start = column.viewStart(row);
        this.#writeText(out, column.viewSource(row), start, column.viewLength(row));
      } else {
        this.#cell.clear();
        writeCell(this.#cell, column, row);
        this.#writeText(out, this.#cell.bytes, 0, this.#cell.length);
      }
    }
    out.byte(LINE_FEED);
  }

  #writeText(out: ByteWriter, source: Uint8Array, start: number, length: number): void {
    const end = start + length;
    let at = start;
    while (at < end && this.#quoteFor[source[at]!] === 0) at++;
    const needsQuotes = at < end || length === 0 || equalsAt(source, start, end, this.#nullText);
    if (!needsQuotes) {
      out.copy(source, start, length);
      return;
    }
    out.ensure(2 * length + 2);
    out.byte(QUOTE);
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      if (byte === QUOTE) out.byte(QUOTE);
      out.byte(byte);
    }
    out.byte(QUOTE);
  }
}

/** Types whose text may hold any character. */
const QUOTABLE: ReadonlySet<string> = new Set(['string', 'json', 'bytes']);
