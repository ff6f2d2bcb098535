/** Places of keys, for floors. @module */

const FACTOR = 0x9e37_79b1;
const EMPTY = -1;

/** A table of int32 keys from 0 on, with open addressing; its size is known beforehand. */
export class KeyTable {
  readonly #keys: Int32Array;
  readonly #places: Int32Array;
  readonly #mask: number;
  readonly #shift: number;
  /** How many keys there are. */
  count = 0;

  /** @param keys - how many there will be at most */
  constructor(keys: number) {
    const bits = 32 - Math.clz32(2 * keys);
    this.#keys = new Int32Array(1 << bits).fill(EMPTY);
    this.#places = new Int32Array(1 << bits);
    this.#mask = (1 << bits) - 1;
    this.#shift = 32 - bits;
  }

  /** The place of a key, from 0 on in the order in which they came. */
  placeOf(key: number): number {
    let slot = Math.imul(key, FACTOR) >>> this.#shift;
    for (;;) {
      const found = this.#keys[slot]!;
      if (found === key) return this.#places[slot]!;
      if (found === EMPTY) break;
      slot = (slot + 1) & this.#mask;
    }
    this.#keys[slot] = key;
    this.#places[slot] = this.count;
    return this.count++;
  }

  /** The place of a key; -1: it is not there. */
  find(key: number): number {
    let slot = Math.imul(key, FACTOR) >>> this.#shift;
    for (;;) {
      const found = this.#keys[slot]!;
      if (found === key) return this.#places[slot]!;
      if (found === EMPTY) return EMPTY;
      slot = (slot + 1) & this.#mask;
    }
  }
}
