/** Keys by their partitions, and the lists of them that json columns have. @module */

import { ByteWriter } from '../../rows/values/byte-writer.ts';
import { fnvOf, partitionOf } from './fnv-partition.ts';
import type { KeyBytes } from './key-bytes.ts';

/** No partition: the key was there before, or is given. */
const GIVEN = -1;

/** The partitions of one list of keys after the other, in the order of their first keys. */
export class KeyGroups {
  /** Of {@link next}: the partition, and its keys as the MessagePack value of a list, each once. */
  partition = 0;
  readonly list = new ByteWriter(256);
  readonly #partitions: number;
  #keys: KeyBytes | undefined;
  /** By key; they grow up to the most keys that a list may have. */
  #hashes = new Int32Array(8);
  #own = new Int32Array(8);
  #next = 0;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** Begins with a list, which stays as it is until the last partition was given. @hot */
  begin(keys: KeyBytes): void {
    const { count, bytes } = keys;
    this.#keys = keys;
    this.#next = 0;
    if (count > this.#own.length) this.#grow(count);
    const hashes = this.#hashes;
    for (let k = 0; k < count; k++) {
      const hash = fnvOf(bytes, keys.start(k), keys.end(k));
      hashes[k] = hash;
      this.#own[k] = partitionOf(hash, this.#partitions);
      for (let before = 0; before < k; before++) {
        if (hashes[before] !== hash || !keys.isEqual(before, k)) continue;
        this.#own[k] = GIVEN;
        break;
      }
    }
  }

  /** Goes on to the next partition; false when there is none. @hot */
  next(): boolean {
    const keys = this.#keys;
    if (keys === undefined) return false;
    const own = this.#own;
    const { count } = keys;
    let first = this.#next;
    while (first < count && own[first] === GIVEN) first++;
    this.#next = first + 1;
    if (first >= count) {
      this.#keys = undefined;
      return false;
    }
    const partition = own[first]!;
    this.partition = partition;
    let members = 0;
    for (let k = first; k < count; k++) if (own[k] === partition) members++;
    const { list } = this;
    list.clear();
    writeLead(list, members, 0x90, 16, 0xdc);
    for (let k = first; members > 0; k++) {
      if (own[k] !== partition) continue;
      own[k] = GIVEN;
      members--;
      const length = keys.end(k) - keys.start(k);
      writeTextLead(list, length);
      list.copy(keys.bytes, keys.start(k), length);
    }
    return true;
  }

  #grow(count: number): void {
    this.#hashes = new Int32Array(2 * count);
    this.#own = new Int32Array(2 * count);
  }
}

/** A length in the first byte if below `short`, else behind it in two bytes. @hot */
function writeLead(out: ByteWriter, length: number, lead: number, short: number, lead16: number) {
  if (length < short) {
    out.byte(lead | length);
    return;
  }
  out.byte(lead16);
  out.byte(length >>> 8);
  out.byte(length & 0xff);
}

/** @hot */
function writeTextLead(out: ByteWriter, length: number): void {
  if (length < 32 || length > 0xff) {
    writeLead(out, length, 0xa0, 32, 0xda);
    return;
  }
  out.byte(0xd9);
  out.byte(length);
}
