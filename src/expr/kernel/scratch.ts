/** What all kernels over one memory share. @module */

import { validityBytes } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';

/** Rows of a pair of blocks, and their masks. */
const ROWS = 8;
const MASKS = 1 << ROWS;

/** Tables and room for lists of rows; one for each memory and capacity. */
export class Scratch {
  /** Address of 256 entries of eight words: entry m begins with the positions of the bits of m. */
  readonly tableAt: number;
  /** Address of a bitmap of ones. */
  readonly onesAt: number;
  /** A list that kernels may read or write; its content matters only within one call. */
  readonly rows: Uint32Array;
  readonly #memory: KernelMemory;

  private constructor(memory: KernelMemory, rowCapacity: number) {
    const table = memory.words(ROWS * MASKS);
    for (let mask = 0; mask < MASKS; mask++) {
      let at = ROWS * mask;
      for (let bit = 0; bit < ROWS; bit++) if ((mask >> bit) & 1) table[at++] = bit;
    }
    const onesBytes = validityBytes(rowCapacity);
    const ones = memory.allocate(onesBytes);
    new Uint8Array(memory.buffer, ones.byteOffset, onesBytes).fill(0xff);
    this.#memory = memory;
    this.tableAt = table.byteOffset;
    this.onesAt = ones.byteOffset;
    this.rows = memory.rows(rowCapacity);
  }

  static of(memory: KernelMemory, rowCapacity: number): Scratch {
    let byCapacity = known.get(memory);
    if (byCapacity === undefined) {
      byCapacity = new Map();
      known.set(memory, byCapacity);
    }
    let scratch = byCapacity.get(rowCapacity);
    if (scratch === undefined) {
      scratch = new Scratch(memory, rowCapacity);
      byCapacity.set(rowCapacity, scratch);
    }
    return scratch;
  }

  /** Address of a list of rows, or of a copy in {@link rows}; 0 when it is that of all rows up to the last. */
  listAt(selection: Uint32Array, selected: number): number {
    if (selection[selected - 1] === selected - 1) return 0;
    if (selection.buffer === this.#memory.buffer) return selection.byteOffset;
    const copy = this.rows;
    for (let i = 0; i < selected; i++) copy[i] = selection[i]!;
    return copy.byteOffset;
  }
}

const known = new WeakMap<KernelMemory, Map<number, Scratch>>();
