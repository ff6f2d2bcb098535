/** What the plan of a join says. @module */

import type { Schema } from '../../core/schema.ts';
import type { DurationUs } from '../../core/units.ts';
import type { TypedExpr } from '../../expr/index.ts';

/** Port, and position in lists of two, of the left input. */
export const LEFT = 0;
/** Port, and position in lists of two, of the right input. */
export const RIGHT = 1;
/** One of the two inputs. */
export type Side = typeof LEFT | typeof RIGHT;

/** A column that a join keeps of the rows of one input. */
export type KeptColumn =
  /** A column of the input. */
  | { readonly kind: 'column'; readonly position: number }
  /** The value of key `key`. */
  | { readonly kind: 'key'; readonly key: number };

/** What a join needs of one input. Positions are those of the input's schema. */
export interface JoinSide {
  /** Expressions over the input's columns; as many, of the same types, on both sides. */
  readonly keys: readonly TypedExpr[];
  /** What is kept while a row may find a match. */
  readonly kept: readonly KeptColumn[];
  /** Types of `kept`. */
  readonly keptSchema: Schema;
  /** By key: its position in `kept`. */
  readonly keptKeys: readonly number[];
  /** Columns that `further` and `select` read, ascending. */
  readonly used: readonly number[];
  /** By `used`: its position in `kept`. */
  readonly keptUsed: readonly number[];
}

/** Plain data. Rows of both inputs are `[...left, ...right]`. */
export interface JoinConfig {
  readonly kind: 'inner' | 'left';
  /** r.time − l.time lies between −beforeUs and +afterUs, both included. */
  readonly beforeUs: DurationUs;
  readonly afterUs: DurationUs;
  /** Whose event time a joined row carries. */
  readonly time: 'left' | 'right';
  readonly sides: readonly [JoinSide, JoinSide];
  /** What pairs with equal keys must fulfil too, over rows of both inputs. */
  readonly further: TypedExpr | undefined;
  /** The output's columns, over rows of both inputs. */
  readonly select: readonly TypedExpr[];
}
