/** Tells a kernel where its inputs lie. @module */

import type { Column } from '../../core/column.ts';
import type { BatchOptions } from '../batch/vector-node.ts';
import { Scratch } from './scratch.ts';

/** Words of each input in a frame: values, validity, and what views are offsets into. */
export const WORDS_PER_INPUT = 3;

/** The inputs of a kernel, as words of its frame. All lie in its memory, long values too. */
export class PlacedInputs {
  /** Whether some input has nulls. */
  withNulls = false;
  readonly #words: Int32Array;
  readonly #first: number;
  readonly #onesAt: number;

  /** @param first - the word of the frame where the inputs begin */
  constructor(words: Int32Array, first: number, { memory, rowCapacity }: BatchOptions) {
    this.#words = words;
    this.#first = first;
    this.#onesAt = Scratch.of(memory, rowCapacity).onesAt;
  }

  /** Begins with a batch. */
  begin(): void {
    this.withNulls = false;
  }

  /** Says where input `i` lies. @hot */
  place(i: number, column: Column): void {
    const words = this.#words;
    const at = this.#first + WORDS_PER_INPUT * i;
    words[at] = column.valuesAt;
    words[at + 1] = column.nullCount === 0 ? this.#onesAt : column.validityAt;
    if (column.nullCount !== 0) this.withNulls = true;
    if (column.storage === 'view') words[at + 2] = column.heap.bytes.byteOffset;
  }
}
