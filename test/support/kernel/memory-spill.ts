/** Room for spilled state in memory, which keeps account of what it has. @module */

import type { SpillStore } from '../../../src/core/spill-store.ts';

/** Pieces by number. */
export class MemorySpill implements SpillStore {
  bytes = 0;
  /** Pieces that were ever written. */
  written = 0;
  readonly #pieces = new Map<number, Uint8Array>();

  /** Pieces that were not released. */
  get pieces(): number {
    return this.#pieces.size;
  }

  append(piece: Uint8Array): number {
    this.#pieces.set(++this.written, piece.slice());
    this.bytes += piece.length;
    return this.written;
  }

  read(at: number, into: Uint8Array): void {
    const piece = this.#pieces.get(at);
    if (piece?.length !== into.length)
      throw new Error(`there is no piece of ${into.length} at ${at}`);
    into.set(piece);
  }

  release(at: number, bytes: number): void {
    const piece = this.#pieces.get(at);
    if (piece?.length !== bytes) throw new Error(`piece ${at} of ${bytes} bytes is not there`);
    this.#pieces.delete(at);
    this.bytes -= bytes;
  }
}
