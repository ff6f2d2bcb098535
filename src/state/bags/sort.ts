/** Sorting the entries of a bag, and putting equal ones together. @module */

import type { BagLayout, EntryOrder } from './layout.ts';
import type { EntryMemory } from './order.ts';
import { orderOf } from './order.ts';

/** Fewer entries are sorted by insertion. */
const FEW = 12;

/** Sorts copies of entries; its memory is as large as the largest bag it was given. */
export class EntrySort {
  readonly #layout: BagLayout;
  readonly #bytes: Uint8Array;
  #memory: EntryMemory = { words: new Int32Array(0), floats: new Float64Array(0) };
  #order: EntryOrder = () => 0;
  #numbers = new Float64Array(0);
  #integers = new BigInt64Array(0);
  #places = new Int32Array(0);

  /** @param bytes - where long strings of entries lie */
  constructor(layout: BagLayout, bytes: Uint8Array) {
    this.#layout = layout;
    this.#bytes = bytes;
  }

  /** The copies. */
  get memory(): EntryMemory {
    return this.#memory;
  }

  /** Compares copies by their first cells. */
  get order(): EntryOrder {
    return this.#order;
  }

  /**
   * Copies entries and sorts those from `sorted` on; the others are in order.
   *
   * @param words - where they lie, from cell `first` on
   * @returns the first cells of the copies from `sorted` on, in order
   */
  sortTail(words: Int32Array, first: number, sorted: number, count: number): Int32Array {
    const { stride } = this.#layout;
    this.#reserve(count * stride, count);
    this.#memory.words.set(words.subarray(2 * first, 2 * (first + count * stride)));
    const places = this.#places.subarray(0, count - sorted);
    for (let i = 0; i < places.length; i++) places[i] = (sorted + i) * stride;
    if (places.length <= FEW) insert(places, this.#order);
    else if (!this.#sortNumbers(sorted, count)) places.sort(this.#order);
    return places;
  }

  /** Sorts entries that are one number each, and there once each; false: they are not. */
  #sortNumbers(from: number, to: number): boolean {
    const { fields, value, stride } = this.#layout;
    const { words, floats } = this.#memory;
    if (fields.length > 1 || value.isDescending || value.storage === 'view') return false;
    for (let i = from; i < to; i++) if (floats[i * stride] !== 1) return false;
    const count = to - from;
    const at = (i: number): number => (from + i) * stride + value.cell;
    if (value.storage === 'i64') {
      const integers = this.#integers.subarray(0, count);
      const halves = new Int32Array(integers.buffer, integers.byteOffset, 2 * count);
      for (let i = 0; i < count; i++) {
        halves[2 * i] = words[2 * at(i)]!;
        halves[2 * i + 1] = words[2 * at(i) + 1]!;
      }
      integers.sort();
      for (let i = 0; i < count; i++) {
        words[2 * at(i)] = halves[2 * i]!;
        words[2 * at(i) + 1] = halves[2 * i + 1]!;
      }
      return true;
    }
    const isFloat = value.storage === 'f64';
    const numbers = this.#numbers.subarray(0, count);
    for (let i = 0; i < count; i++) numbers[i] = isFloat ? floats[at(i)]! : words[2 * at(i)]!;
    numbers.sort();
    for (let i = 0; i < count; i++) {
      if (isFloat) floats[at(i)] = numbers[i]!;
      else words[2 * at(i)] = numbers[i]!;
    }
    return true;
  }

  #reserve(cells: number, count: number): void {
    if (this.#memory.floats.length < cells) {
      const buffer = new ArrayBuffer(Math.max(1024, 2 * cells) * 8);
      this.#memory = { words: new Int32Array(buffer), floats: new Float64Array(buffer) };
      this.#order = orderOf(this.#layout, this.#memory, this.#bytes);
    }
    if (this.#places.length >= count) return;
    this.#places = new Int32Array(2 * count);
    this.#numbers = new Float64Array(2 * count);
    this.#integers = new BigInt64Array(this.#numbers.buffer);
  }
}

function insert(places: Int32Array, order: EntryOrder): void {
  for (let i = 1; i < places.length; i++) {
    const place = places[i]!;
    let at = i;
    while (at > 0 && order(places[at - 1]!, place) > 0) {
      places[at] = places[at - 1]!;
      at--;
    }
    places[at] = place;
  }
}
