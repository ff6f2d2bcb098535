/** Counts of distinct values of one argument, for all aggregates of it in one go. @module */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import type { Arena } from '../arena.ts';
import type { KernelInput } from '../kernel/group-kernel.ts';
import { PlacedColumn } from '../kernel/placed-columns.ts';
import type { CountFunctions, CountShape } from './count-code.ts';
import {
  buildCountModule,
  countModuleKey,
  CountWord,
  FILTER_WORDS,
  filterWord,
} from './count-code.ts';

/** One aggregate. */
export interface CountSharer extends CountShape {
  /** Which input it is fed with. */
  readonly input: number;
}

/** Which rows count for whom, and counting those that had not. */
export class DistinctCounts {
  /** Rows that count for some aggregate: `rows[0 .. count)`. */
  readonly rows: Uint32Array;
  readonly #rowCapacity: number;
  readonly #memory: KernelMemory;
  readonly #sharers: readonly CountSharer[];
  readonly #words: Int32Array;
  readonly #records: Int32Array;
  readonly #bits: Int32Array;
  readonly #filters: readonly PlacedColumn[];
  readonly #argument: PlacedColumn;
  readonly #code: CountFunctions;
  /** Where lists are copied that lie elsewhere. */
  #given: { readonly rows: Uint32Array; readonly records: Int32Array } | undefined;

  /**
   * @param groups - where the groups' records are to be written, by row
   * @param pairs - where the pairs' records will lie, by place in {@link rows}
   */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    sharers: readonly CountSharer[],
    rowCapacity: number,
    groups: Column,
    pairs: Int32Array,
  ) {
    this.#memory = memory;
    this.#rowCapacity = rowCapacity;
    this.#sharers = sharers;
    this.rows = memory.rows(rowCapacity);
    this.#records = memory.words(rowCapacity);
    this.#bits = memory.words(rowCapacity);
    this.#filters = sharers.map(() => new PlacedColumn(memory, rowCapacity));
    this.#argument = new PlacedColumn(memory, rowCapacity);
    const words = memory.words(filterWord(sharers.length) + FILTER_WORDS);
    words[CountWord.CHOSEN_ROWS] = this.rows.byteOffset;
    words[CountWord.CHOSEN_RECORDS] = this.#records.byteOffset;
    words[CountWord.CHOSEN_BITS] = this.#bits.byteOffset;
    words[CountWord.GROUPS] = groups.valuesAt;
    words[CountWord.PAIRS] = pairs.byteOffset;
    this.#words = words;
    const shape = sharers.map(({ countCell, hasFilter }) => ({ countCell, hasFilter }));
    const module = compileModule(countModuleKey(shape), () => buildCountModule(shape));
    const exports: unknown = instantiate(module, memory, { state: arena.memory });
    this.#code = exports as CountFunctions;
  }

  /** The argument, if it is one column for all aggregates. */
  argumentOf(inputs: readonly KernelInput[]): Column | undefined {
    const { column } = inputs[this.#sharers[0]!.input]!;
    for (let s = 1; s < this.#sharers.length; s++) {
      if (inputs[this.#sharers[s]!.input]!.column !== column) return undefined;
    }
    return column;
  }

  /**
   * Chooses those of `rows[from .. to)` that count for some aggregate.
   *
   * @param records - of their groups, by position
   * @returns how many
   */
  choose(
    argument: Column,
    inputs: readonly KernelInput[],
    records: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
  ): number {
    const words = this.#words;
    let hasNulls = argument.nullCount !== 0;
    const values = hasNulls ? this.#argument.place(argument, rows, from, to) : argument;
    words[CountWord.VALIDITY] = hasNulls ? values.validityAt : 0;
    for (let s = 0; s < this.#sharers.length; s++) {
      const { filter } = inputs[this.#sharers[s]!.input]!;
      if (filter === undefined) continue;
      const bits = this.#filters[s]!.place(filter, rows, from, to);
      const mayBeNull = bits.nullCount !== 0;
      words[filterWord(s)] = bits.valuesAt;
      words[filterWord(s) + 1] = mayBeNull ? bits.validityAt : 0;
      hasNulls ||= mayBeNull;
    }
    this.#bindLists(records, rows, from, to);
    const { byteOffset } = words;
    if (hasNulls) return this.#code.chooseNull(byteOffset, from, to);
    return this.#code.choose(byteOffset, from, to);
  }

  #bindLists(records: Int32Array, rows: Uint32Array, from: number, to: number): void {
    const { buffer } = this.#memory;
    const words = this.#words;
    const isHere = rows.buffer === buffer && records.buffer === buffer;
    if (!isHere) {
      this.#given ??= {
        rows: this.#memory.rows(this.#rowCapacity),
        records: this.#memory.words(this.#rowCapacity),
      };
      this.#given.rows.set(rows.subarray(from, to), from);
      this.#given.records.set(records.subarray(from, to), from);
    }
    const given = isHere ? { rows, records } : this.#given!;
    words[CountWord.ROWS] = given.rows.byteOffset;
    words[CountWord.RECORDS] = given.records.byteOffset;
  }

  /** Has the first {@link rows}, whose pairs were found, counted where they had not been. */
  mark(count: number): void {
    this.#code.mark(this.#words.byteOffset, count);
  }

  /**
   * The same for pairs that are merged.
   *
   * @param records - of their groups, by place
   * @param bits - by place
   */
  markMerged(records: Int32Array, bits: Int32Array, count: number): void {
    this.#records.set(records.subarray(0, count));
    this.#bits.set(bits.subarray(0, count));
    this.mark(count);
  }
}
