/** Numbers for the values of a column, told apart on sight: classes, tenants. @module */

import { type Column, INLINE_BYTES } from '../../../core/column.ts';
import type { NameWriter } from '../../../ringbuf/index.ts';

/** Places of the hash table; a power of two, several times the most values there are. */
const PLACES = 1024;
const MASK = PLACES - 1;
const FREE = -1;
/** Values that were seen lately; a power of two. */
const SEEN = 256;
const SEEN_MASK = SEEN - 1;
const SEEN_SHIFT = 24;

/** The name of rows that have no value. */
const NO_VALUE = 'null';
/** The name of all values beyond those that are told apart. */
export const OTHER_NAME = 'other';

/**
 * Gives each value of an int32, int64, bool or string column a number, in the order in which they are
 * first seen. The last number is that of all values for which there was none left.
 */
export class NameTable {
  readonly #capacity: number;
  readonly #names: NameWriter;
  /** Number at each place of the hash table. */
  readonly #numbers = new Int16Array(PLACES).fill(FREE);
  readonly #hashes = new Int32Array(PLACES);
  /** By number: an int32, the words of an int64, the bytes of a string. */
  readonly #lows: Int32Array;
  readonly #highs: Int32Array;
  readonly #texts: Uint8Array[] = [];
  /** Values that were seen lately, by some bits, and their numbers: a word each, or the four of a view. */
  readonly #seen = new Int32Array(4 * SEEN);
  readonly #seenNumbers = new Int16Array(SEEN).fill(FREE);
  #null = FREE;
  #count = 0;

  constructor(capacity: number, names: NameWriter) {
    this.#capacity = capacity;
    this.#names = names;
    this.#lows = new Int32Array(capacity);
    this.#highs = new Int32Array(capacity);
  }

  /** How many numbers have been given. */
  get count(): number {
    return this.#count;
  }

  /**
   * What a table says of the numbers of rows' values. What was seen lately is found by a few bits of it: names are few and come again.
   *
   * @param of - by number, `factor` apart
   * @param into - by row
   * @returns negative if anything in `into` is
   * @hot
   */
  lookUp(
    column: Column,
    rows: Uint32Array,
    count: number,
    of: Int16Array,
    factor: number,
    into: Int32Array,
  ): number {
    const { words, storage, nullCount } = column;
    const isPlain = nullCount === 0;
    if (isPlain && storage === 'i32')
      return this.#lookUpWords(column, words, rows, count, of, factor, into);
    const isText = isPlain && storage === 'view';
    let all = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const number = isText ? this.#textSeen(column, words, row) : this.numberOf(column, row);
      const found = of[Math.imul(number, factor)]!;
      into[row] = found;
      all |= found;
    }
    return all;
  }

  /** @hot */
  #lookUpWords(
    column: Column,
    words: Int32Array,
    rows: Uint32Array,
    count: number,
    of: Int16Array,
    factor: number,
    into: Int32Array,
  ): number {
    const seen = this.#seen;
    const numbers = this.#seenNumbers;
    let all = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const word = words[row]!;
      const at = word & SEEN_MASK;
      let number = numbers[at]!;
      if (seen[at] !== word || number === FREE) {
        number = this.numberOf(column, row);
        seen[at] = word;
        numbers[at] = number;
      }
      const found = of[Math.imul(number, factor)]!;
      into[row] = found;
      all |= found;
    }
    return all;
  }

  /** The number of a text; those that lie in their views are remembered. @hot */
  #textSeen(column: Column, words: Int32Array, row: number): number {
    const seen = this.#seen;
    const length = words[4 * row]!;
    const a = words[4 * row + 1]!;
    const b = words[4 * row + 2]!;
    const c = words[4 * row + 3]!;
    const at = (Math.imul(a ^ (b + length), 0x9e3779b1) ^ c) >>> SEEN_SHIFT;
    const key = 4 * at;
    const known = this.#seenNumbers[at]!;
    const isSeen =
      seen[key] === length && seen[key + 1] === a && seen[key + 2] === b && seen[key + 3] === c;
    if (isSeen && known !== FREE) return known;
    const number = this.numberOf(column, row);
    if (length <= INLINE_BYTES) {
      seen[key] = length;
      seen[key + 1] = a;
      seen[key + 2] = b;
      seen[key + 3] = c;
      this.#seenNumbers[at] = number;
    }
    return number;
  }

  /** The number of a row's value. @hot */
  numberOf(column: Column, row: number): number {
    if (column.isNull(row)) return this.#null === FREE ? this.#addNull() : this.#null;
    switch (column.storage) {
      case 'i32':
        return this.#find(column, row, column.words[row]!, 0);
      case 'bits':
        return this.#find(column, row, column.getBool(row) ? 1 : 0, 0);
      case 'view':
        return this.#findText(column, row);
      default:
        return this.#find(column, row, column.words[2 * row]!, column.words[2 * row + 1]!);
    }
  }

  /** @hot */
  #find(column: Column, row: number, low: number, high: number): number {
    let place = mix(low ^ Math.imul(high, 0x9e3779b1)) & MASK;
    for (;;) {
      const number = this.#numbers[place]!;
      if (number === FREE) return this.#add(place, column, row, low, high);
      if (this.#lows[number] === low && this.#highs[number] === high) return number;
      place = (place + 1) & MASK;
    }
  }

  /** @hot */
  #findText(column: Column, row: number): number {
    const bytes = column.viewSource(row);
    const start = column.viewStart(row);
    const length = column.viewLength(row);
    let hash = length;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[start + i]!, 0x01000193);
    hash = mix(hash);
    let place = hash & MASK;
    for (;;) {
      const number = this.#numbers[place]!;
      if (number === FREE) return this.#addText(place, hash, bytes, start, length);
      if (this.#hashes[place] === hash && isText(this.#texts[number]!, bytes, start, length)) {
        return number;
      }
      place = (place + 1) & MASK;
    }
  }

  #add(place: number, column: Column, row: number, low: number, high: number): number {
    if (this.#isFull()) return this.#capacity - 1;
    this.#lows[this.#count] = low;
    this.#highs[this.#count] = high;
    return this.#put(place, textOf(column, row));
  }

  #addText(place: number, hash: number, bytes: Uint8Array, start: number, length: number): number {
    if (this.#isFull()) return this.#capacity - 1;
    const text = bytes.slice(start, start + length);
    this.#texts[this.#count] = text;
    this.#hashes[place] = hash;
    return this.#put(place, decoder.decode(text));
  }

  #addNull(): number {
    if (this.#isFull()) return this.#capacity - 1;
    this.#null = this.#name(NO_VALUE);
    return this.#null;
  }

  #put(place: number, name: string): number {
    const number = this.#name(name);
    this.#numbers[place] = number;
    return number;
  }

  #name(name: string): number {
    this.#names.add(name);
    return this.#count++;
  }

  /** Whether only the number of all others is left, which then gets its name. */
  #isFull(): boolean {
    if (this.#count < this.#capacity - 1) return false;
    if (this.#count < this.#capacity) this.#name(OTHER_NAME);
    return true;
  }
}

function isText(text: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text[i] !== bytes[start + i]) return false;
  return true;
}

function textOf(column: Column, row: number): string {
  if (column.storage === 'i32') return String(column.words[row]!);
  if (column.storage === 'bits') return String(column.getBool(row));
  return String(column.i64[row]!);
}

function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const decoder = new TextDecoder();
