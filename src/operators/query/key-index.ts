/** Slots of a table by the hash of their key. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';

/** Parts that grow by themselves, so that no call moves more than a part. */
const PARTS = 256;
const FIRST_ENTRIES = 8;
/** Of an entry: the hash, and the slot plus one; 0 where there is none. */
const ENTRY_WORDS = 2;

/** Tells whether a slot has the key of a row. */
export type SameKey = (slot: number, row: number) => boolean;

/** An open hash table in parts. */
export class KeyIndex {
  readonly #parts: Int32Array<ArrayBuffer>[] = Array.from(
    { length: PARTS },
    () => new Int32Array(FIRST_ENTRIES * ENTRY_WORDS),
  );
  readonly #counts = new Int32Array(PARTS);
  bytes = PARTS * FIRST_ENTRIES * ENTRY_WORDS * 4;

  /** Finds slots of `rows[0 .. count)` whose hash says all of the key; -1 where there is none. @hot */
  findHashes(hashes: Int32Array, rows: Uint32Array, count: number, slots: Int32Array): void {
    const parts = this.#parts;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i]!;
      const part = parts[hash >>> 24]!;
      const last = part.length - ENTRY_WORDS;
      let at = (hash << 1) & last;
      let slot = part[at + 1]!;
      while (slot !== 0 && part[at] !== hash) {
        at = (at + ENTRY_WORDS) & last;
        slot = part[at + 1]!;
      }
      slots[rows[i]!] = slot - 1;
    }
  }

  /** The slot with a hash and the key of a row; -1: none. @hot */
  find(hash: number, row: number, isSame: SameKey): number {
    const part = this.#parts[hash >>> 24]!;
    const last = part.length - ENTRY_WORDS;
    let at = (hash << 1) & last;
    for (;;) {
      const slot = part[at + 1]!;
      if (slot === 0) return -1;
      if (part[at] === hash && isSame(slot - 1, row)) return slot - 1;
      at = (at + ENTRY_WORDS) & last;
    }
  }

  /** Adds a slot whose key is not there. */
  add(hash: number, slot: number): void {
    const number = hash >>> 24;
    const count = ++this.#counts[number]!;
    const part = this.#parts[number]!;
    if (count * ENTRY_WORDS * 4 <= part.length * 3) {
      put(part, hash, slot + 1);
      return;
    }
    const larger = new Int32Array(part.length * 2);
    for (let at = 0; at < part.length; at += ENTRY_WORDS) {
      if (part[at + 1] !== 0) put(larger, part[at]!, part[at + 1]!);
    }
    put(larger, hash, slot + 1);
    this.bytes += 4 * part.length;
    this.#parts[number] = larger;
  }

  /** Takes out a slot that is there. */
  remove(hash: number, slot: number): void {
    const part = this.#parts[hash >>> 24]!;
    const last = part.length - ENTRY_WORDS;
    let hole = (hash << 1) & last;
    while (part[hole + 1] !== slot + 1) hole = (hole + ENTRY_WORDS) & last;
    this.#counts[hash >>> 24]!--;
    // What lies behind it moves up, unless it would come to lie before its own place.
    for (let at = (hole + ENTRY_WORDS) & last; part[at + 1] !== 0; at = (at + ENTRY_WORDS) & last) {
      const own = (part[at]! << 1) & last;
      if (((at - own) & last) < ((at - hole) & last)) continue;
      part[hole] = part[at]!;
      part[hole + 1] = part[at + 1]!;
      hole = at;
    }
    part[hole + 1] = 0;
  }

  *state(io: StateIo): Steps {
    this.bytes = io.float(this.bytes);
    for (let part = 0; part < PARTS; part++) {
      this.#counts[part] = io.int(this.#counts[part]!);
      this.#parts[part] = yield* io.ints(this.#parts[part]!);
    }
  }
}

/** @hot */
function put(part: Int32Array, hash: number, entry: number): void {
  const last = part.length - ENTRY_WORDS;
  let at = (hash << 1) & last;
  while (part[at + 1] !== 0) at = (at + ENTRY_WORDS) & last;
  part[at] = hash;
  part[at + 1] = entry;
}
