/** Texts of keys, as UTF-8 one behind the other. @module */

import { copyBytes } from '../../core/column.ts';
import { ByteWriter } from '../../rows/values/byte-writer.ts';
import { writeFloat, writeInteger } from '../../rows/values/number-format.ts';

/** A row with more keys, or longer ones, is not for these lists: each key is compared with all before it. */
const MOST_KEYS = 128;
const MOST_BYTES = 16_384;

/** A bounded list of texts. What adds one returns false when there is no room; the list is then of no use. */
export class KeyBytes {
  /** How many there are. */
  count = 0;
  readonly #text = new ByteWriter(256);
  /** Where each begins, and the last one ends. */
  readonly #starts = new Int32Array(MOST_KEYS + 1);

  /** The array that the texts lie in; another one when it had to grow. */
  get bytes(): Uint8Array {
    return this.#text.bytes;
  }

  start(key: number): number {
    return this.#starts[key]!;
  }

  end(key: number): number {
    return this.#starts[key + 1]!;
  }

  clear(): void {
    this.count = 0;
    this.#text.clear();
  }

  /** Adds `source[start, start + length)`. */
  add(source: Uint8Array, start: number, length: number): boolean {
    if (length > MOST_BYTES - this.#text.length) return false;
    this.#text.copy(source, start, length);
    return this.#close();
  }

  /** Adds a number as JavaScript writes it. */
  addNumber(value: number): boolean {
    if (Number.isSafeInteger(value) || Math.abs(value) === 2 ** 53) writeInteger(this.#text, value);
    else writeFloat(this.#text, value);
    return this.#close();
  }

  /** Adds `true` or `false`. */
  addBool(value: boolean): boolean {
    this.#text.ascii(value ? 'true' : 'false');
    return this.#close();
  }

  /** Adds a key of a list, a byte, and one of another list. */
  addJoined(left: KeyBytes, l: number, byte: number, right: KeyBytes, r: number): boolean {
    const first = left.end(l) - left.start(l);
    const second = right.end(r) - right.start(r);
    const text = this.#text;
    if (first + second >= MOST_BYTES - text.length) return false;
    text.ensure(first + 1 + second);
    copyBytes(left.bytes, left.start(l), text.bytes, text.length, first);
    text.bytes[text.length + first] = byte;
    copyBytes(right.bytes, right.start(r), text.bytes, text.length + first + 1, second);
    text.length += first + 1 + second;
    return this.#close();
  }

  /** Whether two of the texts are one. @hot */
  isEqual(a: number, b: number): boolean {
    const { bytes } = this;
    const length = this.end(a) - this.start(a);
    if (this.end(b) - this.start(b) !== length) return false;
    let i = this.start(a);
    let j = this.start(b);
    for (const end = i + length; i < end; i++, j++) if (bytes[i] !== bytes[j]) return false;
    return true;
  }

  #close(): boolean {
    if (this.count === MOST_KEYS) return false;
    this.#starts[++this.count] = this.#text.length;
    return true;
  }
}
