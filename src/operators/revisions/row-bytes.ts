/** Rows as texts of one byte a character, by which equal rows are found. @module */

import type { Column } from '../../core/column.ts';
import { copyBytes } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import type { Storage } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';

const FIRST_BYTES = 1024;
/** Characters of which a text is made at a time. */
const PART = 4096;

/** The text of bytes, a character for each. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PART) {
    text += String.fromCharCode(...bytes.subarray(at, at + PART));
  }
  return text;
}

/** The inverse of {@link textOfBytes}. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

/**
 * Writes and reads rows of one stream.
 *
 * ```
 *  port 1 │ nulls, a bit a column │ values that are not null: 1, 4, 8, or length 4 and bytes
 * ```
 */
export class RowBytes {
  readonly #storages: readonly Storage[];
  /** Of a batch: where its columns are. */
  readonly #positions: readonly number[];
  /** Behind the port and the nulls. */
  readonly #valuesAt: number;
  readonly #port: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  /**
   * @param port - of the stream, below 256
   * @param left - the column of batches that is left out; `undefined`: none
   */
  constructor(port: number, schema: Schema, left?: number) {
    this.#port = port;
    this.#positions = schema.flatMap((_, c) => (c === left ? [] : [c]));
    this.#storages = this.#positions.map((c) => storageOf(schema[c]!.type));
    this.#valuesAt = 1 + ((this.#storages.length + 7) >>> 3);
  }

  /** The values of a row. */
  write(columns: readonly Column[], row: number): string {
    const width = this.#storages.length;
    this.#used = 0;
    this.#reserve(this.#valuesAt + 8 * width);
    this.#bytes[0] = this.#port;
    this.#bytes.fill(0, 1, this.#valuesAt);
    this.#used = this.#valuesAt;
    for (let c = 0; c < width; c++) {
      const column = columns[this.#positions[c]!]!;
      if (column.isNull(row)) this.#bytes[1 + (c >>> 3)]! |= 1 << (c & 7);
      else this.#writeValue(column, row, 8 * (width - c));
    }
    return textOfBytes(this.#bytes.subarray(0, this.#used));
  }

  /** @param behind - room to be left for the columns from this one on */
  #writeValue(column: Column, row: number, behind: number): void {
    switch (column.storage) {
      case 'bits':
        this.#bytes[this.#used++] = Number(column.getBool(row));
        break;
      case 'i32':
        this.#view.setInt32(this.#used, column.words[row]!, true);
        this.#used += 4;
        break;
      case 'view': {
        const length = column.viewLength(row);
        this.#reserve(length + 4 + behind);
        this.#view.setInt32(this.#used, length, true);
        this.#used += 4;
        copyBytes(column.viewSource(row), column.viewStart(row), this.#bytes, this.#used, length);
        this.#used += length;
        break;
      }
      default:
        this.#view.setInt32(this.#used, column.words[2 * row]!, true);
        this.#view.setInt32(this.#used + 4, column.words[2 * row + 1]!, true);
        this.#used += 8;
    }
  }

  /**
   * Writes the values into a row of columns without the one that is left out.
   *
   * @returns false when the heap has no room for a long value
   */
  read(text: string, columns: readonly Column[], row: number): boolean {
    this.#load(text);
    let at = this.#valuesAt;
    for (let c = 0; c < this.#storages.length; c++) {
      const column = columns[c]!;
      if ((this.#bytes[1 + (c >>> 3)]! & (1 << (c & 7))) !== 0) {
        column.setNull(row);
        continue;
      }
      column.setPresent(row);
      switch (this.#storages[c]!) {
        case 'bits':
          column.setBool(row, this.#bytes[at++] === 1);
          break;
        case 'i32':
          column.words[row] = this.#view.getInt32(at, true);
          at += 4;
          break;
        case 'view': {
          const length = this.#view.getInt32(at, true);
          at += 4;
          if (!column.setView(row, this.#bytes, at, length)) return false;
          at += length;
          break;
        }
        default:
          column.words[2 * row] = this.#view.getInt32(at, true);
          column.words[2 * row + 1] = this.#view.getInt32(at + 4, true);
          at += 8;
      }
    }
    return true;
  }

  #load(text: string): void {
    this.#used = 0;
    this.#reserve(text.length);
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  }

  #reserve(more: number): void {
    const needed = this.#used + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
