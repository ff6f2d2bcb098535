/** Lists of objects in json columns, of which one member names the column and another is its value. @module */

import type { Column } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import { STRING } from '../../core/types.ts';
import { ColumnNames } from '../column-names.ts';
import {
  listStart,
  objectStart,
  packedCount,
  packedEnd,
  textStart,
  UNSURE,
  writePacked,
} from './packed-value.ts';

const KEY = 0;

/** Writes such lists into columns. */
export class PackedEntries {
  readonly #names: ColumnNames;
  readonly #parts: ColumnNames;
  readonly #isPlain: boolean;
  /** By column: the number of the list that had it last. */
  readonly #seen: Float64Array;
  #lists = 0;
  /** Of the entry at hand: where the column's name and value are; -1: nowhere. */
  #nameAt = -1;
  #nameBytes = 0;
  #valueAt = -1;

  /** @param key - the member that names the column; `value` is another one's name */
  constructor(columns: Schema, key: string, value: string) {
    this.#names = new ColumnNames(columns);
    this.#parts = new ColumnNames([key, value].map((name) => ({ name, type: STRING })));
    // One member that is both is left to others.
    this.#isPlain = key !== value;
    this.#seen = new Float64Array(columns.length);
  }

  /**
   * Writes the entries of the list at `at` to row `row` of the first columns; null where there is none.
   *
   * @returns where the list ends; `UNSURE` where something may not fit, or is no such list
   *
   * @hot
   */
  write(columns: readonly Column[], row: number, bytes: Uint8Array, at: number): number {
    let place = listStart(bytes, at);
    if (place < 0 || !this.#isPlain) return UNSURE;
    const seen = this.#seen;
    const list = ++this.#lists;
    for (let left = packedCount(); left > 0; left--) {
      place = this.#readEntry(bytes, place);
      if (place < 0 || this.#nameAt < 0) return UNSURE;
      const c = this.#names.find(bytes, this.#nameAt, this.#nameBytes);
      if (c < 0) continue;
      seen[c] = list;
      if (this.#valueAt < 0) columns[c]!.setNull(row);
      else if (writePacked(columns[c]!, row, bytes, this.#valueAt) < 0) return UNSURE;
    }
    for (let c = 0; c < seen.length; c++) if (seen[c] !== list) columns[c]!.setNull(row);
    return place;
  }

  /** Finds the parts of the entry at `at`; its end, or `UNSURE`. @hot */
  #readEntry(bytes: Uint8Array, at: number): number {
    this.#nameAt = -1;
    this.#valueAt = -1;
    let place = objectStart(bytes, at);
    if (place < 0) return UNSURE;
    for (let left = packedCount(); left > 0; left--) {
      const start = textStart(bytes, place);
      if (start < 0) return UNSURE;
      const length = packedCount();
      const part = this.#parts.find(bytes, start, length);
      place = start + length;
      if (part === KEY) {
        this.#nameAt = textStart(bytes, place);
        this.#nameBytes = packedCount();
        if (this.#nameAt < 0) return UNSURE;
      } else if (part > KEY) this.#valueAt = place;
      place = packedEnd(bytes, place);
      if (place < 0) return UNSURE;
    }
    return place;
  }
}
