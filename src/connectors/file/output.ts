/**
 * Where the bytes of a file sink go: a temporary file beside the target, which the engine renames
 * when the whole run has succeeded; or the target itself where it is no regular file (`/dev/null`,
 * a named pipe).
 *
 * @module
 */

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { PendingFile } from '../../core/connector.ts';
import { fileError } from './paths.ts';

/** Where encoded bytes go. */
export interface Output {
  /**
   * Takes all of `bytes[0, length)`, which the caller may overwrite afterwards.
   *
   * @returns `blocked` when nothing more should come before {@link isReady}
   * @throws MillraceError `ERR_FILE`
   */
  write(bytes: Uint8Array, length: number): 'done' | 'blocked';
  /** Whether more may come. */
  isReady(): boolean;
  /** Makes everything durable. */
  finish(): Promise<readonly PendingFile[]> | readonly PendingFile[];
  /** Removes what was written. */
  abandon(): void;
}

/** A file being written by blocking calls. */
export class OutputFile implements Output {
  readonly #fd: number;
  readonly #path: string;
  readonly #node: string;
  /** What is written to; the target itself when it is no regular file. */
  readonly #writtenPath: string;
  #isOpen = true;

  /**
   * Opens the temporary file.
   *
   * @throws MillraceError `ERR_FILE` when the target is a directory or cannot be written
   */
  constructor(target: string, node: string, runId: string) {
    this.#node = node;
    const found = statOf(target, node);
    if (found?.isDirectory() === true) {
      throw fileError('write', target, 'EISDIR: it is a directory', node);
    }
    const isSpecial = found !== undefined && !found.isFile();
    // The file a link points to is replaced, not the link.
    this.#path = found === undefined || isSpecial ? target : realpathSync(target);
    this.#writtenPath = isSpecial ? target : temporaryPath(this.#path, runId);
    try {
      if (found !== undefined) accessSync(target, constants.W_OK);
      this.#fd = openSync(this.#writtenPath, isSpecial ? 'w' : 'wx');
      if (found !== undefined && !isSpecial) fchmodSync(this.#fd, found.mode & 0o7777);
    } catch (error) {
      throw fileError('write', target, error, node);
    }
  }

  /** Name for messages. */
  get path(): string {
    return this.#path;
  }

  write(bytes: Uint8Array, length: number): 'done' {
    try {
      for (let at = 0; at < length;) at += writeSync(this.#fd, bytes, at, length - at);
    } catch (error) {
      throw fileError('write', this.#path, error, this.#node);
    }
    return 'done';
  }

  isReady(): boolean {
    return true;
  }

  finish(): readonly PendingFile[] {
    const isPending = this.#writtenPath !== this.#path;
    try {
      if (isPending) fsyncSync(this.#fd);
      this.#close();
    } catch (error) {
      throw fileError('write', this.#path, error, this.#node);
    }
    return isPending ? [{ temporaryPath: this.#writtenPath, path: this.#path }] : [];
  }

  abandon(): void {
    this.#close();
    if (this.#writtenPath !== this.#path) rmSync(this.#writtenPath, { force: true });
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#fd);
  }
}

function statOf(path: string, node: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError('write', path, error, node);
  }
}

/** Longest name that its temporary name repeats whole: file systems allow 255 bytes. */
const WHOLE_NAME_BYTES = 150;

/** `.name.<runId>.tmp` in the same directory, so that renaming does not copy. */
export function temporaryPath(path: string, runId: string): string {
  let name = basename(path);
  if (Buffer.byteLength(name) > WHOLE_NAME_BYTES) {
    name = createHash('sha256').update(name).digest('hex');
  }
  return join(dirname(path), `.${name}.${runId}.tmp`);
}
