/** Tells a kernel where its inputs lie. @module */

import type { Column } from '../../core/column.ts';
import type { BatchOptions } from '../batch/vector-node.ts';
import { Adopter, Scratch } from './scratch.ts';

/** Words of each input in a frame: values, validity, and what views are offsets into. */
export const WORDS_PER_INPUT = 3;

/** The inputs of a kernel, as words of its frame. */
export class PlacedInputs {
  /** Whether some input has nulls. */
  withNulls = false;
  /** Whether the kernel finds all long strings. */
  isReachable = true;
  readonly #words: Int32Array;
  readonly #first: number;
  readonly #buffer: ArrayBufferLike;
  readonly #onesAt: number;
  readonly #adopters: readonly Adopter[];

  /** @param first - the word of the frame where the inputs begin */
  constructor(words: Int32Array, first: number, count: number, options: BatchOptions) {
    const { rowCapacity, memory } = options;
    this.#words = words;
    this.#first = first;
    this.#buffer = memory.buffer;
    this.#onesAt = Scratch.of(memory, rowCapacity).onesAt;
    this.#adopters = Array.from({ length: count }, () => new Adopter(memory, rowCapacity));
  }

  /** Begins with a batch. */
  begin(): void {
    this.withNulls = false;
    this.isReachable = true;
  }

  /** Says where input `i` lies. @param rows - how many of its rows may be read */
  place(i: number, given: Column, rows: number): void {
    const words = this.#words;
    const column = this.#adopters[i]!.adopt(given, rows);
    const at = this.#first + WORDS_PER_INPUT * i;
    words[at] = column.valuesAt;
    words[at + 1] = column.nullCount === 0 ? this.#onesAt : column.validityAt;
    if (column.nullCount !== 0) this.withNulls = true;
    if (column.storage !== 'view') return;
    const heap = given.heap.bytes;
    words[at + 2] = heap.byteOffset;
    if (heap.length > 0 && heap.buffer !== this.#buffer) this.isReachable = false;
  }
}
