/** Windows that rows open and close, in their normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { Expression, WindowTime } from './parts.ts';

/** Windows over the rows of a group in the order in which they come. */
export interface RowWindow {
  readonly kind: 'count' | 'value' | 'landmark' | 'predicate' | 'dimensions';
  /** At least one; any of them may open, emit and close. */
  readonly dimensions: readonly RowDimension[];
  /** Whether the end of the input gives the results of windows that are open. */
  readonly partial: boolean;
  /** Whether windows of values without rows are left out. */
  readonly dropEmpty: boolean;
  /** How long a group may be without rows before its windows close; `undefined`: for ever. */
  readonly timeoutUs: DurationUs | undefined;
  /** The time that `timeoutUs` and windows of time go by. */
  readonly time: WindowTime;
  /** Rows that a window keeps; `undefined`: all. */
  readonly evict: Eviction | undefined;
}

/** A window keeps its last `rows`, and those no older than `ageUs` against the last one. */
export interface Eviction {
  readonly rows: number | undefined;
  readonly ageUs: DurationUs | undefined;
}

/** A length on the axis of a dimension: a number, or of a timestamp or duration. */
export type Amount = number | { readonly us: DurationUs };

/** Steps from the node to a part of it, for messages. */
export type Place = readonly (string | number)[];

/** One reason for windows to open, emit and close. */
export type RowDimension = CountDimension | ValueDimension | PredicateDimension;

/** Rows are counted. */
export interface CountDimension {
  readonly kind: 'count';
  readonly at: Place;
  /** A window closes with so many rows; `undefined`: not by their number. */
  readonly size: number | undefined;
  /** A window opens every so many rows of the group; `undefined`: not by their number. */
  readonly slide: number | undefined;
  /** Rows of a group before the first window opens. */
  readonly offset: number;
  /** A window gives an intermediate result every so many rows. */
  readonly emit: number | undefined;
}

/** Rows lie on an axis on which each group only goes forward. */
export interface ValueDimension {
  readonly kind: 'value';
  readonly at: Place;
  /** `undefined`: the time that windows go by. */
  readonly on: Expression | undefined;
  readonly size: Amount | undefined;
  readonly slide: Amount | undefined;
  readonly offset: Amount | undefined;
  /** Windows begin at multiples, or counted from the first row of the group. */
  readonly align: 'epoch' | 'group';
  readonly emit: Amount | undefined;
  /** What the document calls `emit`. */
  readonly emitName: 'emit' | 'every';
}

/** Rows say themselves what they do. */
export interface PredicateDimension {
  readonly kind: 'predicate';
  readonly at: Place;
  readonly open: Expression | undefined;
  readonly close: Expression | undefined;
  readonly emit: Expression | undefined;
  /** What the document calls `emit`. */
  readonly emitName: 'emit' | 'when';
  /** Whether a row that closes windows is in them. */
  readonly closing: 'include' | 'exclude';
}
