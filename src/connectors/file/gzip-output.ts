/** A file being packed while it is written. @module */

import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';

import type { PendingFile } from '../../core/connector.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Output, OutputFile } from './output.ts';
import { fileError } from './paths.ts';

const CHUNK_BYTES = 128 * 1024;
/** Bytes that may wait to be packed. */
const WAITING_BYTES = 1024 * 1024;

/** Packs on the thread pool; blocks while more waits than it should. */
export class GzipOutput implements Output {
  readonly #file: OutputFile;
  readonly #gzip: Gzip;
  readonly #node: string;
  readonly #wake: () => void;
  #isReady = true;
  #error: MillraceError | undefined;

  /** @param wake - called when a blocked output is ready again, or has failed */
  constructor(file: OutputFile, node: string, wake: () => void) {
    this.#file = file;
    this.#node = node;
    this.#wake = wake;
    const options = { chunkSize: CHUNK_BYTES, writableHighWaterMark: WAITING_BYTES };
    this.#gzip = createGzip(options);
    this.#gzip.on('data', (chunk: Uint8Array) => this.#writeThrough(chunk));
    this.#gzip.on('error', (error) => this.#fail(error));
    this.#gzip.on('drain', () => {
      this.#isReady = true;
      wake();
    });
  }

  write(bytes: Uint8Array, length: number): 'done' | 'blocked' {
    if (this.#error !== undefined) throw this.#error;
    this.#isReady = this.#gzip.write(bytes.slice(0, length));
    return this.#isReady ? 'done' : 'blocked';
  }

  isReady(): boolean {
    if (this.#error !== undefined) throw this.#error;
    return this.#isReady;
  }

  async finish(): Promise<readonly PendingFile[]> {
    if (this.#error !== undefined) throw this.#error;
    this.#gzip.end();
    await finished(this.#gzip).catch((error: unknown) => this.#fail(error));
    if (this.#error !== undefined) throw this.#error;
    return this.#file.finish();
  }

  abandon(): void {
    this.#gzip.destroy();
    this.#file.abandon();
  }

  #writeThrough(chunk: Uint8Array): void {
    try {
      this.#file.write(chunk, chunk.length);
    } catch (error) {
      this.#fail(error);
      this.#gzip.destroy();
    }
  }

  #fail(error: unknown): void {
    this.#error ??=
      error instanceof MillraceError
        ? error
        : fileError('write', this.#file.path, error, this.#node);
    this.#wake();
  }
}
