/** Rows of a stream of changes: those that are added, then those that take others back. @module */

import type { Batch } from '../../../core/batch.ts';
import { isRetraction } from '../../../core/changes.ts';
import type { KernelContext } from '../../../core/operator.ts';

/**
 * Parts the rows of one batch after the other. What a row of a batch takes back came before, perhaps in the
 * same batch: so all that is added may be added first.
 */
export class PartedRows {
  /** Rows `0 .. added` are added, `added ..` taken back. Valid until the next call. */
  rows: Uint32Array;
  added = 0;
  readonly #change: number | undefined;
  readonly #own: Uint32Array;

  /** @param change - the column that says what rows do; `undefined`: all are added */
  constructor({ rowCapacity, memory }: KernelContext, change: number | undefined) {
    this.#change = change;
    this.#own = memory.rows(change === undefined ? 0 : rowCapacity);
    this.rows = this.#own;
  }

  /** Parts `rows[0 .. count)`. */
  part(batch: Batch, rows: Uint32Array, count: number): void {
    if (this.#change === undefined) {
      this.rows = rows;
      this.added = count;
      return;
    }
    const changes = batch.columns[this.#change]!;
    const own = this.#own;
    let added = 0;
    for (let i = 0; i < count; i++) if (!isRetraction(changes, rows[i]!)) own[added++] = rows[i]!;
    for (let i = 0, at = added; at < count; i++) {
      if (isRetraction(changes, rows[i]!)) own[at++] = rows[i]!;
    }
    this.rows = own;
    this.added = added;
  }
}
