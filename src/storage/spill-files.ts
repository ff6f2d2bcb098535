/**
 * What a task has on disk while it runs: files without names.
 *
 * A file is removed from its folder as soon as it is open. So the system takes its bytes back when the
 * process ends, also one that is killed, and no run finds what another has left.
 *
 * ```
 *   piece   │ crc32 │ length │ bytes …      uint32 each, little-endian
 *   place   of a piece: number of its file · 2^32 + offset
 * ```
 *
 * Pieces go to a buffer first, and to the file some hundred KiB at a time, one behind the other. A file
 * whose pieces were all released is cut off a few MiB at a time, with each call that follows, and closed
 * then: the system takes a millisecond to forget 20 MiB.
 *
 * @module
 */

import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  readvSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { MillraceError } from '../core/errors.ts';
import type { SpillStore } from '../core/spill-store.ts';
import { fileError } from './segment.ts';

const HEADER_BYTES = 8;
const BUFFER_BYTES = 256 * 1024;
const FILE_BYTES = 64 * 1024 * 1024;
/** Bytes that are cut off a file in one call. */
const CUT_BYTES = 4 * 1024 * 1024;
const PLACES_PER_FILE = 2 ** 32;

/** Where pieces go, and how many. */
export interface SpillOptions {
  /** Made if it is not there; many stores may have the same. */
  readonly directory: string;
  /** Most bytes of the files together. */
  readonly limitBytes: number;
  /** Whose it is, for messages: `aggregate 'per_user'`. */
  readonly owner: string;
  /** A file is done when it has more bytes than this; 64 MiB by default. */
  readonly fileBytes?: number;
  /** Writes bytes at an offset of a file, and may say no; as the file system does by default. */
  readonly write?: typeof writeSync;
}

/** A file, which has no name any more. */
interface SpillFile {
  readonly path: string;
  readonly fd: number;
  /** Bytes in it, buffered ones included. */
  bytes: number;
  /** Those of pieces that were not released. */
  live: number;
}

/** The files of one task. */
export class SpillFiles implements SpillStore {
  readonly #options: SpillOptions;
  readonly #files = new Map<number, SpillFile>();
  /** Those of which no piece is left. */
  readonly #done: SpillFile[] = [];
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #header = Buffer.alloc(HEADER_BYTES);
  /** Bytes in the buffer, which follow those that were written to the last file. */
  #buffered = 0;
  /** Number of the file that pieces go to. */
  #current = -1;
  #bytes = 0;

  constructor(options: SpillOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(piece: Uint8Array): number {
    this.#cut();
    const total = HEADER_BYTES + piece.length;
    const { limitBytes, owner } = this.#options;
    if (this.#bytes + total > limitBytes) {
      throw new MillraceError(
        'ERR_LIMIT_EXCEEDED',
        `${owner} has ${this.#bytes} bytes of its state on disk, and more would exceed ` +
          `/engine/state/spillLimit, ${limitBytes} bytes of each task: raise it, or keep less`,
      );
    }
    const file = this.#fileFor(total);
    const offset = file.bytes;
    this.#header.writeUInt32LE(crc32(piece), 0);
    this.#header.writeUInt32LE(piece.length, 4);
    this.#put(file, this.#header);
    this.#put(file, piece);
    file.live += total;
    this.#bytes += total;
    return this.#current * PLACES_PER_FILE + offset;
  }

  read(at: number, into: Uint8Array): void {
    this.#cut();
    const number = Math.floor(at / PLACES_PER_FILE);
    const offset = at - number * PLACES_PER_FILE;
    const file = this.#files.get(number)!;
    if (!this.#readWhole(file, number, into, offset)) {
      this.#fill(file, number, this.#header, offset);
      this.#fill(file, number, into, offset + HEADER_BYTES);
    }
    const isSound =
      this.#header.readUInt32LE(4) === into.length && this.#header.readUInt32LE(0) === crc32(into);
    if (isSound) return;
    throw new MillraceError('ERR_FILE', `'${file.path}' is damaged at byte ${offset}`);
  }

  release(at: number, bytes: number): void {
    const number = Math.floor(at / PLACES_PER_FILE);
    const file = this.#files.get(number)!;
    file.live -= HEADER_BYTES + bytes;
    if (file.live > 0) return;
    if (number === this.#current) {
      this.#current++;
      this.#buffered = 0;
    }
    this.#files.delete(number);
    this.#bytes -= file.bytes;
    this.#done.push(file);
  }

  /** Forgets all pieces. */
  close(): void {
    for (const { fd } of [...this.#files.values(), ...this.#done]) closeSync(fd);
    this.#files.clear();
    this.#done.length = 0;
    this.#bytes = 0;
  }

  /** Gives some bytes of a file back that is done with. */
  #cut(): void {
    const file = this.#done.at(-1);
    if (file === undefined) return;
    file.bytes = Math.max(0, file.bytes - CUT_BYTES);
    try {
      if (file.bytes > 0) ftruncateSync(file.fd, file.bytes);
      else closeSync(this.#done.pop()!.fd);
    } catch (error) {
      throw fileError(file.path, 'cut off', error);
    }
  }

  /** The file that some bytes go to. */
  #fileFor(bytes: number): SpillFile {
    const { fileBytes = FILE_BYTES } = this.#options;
    const file = this.#files.get(this.#current);
    if (file !== undefined && file.bytes + bytes <= Math.max(fileBytes, bytes)) return file;
    if (file !== undefined) this.#flush(file);
    this.#current = Math.max(0, this.#current + (file === undefined ? 0 : 1));
    const made = this.#create();
    this.#files.set(this.#current, made);
    return made;
  }

  #create(): SpillFile {
    const { directory } = this.#options;
    const path = join(directory, `spill-${randomUUID()}`);
    try {
      mkdirSync(directory, { recursive: true });
      const fd = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      return { path, fd, bytes: 0, live: 0 };
    } catch (error) {
      throw fileError(path, 'created', error);
    }
  }

  /** Puts bytes behind all others. */
  #put(file: SpillFile, bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      if (this.#buffered === BUFFER_BYTES) this.#flush(file);
      const count = Math.min(bytes.length - from, BUFFER_BYTES - this.#buffered);
      this.#buffer.set(bytes.subarray(from, from + count), this.#buffered);
      this.#buffered += count;
      file.bytes += count;
      from += count;
    }
  }

  #flush(file: SpillFile): void {
    const { write = writeSync, owner } = this.#options;
    const start = file.bytes - this.#buffered;
    try {
      for (let at = 0; at < this.#buffered;) {
        at += write(file.fd, this.#buffer, at, this.#buffered - at, start + at);
      }
    } catch (error) {
      throw fileError(file.path, `written, where ${owner} keeps state`, error);
    }
    this.#buffered = 0;
  }

  /** Reads a piece at once; false: a part of it is in the buffer, or was not given. */
  #readWhole(file: SpillFile, number: number, into: Uint8Array, offset: number): boolean {
    const total = HEADER_BYTES + into.length;
    if (number === this.#current && offset + total > file.bytes - this.#buffered) return false;
    try {
      return readvSync(file.fd, [this.#header, into], offset) === total;
    } catch (error) {
      throw fileError(file.path, 'read', error);
    }
  }

  /** Reads bytes, some of which may be in the buffer still. */
  #fill(file: SpillFile, number: number, into: Uint8Array, offset: number): void {
    const written = number === this.#current ? file.bytes - this.#buffered : file.bytes;
    const onDisk = Math.max(0, Math.min(into.length, written - offset));
    try {
      for (let at = 0; at < onDisk;) {
        const count = readSync(file.fd, into, at, onDisk - at, offset + at);
        if (count === 0) break;
        at += count;
      }
    } catch (error) {
      throw fileError(file.path, 'read', error);
    }
    if (onDisk === into.length) return;
    const from = offset + onDisk - written;
    into.set(this.#buffer.subarray(from, from + into.length - onDisk), onDisk);
  }
}
