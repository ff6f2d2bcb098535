/** What the plan of a join says. @module */

import type { Schema } from '../../core/schema.ts';
import type { JoinKind } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';
import type { TypedExpr } from '../../expr/index.ts';
import type { WindowConfig } from '../window-scheme.ts';

/** Port, and position in lists of two, of the left input. */
export const LEFT = 0;
/** Port, and position in lists of two, of the right input. */
export const RIGHT = 1;
/** One of the two inputs. */
export type Side = typeof LEFT | typeof RIGHT;

/** The other input. */
export function otherThan(side: Side): Side {
  return side === LEFT ? RIGHT : LEFT;
}

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

/** Which rows are near enough to match. */
export type ReachConfig =
  /** r.time − l.time lies between −beforeUs and +afterUs, both included. */
  | {
      readonly kind: 'interval';
      readonly beforeUs: DurationUs;
      readonly afterUs: DurationUs;
    }
  /** Both lie in one window. A pair gives a row for each window that they share. */
  | { readonly kind: 'window'; readonly window: WindowConfig }
  /**
   * All rows, kept for ever; or those of which neither came when its source's watermark was beyond the
   * other one's time by more than `ttlUs`.
   */
  | { readonly kind: 'unbounded'; readonly ttlUs?: DurationUs | undefined }
  /** Each left row with the latest right row that is not later, nor earlier by more than `beforeUs`. */
  | { readonly kind: 'asOf'; readonly beforeUs?: DurationUs | undefined };

/** Streams of changes that a join reads and gives. */
export interface ChangesConfig {
  /** By input: position of its change column. */
  readonly inputs: readonly [number | undefined, number | undefined];
  /** Whether the output has a change column. */
  readonly givesChanges: boolean;
}

/** Plain data. Rows of both inputs are `[...left, ...right]`. */
export interface JoinConfig {
  readonly kind: JoinKind;
  readonly reach: ReachConfig;
  /** Whose event time a joined row carries; `later`: that of both which is larger. */
  readonly time: 'left' | 'right' | 'later' | 'none';
  readonly sides: readonly [JoinSide, JoinSide];
  /** What pairs with equal keys must fulfil too, over rows of both inputs. */
  readonly further: TypedExpr | undefined;
  /** The output's columns, over rows of both inputs; a change column, if there is one, is behind them. */
  readonly select: readonly TypedExpr[];
  /** What is taken back later, see `changes.ts`; `undefined`: every row is there to stay. */
  readonly changes: ChangesConfig | undefined;
  /** Bound on what a task keeps; `undefined`: that of any state. */
  readonly stateLimitBytes: number | undefined;
  readonly onLimit: 'error' | 'evict' | 'spill';
  /** By side: how many rows are kept at most, those that came last; `undefined`: all. */
  readonly buffers: readonly [number | undefined, number | undefined];
}
