/** The bytes of a file. @module */

import { closeSync, readSync } from 'node:fs';

import { BLOCK_BYTES } from '../codecs/input-window.ts';
import { fileError } from './paths.ts';

/** Where the bytes of a file come from. */
export interface FileInput {
  /**
   * Puts bytes to the front of `room`.
   *
   * @returns how many; 0 at the end of the file; -1 when none are there yet: `wake` will be called
   * @throws MillraceError `ERR_FILE`
   */
  read(room: Uint8Array): number;
  close(): void;
}

/** A file read by blocking calls. */
export class PlainInput implements FileInput {
  readonly #fd: number;
  readonly #path: string;
  readonly #node: string;

  constructor(fd: number, path: string, node: string) {
    this.#fd = fd;
    this.#path = path;
    this.#node = node;
  }

  read(room: Uint8Array): number {
    try {
      return readSync(this.#fd, room, 0, Math.min(room.length, BLOCK_BYTES), null);
    } catch (error) {
      throw fileError('read', this.#path, error, this.#node);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
