/** The key of a row: as words, by which its instance is found, and as the values that an instance sees. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import { readValue } from '../../rows/row-reader.ts';

const BIGINTS = { int64: 'bigint' } as const;

/** Words of a key that lies in columns: enough for a view. */
const WORDS_PER_COLUMN = 4;
const NAN_HIGH = 0x7ff8_0000;

/** By column, the bytes of a value that is too long to lie in words. */
export type LongValues = readonly (Uint8Array | undefined)[];

/** A key that is written down. */
export interface StoredKey {
  readonly hash: number;
  readonly words: readonly number[];
  /** `undefined`: there are none. */
  readonly longs: LongValues | undefined;
}

/**
 * Reads the keys of rows of one input, without an object for each. Keys are equal as groups of an
 * aggregate are: both zeros are one key, all NaNs are one.
 */
export class KeyReader {
  /** Of the row that was read last. */
  hash = 0;
  readonly #columns: readonly number[];
  readonly #words: Int32Array;
  #count = 0;
  #hasLongs = false;

  /** @param columns - positions of the key's columns */
  constructor(columns: readonly number[]) {
    this.#columns = columns;
    this.#words = new Int32Array(columns.length * WORDS_PER_COLUMN);
  }

  /** The values, in the order of the columns. */
  values(batch: Batch, row: number): unknown[] {
    return this.#columns.map((c) => readValue(batch.columns[c]!, row, BIGINTS));
  }

  /**
   * Reads the key of a row; false when a value is null.
   *
   * @hot
   */
  read({ columns }: Batch, row: number): boolean {
    const keys = this.#columns;
    this.#count = 0;
    this.#hasLongs = false;
    if (keys.length === 1) {
      const column = columns[keys[0]!]!;
      if (column.storage === 'i32') return this.#readWord(column, row);
    }
    for (let k = 0; k < keys.length; k++) {
      const column = columns[keys[k]!]!;
      if (column.isNull(row)) return false;
      this.#readColumn(column, row);
    }
    const words = this.#words;
    let hash = 0;
    for (let w = 0; w < this.#count; w++) hash = mix(hash, words[w]!);
    this.hash = hash;
    return true;
  }

  /**
   * The most frequent key of all.
   *
   * @hot
   */
  #readWord(column: Column, row: number): boolean {
    if (column.isNull(row)) return false;
    const word = column.words[row]!;
    this.#words[0] = word;
    this.#count = 1;
    this.hash = mix(0, word);
    return true;
  }

  /** @hot */
  #readColumn(column: Column, row: number): void {
    switch (column.storage) {
      case 'i32':
        this.#words[this.#count++] = column.words[row]!;
        break;
      case 'i64':
        this.#push(column.words[2 * row]!, column.words[2 * row + 1]!);
        break;
      case 'f64':
        this.#readFloat(column, row);
        break;
      case 'view':
        this.#readView(column, row);
        break;
      case 'bits':
        this.#words[this.#count++] = column.getBool(row) ? 1 : 0;
    }
  }

  /** @hot */
  #readFloat(column: Column, row: number): void {
    const value = column.f64[row]!;
    if (value === 0) this.#push(0, 0);
    else if (value !== value) this.#push(0, NAN_HIGH);
    else this.#push(column.words[2 * row]!, column.words[2 * row + 1]!);
  }

  /**
   * A short value lies in the four words; of a long one they have its length, its beginning and a hash.
   *
   * @hot
   */
  #readView(column: Column, row: number): void {
    const { words } = column;
    const at = 4 * row;
    const length = words[at]!;
    this.#push(length, words[at + 1]!);
    if (length <= INLINE_BYTES) {
      this.#push(words[at + 2]!, words[at + 3]!);
      return;
    }
    this.#hasLongs = true;
    const { bytes } = column.heap;
    const start = words[at + 3]!;
    let hash = 0;
    for (let b = start; b < start + length; b++) hash = (Math.imul(hash, 31) + bytes[b]!) | 0;
    this.#push(hash, 0);
  }

  /** @hot */
  #push(low: number, high: number): void {
    this.#words[this.#count] = low;
    this.#words[this.#count + 1] = high;
    this.#count += 2;
  }

  /** Words of the key that was read last: as many for all keys of an actor. */
  get width(): number {
    return this.#count;
  }

  /** Whether the key that was read last has values that are too long to lie in words. */
  get hasLongs(): boolean {
    return this.#hasLongs;
  }

  /**
   * Whether the key that was read last has the words that stand at a place.
   *
   * @hot
   */
  matches(words: Int32Array, at: number): boolean {
    const own = this.#words;
    for (let w = 0; w < this.#count; w++) if (own[w] !== words[at + w]) return false;
    return true;
  }

  /**
   * Whether a key with the same words has the same long values.
   *
   * @hot
   */
  matchesLongs(longs: LongValues, { columns }: Batch, row: number): boolean {
    for (let k = 0; k < longs.length; k++) {
      const long = longs[k];
      if (long === undefined) continue;
      const column = columns[this.#columns[k]!]!;
      const { bytes } = column.heap;
      const start = column.words[4 * row + 3]!;
      for (let b = 0; b < long.length; b++) if (bytes[start + b] !== long[b]) return false;
    }
    return true;
  }

  /** Puts the words of the key that was read last at a place. */
  writeWords(words: Int32Array, at: number): void {
    for (let w = 0; w < this.#count; w++) words[at + w] = this.#words[w]!;
  }

  /** Long values of the key that was read last, to be kept; `undefined`: there are none. */
  longsOf({ columns }: Batch, row: number): LongValues | undefined {
    if (!this.#hasLongs) return undefined;
    return this.#columns.map((c) => longBytes(columns[c]!, row));
  }
}

function longBytes(column: Column, row: number): Uint8Array | undefined {
  if (column.storage !== 'view') return undefined;
  const length = column.viewLength(row);
  if (length <= INLINE_BYTES) return undefined;
  const start = column.viewStart(row);
  return column.heap.bytes.slice(start, start + length);
}

/** @hot */
function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e37_79b1);
  return product ^ (product >>> 15);
}
