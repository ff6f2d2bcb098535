/** Rows that change a table, in waves: a slot is in a wave once at most. @module */

import type { Table } from './table.ts';

/**
 * The first wave has the first row of each slot, the second one the second, and so on. What rows of different
 * slots do to the table is the same in any order.
 */
export class Waves {
  readonly #table: Table;
  readonly #ranks: Int32Array;
  readonly #sorted: Uint32Array;
  /** By wave: where its rows begin. */
  readonly #starts: Int32Array;
  count = 0;

  constructor(table: Table, rowCapacity: number) {
    this.#table = table;
    this.#ranks = new Int32Array(rowCapacity);
    this.#sorted = new Uint32Array(rowCapacity);
    this.#starts = new Int32Array(rowCapacity + 2);
  }

  /** Sorts `rows[0 .. count)` into waves, each in the order of rows. */
  sort(slots: Int32Array, rows: Uint32Array, count: number): void {
    const ranks = this.#ranks;
    this.#table.rank(slots, rows, count, ranks);
    let waves = 0;
    for (let i = 0; i < count; i++) waves = Math.max(waves, ranks[rows[i]!]! + 1);
    const starts = this.#starts.fill(0, 0, waves + 2);
    for (let i = 0; i < count; i++) starts[ranks[rows[i]!]! + 2]!++;
    for (let wave = 2; wave < waves + 2; wave++) starts[wave]! += starts[wave - 1]!;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      this.#sorted[starts[ranks[row]! + 1]!++] = row;
    }
    this.count = waves;
  }

  /** Copies the rows of a wave; how many there are. */
  list(wave: number, rows: Uint32Array): number {
    const start = this.#starts[wave]!;
    const end = this.#starts[wave + 1]!;
    for (let i = start; i < end; i++) rows[i - start] = this.#sorted[i]!;
    return end - start;
  }
}
