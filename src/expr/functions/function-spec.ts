/** How a scalar function is described: what the type checker, both evaluators and the manual read. @module */

import type { DataType } from '../../core/types.ts';
import type { TypedCall, TypedExpr } from '../typed.ts';
import type { Value } from '../value.ts';

/**
 * What a parameter accepts:
 *
 * - `string`, `bool`, `timestamp`, `json`: that type (a string literal counts as a timestamp)
 * - `float64`: any number, converted
 * - `integer`: int32 or int64, as it is
 * - `number`: any number, as it is
 * - `quantity`: any number or a duration, as it is
 * - `instant`: a timestamp or a duration, as it is
 * - `text`: a string or bytes, as it is
 * - `duration`: that type (a string literal counts as one)
 * - `any`: any type, as it is
 * - `same`: any type that has an order; all such parameters get one common type
 */
export type ParameterKind =
  | 'string'
  | 'bool'
  | 'timestamp'
  | 'json'
  | 'float64'
  | 'integer'
  | 'number'
  | 'quantity'
  | 'instant'
  | 'text'
  | 'duration'
  | 'any'
  | 'same';

/** A scalar function. All are deterministic, and strict unless they say so: a null argument gives null. */
export interface FunctionSpec {
  /** Upper-case; the first name is the one in typed trees. */
  readonly names: readonly [string, ...string[]];
  /** How it is written: `LPAD(s, n[, fill])`. */
  readonly usage: string;
  /** One sentence for the manual. */
  readonly summary: string;
  readonly parameters: readonly ParameterKind[];
  /** Parameters that must be given; the rest are optional. */
  readonly required: number;
  /** The last parameter may be given any number of times. */
  readonly isVariadic?: boolean;
  /** `apply` is called for null arguments too, and makes something of them. */
  readonly takesNulls?: boolean;
  /** Has a value for all arguments that are not null; otherwise rows may be in error. */
  readonly isTotal?: boolean;
  /**
   * The type of a call whose arguments have been accepted.
   *
   * @throws RowError `badArgument`, which becomes an error of the expression
   */
  readonly result: (args: readonly TypedExpr[]) => DataType;
  /**
   * Checks an argument that is a string constant, when the expression is compiled.
   *
   * @throws RowError `badArgument`, which becomes an error of the expression
   */
  readonly checkConstant?: (position: number, text: string) => void;
  /**
   * The value for arguments that are not null, or with `takesNulls` for any.
   *
   * @throws RowError
   */
  readonly apply: (args: readonly Value[], call: TypedCall) => Value;
}

/** Longest string that a function may make, in UTF-16 units. */
export const MAX_TEXT = 1 << 24;

/** A type as a function that always gives it. */
export function always(type: DataType): () => DataType {
  return () => type;
}

/** A function from a text to something costly, remembered for the texts that came last. */
export function remembering<Result>(make: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = make(text);
      if (known.size >= 256) known.clear();
      known.set(text, result);
    }
    return result;
  };
}
