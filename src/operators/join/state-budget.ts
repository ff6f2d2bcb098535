/** The bytes that a join may keep. @module */

import { MillraceError } from '../../core/errors.ts';
import type { StateIo } from '../../core/state-io.ts';

const MIB = 1024 * 1024;

/** Counts bytes against a limit; both sides of a join share one. */
export class StateBudget {
  readonly #node: string;
  readonly #limitBytes: number;
  readonly #advice: string;
  #usedBytes = 0;
  /** Gives some bytes back, of what was kept first; false: there is nothing to be given. */
  evict: (() => boolean) | undefined;

  /** @param advice - how the join could keep less */
  constructor(node: string, limitBytes: number, advice: string) {
    this.#node = node;
    this.#advice = advice;
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /**
   * Counts memory that is about to be allocated.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  take(bytes: number): void {
    while (this.#usedBytes + bytes > this.#limitBytes) {
      if (this.evict?.() !== true) throw this.exceeded(bytes);
    }
    this.#usedBytes += bytes;
  }

  /** What is thrown where so many bytes more cannot be had. */
  exceeded(bytes: number): MillraceError {
    return new MillraceError(
      'ERR_LIMIT_EXCEEDED',
      `join '${this.#node}' keeps ${inMebibytes(this.#usedBytes)} of rows that may still find a ` +
        `match, and ${inMebibytes(bytes)} more would exceed its limit of ` +
        `${inMebibytes(this.#limitBytes)}: ${this.#advice}, filter its inputs before the join, ` +
        'spread it over more tasks, or raise the limit of its state',
      { node: this.#node },
    );
  }

  /** Counts memory that was let go. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  state(io: StateIo): void {
    this.#usedBytes = io.float(this.#usedBytes);
  }
}

function inMebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(bytes < MIB ? 3 : 1)} MiB (${bytes} bytes)`;
}
