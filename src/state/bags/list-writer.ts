/** Lists of values as json columns have them: MessagePack, as the package of that name writes it. @module */

import { INLINE_BYTES } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import { VIEW_OFFSET } from '../views.ts';
import type { Bags } from './bags.ts';

const TWO_32 = 4294967296;

/**
 * Writes values of entries into bytes of its own, which grow.
 *
 * A timestamp or duration is its milliseconds, a decimal the nearest float64, bytes are bytes.
 */
export class ListWriter {
  bytes = new Uint8Array(1024);
  length = 0;
  #view = new DataView(this.bytes.buffer);
  readonly #bags: Bags;
  readonly #type: DataType;
  /** What a scaled integer is divided by. */
  readonly #scale: number;

  /** @param type - of the value */
  constructor(bags: Bags, type: DataType) {
    this.#bags = bags;
    this.#type = type;
    this.#scale =
      type.kind === 'decimal'
        ? 10 ** type.scale
        : type.kind === 'timestamp' || type.kind === 'duration'
          ? 1000
          : 1;
  }

  begin(): void {
    this.length = 0;
  }

  beginArray(length: number): void {
    this.begin();
    this.#reserve(5);
    if (length < 16) this.#byte(0x90 | length);
    else if (length < 65536) {
      this.#byte(0xdc);
      this.#view.setUint16(this.length, length);
      this.length += 2;
    } else {
      this.#byte(0xdd);
      this.#uint32(length);
    }
  }

  /** Appends the value of an entry as MessagePack. */
  value(entry: number): void {
    const { words, floats, layout } = this.#bags;
    const cell = entry + layout.value.cell;
    this.#reserve(9);
    switch (this.#type.kind) {
      case 'bool':
        this.#byte(words[2 * cell] === 0 ? 0xc2 : 0xc3);
        return;
      case 'int32':
        this.#number(words[2 * cell]!);
        return;
      case 'float64':
        this.#number(floats[cell]!);
        return;
      case 'string':
        this.#header(words[2 * cell]!, 0xa0, 0xd9);
        this.text(entry);
        return;
      case 'bytes':
        this.#header(words[2 * cell]!, undefined, 0xc4);
        this.text(entry);
        return;
      case 'json':
        this.text(entry);
        return;
      default:
        this.#integer(words[2 * cell]!, words[2 * cell + 1]!);
    }
  }

  /** Appends the bytes of an entry's string. */
  text(entry: number): void {
    const { words, bytes, layout } = this.#bags;
    const at = 2 * (entry + layout.value.cell);
    const length = words[at]!;
    this.raw(bytes, length <= INLINE_BYTES ? 4 * at + 4 : words[at + VIEW_OFFSET]!, length);
  }

  /** Appends bytes. */
  raw(source: Uint8Array, start: number, length: number): void {
    this.#reserve(length);
    this.bytes.set(source.subarray(start, start + length), this.length);
    this.length += length;
  }

  #integer(low: number, high: number): void {
    const value = high * TWO_32 + (low >>> 0);
    if (this.#scale !== 1 || Number.isSafeInteger(value)) {
      this.#number(value / this.#scale);
      return;
    }
    this.#byte(0xd3);
    this.#view.setInt32(this.length, high);
    this.#view.setInt32(this.length + 4, low);
    this.length += 8;
  }

  #number(value: number): void {
    if (!Number.isInteger(value) || value >= TWO_32 || value < -(2 ** 31) || Object.is(value, -0)) {
      this.#byte(0xcb);
      this.#view.setFloat64(this.length, value);
      this.length += 8;
    } else if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
  }

  #unsigned(value: number): void {
    if (value < 128) this.#byte(value);
    else if (value < 256) {
      this.#byte(0xcc);
      this.#byte(value);
    } else if (value < 65536) {
      this.#byte(0xcd);
      this.#view.setUint16(this.length, value);
      this.length += 2;
    } else {
      this.#byte(0xce);
      this.#uint32(value);
    }
  }

  #negative(value: number): void {
    if (value >= -32) this.#byte(value & 0xff);
    else if (value >= -128) {
      this.#byte(0xd0);
      this.#byte(value & 0xff);
    } else if (value >= -32768) {
      this.#byte(0xd1);
      this.#view.setInt16(this.length, value);
      this.length += 2;
    } else {
      this.#byte(0xd2);
      this.#view.setInt32(this.length, value);
      this.length += 4;
    }
  }

  /**
   * The length of a string, or of bytes.
   *
   * @param short - the form of up to 31, if there is one; `form` is that of 8 bits, behind it 16 and 32
   */
  #header(length: number, short: number | undefined, form: number): void {
    if (short !== undefined && length < 32) this.#byte(short | length);
    else if (length < 256) {
      this.#byte(form);
      this.#byte(length);
    } else if (length < 65536) {
      this.#byte(form + 1);
      this.#view.setUint16(this.length, length);
      this.length += 2;
    } else {
      this.#byte(form + 2);
      this.#uint32(length);
    }
  }

  #uint32(value: number): void {
    this.#view.setUint32(this.length, value);
    this.length += 4;
  }

  #byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
