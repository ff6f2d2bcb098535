/** The rows that a chain leaves, and the columns it computes for them. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { BatchOptions, KernelUnit } from '../../expr/index.ts';
import { computedTypes, BatchKernel, storedColumn } from '../../expr/index.ts';
import type { LoadDeferred } from './load-deferred.ts';
import type { ChainProgram } from './program.ts';

/**
 * Where fewer rows pass, columns are computed for those only, in a second pass, row by row; else for all
 * in the first, in blocks.
 */
const FEW_PASS = 0.2;

/** Runs the program of a chain. */
export class ChainRows {
  /** Rows left after {@link run}. */
  count = 0;
  readonly #options: BatchOptions;
  readonly #unit: KernelUnit;
  readonly #load: LoadDeferred;
  readonly #outputs: readonly number[];
  readonly #columns: ReadonlyMap<number, Column>;
  readonly #hasFilters: boolean;
  /** Everything in one pass. */
  #whole: BatchKernel | undefined;
  /** Which rows pass, and columns for them. */
  #select: BatchKernel | undefined;
  #values: BatchKernel | undefined;
  /** The kernel that counted rows last. */
  #counted: BatchKernel | undefined;
  /** How many of the last batch's rows passed. */
  #share = 1;

  constructor(chain: ChainProgram, options: BatchOptions, load: LoadDeferred) {
    const unit = chain.folds.length > 0 ? load().rowUnit(chain) : chain.unit;
    const { steps, stored } = unit.shape;
    const types = computedTypes(steps);
    this.#options = options;
    this.#unit = unit;
    this.#load = load;
    this.#outputs = chain.program.outputs;
    this.#columns = new Map(
      stored.map((column) => [column, storedColumn(types.get(column)!, options)]),
    );
    this.#hasFilters = steps.some(({ kind }) => kind === 'filter');
  }

  /** Runs it for a batch; false when its operators have to run one by one. */
  run(batch: Batch): boolean {
    const { columns, selection, selected } = batch;
    const isSplit = this.#hasFilters && this.#columns.size > 0 && this.#share < FEW_PASS;
    if (isSplit) return this.#runSplit(batch);
    const whole = (this.#whole ??= this.#kernel(this.#unit, [...this.#columns.values()]));
    const kept = whole.run(columns, selection, selected);
    if (kept < 0) return false;
    this.count = kept;
    this.#counted = this.#hasFilters ? whole : undefined;
    this.#share = this.count / selected;
    return true;
  }

  #runSplit({ columns, selection, selected }: Batch): boolean {
    if (this.#select === undefined || this.#values === undefined) {
      const units = this.#load().splitUnits(this.#unit);
      this.#select = this.#kernel(units.select, []);
      this.#values = this.#kernel(units.values, [...this.#columns.values()]);
    }
    const [select, values] = [this.#select, this.#values];
    const kept = select.run(columns, selection, selected);
    if (kept < 0 || (kept > 0 && values.run(columns, select.list, kept) < 0)) return false;
    this.count = kept;
    this.#counted = select;
    this.#share = kept / selected;
    return true;
  }

  #kernel(unit: KernelUnit, stored: readonly Column[]): BatchKernel {
    return new BatchKernel({ unit, stored, cells: 0, load: this.#load }, this.#options);
  }

  /** How many rows a filter of the last batch has left. */
  left(filter: number): number {
    return this.#counted!.left(filter);
  }

  /** Makes `output` show the rows left of the last batch and their columns. */
  show(batch: Batch, output: Batch): void {
    for (let c = 0; c < this.#outputs.length; c++) {
      const column = this.#outputs[c]!;
      output.columns[c] = this.#columns.get(column) ?? batch.columns[column]!;
    }
    if (this.#counted === undefined) return;
    output.selection = this.#counted.list;
    output.selected = this.count;
  }
}
