/** Members of objects in json columns, by the names of columns. @module */

import type { Column } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import { ColumnNames } from '../column-names.ts';
import {
  objectStart,
  packedCount,
  packedEnd,
  textStart,
  UNSURE,
  writePacked,
} from './packed-value.ts';

/** Writes objects into columns. */
export class PackedMembers {
  readonly #names: ColumnNames;
  /** By column: the number of the object that had it last. */
  readonly #seen: Float64Array;
  #objects = 0;

  constructor(columns: Schema) {
    this.#names = new ColumnNames(columns);
    this.#seen = new Float64Array(columns.length);
  }

  /** Whether the object at `at` has a member that is a column; undefined where it is none. */
  hasAny(bytes: Uint8Array, at: number): boolean | undefined {
    let place = objectStart(bytes, at);
    if (place < 0) return undefined;
    for (let left = packedCount(); left > 0; left--) {
      const start = textStart(bytes, place);
      if (start < 0) return undefined;
      const length = packedCount();
      if (this.#names.find(bytes, start, length) >= 0) return true;
      place = packedEnd(bytes, start + length);
      if (place < 0) return undefined;
    }
    return false;
  }

  /**
   * Writes the members of the object at `at` to row `row` of the first columns; null where there is none.
   *
   * @returns where the object ends; `UNSURE` where something may not fit, or is no object
   *
   * @hot
   */
  write(columns: readonly Column[], row: number, bytes: Uint8Array, at: number): number {
    let place = objectStart(bytes, at);
    if (place < 0) return UNSURE;
    const seen = this.#seen;
    const object = ++this.#objects;
    let missing = seen.length;
    for (let left = packedCount(); left > 0; left--) {
      const start = textStart(bytes, place);
      if (start < 0) return UNSURE;
      const length = packedCount();
      const c = this.#names.find(bytes, start, length);
      place = start + length;
      if (c < 0) {
        place = packedEnd(bytes, place);
      } else {
        place = writePacked(columns[c]!, row, bytes, place);
        if (seen[c] !== object) missing--;
        seen[c] = object;
      }
      if (place < 0) return UNSURE;
    }
    if (missing > 0) {
      for (let c = 0; c < seen.length; c++) if (seen[c] !== object) columns[c]!.setNull(row);
    }
    return place;
  }
}
