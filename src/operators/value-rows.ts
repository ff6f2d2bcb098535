/** Rows of single values that are to be handed on, for operators that work row by row. @module */

import type { Batch } from '../core/batch.ts';
import type { Outbox } from '../core/operator.ts';
import type { Value } from '../expr/index.ts';
import { RowError, ValueWriter } from '../expr/index.ts';
import { forgetRow } from '../rows/values/row-checks.ts';
import { RowOrigin } from './row-origin.ts';

interface Waiting {
  readonly port: number;
  readonly values: readonly Value[];
  readonly origin: RowOrigin;
}

/** Waits for room, in the order in which rows were added. */
export class ValueRows {
  readonly #writer = new ValueWriter();
  readonly #refuse: (message: string) => void;
  #waiting: Waiting[] = [];
  #sent = 0;
  #origin = new RowOrigin();

  /** @param refuse - is told of rows that fit no slot */
  constructor(refuse: (message: string) => void) {
    this.#refuse = refuse;
  }

  /** What is added from here on was made of this row. */
  begin(batch: Batch, row: number): void {
    this.#origin = new RowOrigin();
    this.#origin.take(batch, row);
  }

  add(port: number, values: readonly Value[]): void {
    this.#waiting.push({ port, values, origin: this.#origin });
  }

  /** Hands on what was added; false when an output is full: call it again. */
  flush(out: Outbox): boolean {
    while (this.#sent < this.#waiting.length) {
      const { port } = this.#waiting[this.#sent]!;
      const target = out.claim(port);
      if (target === undefined) return false;
      out.commit(port, this.#fill(port, target));
    }
    if (this.#sent > 0) {
      this.#waiting = [];
      this.#sent = 0;
    }
    return true;
  }

  #fill(port: number, target: Batch): boolean {
    for (; this.#sent < this.#waiting.length; this.#sent++) {
      const waiting = this.#waiting[this.#sent]!;
      if (waiting.port !== port) return false;
      if (target.rowCount === target.rowCapacity) return true;
      if (this.#write(target, waiting)) continue;
      if (target.heap.used > 0) return true;
      this.#refuse('its result is too large for a slot');
    }
    return false;
  }

  /** False when its long values find no room: then nothing is written. */
  #write(target: Batch, { values, origin }: Waiting): boolean {
    const at = target.rowCount;
    const heapUsed = target.heap.used;
    try {
      for (let c = 0; c < values.length; c++) {
        this.#writer.write(target.columns[c]!, at, values[c]!);
      }
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      target.heap.used = heapUsed;
      forgetRow(target.columns, at);
      return false;
    }
    origin.stamp(target, at);
    target.setRowCount(at + 1);
    return true;
  }
}
