/**
 * What aggregates are fed with, of rows that are kept: into blocks of an arena and out of them again.
 *
 * ```
 *   cell 0   │ next row │ — │
 *   …        │ which inputs have a value, and which rows pass their filter: a bit each │
 *   …        │ values: one cell each, two for a view (string, bytes)                   │
 * ```
 *
 * Long strings lie in a chain of blocks of their own: a view has the first one in place of an offset.
 *
 * @module
 */

import type { Column } from '../../../core/column.ts';
import { INLINE_BYTES } from '../../../core/column.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { storageOf, TIMESTAMP } from '../../../core/types.ts';
import type { DataType } from '../../../core/types.ts';
import type { Arena } from '../../../state/index.ts';
import { BlockPool } from '../../../state/index.ts';
import type { AggregateInput } from '../config.ts';
import type { InputColumns } from '../row-inputs.ts';

/** Cells of a block of a long string; its first word is the next block. */
const CHAIN_CELLS = 16;
const CHAIN_BYTES = CHAIN_CELLS * 8 - 4;
const BITS = 32;

/** Where an input lies in a row. */
interface KeptInput {
  readonly input: number;
  /** `undefined`: rows are counted. */
  readonly type: DataType | undefined;
  readonly hasFilter: boolean;
  readonly bit: number;
  readonly cell: number;
  /** Its columns among those that rows are written to; -1: none. */
  readonly column: number;
  readonly filter: number;
}

/** The layout of kept rows. Pure. */
export interface KeptLayout {
  readonly inputs: readonly KeptInput[];
  readonly cells: number;
  /** Types of the columns that rows are written to: filters are bools. */
  readonly columns: readonly DataType[];
}

/** Lays out what is kept of a row, and the columns it is written to from position `first` on. */
export function layoutKept(inputs: readonly AggregateInput[], first: number): KeptLayout {
  const columns: DataType[] = [];
  const add = (type: DataType): number => first + columns.push(type) - 1;
  let cell = 1 + Math.ceil((2 * inputs.length) / (2 * BITS));
  const kept = inputs.map(({ argument, isTime, filter }, input): KeptInput => {
    const type = isTime === true ? TIMESTAMP : argument?.type;
    const at = cell;
    if (type !== undefined) cell += storageOf(type) === 'view' ? 2 : 1;
    return {
      input,
      type,
      hasFilter: filter !== undefined,
      bit: 2 * input,
      cell: at,
      column: type === undefined ? -1 : add(type),
      filter: filter === undefined ? -1 : add({ kind: 'bool' }),
    };
  });
  return { inputs: kept, cells: cell, columns };
}

/** Keeps rows one by one. */
export class KeptInputs {
  readonly #arena: Arena;
  readonly #layout: KeptLayout;
  readonly #rows: BlockPool;
  readonly #chains: BlockPool;
  #bytes = new Uint8Array(1024);

  constructor(arena: Arena, layout: KeptLayout) {
    this.#arena = arena;
    this.#layout = layout;
    this.#rows = new BlockPool(arena, new Int32Array(2 * layout.cells));
    this.#chains = new BlockPool(arena, new Int32Array(2 * CHAIN_CELLS));
  }

  /** Cells of the largest block. */
  static cells(layout: KeptLayout): number {
    return Math.max(layout.cells, CHAIN_CELLS);
  }

  /** The row behind another, whose word the caller writes. */
  next(kept: number): number {
    return this.#arena.words[2 * kept]!;
  }

  setNext(kept: number, next: number): void {
    this.#arena.words[2 * kept] = next;
  }

  /** Keeps a row of the inputs; returns its block. */
  keep(inputs: readonly InputColumns[], row: number): number {
    const kept = this.#rows.take();
    for (let i = 0; i < this.#layout.inputs.length; i++) {
      const place = this.#layout.inputs[i]!;
      const { column, filter } = inputs[place.input]!;
      const passes = filter === undefined || (filter.getBool(row) && !filter.isNull(row));
      if (!passes) continue;
      this.#setBit(kept, place.bit + 1);
      if (place.type === undefined || column!.isNull(row)) continue;
      this.#setBit(kept, place.bit);
      this.#write(column!, row, kept + place.cell);
    }
    return kept;
  }

  #setBit(kept: number, bit: number): void {
    const { words } = this.#arena;
    const at = 2 * (kept + 1) + Math.floor(bit / BITS);
    words[at] = words[at]! | (1 << (bit % BITS));
  }

  #hasBit(kept: number, bit: number): boolean {
    const word = this.#arena.words[2 * (kept + 1) + Math.floor(bit / BITS)]!;
    return (word & (1 << (bit % BITS))) !== 0;
  }

  #write(column: Column, row: number, cell: number): void {
    const { words } = this.#arena;
    const at = 2 * cell;
    switch (column.storage) {
      case 'bits':
        words[at] = column.getBool(row) ? 1 : 0;
        break;
      case 'i32':
        words[at] = column.words[row]!;
        break;
      case 'view':
        for (let w = 0; w < 4; w++) words[at + w] = column.words[4 * row + w]!;
        if (words[at]! > INLINE_BYTES) words[at + 3] = this.#keepBytes(column, row);
        break;
      default:
        words[at] = column.words[2 * row]!;
        words[at + 1] = column.words[2 * row + 1]!;
    }
  }

  #keepBytes(column: Column, row: number): number {
    const { words, bytes } = this.#arena;
    const length = column.viewLength(row);
    const start = column.viewStart(row);
    const source = column.viewSource(row);
    let first = 0;
    // From the last block to the first, so that each knows the next.
    for (let from = Math.floor((length - 1) / CHAIN_BYTES) * CHAIN_BYTES; from >= 0;) {
      const block = this.#chains.take();
      words[2 * block] = first;
      const end = Math.min(from + CHAIN_BYTES, length);
      bytes.set(source.subarray(start + from, start + end), 8 * block + 4);
      first = block;
      from -= CHAIN_BYTES;
    }
    return first;
  }

  /** Writes a kept row to a row of columns without nulls behind it; false when a heap is full. */
  restore(kept: number, columns: readonly Column[], row: number): void {
    for (let i = 0; i < this.#layout.inputs.length; i++) {
      const { type, hasFilter, bit, cell, column, filter } = this.#layout.inputs[i]!;
      if (hasFilter) columns[filter]!.setBool(row, this.#hasBit(kept, bit + 1));
      if (type === undefined) continue;
      if (this.#hasBit(kept, bit)) this.#read(kept + cell, columns[column]!, row);
      else columns[column]!.setNull(row);
    }
  }

  #read(cell: number, column: Column, row: number): void {
    const { words } = this.#arena;
    const at = 2 * cell;
    column.setPresent(row);
    switch (column.storage) {
      case 'bits':
        column.setBool(row, words[at] !== 0);
        break;
      case 'i32':
        column.words[row] = words[at]!;
        break;
      case 'view':
        if (words[at]! > INLINE_BYTES) this.#readBytes(words[at]!, words[at + 3]!, column, row);
        else for (let w = 0; w < 4; w++) column.words[4 * row + w] = words[at + w]!;
        break;
      default:
        column.words[2 * row] = words[at]!;
        column.words[2 * row + 1] = words[at + 1]!;
    }
  }

  #readBytes(length: number, first: number, column: Column, row: number): void {
    const { words, bytes } = this.#arena;
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(2 * length);
    let block = first;
    for (let from = 0; from < length; from += CHAIN_BYTES) {
      const count = Math.min(CHAIN_BYTES, length - from);
      this.#bytes.set(bytes.subarray(8 * block + 4, 8 * block + 4 + count), from);
      block = words[2 * block]!;
    }
    column.setView(row, this.#bytes, 0, length);
  }

  /** Gives a row back. */
  release(kept: number): void {
    const { words } = this.#arena;
    for (let i = 0; i < this.#layout.inputs.length; i++) {
      const { type, bit, cell } = this.#layout.inputs[i]!;
      if (type === undefined || storageOf(type) !== 'view' || !this.#hasBit(kept, bit)) continue;
      const at = 2 * (kept + cell);
      if (words[at]! <= INLINE_BYTES) continue;
      for (let block = words[at + 3]!; block !== 0;) {
        const next = words[2 * block]!;
        this.#chains.release(block);
        block = next;
      }
    }
    this.#rows.release(kept);
  }

  *state(io: StateIo): Steps {
    yield* this.#rows.state(io);
    yield* this.#chains.state(io);
  }
}
