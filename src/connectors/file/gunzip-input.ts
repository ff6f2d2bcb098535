/** A gzip file as a stream of its contents. @module */

import { createReadStream } from 'node:fs';
import { createGunzip, type Gunzip } from 'node:zlib';

import type { MillraceError } from '../../core/errors.ts';
import type { FileInput } from './input.ts';
import { fileError } from './paths.ts';

const CHUNK_BYTES = 128 * 1024;

/** Unpacks a file on the thread pool; at most two chunks lie unpacked at a time. */
export class GunzipInput implements FileInput {
  readonly #gunzip: Gunzip;
  readonly #close: () => void;
  #chunk: Uint8Array | undefined;
  #hasEnded = false;
  #error: MillraceError | undefined;

  /** @param fd - the open file; closed by {@link close}, or at its end */
  constructor(fd: number, path: string, node: string, wake: () => void) {
    const file = createReadStream('', { fd, highWaterMark: CHUNK_BYTES });
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const fail = (error: Error): void => {
      this.#error ??= fileError('unpack', path, describe(error), node);
      wake();
    };
    file.on('error', fail);
    gunzip.on('error', fail);
    file.pipe(gunzip);
    gunzip.on('readable', wake);
    gunzip.on('end', () => {
      this.#hasEnded = true;
      wake();
    });
    this.#gunzip = gunzip;
    this.#close = () => {
      file.destroy();
      gunzip.destroy();
    };
  }

  read(room: Uint8Array): number {
    if (this.#error !== undefined) throw this.#error;
    const chunk = this.#chunk ?? (this.#gunzip.read() as Uint8Array | null);
    if (chunk === null) return this.#hasEnded ? 0 : -1;
    const count = Math.min(chunk.length, room.length);
    room.set(chunk.subarray(0, count));
    this.#chunk = count < chunk.length ? chunk.subarray(count) : undefined;
    return count;
  }

  close(): void {
    this.#close();
  }
}

/** What is wrong with the file, in words; zlib says `unexpected end of file`. */
function describe(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return new Error('the gzip data ends too early', { cause: error });
  if (code === 'Z_DATA_ERROR') {
    return new Error(`the gzip data is damaged: ${error.message}`, { cause: error });
  }
  return error;
}
