/**
 * Rows of a table as bytes.
 *
 * ```
 *  kind    nulls              values that are not null, in the order of columns
 *  │ 1 byte │ 1 bit a column … │ bool 1 │ int32 4 │ int64 8 │ float64 8 │ others: length 4, bytes │
 * ```
 *
 * Little-endian. A row that is removed has the columns of its key only.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import { copyBytes } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { rowOf, type TableColumn } from './table-column.ts';

/** What is said of a row. */
export const Entry = { PUT: 1, REMOVE: 2 } as const;

const FIRST_BYTES = 4096;

/** Writes entries behind each other. */
export class EntryWriter {
  used = 0;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);

  /** What was written; valid until more is. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.used);
  }

  /** Writes the values of a slot. */
  write(kind: number, columns: readonly TableColumn[], slot: number): void {
    const nullsAt = this.used + 1;
    const nullBytes = (columns.length + 7) >>> 3;
    this.#reserve(1 + nullBytes + 8 * columns.length);
    this.#bytes[this.used] = kind;
    this.#bytes.fill(0, nullsAt, nullsAt + nullBytes);
    this.used = nullsAt + nullBytes;
    for (let c = 0; c < columns.length; c++) {
      if (columns[c]!.isNull(slot)) this.#bytes[nullsAt + (c >>> 3)]! |= 1 << (c & 7);
      else this.#writeValue(columns[c]!, slot, 8 * (columns.length - c));
    }
  }

  /** @param behind - room that is to be left for the columns from this one on */
  #writeValue(column: TableColumn, slot: number, behind: number): void {
    const page = column.page(slot);
    const row = rowOf(slot);
    switch (column.storage) {
      case 'bits':
        this.#bytes[this.used++] = Number(page.getBool(row));
        break;
      case 'i32':
        this.#view.setInt32(this.used, page.words[row]!, true);
        this.used += 4;
        break;
      case 'view': {
        const length = page.viewLength(row);
        this.#reserve(length + behind);
        this.#view.setUint32(this.used, length, true);
        copyBytes(page.viewSource(row), page.viewStart(row), this.#bytes, this.used + 4, length);
        this.used += 4 + length;
        break;
      }
      default:
        this.#view.setInt32(this.used, page.words[2 * row]!, true);
        this.#view.setInt32(this.used + 4, page.words[2 * row + 1]!, true);
        this.used += 8;
    }
  }

  #reserve(more: number): void {
    const needed = this.used + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Reads entries from the front of a frame. */
export class EntryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** What the next entry says; its values are to be read then. */
  readKind(): number {
    const kind = this.#bytes[this.#at++]!;
    if (kind === Entry.PUT || kind === Entry.REMOVE) return kind;
    throw new MillraceError('ERR_FILE', `an entry of kind ${kind} in the log of a table`);
  }

  /** Reads the values into a row of columns, whose heap grows. */
  readValues(columns: readonly Column[], row: number): void {
    const nullsAt = this.#at;
    this.#at += (columns.length + 7) >>> 3;
    for (let c = 0; c < columns.length; c++) {
      const isNull = (this.#bytes[nullsAt + (c >>> 3)]! & (1 << (c & 7))) !== 0;
      if (isNull) {
        columns[c]!.setNull(row);
        continue;
      }
      columns[c]!.setPresent(row);
      this.#readValue(columns[c]!, row);
    }
  }

  #readValue(column: Column, row: number): void {
    switch (column.storage) {
      case 'bits':
        column.setBool(row, this.#bytes[this.#at++] === 1);
        break;
      case 'i32':
        column.words[row] = this.#view.getInt32(this.#at, true);
        this.#at += 4;
        break;
      case 'view': {
        const length = this.#view.getUint32(this.#at, true);
        column.setView(row, this.#bytes, this.#at + 4, length);
        this.#at += 4 + length;
        break;
      }
      default:
        column.words[2 * row] = this.#view.getInt32(this.#at, true);
        column.words[2 * row + 1] = this.#view.getInt32(this.#at + 4, true);
        this.#at += 8;
    }
  }
}
