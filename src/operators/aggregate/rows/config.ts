/** What the plan says of windows that rows open and close. Plain data. @module */

import type { Schema } from '../../../core/schema.ts';
import type { DataType } from '../../../core/types.ts';
import { BOOL, INT64 } from '../../../core/types.ts';
import type { DurationUs } from '../../../core/units.ts';
import type { TypedExpr } from '../../../expr/index.ts';

/** Windows over the rows of a group in the order in which they come. */
export interface RowWindowConfig {
  readonly counts: readonly CountConfig[];
  readonly values: readonly ValueConfig[];
  readonly predicates: readonly PredicateConfig[];
  /** Of a window over one value: the type of `window_start` and `window_end`. */
  readonly edges: DataType | undefined;
  /** Whether a dimension opens windows; else a row does that finds none open. */
  readonly hasOpener: boolean;
  readonly partial: boolean;
  readonly dropEmpty: boolean;
  /** `Infinity`: windows wait for ever. */
  readonly timeoutUs: DurationUs;
  /** `Infinity`: a window keeps all rows. */
  readonly keptRows: number;
  readonly keptUs: DurationUs;
}

/** Sizes of `Infinity` never close, slides of `Infinity` never open, an `emit` of `Infinity` gives none. */
export interface CountConfig {
  readonly size: number;
  readonly slide: number;
  readonly offset: number;
  readonly emit: number;
}

/** Lengths are in units of the value: microseconds of a timestamp. */
export interface ValueConfig {
  /** `undefined`: the event time of rows, or the latest of the group's so far. */
  readonly on: TypedExpr | undefined;
  /** For messages. */
  readonly field: string;
  readonly size: number;
  readonly slide: number;
  readonly offset: number;
  readonly align: 'epoch' | 'group';
  readonly emit: number;
}

/** `undefined`: never. */
export interface PredicateConfig {
  readonly open: TypedExpr | undefined;
  readonly close: TypedExpr | undefined;
  readonly emit: TypedExpr | undefined;
  readonly excludesClosing: boolean;
}

/** Columns of a result that `select` may read, and that are no columns of the output by themselves. */
export const ROW_FIELDS: Schema = [
  { name: 'window_first', type: INT64 },
  { name: 'window_last', type: INT64 },
  { name: 'window_closed', type: BOOL },
];

/** The columns that a window over one value puts in front of its output. */
export function edgeFields({ edges }: RowWindowConfig): Schema {
  if (edges === undefined) return [];
  return [
    { name: 'window_start', type: edges },
    { name: 'window_end', type: edges },
  ];
}
