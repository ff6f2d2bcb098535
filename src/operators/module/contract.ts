/**
 * What a function of a `module` with `"per": "batch"` is called with: whole batches, as columns where they
 * lie.
 *
 * @module
 */

import type { ColumnToFill } from '../../core/column-to-fill.ts';
import type { Schema } from '../../core/schema.ts';
import type { DataType, Storage } from '../../core/types.ts';

/**
 * The exported function. It computes the columns of the output for the rows of a batch, row `r` for row
 * `r`, and returns nothing. It returns within about a millisecond, keeps nothing of what it is called
 * with, and is not asynchronous.
 */
export type BatchFunction = (input: ModuleBatch, output: ModuleOutput) => void;

/** Rows as columns: in a ring, or wherever the operator before has put them. Not to be written to. */
export interface ModuleBatch {
  /** Length of the columns in use. */
  readonly rowCount: number;
  /** The rows that there are: `selection[0 .. selected)`, ascending. Others hold garbage. */
  readonly selection: Uint32Array;
  readonly selected: number;
  readonly schema: Schema;
  /** In the order of the schema. */
  readonly columns: readonly ModuleColumn[];
  /** The column of that name. @throws RangeError when there is none */
  column(name: string): ModuleColumn;
  /** Event time of a row in microseconds; only where the stream has event time. */
  timeUs(row: number): number;
}

/** A column to read: values in memory, by row; which view to use follows from the type. */
export interface ModuleColumn {
  readonly type: DataType;
  /** `bits` (bool), `i32`, `i64` (also decimal, timestamp, duration), `f64` or `view`. */
  readonly storage: Storage;
  /** All values as bytes; of texts, those of up to 12 bytes. */
  readonly bytes: Uint8Array;
  /** `i32`: the values. `i64`: low and high halves in turn. */
  readonly words: Int32Array;
  /** `i64`: the values; a bigint each, so prefer `words`. Empty for others. */
  readonly i64: BigInt64Array;
  /** `f64`: the values. Empty for others. */
  readonly f64: Float64Array;
  /** 0: no row is null. */
  readonly nullCount: number;
  isNull(row: number): boolean;
  getBool(row: number): boolean;
  /** An `i64` as a number; exact within ±2^53. */
  getI64AsNumber(row: number): number;
  /** `view`: where the bytes of a value lie, `viewSource(row)[viewStart(row), + viewLength(row))`. */
  viewSource(row: number): Uint8Array;
  viewStart(row: number): number;
  viewLength(row: number): number;
}

/** A column to fill: like those of sources. */
export type ModuleOutputColumn = ColumnToFill;

/** Where the results go. */
export interface ModuleOutput {
  /** In the order of the operator's `schema`. */
  readonly columns: readonly ModuleOutputColumn[];
  /** The column of that name. @throws RangeError when there is none */
  column(name: string): ModuleOutputColumn;
  /**
   * Gives a column the values of one of the input, of the same type, without a copy.
   *
   * @throws RangeError when there is no such column, or the types differ
   */
  show(name: string, input: ModuleColumn): void;
  /** Writes a text, into a column of texts. @throws RangeError when the text has a lone surrogate */
  setText(name: string, row: number, text: string): void;
  /**
   * Keeps some of the rows only.
   *
   * @param rows - `rows[0 .. count)`: rows of the input's selection, ascending
   */
  keep(rows: ArrayLike<number>, count: number): void;
}
