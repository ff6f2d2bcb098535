/** Getting rows into the slices of windows, and those that are too late out. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext, Outbox } from '../../core/operator.ts';
import type { BatchSplit } from './batch-split.ts';
import { Port } from './config.ts';
import type { Groups } from './groups.ts';
import { LateRows } from '../late-rows.ts';

/** What takes rows in. */
type Into = Pick<Groups, 'evaluate' | 'rows' | 'bind' | 'add' | 'release'>;

/** Adds the rows of one batch after the other to the shares of their slices. */
export class WindowAdder {
  readonly #groups: Into;
  readonly #split: BatchSplit;
  readonly #late: LateRows;

  constructor(groups: Into, split: BatchSplit, { counters, rowCapacity }: KernelContext) {
    this.#groups = groups;
    this.#split = split;
    this.#late = new LateRows(rowCapacity, counters, Port.LATE);
  }

  /** Late rows go to `out`. */
  add(batch: Batch, out: Outbox): void {
    const split = this.#split;
    split.split(batch);
    this.#late.offer(batch, split.lateRows, split.lateCount, split.lateBy, out);
    if (split.count > 0) this.#aggregate(batch);
  }

  #aggregate(batch: Batch): void {
    const groups = this.#groups;
    const split = this.#split;
    const count = groups.evaluate(batch, split.rows, split.count);
    const rows = split.group(groups.rows, count);
    groups.bind(rows, count);
    let from = 0;
    for (let bucket = 0; bucket < split.shareCount; bucket++) {
      const to = split.endOf(bucket);
      groups.add(split.shares[bucket]!.state, rows, from, to);
      from = to;
    }
    groups.release();
  }
}
