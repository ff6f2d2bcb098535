/** Rows that grew too large for a slot. @module */

import { LargeRowFinder } from '../columns/index.ts';
import type { Batch } from '../core/batch.ts';
import { longBytes } from '../core/gather.ts';
import type { KernelContext } from '../core/operator.ts';
import type { Schema } from '../core/schema.ts';
import type { RowFailures } from './row-failures.ts';
import { nameColumns, rowText } from './row-text.ts';

/**
 * Takes out rows whose long strings fit no slot: they are in error wherever their reader runs, not
 * by chance of placement.
 */
export class LargeRows {
  readonly #schema: Schema;
  readonly #failures: RowFailures;
  readonly #limitBytes: number;
  readonly #kept: Uint32Array;
  readonly #finder: LargeRowFinder;

  constructor(schema: Schema, failures: RowFailures, context: KernelContext) {
    this.#schema = schema;
    this.#failures = failures;
    this.#limitBytes = context.slotHeapBytes;
    this.#kept = context.memory.rows(context.rowCapacity);
    this.#finder = new LargeRowFinder(context.memory);
  }

  /** Shortens the selection of a batch that is about to be handed on. */
  drop(output: Batch): void {
    const { columns, selection, selected } = output;
    if (!this.#finder.mayExceed(columns, selection, selected, this.#limitBytes)) return;
    let kept = 0;
    for (let i = 0; i < output.selected; i++) {
      const row = output.selection[i]!;
      const bytes = longBytes(output.columns, row);
      if (bytes <= this.#limitBytes) {
        this.#kept[kept++] = row;
        continue;
      }
      const message = `its strings have ${bytes} bytes, a slot holds ${this.#limitBytes}; raise /engine/ring/heap`;
      const input = rowText(nameColumns(this.#schema, output.columns), row);
      this.#failures.add({ code: 'ERR_TUPLE_TOO_LARGE', message, input });
    }
    output.selection = this.#kept;
    output.selected = kept;
  }
}
