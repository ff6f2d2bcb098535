/** `aggregate` in its normal form. @module */

import type { DataType } from '../../types.ts';
import type { DurationUs } from '../../units.ts';
import type { AggregateWindow, GroupKey, NamedExpression, OperatorCommon } from './parts.ts';
import type { RowWindow } from './row-window.ts';

/** Groups rows, per window or over the whole input. */
export interface AggregateOperator extends OperatorCommon {
  readonly type: 'aggregate';
  /** Empty: one group. */
  readonly groupBy: readonly GroupKey[];
  /** `undefined`: over the whole input. */
  readonly window: AggregateWindow | undefined;
  /** Windows that rows open and close, in place of `window`. */
  readonly rowWindow?: RowWindow | undefined;
  /** When results come. With a window `end` means when it closes, and there is no `each`. */
  readonly emit: Emit;
  /** Aggregates of the topology's author. */
  readonly aggregates: readonly UserAggregateNode[];
  /** Aggregate expressions. Not empty unless `groupBy` is not. */
  readonly select: readonly NamedExpression[];
}

/** An aggregate that a module exports. */
export interface UserAggregateNode {
  readonly name: string;
  /** Path of the module, relative to the topology's folder. */
  readonly module: string;
  readonly export: string;
  readonly arguments: readonly DataType[];
  readonly returns: DataType;
  readonly retracts: boolean;
}

/** When an aggregate gives results. */
export type Emit =
  /** One row for each group, at the end of the input. */
  | { readonly kind: 'end' }
  /** At each multiple of `everyUs` that the watermark passes: the groups that changed since. */
  | { readonly kind: 'every'; readonly everyUs: DurationUs }
  /** One row for each row of the input. */
  | { readonly kind: 'each' }
  /** What each row of the input changes, as a stream of changes. */
  | { readonly kind: 'change' };
