/** Runs a fused program over batches. @module */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import { findModule, instantiate } from '../../wasm/index.ts';
import type { BatchOptions } from '../batch/vector-node.ts';
import { AdoptedColumns } from '../wasm/adopted-columns.ts';
import { PlacedInputs } from '../wasm/placed-inputs.ts';
import { Scratch } from '../wasm/scratch.ts';
import { countWord, FUSED_FAILED, FusedWord, INPUTS_WORD, nullBit, storedWord } from './frame.ts';
import type { FusedVariant } from './fused-module.ts';
import type { FusedStep } from './program.ts';
import type { FusedUnit } from './unit.ts';

type Run = (frame: number, rows: number, selection: number) => number;

/** Added to the number of a variant for few rows. */
const SPARSE = 2;
/** Where fewer rows pass, most blocks have none for an aggregate. */
const SPARSE_SHARE = 0.04;
/** To add a block to so many aggregates costs less than to look whether it has a row for them. */
const CHEAP_OPS = 2;

/** What a fused kernel is made of. */
export interface FusedParts {
  readonly unit: FusedUnit;
  /** Computed columns that are wanted, and where their values go. */
  readonly stored: ReadonlyMap<number, Column>;
  /** Cells that the aggregates have room for. */
  readonly cells: number;
  /** Loads what makes the modules of variants that were not planned for. */
  readonly load: () => {
    fusedModule(unit: FusedUnit, variant: FusedVariant): WebAssembly.Module;
  };
}

/** A compiled program, or a part of one. */
export class FusedKernel {
  /** Rows left after {@link run}. */
  readonly list: Uint32Array;
  /** The cells of the aggregates, as words, after {@link run}. */
  readonly cells: Int32Array;
  /** Whether a row may fail. */
  readonly mayFail: boolean;
  readonly #options: BatchOptions;
  readonly #scratch: Scratch;
  readonly #parts: FusedParts;
  readonly #columns: readonly number[];
  readonly #stored: readonly Column[];
  readonly #words: Int32Array;
  readonly #inputs: PlacedInputs;
  readonly #adopted: AdoptedColumns;
  readonly #firstCount: number;
  /** By whether there are nulls, and whether few rows pass. */
  readonly #runs: (Run | undefined)[] = [undefined, undefined, undefined, undefined];
  /** Whether it is worth looking for blocks without rows. */
  readonly #canBeSparse: boolean;
  readonly #hasTexts: boolean;
  /** Few rows of the last batch passed. */
  #isSparse = false;

  constructor(parts: FusedParts, options: BatchOptions) {
    const { rowCapacity, memory } = options;
    const { shape, mayFail } = parts.unit;
    const { inputs, steps } = shape;
    const hasFilter = steps.some(({ kind }) => kind === 'filter');
    this.#parts = parts;
    this.#options = options;
    const ops = shape.folds.reduce((sum, fold) => sum + fold.ops.length, 0);
    this.#canBeSparse = ops > CHEAP_OPS;
    this.#hasTexts = shape.storages.includes('view');
    this.#scratch = Scratch.of(memory, rowCapacity);
    this.#columns = inputs.map((input) => (input.op === 'column' ? input.index : -1));
    this.#stored = [...parts.stored.values()];
    this.mayFail = mayFail;
    this.#firstCount = countWord(shape, 0);
    const words = memory.words(this.#firstCount + steps.length);
    this.#words = words;
    this.#inputs = new PlacedInputs(words, INPUTS_WORD, options);
    this.#adopted = new AdoptedColumns(
      inputs.filter((input) => input.op === 'column'),
      options,
    );
    this.list = memory.rows(hasFilter ? rowCapacity : 0);
    this.cells = memory.words(2 * parts.cells);
    words[FusedWord.TABLE] = this.#scratch.tableAt;
    words[FusedWord.LIST] = this.list.byteOffset;
    words[FusedWord.CELLS] = this.cells.byteOffset;
    this.#stored.forEach((column, position) => {
      const word = storedWord(shape, position);
      words[word] = column.valuesAt;
      words[word + 1] = column.validityAt;
    });
  }

  /**
   * Runs the program for `selection[0 .. selected)`; aggregates only for all rows up to the last.
   *
   * @param isDense - computes all rows up to the last: only where nothing is dropped or fails. With strings
   * among the inputs those of the list are computed all the same: the views of others may be garbage
   * @returns how many rows are left; -1 when some row may have failed: then nothing that was written counts
   */
  run(
    columns: readonly Column[],
    selection: Uint32Array,
    selected: number,
    isDense: boolean,
  ): number {
    const rows = selection[selected - 1]! + 1;
    const inputs = this.#inputs;
    const here = this.#adopted.of(columns, selection, selected);
    inputs.begin();
    for (let i = 0; i < this.#columns.length; i++) inputs.place(i, here[this.#columns[i]!]!);
    const run = this.#runOf(Number(inputs.withNulls) + (this.#isSparse ? SPARSE : 0));
    const frame = this.#words.byteOffset;
    const kept =
      isDense && !this.#hasTexts
        ? run(frame, rows, 0)
        : run(frame, selected, this.#scratch.listAt(selection, selected));
    const flags = this.#words[FusedWord.FLAGS]!;
    if ((flags & FUSED_FAILED) !== 0) return -1;
    for (let s = 0; s < this.#stored.length; s++) {
      this.#stored[s]!.nullCount = (flags & nullBit(s)) === 0 ? 0 : selected;
    }
    if (this.#canBeSparse) this.#isSparse = kept < SPARSE_SHARE * selected;
    return kept;
  }

  /** How many rows a filter has left, after {@link run}; by its position among the filters. */
  left(filter: number): number {
    return this.#words[this.#firstCount + filter]!;
  }

  #runOf(variant: number): Run {
    const known = this.#runs[variant];
    if (known !== undefined) return known;
    const { unit, load } = this.#parts;
    const planned = variant === 0 ? findModule(unit.key) : undefined;
    const module =
      planned ??
      load().fusedModule(unit, { withNulls: (variant & 1) !== 0, isSparse: variant >= SPARSE });
    const run = instantiate(module, this.#options.memory)['run'] as Run;
    this.#runs[variant] = run;
    return run;
  }
}

/** Room for a computed column. */
export function storedColumn(type: DataType, { rowCapacity, memory }: BatchOptions): Column {
  return Column.allocate(type, rowCapacity, memory);
}

/** The types of the columns that steps compute. */
export function computedTypes(steps: readonly FusedStep[]): ReadonlyMap<number, DataType> {
  const types = new Map<number, DataType>();
  for (const step of steps) if (step.kind === 'value') types.set(step.column, step.expr.type);
  return types;
}
