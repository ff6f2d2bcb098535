/** Memory for state that passes from one kernel to the next. @module */

import type { StateMemory, WasmMemory } from '../core/memory.ts';
import { reserveMemory } from './arena.ts';

/** Memories of one size that wait for the next who needs one; more are left to the garbage collector. */
const MOST_SPARE = 2;

/** Takes memories back, so that one that was written to is the first to be written to again. */
export class MemoryPool {
  /** By bytes. */
  readonly #spare = new Map<number, WasmMemory[]>();

  /** For one kernel, until it is {@link MemoryLease.giveBack | given back}. */
  lease(): MemoryLease {
    return new MemoryLease(this.#spare);
  }
}

/** What one kernel has of a pool. */
export class MemoryLease implements StateMemory {
  readonly #spare: Map<number, WasmMemory[]>;
  readonly #taken: { readonly bytes: number; readonly memory: WasmMemory }[] = [];

  constructor(spare: Map<number, WasmMemory[]>) {
    this.#spare = spare;
  }

  reserve(bytes: number): { readonly memory: WasmMemory; readonly isUsed: boolean } {
    const used = this.#spare.get(bytes)?.pop();
    const memory = used ?? reserveMemory(bytes);
    this.#taken.push({ bytes, memory });
    return { memory, isUsed: used !== undefined };
  }

  /** Nobody reads or writes what was reserved any more. */
  giveBack(): void {
    for (const { bytes, memory } of this.#taken.splice(0)) {
      const spare = this.#spare.get(bytes) ?? [];
      this.#spare.set(bytes, spare);
      if (spare.length < MOST_SPARE) spare.push(memory);
    }
  }
}
