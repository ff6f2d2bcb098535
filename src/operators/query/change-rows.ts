/** What queries did to a table, as rows of a stream of changes. @module */

import type { Batch } from '../../core/batch.ts';
import { Change } from '../../core/changes.ts';
import { Column } from '../../core/column.ts';
import { appendColumns, TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, Outbox } from '../../core/operator.ts';
import { STRING } from '../../core/types.ts';
import type { Pairs } from './pairs.ts';

const encoder = new TextEncoder();
const TEXTS = Object.fromEntries(
  Object.values(Change).map((change) => [change, encoder.encode(change)]),
);

/** Hands on changes of pairs; these have to stay until all are handed on. */
export class ChangeRows {
  readonly #pairs: Pairs;
  readonly #port: number;
  readonly #refuse: (row: number, message: string) => void;
  readonly #changes: Column;
  readonly #columns: readonly Column[];
  /** Rows of the pairs' own columns. */
  readonly #rows: Uint32Array;
  #count = 0;
  #sent = 0;

  /** @param refuse - is told of rows of the input that fit no slot */
  constructor(
    pairs: Pairs,
    port: number,
    { memory, rowCapacity }: KernelContext,
    refuse: (row: number, message: string) => void,
  ) {
    this.#pairs = pairs;
    this.#port = port;
    this.#refuse = refuse;
    this.#changes = Column.allocate(STRING, 2 * rowCapacity, memory);
    this.#columns = [...pairs.own, this.#changes];
    this.#rows = memory.rows(2 * rowCapacity);
  }

  /** A row that is, or was when it was deleted, as the pairs have it. */
  add(row: number, change: Change): void {
    const text = TEXTS[change]!;
    this.#changes.setView(row, text, 0, text.length);
    this.#rows[this.#count++] = row;
  }

  /** A row as it was, and as it is. */
  addUpdate(row: number): void {
    this.add(row + this.#pairs.rowCapacity, Change.UPDATE_BEFORE);
    this.add(row, Change.UPDATE_AFTER);
  }

  /** Hands on what was added; false when the output is full: call it again. */
  flush(out: Outbox): boolean {
    while (this.#sent < this.#count) {
      const target = out.claim(this.#port);
      if (target === undefined) return false;
      out.commit(this.#port, this.#fill(target));
    }
    this.#count = 0;
    this.#sent = 0;
    return true;
  }

  /** True when the target is full. */
  #fill(target: Batch): boolean {
    while (this.#sent < this.#count) {
      const start = target.rowCount;
      const count = appendColumns(target, this.#columns, this.#rows, this.#sent, this.#count);
      if (count === TUPLE_TOO_LARGE) {
        this.#refuse(this.#inputRow(this.#sent++), 'its change is too large for a slot');
        continue;
      }
      if (count === 0) return true;
      this.#copyTimes(target, start, count);
      this.#sent += count;
    }
    return false;
  }

  #inputRow(position: number): number {
    const row = this.#rows[position]!;
    return row < this.#pairs.rowCapacity ? row : row - this.#pairs.rowCapacity;
  }

  #copyTimes(target: Batch, start: number, count: number): void {
    const source = this.#pairs.batch;
    if (target.hasTime) {
      for (let i = 0; i < count; i++) {
        const row = this.#inputRow(this.#sent + i);
        target.setTimeUs(start + i, source.timeUs(row));
        target.setLateBy(start + i, source.lateByUs(row));
      }
    }
    if (source.ingestTimeUs < target.ingestTimeUs) target.ingestTimeUs = source.ingestTimeUs;
  }
}
