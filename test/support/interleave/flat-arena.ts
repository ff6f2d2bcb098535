/** A few kilobytes of shared memory to lay a scenario out in. @module */

import type { Allocator } from '../../../src/ringbuf/index.ts';

/** A bump allocator over a buffer small enough to be compared byte by byte. */
export class FlatArena implements Allocator {
  readonly buffer: SharedArrayBuffer;
  #nextOffset = 0;

  constructor(bytes: number) {
    this.buffer = new SharedArrayBuffer(bytes);
  }

  allocate(bytes: number, alignBytes = 128): number {
    const offset = Math.ceil(this.#nextOffset / alignBytes) * alignBytes;
    this.#nextOffset = offset + bytes;
    if (this.#nextOffset > this.buffer.byteLength) throw new Error('the scenario needs more room');
    return offset;
  }

  /** A function that puts every byte back to what it is now. */
  snapshot(): () => void {
    const bytes = new Uint8Array(this.buffer);
    const saved = Uint8Array.from(bytes);
    return () => bytes.set(saved);
  }
}
