/** The JavaScript values that stand for SQL values in the interpreter. @module */

/**
 * A decoded JSON value. JSON's `null` is SQL's null; integers beyond ±2^53 are bigints, as far as 64
 * bits go.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * One SQL value:
 *
 * | type | JavaScript |
 * | --- | --- |
 * | any | `null` |
 * | bool | boolean |
 * | int32, float64 | number |
 * | int64, decimal (unscaled), timestamp and duration (microseconds) | bigint |
 * | string | string, well-formed (no lone surrogates) |
 * | bytes | Uint8Array |
 * | json | a plain value |
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | JsonValue;
