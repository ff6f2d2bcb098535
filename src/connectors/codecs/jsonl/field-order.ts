/**
 * Which column a member of an object belongs to, and which columns an object did not have.
 *
 * Objects of a file mostly have the same members in the same order, so the column of the member that
 * stood in the same place of the object before is tried first.
 *
 * @module
 */

import type { Column } from '../../../core/column.ts';
import { equalsAt } from '../../../rows/values/cell-parse.ts';

const QUOTE = 0x22;
/** Members of an object whose place is remembered. */
const MOST_PLACES = 256;

/** Finds columns by name and keeps account of those seen in the object at hand. */
export class FieldOrder {
  /** Behind the closing quote of the name, after {@link match}. */
  end = 0;
  readonly #names: readonly Uint8Array[];
  /** For each place in the object: the column that was there last, or -1. */
  readonly #places = new Int32Array(MOST_PLACES).fill(-1);
  /** For each column: the number of the object it was seen in last. */
  readonly #seenIn: Float64Array;
  #object = 0;
  #place = 0;
  #seen = 0;

  constructor(names: readonly string[]) {
    const encoder = new TextEncoder();
    this.#names = names.map((name) => encoder.encode(name));
    this.#seenIn = new Float64Array(names.length);
    for (let i = 0; i < Math.min(names.length, MOST_PLACES); i++) this.#places[i] = i;
  }

  /** Begins an object. @hot */
  begin(): void {
    this.#object++;
    this.#place = -1;
    this.#seen = 0;
  }

  /**
   * Begins a member, and compares its name, which begins at `from`, with the one expected here.
   *
   * @returns the column, or -1: then {@link find} decides
   *
   * @hot
   */
  match(bytes: Uint8Array, from: number): number {
    const place = ++this.#place;
    const expected = place < MOST_PLACES ? this.#places[place]! : -1;
    if (expected < 0) return -1;
    const name = this.#names[expected]!;
    const { length } = name;
    if (bytes[from + length] !== QUOTE) return -1;
    for (let i = 0; i < length; i++) {
      if (bytes[from + i] !== name[i]) return -1;
    }
    this.end = from + length + 1;
    return expected;
  }

  /** The column with the name `bytes[from, to)`, or -1; remembers its place. */
  find(bytes: Uint8Array, from: number, to: number): number {
    let found = -1;
    for (let c = 0; c < this.#names.length && found < 0; c++) {
      if (equalsAt(bytes, from, to, this.#names[c]!)) found = c;
    }
    if (this.#place < MOST_PLACES) this.#places[this.#place] = found;
    return found;
  }

  /** Takes note of a column of the object; true when the object had it before. @hot */
  isRepeated(column: number): boolean {
    if (this.#seenIn[column] === this.#object) return true;
    this.#seenIn[column] = this.#object;
    this.#seen++;
    return false;
  }

  /** Makes the columns null that the object did not have. @hot */
  setAbsentNull(columns: readonly Column[], row: number): void {
    if (this.#seen === columns.length) return;
    for (let c = 0; c < columns.length; c++) {
      if (this.#seenIn[c] !== this.#object) columns[c]!.setNull(row);
    }
  }
}
