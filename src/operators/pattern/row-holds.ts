/** Who holds rows: partial matches, and the work that is done. @module */

import type { KernelMemory } from '../../core/memory.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { Arena, HeldRows } from '../../state/index.ts';
import { NO_RECORD } from '../../state/index.ts';

/** Rows that are let go at once. */
const LISTED = 256;

/** Counts who holds each row; one that nobody does is let go, at once or when what was matched has left. */
export class RowHolds {
  readonly #inputs: readonly HeldRows[];
  readonly #words: Int32Array;
  /** By input: rows that nobody holds, linked; they may be among what was matched. */
  readonly #loose: Int32Array;
  #hasLoose = false;
  /** Some of them. */
  readonly #list: Int32Array;
  #bytes = 0;

  constructor(inputs: readonly HeldRows[], arena: Arena, memory: KernelMemory) {
    this.#list = memory.words(LISTED);
    this.#inputs = inputs;
    this.#words = arena.words;
    this.#loose = new Int32Array(inputs.length);
  }

  /** Bytes of the rows that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Rows `records[0 .. count)` are kept from now on. @hot */
  note(records: Int32Array, count: number): void {
    const words = this.#words;
    // Of all rows the first word is the size.
    for (let i = 0; i < count; i++) this.#bytes += words[records[i]! >>> 2]!;
  }

  /** See {@link bytes}. */
  state(io: StateIo): void {
    this.#bytes = io.float(this.#bytes);
  }

  /** One more holds a row. @hot */
  hold(input: number, record: number): void {
    const rows = this.#inputs[input]!;
    rows.setTag(record, rows.tag(record) + 1);
  }

  /** One fewer does. @hot */
  release(input: number, record: number): void {
    const rows = this.#inputs[input]!;
    const count = rows.tag(record) - 1;
    rows.setTag(record, count);
    if (count > 0) return;
    rows.setNext(record, this.#loose[input]!);
    this.#loose[input] = record;
    this.#hasLoose = true;
  }

  /** Lets rows go that nobody holds; not while they are among what was matched. */
  letGo(): void {
    if (!this.#hasLoose) return;
    for (let input = 0; input < this.#inputs.length; input++) {
      const rows = this.#inputs[input]!;
      let record = this.#loose[input]!;
      while (record !== NO_RECORD) {
        let count = 0;
        for (; count < LISTED && record !== NO_RECORD; count++) {
          this.#list[count] = record;
          this.#bytes -= this.#words[record >>> 2]!;
          record = rows.next(record);
        }
        rows.letAllGo(this.#list, count);
      }
      this.#loose[input] = NO_RECORD;
    }
    this.#hasLoose = false;
  }

  /** The rank of a row; ranks come round after 2^32. @hot */
  rankOf(record: number): number {
    // Of all rows it is the second word.
    return this.#words[(record >>> 2) + 1]!;
  }

  /** Whether a row has a lower rank. @hot */
  isBefore(record: number, rank: number): boolean {
    return ((this.rankOf(record) - rank) | 0) < 0;
  }

  /** Whether a row has a higher rank. @hot */
  isAfter(record: number, rank: number): boolean {
    return ((this.rankOf(record) - rank) | 0) > 0;
  }
}
