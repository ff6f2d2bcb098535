/** Texts of a column as JavaScript's strings. @module */

import type { Column } from '../../../core/column.ts';
import { decodeText } from '../../batch/text-bytes.ts';
import type { BatchOptions } from '../../batch/vector-node.ts';
import { GATHER_TEXTS } from './gather-code.ts';
import { TextKernels } from './text-kernels.ts';

/** Bytes of texts that are decoded by one call. */
const ROOM_BYTES = 64 * 1024;

/**
 * @param isPlain - whether every character is one byte
 */
export type VisitText = (row: number, text: string, isPlain: boolean) => void;

/**
 * Decodes many texts of a column at once: one call of the decoder costs as much as ten rows. Texts beyond
 * ASCII are decoded by themselves, since their characters are not where their bytes are.
 */
export class TextReader {
  readonly #kernels: TextKernels;
  readonly #room: Uint8Array;
  /** Where each row's text begins in the room; -1 for one that is not there. */
  #starts: Int32Array;

  private constructor(kernels: TextKernels) {
    const { memory } = kernels;
    this.#kernels = kernels;
    const { byteOffset } = memory.allocate(ROOM_BYTES);
    this.#room = new Uint8Array(memory.buffer, byteOffset, ROOM_BYTES);
    this.#starts = memory.words(0);
  }

  /** The reader of a memory: one after the other, they use the same room. */
  static of(options: BatchOptions): TextReader {
    const kernels = TextKernels.of(options);
    let reader = known.get(kernels);
    if (reader === undefined) {
      reader = new TextReader(kernels);
      known.set(kernels, reader);
    }
    const { memory, rowCapacity } = options;
    if (reader.#starts.length < rowCapacity) reader.#starts = memory.words(rowCapacity);
    return reader;
  }

  /** Reads `rows[0 .. count)` in order, none of which is null. The visitor runs no function over columns. */
  read(column: Column, rows: Uint32Array, count: number, visit: VisitText): void {
    const kernels = this.#kernels;
    kernels.begin(rows, count, column);
    kernels.read(column);
    kernels.argument(0, this.#starts.byteOffset);
    for (let from = 0; from < count;) {
      const to = kernels.runInto(GATHER_TEXTS, this.#room, from);
      this.#readGathered(column, rows, from, to, visit);
      // A text that is longer than the room.
      if (to === from) this.#readSingly(column, rows, from, from + 1, visit);
      from = Math.max(to, from + 1);
    }
  }

  #readGathered(
    column: Column,
    rows: Uint32Array,
    from: number,
    to: number,
    visit: VisitText,
  ): void {
    const starts = this.#starts;
    const { words } = column;
    const all = decodeText(this.#room, 0, this.#kernels.usedBytes);
    for (let s = from; s < to; s++) {
      const row = rows[s]!;
      const start = starts[row]!;
      if (start < 0) this.#readSingly(column, rows, s, s + 1, visit);
      else visit(row, all.substring(start, start + words[4 * row]!), true);
    }
  }

  #readSingly(column: Column, rows: Uint32Array, from: number, to: number, visit: VisitText): void {
    for (let s = from; s < to; s++) {
      const row = rows[s]!;
      const length = column.viewLength(row);
      const text = decodeText(column.viewSource(row), column.viewStart(row), length);
      visit(row, text, text.length === length);
    }
  }
}

const known = new WeakMap<TextKernels, TextReader>();
