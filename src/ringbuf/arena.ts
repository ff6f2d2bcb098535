/**
 * One piece of shared memory from which everything shared is cut.
 *
 * It is a `WebAssembly.Memory` rather than a plain `SharedArrayBuffer`, so that kernels compiled to
 * WebAssembly read and write ring slots where they lie. It never grows: every view would have to be
 * made again. Its size is computed first (`ringBytes`, `controlBytes`, `counterBytes`, …: each says
 * exactly what its `allocate…` takes); pages that nobody touches cost no memory.
 *
 * @module
 */

import { MillraceError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { WasmMemory } from '../core/memory.ts';
import { LINE_BYTES, wholeLines } from './layout.ts';

/** What an `allocate…` function needs: somebody who hands out bytes of one buffer. */
export interface Allocator {
  readonly buffer: SharedArrayBuffer;
  /** Byte offset of `bytes` zeroed bytes that nobody else has. */
  allocate(bytes: number, alignBytes?: number): number;
}

const PAGE_BYTES = 64 * 1024;

/** Memory addresses are 32 bits wide. */
export const MAX_ARENA_BYTES = 2 ** 32;

/** A bump allocator over one shared memory: nothing is ever given back. */
export class Arena implements Allocator {
  /** Post this to a worker, which makes its own view of it with {@link Arena.attach}. */
  readonly memory: WasmMemory;
  readonly buffer: SharedArrayBuffer;
  readonly totalBytes: number;
  /** Offset 0 is never handed out, so that it can mean "none". */
  #nextOffset = LINE_BYTES;
  readonly #mayAllocate: boolean;

  private constructor(memory: WasmMemory, mayAllocate: boolean) {
    invariant(memory.buffer instanceof SharedArrayBuffer, 'an arena needs shared memory');
    this.memory = memory;
    this.buffer = memory.buffer;
    this.totalBytes = memory.buffer.byteLength;
    this.#mayAllocate = mayAllocate;
  }

  /**
   * Reserves room for at least `bytes` bytes of allocations.
   *
   * Throws `ERR_LIMIT_EXCEEDED` above 4 GiB, or when the system refuses the address space.
   */
  static create(bytes: number): Arena {
    const pages = Math.ceil((bytes + LINE_BYTES) / PAGE_BYTES);
    if (!(bytes >= 0 && pages * PAGE_BYTES <= MAX_ARENA_BYTES)) {
      throw new MillraceError(
        'ERR_LIMIT_EXCEEDED',
        `shared memory of ${bytes} bytes is over the limit of ${MAX_ARENA_BYTES} bytes: ` +
          'use fewer or smaller rings',
      );
    }
    try {
      const limits = { initial: pages, maximum: pages, shared: true };
      return new Arena(new WebAssembly.Memory(limits), true);
    } catch (error) {
      throw new MillraceError(
        'ERR_LIMIT_EXCEEDED',
        `the system refused shared memory of ${bytes} bytes`,
        { cause: error },
      );
    }
  }

  /** A view of an arena made in another thread. It cannot allocate: one thread lays memory out. */
  static attach(memory: WasmMemory): Arena {
    return new Arena(memory, false);
  }

  /** Bytes from the start to the end of the last allocation. */
  get usedBytes(): number {
    return this.#nextOffset;
  }

  /** Throws `ERR_LIMIT_EXCEEDED` when the arena has no `bytes` bytes left. */
  allocate(bytes: number, alignBytes: number = LINE_BYTES): number {
    invariant(this.#mayAllocate, 'an attached arena cannot allocate: the host lays memory out');
    invariant(Number.isSafeInteger(bytes) && bytes >= 0, `not a size: bytes=${bytes}`);
    const aligned = Number.isSafeInteger(alignBytes) && Number.isInteger(Math.log2(alignBytes));
    invariant(aligned, `not a power of two: alignBytes=${alignBytes}`);
    const offset = Math.ceil(this.#nextOffset / alignBytes) * alignBytes;
    if (offset + bytes > this.totalBytes) {
      throw new MillraceError(
        'ERR_LIMIT_EXCEEDED',
        `shared memory is full: totalBytes=${this.totalBytes}, ` +
          `usedBytes=${this.#nextOffset}, bytes=${bytes}`,
      );
    }
    this.#nextOffset = offset + bytes;
    return offset;
  }
}

/** Int32 words of `buffer`, checked to lie on a line. */
export function wordsAt(buffer: SharedArrayBuffer, byteOffset: number, bytes: number): Int32Array {
  invariant(
    buffer instanceof SharedArrayBuffer,
    'threads can only meet in a SharedArrayBuffer: pass arena.buffer',
  );
  invariant(byteOffset % LINE_BYTES === 0, `not on a line: byteOffset=${byteOffset}`);
  return new Int32Array(buffer, byteOffset, wholeLines(bytes) / Int32Array.BYTES_PER_ELEMENT);
}
