/** Writes state as frames. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { bytesOf } from '../../core/state-io.ts';
import { checksum } from './checksum.ts';
import {
  FORMAT_VERSION,
  FRAME_HEAD_BYTES,
  MAGIC,
  PAYLOAD_BYTES,
  PIECE_BYTES,
  PREAMBLE_BYTES,
  SECTION_MARK,
  stateError,
} from './format.ts';

/** Takes bytes that were written, in order; they are valid during the call only. */
export type StateSink = (bytes: Uint8Array) => void;

const encoder = new TextEncoder();

/** One frame is gathered at a time: that is all the memory it has. */
export class StateWriter implements StateIo {
  readonly isReading = false;
  readonly #sink: StateSink;
  readonly #frame = new Uint8Array(FRAME_HEAD_BYTES + PAYLOAD_BYTES);
  readonly #view = new DataView(this.#frame.buffer);
  readonly #payload = this.#frame.subarray(FRAME_HEAD_BYTES);
  /** Place of the next value in the frame. */
  #at = FRAME_HEAD_BYTES;
  #frames = 0;
  /** Bytes written since the last piece ended, and in all. */
  #sincePiece = 0;
  #total = 0;

  constructor(sink: StateSink) {
    this.#sink = sink;
    const preamble = new DataView(new ArrayBuffer(PREAMBLE_BYTES));
    preamble.setInt32(0, MAGIC, true);
    preamble.setInt32(4, FORMAT_VERSION, true);
    const bytes = new Uint8Array(preamble.buffer);
    preamble.setInt32(12, checksum(bytes, 12, 0), true);
    this.#give(bytes);
  }

  /** Bytes that went to the sink. */
  get writtenBytes(): number {
    return this.#total;
  }

  get isDue(): boolean {
    return this.#sincePiece >= PIECE_BYTES;
  }

  /** A new piece begins. */
  beginPiece(): void {
    this.#sincePiece = 0;
  }

  section(name: string, version: number): number {
    this.int(SECTION_MARK);
    this.text(name);
    return this.int(version);
  }

  int(value: number): number {
    this.#room(4);
    this.#view.setInt32(this.#at, value, true);
    this.#at += 4;
    return value;
  }

  float(value: number): number {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
    return value;
  }

  flag(value: boolean): boolean {
    this.int(value ? 1 : 0);
    return value;
  }

  text(value: string): string {
    const bytes = encoder.encode(value);
    this.int(bytes.length);
    this.#copy(bytes, 0, bytes.length);
    return value;
  }

  *memory(target: Uint8Array): Steps {
    for (let at = 0; at < target.length;) {
      const end = Math.min(target.length, at + PAYLOAD_BYTES);
      this.#copy(target, at, end);
      at = end;
      if (this.isDue) yield;
    }
  }

  *bytes(value: Uint8Array<ArrayBuffer>): Steps<Uint8Array<ArrayBuffer>> {
    this.int(value.length);
    yield* this.memory(value);
    return value;
  }

  *ints(value: Int32Array<ArrayBuffer>): Steps<Int32Array<ArrayBuffer>> {
    this.int(value.length);
    yield* this.memory(bytesOf(value));
    return value;
  }

  *floats(value: Float64Array<ArrayBuffer>): Steps<Float64Array<ArrayBuffer>> {
    this.int(value.length);
    yield* this.memory(bytesOf(value));
    return value;
  }

  /** Ends the last frame and the stream. */
  end(): void {
    if (this.#at > FRAME_HEAD_BYTES) this.#flush();
    this.#flush();
  }

  fail(message: string): never {
    throw stateError(message);
  }

  #copy(source: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to;) {
      this.#room(1);
      const count = Math.min(to - at, this.#frame.length - this.#at);
      this.#frame.set(source.subarray(at, at + count), this.#at);
      this.#at += count;
      at += count;
    }
  }

  #room(bytes: number): void {
    if (this.#at + bytes > this.#frame.length) this.#flush();
  }

  #flush(): void {
    const length = this.#at - FRAME_HEAD_BYTES;
    this.#view.setInt32(0, length, true);
    this.#view.setInt32(4, checksum(this.#payload, length, this.#frames++), true);
    this.#give(this.#frame.subarray(0, this.#at));
    this.#at = FRAME_HEAD_BYTES;
  }

  #give(bytes: Uint8Array): void {
    this.#sincePiece += bytes.length;
    this.#total += bytes.length;
    this.#sink(bytes);
  }
}
