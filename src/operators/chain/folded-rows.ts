/** Aggregates of all rows of a batch that a chain leaves, without a list of them. @module */

import type { Batch } from '../../core/batch.ts';
import type { BatchOptions } from '../../expr/index.ts';
import { BatchKernel } from '../../expr/index.ts';
import type { LoadDeferred } from './load-deferred.ts';
import type { ChainProgram } from './program.ts';

/** Runs the program of a chain that ends with an aggregate. */
export class FoldedRows {
  readonly #kernel: BatchKernel;

  /** @param cells - of a record of the aggregate */
  constructor({ unit }: ChainProgram, cells: number, options: BatchOptions, load: LoadDeferred) {
    this.#kernel = new BatchKernel({ unit, stored: [], cells, load }, options);
  }

  /** How many rows are left; -1 when it is another batch than it can do. */
  run({ columns, selection, selected }: Batch): number {
    if (selection[selected - 1] !== selected - 1) return -1;
    return this.#kernel.run(columns, selection, selected);
  }

  /** How many rows a filter has left. */
  left(filter: number): number {
    return this.#kernel.left(filter);
  }

  /** The record of the rows that were left. */
  get cells(): Int32Array {
    return this.#kernel.cells;
  }
}
