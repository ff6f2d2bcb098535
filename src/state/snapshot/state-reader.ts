/** Reads state that was written as frames. @module */

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

/** Fills the front of `target` with the next bytes; returns how many, 0 only at the end. */
export type StateSource = (target: Uint8Array) => number;

/** Bytes that an array is made larger by at a time: a length that is wrong takes no more than that. */
const GROWTH_BYTES = 1024 * 1024;

const decoder = new TextDecoder();

/** Has one frame in memory at a time. */
export class StateReader implements StateIo {
  readonly isReading = true;
  readonly #source: StateSource;
  readonly #frame = new Uint8Array(FRAME_HEAD_BYTES + PAYLOAD_BYTES);
  readonly #view = new DataView(this.#frame.buffer);
  readonly #payload = this.#frame.subarray(FRAME_HEAD_BYTES);
  /** Place of the next value in the frame, and the end of the frame. */
  #at = FRAME_HEAD_BYTES;
  #end = FRAME_HEAD_BYTES;
  #frames = 0;
  #sincePiece = 0;
  #hasEnded = false;

  /** @throws MillraceError `ERR_STATE` when it is no state, or of a later version */
  constructor(source: StateSource) {
    this.#source = source;
    const bytes = new Uint8Array(PREAMBLE_BYTES);
    const found = this.#pull(bytes, PREAMBLE_BYTES);
    const preamble = new DataView(bytes.buffer);
    if (found < PREAMBLE_BYTES || preamble.getInt32(0, true) !== MAGIC) {
      this.fail('it does not begin as written state does');
    }
    if (preamble.getInt32(12, true) !== checksum(bytes, 12, 0)) {
      this.fail('its first 16 bytes are damaged');
    }
    const version = preamble.getInt32(4, true);
    if (version !== FORMAT_VERSION) {
      this.fail(`it is of version ${version} of the format, and this code reads ${FORMAT_VERSION}`);
    }
  }

  get isDue(): boolean {
    return this.#sincePiece >= PIECE_BYTES;
  }

  /** A new piece begins. */
  beginPiece(): void {
    this.#sincePiece = 0;
  }

  section(name: string, version: number): number {
    const mark = this.int(0);
    if (mark !== SECTION_MARK) this.fail(`'${name}' is expected where something else is written`);
    const found = this.text('');
    if (found !== name) this.fail(`'${name}' is expected where '${found}' is written`);
    const written = this.int(0);
    if (written < 1 || written > version) {
      this.fail(`'${name}' is of version ${written}, and this code reads up to ${version}`);
    }
    return written;
  }

  int(_value: number): number {
    const { at, view } = this.#take(4);
    return view.getInt32(at, true);
  }

  float(_value: number): number {
    const { at, view } = this.#take(8);
    return view.getFloat64(at, true);
  }

  flag(_value: boolean): boolean {
    return this.int(0) !== 0;
  }

  text(_value: string): string {
    const length = this.#length(PAYLOAD_BYTES);
    const bytes = new Uint8Array(length);
    this.#copy(bytes, 0, length);
    return decoder.decode(bytes);
  }

  *memory(target: Uint8Array): Steps {
    for (let at = 0; at < target.length;) {
      const end = Math.min(target.length, at + PAYLOAD_BYTES);
      this.#copy(target, at, end);
      at = end;
      if (this.isDue) yield;
    }
  }

  *bytes(_value: Uint8Array<ArrayBuffer>): Steps<Uint8Array<ArrayBuffer>> {
    return yield* this.#array(1, (length) => new Uint8Array(length));
  }

  *ints(_value: Int32Array<ArrayBuffer>): Steps<Int32Array<ArrayBuffer>> {
    return yield* this.#array(4, (length) => new Int32Array(length));
  }

  *floats(_value: Float64Array<ArrayBuffer>): Steps<Float64Array<ArrayBuffer>> {
    return yield* this.#array(8, (length) => new Float64Array(length));
  }

  /** Grows as bytes come. */
  *#array<
    List extends Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
  >(itemBytes: number, make: (length: number) => List): Steps<List> {
    const length = this.#length(0x7fff_ffff);
    let list = make(Math.min(length, GROWTH_BYTES / itemBytes));
    let from = 0;
    for (;;) {
      yield* this.memory(bytesOf(list.subarray(from)));
      if (list.length === length) return list;
      from = list.length;
      const larger = make(Math.min(length, 2 * from));
      larger.set(list);
      list = larger;
    }
  }

  /** @throws MillraceError `ERR_STATE` when there is more, or no end */
  end(): void {
    if (this.#at < this.#end || this.#next()) this.fail('there is more than is remembered here');
  }

  fail(message: string): never {
    throw stateError(`what was remembered cannot be read: ${message}`);
  }

  #length(most: number): number {
    const length = this.int(0);
    if (length < 0 || length > most) this.fail(`a length of ${length}`);
    return length;
  }

  #copy(target: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to;) {
      if (this.#at === this.#end) this.#more();
      const count = Math.min(to - at, this.#end - this.#at);
      target.set(this.#frame.subarray(this.#at, this.#at + count), at);
      this.#at += count;
      at += count;
    }
  }

  /** A value never lies in two frames. */
  #take(bytes: number): { at: number; view: DataView } {
    if (this.#at === this.#end) this.#more();
    const at = this.#at;
    if (at + bytes > this.#end) this.fail('a frame ends within a value');
    this.#at += bytes;
    return { at, view: this.#view };
  }

  #more(): void {
    if (!this.#next()) this.fail('it ends before all is there');
  }

  /** Reads the next frame; false at the end of the stream. */
  #next(): boolean {
    if (this.#hasEnded) return false;
    const number = this.#frames++;
    if (this.#pull(this.#frame, FRAME_HEAD_BYTES) < FRAME_HEAD_BYTES) {
      this.fail(`it is cut off in frame ${number}`);
    }
    const length = this.#view.getInt32(0, true);
    const sum = this.#view.getInt32(4, true);
    if (length < 0 || length > PAYLOAD_BYTES) this.fail(`frame ${number} is damaged`);
    if (this.#pull(this.#payload, length) < length) this.fail(`it is cut off in frame ${number}`);
    if (checksum(this.#payload, length, number) !== sum) this.fail(`frame ${number} is damaged`);
    this.#at = FRAME_HEAD_BYTES;
    this.#end = FRAME_HEAD_BYTES + length;
    this.#sincePiece += length;
    this.#hasEnded = length === 0;
    return !this.#hasEnded;
  }

  /** Reads so many bytes, or as many as there are. */
  #pull(target: Uint8Array, wanted: number): number {
    let found = 0;
    while (found < wanted) {
      const count = this.#source(target.subarray(found, wanted));
      if (count === 0) break;
      found += count;
    }
    return found;
  }
}
