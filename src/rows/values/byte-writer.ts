/**
 * Bytes being written: what encoders fill and sinks empty.
 *
 * @module
 */

import { copyBytes } from '../../core/column.ts';

const encoder = new TextEncoder();

/** A buffer that grows. `bytes[0, length)` is what was written. */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(initialBytes = 4096) {
    this.bytes = new Uint8Array(initialBytes);
  }

  /** Forgets what was written. */
  clear(): void {
    this.length = 0;
  }

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    if (this.length + count > this.bytes.length) this.#grow(count);
  }

  /** Writes one byte. */
  byte(value: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = value;
  }

  /** Writes a text of ASCII characters only. */
  ascii(text: string): void {
    this.ensure(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Writes a text as UTF-8. */
  text(text: string): void {
    this.ensure(text.length * 3);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** Writes `source[start, start + count)`. */
  copy(source: Uint8Array, start: number, count: number): void {
    this.ensure(count);
    copyBytes(source, start, this.bytes, this.length, count);
    this.length += count;
  }

  #grow(count: number): void {
    const larger = new Uint8Array(Math.max(this.length + count, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
