/** A source that is an iterable of rows as objects: simple, and as slow as objects are. @module */

import type { Batch } from '../../core/batch.ts';
import type { SourceContext, SourceProgress } from '../../core/connector.ts';
import { RowWriter } from '../../rows/row-writer.ts';
import type { SourceBatch, SourceModule } from './contract.ts';

/** Writes what an iterator gives; bad rows are handled by the node's `onError`. */
export class RowIterableSource implements SourceModule {
  readonly #rows: Iterator<unknown>;
  readonly #context: SourceContext;
  readonly #writer: RowWriter;
  /** The row at work, until it was written or refused. */
  #row: IteratorResult<unknown> | undefined;
  #taken = 0;

  constructor(rows: Iterable<unknown>, context: SourceContext) {
    this.#rows = rows[Symbol.iterator]();
    this.#context = context;
    this.#writer = new RowWriter(context.stream.schema, context.timeColumn);
  }

  read(batch: SourceBatch): SourceProgress {
    // Refused rows are counted as well, so that the call ends.
    for (let tries = batch.rowCapacity; tries > 0; tries--) {
      if (this.#row === undefined) {
        this.#row = this.#rows.next();
        this.#taken++;
      }
      if (this.#row.done === true) return 'end';
      const outcome = this.#writer.write(batch as Batch, this.#row.value);
      if (outcome === 'full') return 'more';
      if (outcome !== null) {
        if (!this.#context.canReject()) return 'more';
        this.#row = undefined;
        const { message, field } = outcome;
        this.#context.reject({ message, field, line: this.#taken });
      }
      this.#row = undefined;
    }
    return 'more';
  }

  close(): void {
    this.#rows.return?.();
  }
}
