/** Counting the rows of rings, for plans with admission. @module */

import type { QueueContents } from '../../../admission/queue-contents.ts';
import type { Batch } from '../../../core/batch.ts';
import type { CounterBlock } from '../../../ringbuf/index.ts';
import { HIDDEN_COLUMNS, TAG_COLUMN } from '../../protocol-admission.ts';
import type { RingRows } from '../edges/ring-edge.ts';

/** Counts rows that operators put into a ring. */
export class PlainRows implements RingRows {
  readonly #counter: CounterBlock;

  constructor(counter: CounterBlock) {
    this.#counter = counter;
  }

  /** @hot */
  entered(_batch: Batch, from: number, to: number): void {
    this.#counter.add(0, to - from);
  }

  /** @hot */
  passed(rows: number): void {
    this.#counter.add(0, rows);
  }
}

/** Counts rows that pass a gate, also by lane and value while that is of interest. */
export class GatedRows implements RingRows {
  readonly #counter: CounterBlock;
  readonly #contents: readonly QueueContents[];
  readonly #tags: number;

  /**
   * @param contents - of each reader of the ring
   * @param columns - of the ring, hidden ones included
   */
  constructor(counter: CounterBlock, contents: readonly QueueContents[], columns: number) {
    this.#counter = counter;
    this.#contents = contents;
    this.#tags = columns - HIDDEN_COLUMNS + TAG_COLUMN;
  }

  /** @hot */
  entered(batch: Batch, from: number, to: number): void {
    this.#counter.add(0, to - from);
    const rows = from === 0 ? batch.selection : batch.selection.subarray(from, to);
    const tags = batch.columns[this.#tags]!.words;
    for (let c = 0; c < this.#contents.length; c++) this.#contents[c]!.enter(tags, rows, to - from);
  }

  /** @hot */
  passed(rows: number): void {
    this.#counter.add(0, rows);
  }
}
