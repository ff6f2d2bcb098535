/** The numbers of the rows that were kept last, so many of them. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';

/** A ring of row numbers. */
export class LastRows {
  /** Bytes that it takes for one row. */
  static readonly ROW_BYTES = 4;

  readonly #numbers: Int32Array;
  #from = 0;
  #count = 0;

  /** @param most - how many rows are wanted */
  constructor(most: number) {
    this.#numbers = new Int32Array(most);
  }

  /** Adds the next row. @hot */
  push(number: number): void {
    const { length } = this.#numbers;
    if (length === 0) return;
    if (this.#count < length) {
      this.#numbers[this.#count++] = number;
      return;
    }
    this.#numbers[this.#from] = number;
    this.#from = this.#from + 1 === length ? 0 : this.#from + 1;
  }

  *state(io: StateIo): Steps {
    this.#from = io.int(this.#from);
    this.#count = io.int(this.#count);
    yield* io.memory(new Uint8Array(this.#numbers.buffer));
  }

  /** The first of the rows that are wanted; `undefined`: none is. */
  get first(): number | undefined {
    return this.#count === 0 ? undefined : this.#numbers[this.#from]!;
  }
}
