/**
 * Where things lie in the record of a group.
 *
 * ```
 *  cell 0   │ hash (32 bits) │ which keys are null, a bit each (32 bits) │
 *  cell 1 … │ keys: one cell each, two for a view (string, bytes)        │
 *  …        │ aggregates                                                 │
 * ```
 *
 * A record is one run of cells, so a row that updates five aggregates of its group misses the cache
 * once and not five times.
 *
 * @module
 */

import { invariant } from '../core/invariant.ts';
import type { Storage } from '../core/types.ts';
import { MIN_PAGE_CELLS } from './arena.ts';

/** Most key columns: as many as there are null bits. */
export const MAX_KEYS = 32;

/** Most cells of a record: 128 KiB, thousands of aggregates. */
export const MAX_RECORD_CELLS = 16384;

const LINE_CELLS = 8;

/** One key of a record. */
export interface KeyField {
  readonly storage: Storage;
  /** First cell within the record. */
  readonly cell: number;
  /** Its bit in the record's null word. */
  readonly nullBit: number;
}

/** The layout of the records of one table. Complete before the first record is made. */
export class RecordLayout {
  readonly keys: readonly KeyField[];
  /** Cells of a record. */
  #cells = 1;
  /** What a new record holds behind its first cell, as words. */
  #template = new Int32Array(32);

  /** @param keys - storage classes of the key columns, in order */
  constructor(keys: readonly Storage[]) {
    invariant(keys.length <= MAX_KEYS, `${keys.length} key columns`);
    this.keys = keys.map((storage, i) => ({
      storage,
      cell: this.reserve(storage === 'view' ? 2 : 1),
      nullBit: 1 << i,
    }));
  }

  /** One more than are in use, where that makes records end with lines of the cache. */
  get cells(): number {
    return this.#cells % LINE_CELLS === LINE_CELLS - 1 ? this.#cells + 1 : this.#cells;
  }

  /** The words of a new record; its first two are not used. */
  get template(): Int32Array {
    return this.#template;
  }

  /**
   * Adds cells to the record.
   *
   * @param initial - words they begin with; zeros when not given
   * @returns the first cell
   */
  reserve(cells: number, initial: readonly number[] = []): number {
    const first = this.#cells;
    this.#cells += cells;
    if (this.#cells * 2 > this.#template.length) {
      const larger = new Int32Array(this.#cells * 4);
      larger.set(this.#template);
      this.#template = larger;
    }
    this.#template.set(initial, first * 2);
    return first;
  }
}

/** Cells that an arena's pages need so that records of these sizes waste little of them. */
export function pageCellsFor(recordCells: number): number {
  let cells = MIN_PAGE_CELLS;
  while (cells < recordCells * 8) cells *= 2;
  return cells;
}
