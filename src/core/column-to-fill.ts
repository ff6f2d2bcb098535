/** A column as user code fills it. @module */

import type { DataType, Storage } from './types.ts';

/** Values in memory, by row; which view to use follows from the type. Rows are not null unless somebody says so. */
export interface ColumnToFill {
  readonly type: DataType;
  /** `bits` (bool), `i32`, `i64` (also decimal, timestamp, duration), `f64` or `view`. */
  readonly storage: Storage;
  /** All values as bytes. */
  readonly bytes: Uint8Array;
  /** `i32`: the values. `i64`: low and high halves in turn. */
  readonly words: Int32Array;
  /** `i64`: the values; a bigint each, so prefer `words` or a `set` of many. Empty for others. */
  readonly i64: BigInt64Array;
  /** `f64`: the values. Empty for others. */
  readonly f64: Float64Array;
  setNull(row: number): void;
  setBool(row: number, value: boolean): void;
  /** An `i64` from a whole number within ±2^53. */
  setI64FromNumber(row: number, value: number): void;
  /**
   * `view`: writes `source[start, start + length)`, for a string its UTF-8.
   *
   * @returns false when the batch has no room for it: the row does not fit
   */
  setView(row: number, source: Uint8Array, start: number, length: number): boolean;
}
