/** Has a kernel compute the rows of batches. @module */

import type { Column } from '../../core/column.ts';
import { findModule, instantiate } from '../../wasm/index.ts';
import type { BatchOptions } from '../batch/vector-node.ts';
import {
  countWord,
  FAILED,
  frameWords,
  FrameWord,
  NULL_CONDITION,
  nullBit,
  RUN,
  storedWord,
} from './frame.ts';
import type { KernelVariant } from './kernel-shape.ts';
import { PlacedInputs } from './placed-inputs.ts';
import { hasFilter } from './program.ts';
import { Scratch } from './scratch.ts';
import type { KernelUnit } from './unit.ts';

type Run = (frame: number, rows: number, selection: number) => number;

/** Rows of a list cost about three times as much as those of blocks. */
const DENSE_SHARE = 0.4;
/** Added to the number of a variant for few rows. */
const SPARSE = 2;
/** Where fewer rows pass, most blocks have none for an aggregate. */
const SPARSE_SHARE = 0.04;
/** To add a block to so many aggregates costs less than to look whether it has a row for them. */
const CHEAP_OPS = 2;

/** What a kernel runs with. */
export interface RunParts {
  readonly unit: KernelUnit;
  /** Where the values of the computed columns that are wanted go. */
  readonly stored: readonly Column[];
  /** Loads what makes the modules that were not planned for. */
  readonly load: () => {
    kernelModule(unit: KernelUnit, variant: KernelVariant): WebAssembly.Module;
  };
}

/** A kernel with its frame. The inputs are placed before each run; columns and lists lie in its memory. */
export class KernelRun {
  readonly inputs: PlacedInputs;
  /** Whether a condition that tells so was null for some row of the last {@link run}. */
  hadNulls = false;
  readonly #parts: RunParts;
  readonly #options: BatchOptions;
  readonly #scratch: Scratch;
  readonly #words: Int32Array;
  readonly #firstCount: number;
  /** By whether there are nulls, and whether few rows pass. */
  readonly #runs: (Run | undefined)[] = [undefined, undefined, undefined, undefined];
  /** Whether rows that are not selected may be computed. */
  readonly #mayWiden: boolean;
  /** Whether it is worth looking for blocks without rows. */
  readonly #canBeSparse: boolean;
  /** Few rows of the last batch passed. */
  #isSparse = false;

  /** @param words - room for its frame */
  constructor(
    parts: RunParts,
    options: BatchOptions,
    words = options.memory.words(frameWords(parts.unit.shape)),
  ) {
    const { rowCapacity, memory } = options;
    const { shape, mayFail } = parts.unit;
    const ops = shape.folds.reduce((sum, fold) => sum + fold.ops.length, 0);
    this.#parts = parts;
    this.#options = options;
    this.#canBeSparse = ops > CHEAP_OPS;
    // The views of rows that are not selected may be garbage.
    const isPlain = !hasFilter(shape) && shape.folds.length === 0;
    this.#mayWiden = isPlain && !mayFail && !shape.storages.includes('view');
    this.#scratch = Scratch.of(memory, rowCapacity);
    this.#firstCount = countWord(shape, 0);
    this.#words = words;
    this.inputs = new PlacedInputs(words, FrameWord.INPUTS, options);
    words[FrameWord.TABLE] = this.#scratch.tableAt;
    parts.stored.forEach((column, position) => {
      const word = storedWord(shape, position);
      words[word] = column.valuesAt;
      words[word + 1] = column.validityAt;
    });
  }

  /** Where the rows left go. */
  set list(rows: Uint32Array) {
    this.#words[FrameWord.LIST] = rows.byteOffset;
  }

  /** Where the cells of the aggregates go. */
  set cells(words: Int32Array) {
    this.#words[FrameWord.CELLS] = words.byteOffset;
  }

  /**
   * Runs the program for `selection[0 .. selected)`, at least one row; with aggregates all rows up to the last.
   *
   * @returns how many rows are left; -1 when some row may have failed: then nothing that was written counts
   */
  run(selection: Uint32Array, selected: number): number {
    const run = this.#runOf(Number(this.inputs.withNulls) + (this.#isSparse ? SPARSE : 0));
    const frame = this.#words.byteOffset;
    // Of a list that has most rows, all are computed: in blocks they cost less.
    const rows = selection[selected - 1]! + 1;
    let kept = selected;
    if (this.#mayWiden && selected > DENSE_SHARE * rows) run(frame, rows, 0);
    else kept = run(frame, selected, this.#scratch.listAt(selection, selected));
    const flags = this.#words[FrameWord.FLAGS]!;
    if ((flags & FAILED) !== 0) return -1;
    this.hadNulls = (flags & NULL_CONDITION) !== 0;
    const { stored } = this.#parts;
    for (let s = 0; s < stored.length; s++) {
      stored[s]!.nullCount = (flags & nullBit(s)) === 0 ? 0 : selected;
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
      load().kernelModule(unit, { withNulls: (variant & 1) !== 0, isSparse: variant >= SPARSE });
    const run = instantiate(module, this.#options.memory)[RUN] as Run;
    this.#runs[variant] = run;
    return run;
  }
}
