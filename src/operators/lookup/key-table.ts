/** Which row of a table has a key: an index by hash, made once. @module */

import type { Column } from '../../core/column.ts';
import { hashRows } from '../../state/index.ts';
import { keysEqual } from '../join/key-equality.ts';

/** Where no row has the key. */
export const NO_ROW = -1;

/** Two 32-bit words a place: the hash, and the row + 1, 0 where the place is free. */
const PLACE_WORDS = 2;

/** An index over the key columns of a table. Rows with a null in their key are not in it. */
export class KeyTable {
  readonly #keys: readonly Column[];
  /** Twice as many places as rows, at least; a power of two. */
  readonly #places: Int32Array;
  readonly #mask: number;
  /** Equal hashes mean equal keys. */
  readonly #hashIsKey: boolean;

  /**
   * @param keys - the key's columns in the table
   * @param rows - how many rows the table has
   * @param onTwice - called with the row of a key that an earlier row has
   */
  constructor(keys: readonly Column[], rowCount: number, onTwice: (row: number) => never) {
    this.#keys = keys;
    this.#hashIsKey = this.#keys.length === 1 && this.#keys[0]!.storage === 'i32';
    const places = 2 ** Math.ceil(Math.log2(Math.max(8, 2 * rowCount)));
    this.#places = new Int32Array(places * PLACE_WORDS);
    this.#mask = places - 1;
    const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
    const hashes = new Int32Array(rowCount);
    hashRows(this.#keys, rows, 0, rowCount, hashes);
    for (const row of rows) {
      if (this.#keys.some((key) => key.isNull(row))) continue;
      if (!this.#insert(row, hashes[row]!)) onTwice(row);
    }
  }

  #insert(row: number, hash: number): boolean {
    const places = this.#places;
    let place = hash & this.#mask;
    for (; places[2 * place + 1] !== 0; place = (place + 1) & this.#mask) {
      if (places[2 * place] === hash && this.#isKeyOf(places[2 * place + 1]! - 1, this.#keys, row))
        return false;
    }
    places[2 * place] = hash;
    places[2 * place + 1] = row + 1;
    return true;
  }

  /**
   * Finds the table's rows for `rows[0 .. count)` of `keys`, none of which is null.
   *
   * @param hashes - by position, of {@link hashRows}
   * @param matches - takes, by position, the row of the table or {@link NO_ROW}
   */
  find(
    keys: readonly Column[],
    rows: Uint32Array,
    count: number,
    hashes: Int32Array,
    matches: Int32Array,
  ): void {
    probe(this.#places, this.#mask, hashes, count, matches);
    if (this.#hashIsKey) return;
    for (let k = 0; k < keys.length; k++) {
      const other = this.#keys[k]!;
      if (keys[k]!.storage === 'i64') markPairs(keys[k]!.words, other.words, rows, count, matches);
      else if (keys[k]!.storage === 'i32')
        markWords(keys[k]!.words, other.words, rows, count, matches);
      else markOthers(keys[k]!, other, rows, count, matches);
    }
    this.#settle(keys, rows, count, hashes, matches);
  }

  /** Rows whose first place had the hash but another key: rare, and found the slow way. */
  #settle(
    keys: readonly Column[],
    rows: Uint32Array,
    count: number,
    hashes: Int32Array,
    matches: Int32Array,
  ): void {
    for (let i = 0; i < count; i++) {
      if (matches[i]! < NO_ROW) matches[i] = this.#findOne(keys, rows[i]!, hashes[i]!);
    }
  }

  #findOne(keys: readonly Column[], row: number, hash: number): number {
    const places = this.#places;
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const found = places[2 * place + 1]! - 1;
      if (found === NO_ROW) return NO_ROW;
      if (places[2 * place] === hash && this.#isKeyOf(found, keys, row)) return found;
    }
  }

  #isKeyOf(found: number, keys: readonly Column[], row: number): boolean {
    for (let k = 0; k < keys.length; k++) {
      if (!keysEqual(this.#keys[k]!, found, keys[k]!, row)) return false;
    }
    return true;
  }
}

/** The row at the first place with the hash. @hot */
function probe(
  places: Int32Array,
  mask: number,
  hashes: Int32Array,
  count: number,
  matches: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const hash = hashes[i]!;
    let place = hash & mask;
    while (places[2 * place] !== hash && places[2 * place + 1] !== 0) place = (place + 1) & mask;
    matches[i] = places[2 * place + 1]! - 1;
  }
}

// A match whose key differs is marked: it becomes less than NO_ROW.

/** @hot */
function markPairs(
  values: Int32Array,
  table: Int32Array,
  rows: Uint32Array,
  count: number,
  matches: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const match = matches[i]!;
    if (match < 0) continue;
    const at = 2 * rows[i]!;
    const differs = (values[at]! ^ table[2 * match]!) | (values[at + 1]! ^ table[2 * match + 1]!);
    if (differs !== 0) matches[i] = ~match - 1;
  }
}

/** @hot */
function markWords(
  values: Int32Array,
  table: Int32Array,
  rows: Uint32Array,
  count: number,
  matches: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const match = matches[i]!;
    if (match >= 0 && values[rows[i]!] !== table[match]) matches[i] = ~match - 1;
  }
}

function markOthers(
  values: Column,
  table: Column,
  rows: Uint32Array,
  count: number,
  matches: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const match = matches[i]!;
    if (match >= 0 && !keysEqual(table, match, values, rows[i]!)) matches[i] = ~match - 1;
  }
}
