/**
 * What a kernel computes with: the values of one row, or of a block of four rows side by side.
 *
 * The rules of expressions are written once, against {@link Machine}; the machine says how many rows
 * a {@link Lane} holds and which instructions that takes.
 *
 * @module
 */

import type { Storage } from '../../core/types.ts';
import type { FunctionBuilder, FunctionRef, I32, Local, V128, Value } from '../../wasm/index.ts';

/** How the values of a lane are represented; bools are masks. */
export type LaneStorage = Exclude<Storage, 'view'>;

/** The values of an expression for the rows at hand, in variables or constants: cheap to use twice. */
export interface Lane {
  readonly storage: LaneStorage;
  /** One value of the storage's own type, or one vector (`i32`, `bits`), or two (`i64`, `f64`). */
  readonly parts: readonly Value[];
}

/** An operation on values of rows, independent of each other. */
export interface Operation {
  readonly result: LaneStorage;
  /** For one row. Bools are 0 and 1. Arguments are variables or constants. */
  readonly row: (args: readonly Value[], f: FunctionBuilder) => Value;
  /** For a block of four, if there are instructions for it. Bools are all ones and all zeros. */
  readonly block?: (args: readonly (readonly V128[])[]) => readonly V128[];
}

/** Where the parts of an input column lie: variables that hold addresses. */
export interface ColumnPlace {
  readonly values: Local<'i32'>;
  readonly validity: Local<'i32'>;
  /** Of what the views of a column are offsets into. */
  readonly heap: Local<'i32'>;
}

/** A flag that is set when it is for any row. */
export interface Flag {
  /** 1 if it was set. */
  readonly isSet: I32;
}

/** Counts rows. */
export interface Counter {
  readonly value: I32;
}

/** The functions of a module that rows call. */
export interface Helpers {
  /**
   * The function of a key, made when it is asked for first.
   *
   * @param params - how many addresses or other i32 it takes
   */
  helper(
    key: string,
    params: number,
    write: (f: FunctionBuilder, params: readonly Local<'i32'>[]) => void,
  ): FunctionRef<'i32'>;
}

/** Writes the code for the rows at hand. */
export interface Machine {
  readonly f: FunctionBuilder;
  readonly helpers: Helpers;
  apply(operation: Operation, ...args: readonly Lane[]): Lane;
  /** `a` where the mask is set, else `b`. */
  select(mask: Lane, a: Lane, b: Lane): Lane;
  /** The same value in every row; bools are 0 and 1. */
  constant(storage: LaneStorage, value: number | bigint): Lane;
  /** The values of a column. */
  load(column: ColumnPlace, storage: LaneStorage): Lane;
  /** The bits of a bitmap, as a mask. */
  bits(bitmap: Local<'i32'>): Lane;
  /** The views of a column: a vector for each row. */
  views(column: ColumnPlace): readonly V128[];
  /** A constant vector of 16 bytes. */
  vector(bytes: ArrayLike<number>): V128;
  /** The rows in whose vectors all bits are set; the bits of a word are all the same. */
  allSet(vectors: readonly V128[]): Lane;
  /** Four bytes of each row's vector, by their positions, as an i32. */
  pick(vectors: readonly V128[], positions: readonly number[]): Lane;
  /**
   * Computes row by row, for some rows only: 0, or false, in the others.
   *
   * @param rows - all rows if left out
   * @param compute - writes code for one row; bools are 0 and 1
   */
  eachRow(result: 'bits' | 'i32', rows: Lane | undefined, compute: (row: I32) => I32): Lane;
  /** A new flag, not set. */
  flag(): Flag;
  /** Sets a flag if the mask is set for any row, or the integer negative. */
  note(flag: Flag, rows: Lane): void;
  /** A new counter, at 0. */
  counter(): Counter;
  /** Counts the rows whose mask is set. */
  tally(counter: Counter, mask: Lane): void;
  /** Writes values to a column. */
  store(values: Local<'i32'>, lane: Lane): void;
  /** Appends the rows whose mask is set to the list `out`, and adds their number to `count`. */
  append(out: Local<'i32'>, count: Local<'i32'>, mask: Lane): void;
}

/** Log2 of the bytes of a value. */
export const LOG2_BYTES = { i32: 2, i64: 3, f64: 3, view: 4 } as const;

/** Vectors that hold a block. */
export function vectorsOf(storage: LaneStorage): number {
  return storage === 'i64' || storage === 'f64' ? 2 : 1;
}
