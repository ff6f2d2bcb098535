/**
 * How far a log has been released, or read, in a file of its own.
 *
 * Two copies are written in turns, each with its checksum: a process that is killed while it writes one
 * leaves the other. An old position only means that some frames are read again.
 *
 * @module
 */

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { fileError } from './segment.ts';

const COPY_BYTES = 16;
const CHECKSUM = 8;

/** The position of one log. */
export class PositionFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #copy = new DataView(new ArrayBuffer(COPY_BYTES));
  readonly #bytes = new Uint8Array(this.#copy.buffer);
  #turn = 0;
  #sequence: number;

  /** Opens the file, or makes it. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'a+');
      closeSync(this.#fd);
      this.#fd = openSync(path, 'r+');
    } catch (error) {
      throw fileError(path, 'opened', error);
    }
    const [first, second] = [this.#readCopy(0), this.#readCopy(1)];
    this.#sequence = Math.max(first, second);
    this.#turn = first > second ? 1 : 0;
  }

  /** Everything up to here has been released, or read; 0 at first. */
  get sequence(): number {
    return this.#sequence;
  }

  set sequence(sequence: number) {
    this.#sequence = sequence;
    this.#copy.setFloat64(0, sequence, true);
    this.#copy.setUint32(CHECKSUM, this.#checksum(), true);
    try {
      writeSync(this.#fd, this.#bytes, 0, COPY_BYTES, this.#turn * COPY_BYTES);
    } catch (error) {
      throw fileError(this.#path, 'written', error);
    }
    this.#turn = 1 - this.#turn;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The sequence in a copy; 0 where there is none that is whole. */
  #readCopy(copy: number): number {
    const read = readSync(this.#fd, this.#bytes, 0, COPY_BYTES, copy * COPY_BYTES);
    if (read < COPY_BYTES || this.#copy.getUint32(CHECKSUM, true) !== this.#checksum()) return 0;
    return this.#copy.getFloat64(0, true);
  }

  #checksum(): number {
    return crc32(this.#bytes.subarray(0, CHECKSUM), 1);
  }
}
