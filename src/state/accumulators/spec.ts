/** Aggregates as plain data. @module */

import type { DataType } from '../../core/types.ts';

/** The aggregate functions. */
export type AggregateKind =
  | 'count'
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'bool_and'
  | 'bool_or'
  | 'var_samp'
  | 'var_pop'
  | 'covar_samp'
  | 'covar_pop'
  | 'bit_and'
  | 'bit_or'
  | 'bit_xor'
  | 'product'
  | 'first'
  | 'last'
  | 'percentile_cont'
  | 'percentile_disc'
  | 'mode'
  | 'top_k'
  | 'array_agg'
  | 'string_agg'
  | 'approx_count_distinct'
  | 'approx_percentile'
  | 'user';

/** An aggregate, as plain data. */
export interface AggregateSpec {
  readonly kind: AggregateKind;
  /** Type of the argument; `undefined` for `COUNT(*)`. */
  readonly argument: DataType | undefined;
  /** Whether a value counts once in each group. Without effect on `min` and `max`. */
  readonly isDistinct: boolean;
  /** Of a distinct one: a number that those of the same argument have, whatever their filters; by itself if left out. */
  readonly values?: number;
  /** Which input it is fed with; several may share one. */
  readonly input: number;
  /** Inputs of what belongs to the argument: the other one of a covariance, or keys of an order. */
  readonly others?: readonly OtherInput[];
  /** Whether the greatest value comes first. */
  readonly isDescending?: boolean;
  /** A fraction, a number of values, or a separator. */
  readonly parameter?: number | string;
  /** A relative error. */
  readonly accuracy?: number;
  /** Of the topology's author. */
  readonly user?: UserAggregate;
  /** Whether rows have to pass a filter to get into that input. */
  readonly isFiltered: boolean;
}

/** An input beside the argument; it has the argument's filter. */
export interface OtherInput {
  readonly input: number;
  readonly type: DataType;
  /** Of a key: whether the greatest comes first. */
  readonly isDescending?: boolean;
  /** Of a key: whether it is the event time, which is never null. */
  readonly isTime?: boolean;
}

/** An aggregate of the topology's author. */
export interface UserAggregate {
  readonly name: string;
  /** Path of the module, relative to the topology's folder. */
  readonly module: string;
  readonly export: string;
  readonly returns: DataType;
  /** Whether it can take rows back. */
  readonly retracts: boolean;
}
