/**
 * A stretch of input: bytes that were read and not yet decoded. What is left of it moves to the
 * front when more is read, so a row always lies in one piece.
 *
 * @module
 */

import { isUtf8 } from 'node:buffer';

import type { ColumnMemory } from '../../core/memory.ts';
import { ownMemory } from '../../core/memory.ts';
import { sequenceLength } from '../../rows/values/utf8.ts';

const LINE_FEED = 0x0a;

/** Bytes read at once. */
export const BLOCK_BYTES = 256 * 1024;
/** Room behind the input, so that looking ahead stays inside the memory. */
const SLACK_BYTES = 64;
/**
 * New bytes are put to multiples of it. V8 copies into shared memory word by word where both places
 * are alike modulo the size of a word, and byte by byte elsewhere.
 */
const ALIGNMENT_BYTES = 64;
/** Longest row. */
export const ROW_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * `bytes[from, to)` is the input. The byte at `to` is a line feed that belongs to nobody: it ends
 * every scan.
 */
export class InputWindow {
  bytes: Uint8Array;
  from = 0;
  to = 0;
  /** Nothing comes behind `to`. */
  isLast = false;
  /** Longest row that can be held. */
  readonly limitBytes: number;
  readonly #blockBytes: number;
  #isUtf8: boolean | undefined = true;
  /** Memory of the usual size. Longer rows lie elsewhere while they last. */
  readonly #usual: Uint8Array;

  /**
   * @param blockBytes - room that {@link makeRoom} makes, at least
   * @param memory - where the input is to lie
   */
  constructor(
    blockBytes: number = BLOCK_BYTES,
    limitBytes: number = ROW_LIMIT_BYTES,
    memory: ColumnMemory = ownMemory,
  ) {
    this.#blockBytes = blockBytes;
    this.limitBytes = limitBytes;
    const size = 2 * blockBytes + SLACK_BYTES;
    const { buffer, byteOffset } = memory.allocate(size);
    this.#usual = new Uint8Array(buffer, byteOffset, size);
    this.bytes = this.#usual;
    this.bytes[0] = LINE_FEED;
  }

  /** True when a row of `to - from` bytes that is not at its end is too long. */
  get isFull(): boolean {
    return this.to - this.from >= this.limitBytes;
  }

  /** {@link isUtf8}, if somebody has asked since input came. */
  get knownUtf8(): boolean | undefined {
    return this.#isUtf8;
  }

  /** The input is UTF-8 throughout, but for a character cut off at its end. */
  get isUtf8(): boolean {
    this.#isUtf8 ??= isUtf8(this.bytes.subarray(this.from, this.#wholeCharacters()));
    return this.#isUtf8;
  }

  /** Where to put new bytes: the room behind `to`, at least one block. Then call {@link filled}. */
  makeRoom(): Uint8Array {
    const rest = this.to - this.from;
    const to = Math.ceil(rest / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const from = to - rest;
    const size = this.#sizeFor(to);
    if (size !== this.bytes.length) {
      const moved = size === this.#usual.length ? this.#usual : new Uint8Array(size);
      moved.set(this.bytes.subarray(this.from, this.to), from);
      this.bytes = moved;
    } else if (this.from !== from) {
      this.bytes.copyWithin(from, this.from, this.to);
    }
    this.from = from;
    this.to = to;
    return this.bytes.subarray(to, this.bytes.length - SLACK_BYTES);
  }

  /** Size of the memory for input up to `to` and a new block: more for a long row, else the usual. */
  #sizeFor(to: number): number {
    const usual = 2 * this.#blockBytes + SLACK_BYTES;
    const needed = to + this.#blockBytes + SLACK_BYTES;
    if (needed <= usual) return usual;
    return needed <= this.bytes.length
      ? this.bytes.length
      : Math.max(needed, 2 * this.bytes.length);
  }

  /** Takes note of `count` bytes put into the room of {@link makeRoom}. */
  filled(count: number): void {
    this.to += count;
    this.bytes[this.to] = LINE_FEED;
    this.#isUtf8 = undefined;
  }

  /** Takes note that nothing comes any more. */
  end(): void {
    this.isLast = true;
    this.bytes[this.to] = LINE_FEED;
    this.#isUtf8 = undefined;
  }

  /** End of the input without a character that is cut off. */
  #wholeCharacters(): number {
    const { bytes, from, to } = this;
    if (this.isLast) return to;
    for (let back = 1; back <= 3 && to - back >= from; back++) {
      const byte = bytes[to - back]!;
      if (byte < 0x80) return to;
      if (byte >= 0xc0) return sequenceLength(byte) > back ? to - back : to;
    }
    return to;
  }
}
