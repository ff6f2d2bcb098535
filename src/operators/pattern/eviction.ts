/** How much partial matches may take where the first of them go at a limit. @module */

import type { StateIo } from '../../core/state-io.ts';
import type { Arena } from '../../state/index.ts';

/** Up to here nothing goes; the rest is for rows that wait and for keys. */
const SHARE = 0.75;
/** What may stay where there is too much. */
const LESS = 0.9375;

/**
 * Finds by itself how many bytes there may be. Memory that is given back is used again, so what is in use
 * of an arena does not fall: as long as it rises beyond a share of the limit, there is too much.
 */
export class Eviction {
  readonly #arena: Arena;
  #knownBytes: number;
  #mostBytes = Infinity;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#knownBytes = SHARE * arena.limitBytes;
  }

  /** Whether something has to go, of so many bytes. @hot */
  isDue(bytes: number): boolean {
    const { usedBytes } = this.#arena;
    if (usedBytes > this.#knownBytes) {
      this.#knownBytes = usedBytes;
      this.#mostBytes = Math.min(this.#mostBytes, bytes) * LESS;
    }
    return bytes > this.#mostBytes;
  }

  state(io: StateIo): void {
    this.#knownBytes = io.float(this.#knownBytes);
    this.#mostBytes = io.float(this.#mostBytes);
  }
}
