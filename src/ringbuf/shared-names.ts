/**
 * Names that one thread finds and others read: the classes and tenants of a source.
 *
 * ```
 *   ┌───────┬────────────────────┬────────────────────┬───
 *   │ count │ bytes used, UTF-8… │ bytes used, UTF-8… │ …
 *   └───────┴────────────────────┴────────────────────┴───
 * ```
 *
 * A name is written before the count that says it is there, and never changed.
 *
 * @module
 */

import type { Allocator } from './arena.ts';
import { allocateCell, CELL_BYTES, SharedCell } from './cell.ts';
import { LINE_BYTES } from './layout.ts';

/** Where a list of names lies: plain data, fit for posting. */
export interface NamesAddress {
  readonly count: number;
  readonly texts: number;
  readonly capacity: number;
}

/** A longer name is cut. */
const NAME_BYTES = 63;
const ENTRY_BYTES = NAME_BYTES + 1;

/** Bytes that {@link allocateNames} takes at most. */
export function namesBytes(capacity: number): number {
  return CELL_BYTES + capacity * ENTRY_BYTES + 2 * LINE_BYTES;
}

/** Reserves room for `capacity` names. */
export function allocateNames(arena: Allocator, capacity: number): NamesAddress {
  const count = allocateCell(arena);
  return { count, texts: arena.allocate(capacity * ENTRY_BYTES), capacity };
}

/** The writing end: one thread's. */
export class NameWriter {
  readonly #count: SharedCell;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer, { count, texts, capacity }: NamesAddress) {
    this.#count = new SharedCell(buffer, count);
    this.#bytes = new Uint8Array(buffer, texts, capacity * ENTRY_BYTES);
  }

  /** Adds the next name; there is room. */
  add(name: string): void {
    const index = this.#count.get();
    const text = encoder.encode(name);
    const at = index * ENTRY_BYTES;
    const used = Math.min(text.length, NAME_BYTES);
    this.#bytes.set(text.subarray(0, used), at + 1);
    this.#bytes[at] = used;
    this.#count.set(index + 1);
  }
}

/** A reading end. */
export class NameReader {
  readonly #count: SharedCell;
  readonly #bytes: Uint8Array;
  readonly #names: string[] = [];

  constructor(buffer: SharedArrayBuffer, { count, texts, capacity }: NamesAddress) {
    this.#count = new SharedCell(buffer, count);
    this.#bytes = new Uint8Array(buffer, texts, capacity * ENTRY_BYTES);
  }

  /** The names so far; the list is the reader's own and grows. */
  read(): readonly string[] {
    const count = this.#count.get();
    for (let index = this.#names.length; index < count; index++) {
      const at = index * ENTRY_BYTES;
      // A view of shared memory cannot be decoded.
      const text = this.#bytes.slice(at + 1, at + 1 + this.#bytes[at]!);
      this.#names.push(decoder.decode(text));
    }
    return this.#names;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
