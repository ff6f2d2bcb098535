/** Numbers of instances by the keys of rows. @module */

import type { Batch } from '../../core/batch.ts';
import type { KeyReader, LongValues, StoredKey } from './keys.ts';
import { grown, NOBODY } from './use-order.ts';

/** A power of two. */
const LEAST_BUCKETS = 64;

/** A hash table whose buckets are chains. Keys lie in words, all of one actor as many. */
export class InstanceIndex {
  /** The first of each chain. */
  #buckets = new Int32Array(LEAST_BUCKETS).fill(NOBODY);
  #mask = LEAST_BUCKETS - 1;
  #size = 0;
  /** By number: the next of its chain, and the hash of its key. */
  #siblings = new Int32Array(LEAST_BUCKETS);
  #hashes = new Int32Array(LEAST_BUCKETS);
  /** Words of keys, `#width` for each number; the width is that of the first key. */
  #words = new Int32Array(0);
  #width = 0;
  /** Of keys whose values do not fit into their words. */
  readonly #longs = new Map<number, LongValues>();

  /**
   * The instance for the row that `reader` has read last; {@link NOBODY}: there is none.
   *
   * @hot
   */
  find(reader: KeyReader, batch: Batch, row: number): number {
    const { hash } = reader;
    let number = this.#buckets[hash & this.#mask]!;
    while (number !== NOBODY) {
      if (this.#hashes[number] === hash && reader.matches(this.#words, number * this.#width)) {
        if (!reader.hasLongs || reader.matchesLongs(this.#longs.get(number)!, batch, row))
          return number;
      }
      number = this.#siblings[number]!;
    }
    return NOBODY;
  }

  /** Adds an instance whose key is not there: that of the row which `reader` has read last. */
  add(number: number, reader: KeyReader, batch: Batch, row: number): void {
    this.#makeRoom(number, reader.width);
    reader.writeWords(this.#words, number * this.#width);
    const longs = reader.longsOf(batch, row);
    if (longs !== undefined) this.#longs.set(number, longs);
    this.#insert(number, reader.hash);
  }

  /** The same with a key that was written down. */
  addStored(number: number, { hash, words, longs }: StoredKey): void {
    this.#makeRoom(number, words.length);
    this.#words.set(words, number * this.#width);
    if (longs !== undefined) this.#longs.set(number, longs);
    this.#insert(number, hash);
  }

  /** To be written down. */
  keyOf(number: number): StoredKey {
    const at = number * this.#width;
    const words = Array.from(this.#words.subarray(at, at + this.#width));
    return { hash: this.#hashes[number]!, words, longs: this.#longs.get(number) };
  }

  remove(number: number): void {
    const bucket = this.#hashes[number]! & this.#mask;
    const siblings = this.#siblings;
    let before = this.#buckets[bucket]!;
    if (before === number) this.#buckets[bucket] = siblings[number]!;
    else {
      while (siblings[before] !== number) before = siblings[before]!;
      siblings[before] = siblings[number]!;
    }
    this.#longs.delete(number);
    this.#size--;
  }

  #makeRoom(number: number, width: number): void {
    this.#width = width;
    if (number >= this.#siblings.length) {
      this.#siblings = grown(this.#siblings, number + 1);
      this.#hashes = grown(this.#hashes, number + 1);
    }
    const words = this.#siblings.length * width;
    if (words > this.#words.length) this.#words = grown(this.#words, words);
  }

  #insert(number: number, hash: number): void {
    if (++this.#size > this.#buckets.length) this.#grow();
    this.#hashes[number] = hash;
    this.#chain(number);
  }

  #chain(number: number): void {
    const bucket = this.#hashes[number]! & this.#mask;
    this.#siblings[number] = this.#buckets[bucket]!;
    this.#buckets[bucket] = number;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = new Int32Array(old.length * 2).fill(NOBODY);
    this.#mask = old.length * 2 - 1;
    for (const first of old) {
      for (let number = first; number !== NOBODY;) {
        const next = this.#siblings[number]!;
        this.#chain(number);
        number = next;
      }
    }
  }
}
