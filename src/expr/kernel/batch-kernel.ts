/** Runs a program over batches, whose columns lie anywhere. @module */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import type { BatchOptions } from '../batch/vector-node.ts';
import { AdoptedColumns } from './adopted-columns.ts';
import type { RunParts } from './kernel-run.ts';
import { KernelRun } from './kernel-run.ts';
import type { KernelStep } from './program.ts';
import { hasFilter } from './program.ts';

/** What a kernel over batches is made of. */
export interface BatchParts extends RunParts {
  /** Cells that the aggregates have room for. */
  readonly cells: number;
}

/** A program over the columns of batches, or a part of one. */
export class BatchKernel {
  /** Rows left after {@link run}. */
  readonly list: Uint32Array;
  /** The cells of the aggregates, as words, after {@link run}. */
  readonly cells: Int32Array;
  readonly #kernel: KernelRun;
  readonly #columns: readonly number[];
  readonly #adopted: AdoptedColumns;

  constructor(parts: BatchParts, options: BatchOptions) {
    const { rowCapacity, memory } = options;
    const { shape } = parts.unit;
    const read = shape.inputs.flatMap((input) => (input.op === 'column' ? [input] : []));
    this.#kernel = new KernelRun(parts, options);
    this.#columns = read.map(({ index }) => index);
    this.#adopted = new AdoptedColumns(read, options);
    this.list = memory.rows(hasFilter(shape) ? rowCapacity : 0);
    this.cells = memory.words(2 * parts.cells);
    this.#kernel.list = this.list;
    this.#kernel.cells = this.cells;
  }

  /** See {@link KernelRun.run}. */
  run(columns: readonly Column[], selection: Uint32Array, selected: number): number {
    const { inputs } = this.#kernel;
    const here = this.#adopted.of(columns, selection, selected);
    inputs.begin();
    for (let i = 0; i < this.#columns.length; i++) inputs.place(i, here[this.#columns[i]!]!);
    return this.#kernel.run(selection, selected);
  }

  /** See {@link KernelRun.left}. */
  left(filter: number): number {
    return this.#kernel.left(filter);
  }
}

/** Room for a computed column. */
export function storedColumn(type: DataType, { rowCapacity, memory }: BatchOptions): Column {
  return Column.allocate(type, rowCapacity, memory);
}

/** The types of the columns that steps compute. */
export function computedTypes(steps: readonly KernelStep[]): ReadonlyMap<number, DataType> {
  const types = new Map<number, DataType>();
  for (const step of steps) if (step.kind === 'value') types.set(step.column, step.expr.type);
  return types;
}
