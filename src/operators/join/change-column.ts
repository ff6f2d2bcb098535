/** The column of a join's output that says what a row changes. @module */

import { Change, CHANGE_FIELD } from '../../core/changes.ts';
import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';

/** Rows are new. */
export const INSERTS = 0;
/** Rows are taken back. */
export const RETRACTS = 1;
/** One of these. */
export type ChangeCode = typeof INSERTS | typeof RETRACTS;

const encoder = new TextEncoder();
const TEXTS = [encoder.encode(Change.INSERT), encoder.encode(Change.DELETE)] as const;

/** Whole columns of the same change, and the same values elsewhere. */
export class ChangeColumn {
  /** In the output. */
  readonly position: number;
  /** By change. */
  readonly columns: readonly [Column, Column];

  constructor(position: number, rowCapacity: number, memory: KernelMemory) {
    this.position = position;
    const columnOf = (text: Uint8Array): Column => {
      const column = Column.allocate(CHANGE_FIELD.type, rowCapacity, memory);
      for (let row = 0; row < rowCapacity; row++) column.setView(row, text, 0, text.length);
      return column;
    };
    this.columns = [columnOf(TEXTS[INSERTS]), columnOf(TEXTS[RETRACTS])];
  }

  /** Writes a change to `count` rows of the output's columns, from `start` on. */
  put(columns: readonly Column[], change: ChangeCode, start: number, count: number): void {
    const from = this.columns[change].words;
    const to = columns[this.position]!.words;
    to.set(from.subarray(0, 4 * count), 4 * start);
  }
}
