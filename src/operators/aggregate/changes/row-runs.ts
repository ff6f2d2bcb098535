/** The rows of a batch in runs in which no group has two rows. @module */

import type { Batch } from '../../../core/batch.ts';
import { isRetraction } from '../../../core/changes.ts';
import type { KernelContext } from '../../../core/operator.ts';
import { Occurrences } from '../occurrences.ts';
import { PositionSort } from '../../position-sort.ts';

/** Rows `from .. to` of the list, all added or all taken back. */
export interface RowRun {
  readonly from: number;
  readonly to: number;
  readonly isRetracted: boolean;
}

/**
 * Orders rows: the first of each group, then the second of each, and so on; of each of these those
 * that are added first.
 */
export class RowRuns {
  /** Rows and their records, in that order. */
  readonly rows: Uint32Array;
  readonly records: Int32Array;
  readonly #occurrences: Occurrences;
  readonly #sort: PositionSort;
  readonly #buckets: Int32Array;
  readonly #change: number | undefined;

  /** @param change - the column that says which rows are taken back */
  constructor({ rowCapacity, memory }: KernelContext, change: number | undefined) {
    this.rows = memory.rows(rowCapacity);
    this.records = memory.words(rowCapacity);
    this.#occurrences = new Occurrences(rowCapacity);
    // A round has two runs.
    this.#sort = new PositionSort(2 * rowCapacity);
    this.#buckets = new Int32Array(rowCapacity);
    this.#change = change;
  }

  /**
   * Orders `rows[from .. to)`, whose records are `records[from .. to)`, to the same positions of the
   * lists; the runs are put behind those that there are.
   */
  order(
    batch: Batch,
    rows: Uint32Array,
    records: Int32Array,
    from: number,
    to: number,
    runs: RowRun[],
  ): void {
    const count = to - from;
    const buckets = this.#buckets;
    const rounds = this.#occurrences.count(records.subarray(from, to), count, buckets);
    const changes = this.#change === undefined ? undefined : batch.columns[this.#change]!;
    for (let i = 0; i < count; i++) {
      const isBack = changes !== undefined && isRetraction(changes, rows[from + i]!);
      buckets[i] = 2 * buckets[i]! + Number(isBack);
    }
    this.#sort.sort(buckets, count, 2 * rounds);
    for (let i = 0; i < count; i++) {
      const position = from + this.#sort.order[i]!;
      this.rows[from + i] = rows[position]!;
      this.records[from + i] = records[position]!;
    }
    for (let bucket = 0, begin = 0; bucket < 2 * rounds; bucket++) {
      const end = this.#sort.endOf(bucket);
      if (end > begin) {
        runs.push({ from: from + begin, to: from + end, isRetracted: bucket % 2 === 1 });
      }
      begin = end;
    }
  }
}
