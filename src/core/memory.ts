/**
 * Where columns, selections and batches lie.
 *
 * Kernels compiled to WebAssembly read and write one memory: the shared memory of the engine, in
 * which the rings lie as well. Each worker has a region of it for what its tasks compute, its
 * {@link KernelMemory}. What never meets such a kernel may lie in buffers of JavaScript's,
 * {@link ownMemory}; a kernel that is given a column from there has to copy it first.
 *
 * @module
 */

import { MillraceError } from './errors.ts';

/** Bytes somewhere. */
export interface Region {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
}

/** Hands out zeroed regions, aligned to 64 bytes, with 64 bytes behind them that may be read. */
export interface ColumnMemory {
  allocate(bytes: number): Region;
}

/** Memory for columns and for lists of rows. */
export interface RowMemory extends ColumnMemory {
  /** Room for a list of rows. */
  rows(capacity: number): Uint32Array;
}

/** A buffer of its own for each region, which the garbage collector takes back. */
export const ownMemory: RowMemory = {
  allocate: (bytes) => ({ buffer: new ArrayBuffer(bytes), byteOffset: 0 }),
  rows: (capacity) => new Uint32Array(capacity),
};

/** What is needed of a `WebAssembly.Memory`: its bytes. It can be posted to a worker. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** Gives memory for state that another kernel may have had before. */
export interface StateMemory {
  /** @returns memory of so many bytes or, where the system has no more, less; whether it may not be zero */
  reserve(bytes: number): { readonly memory: WasmMemory; readonly isUsed: boolean };
}

/** A compiled `WebAssembly.Module`: opaque here. It can be posted to a worker. */
export type WasmModule = object;

/** Compiled modules by key. Two modules with one key have the same bytes. */
export type CompiledModules = ReadonlyMap<string, WasmModule>;

const ALIGNMENT = 64;
const WASM_PAGE_BYTES = 65536;

const align = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

/**
 * The region of a worker, handed out from the front. What is allocated lives as long as the worker's
 * tasks, but for what is {@link lend | lent}. Untouched pages cost nothing.
 */
export class KernelMemory implements RowMemory {
  /** What kernels import. */
  readonly memory: WasmMemory;
  readonly buffer: ArrayBufferLike;
  readonly #start: number;
  readonly #end: number;
  #next: number;
  /** Where regions are that were given back, by their size. */
  readonly #spare = new Map<number, number[]>();
  /** Who handed this out. */
  #lender: KernelMemory | undefined;
  readonly #lent: { readonly bytes: number; readonly byteOffset: number }[] = [];

  /**
   * @param memory - its bytes from `byteOffset` on, `bytes` of them, are this worker's alone and
   * zero; offset 0 is never handed out, so that an address of 0 can mean "none"
   */
  constructor(memory: WasmMemory, byteOffset: number, bytes: number) {
    this.memory = memory;
    this.buffer = memory.buffer;
    this.#start = Math.max(ALIGNMENT, align(byteOffset));
    this.#next = this.#start;
    this.#end = byteOffset + bytes;
  }

  /** A memory of its own; for what runs outside an engine. */
  static create(bytes: number): KernelMemory {
    const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return new KernelMemory(memory, 0, pages * WASM_PAGE_BYTES);
  }

  /** Bytes handed out. */
  get usedBytes(): number {
    return this.#next - this.#start;
  }

  /** A memory whose regions can be given back together: for kernels that others take the place of. */
  lend(): KernelMemory {
    const lent = new KernelMemory(this.memory, this.#start, 0);
    lent.#lender = this;
    return lent;
  }

  /** Gives back what was allocated in a memory that was lent: nobody reads or writes it any more. */
  giveBack(): void {
    if (this.#lender === undefined) return;
    const spare = this.#lender.#spare;
    for (const { bytes, byteOffset } of this.#lent.splice(0)) {
      const known = spare.get(bytes);
      if (known === undefined) spare.set(bytes, [byteOffset]);
      else known.push(byteOffset);
    }
  }

  #borrow(bytes: number, lender: KernelMemory): Region {
    const reused = lender.#spare.get(bytes)?.pop();
    const region =
      reused === undefined ? lender.allocate(bytes) : { buffer: this.buffer, byteOffset: reused };
    if (reused !== undefined) new Uint8Array(this.buffer, reused, bytes).fill(0);
    this.#lent.push({ bytes, byteOffset: region.byteOffset });
    return region;
  }

  /** @throws `ERR_LIMIT_EXCEEDED` when the region is full */
  allocate(bytes: number): Region {
    if (this.#lender !== undefined) return this.#borrow(bytes, this.#lender);
    const byteOffset = this.#next;
    const next = align(byteOffset + bytes + ALIGNMENT);
    if (next > this.#end) {
      throw new MillraceError(
        'ERR_LIMIT_EXCEEDED',
        `a worker's memory for computed columns is full: ${this.usedBytes} bytes of ` +
          `${this.#end - this.#start} are in use, ${bytes} more are needed; ` +
          'use smaller batches (/engine/ring/rows) or more workers',
      );
    }
    this.#next = next;
    return { buffer: this.buffer, byteOffset };
  }

  /** Room for a list of rows. */
  rows(capacity: number): Uint32Array {
    return new Uint32Array(this.buffer, this.allocate(capacity * 4).byteOffset, capacity);
  }

  /** Room for an int32 for each row: hashes, records. */
  words(capacity: number): Int32Array {
    return new Int32Array(this.buffer, this.allocate(capacity * 4).byteOffset, capacity);
  }
}
