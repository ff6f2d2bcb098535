/** What the plan of an aggregate says. @module */

import type { DurationUs } from '../../core/units.ts';
import type { Stage } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { TypedExpr } from '../../expr/index.ts';
import type { AggregateSpec, MakeUserAccumulator } from '../../state/index.ts';
import type { UnitWindows } from '../../core/subsets.ts';
import type { Emit } from '../../core/topology/model.ts';
import type { WindowConfig } from '../window-scheme.ts';
import type { RowWindowConfig } from './rows/config.ts';

/** Ports of the node; `errors` is behind them where there is one. */
export const Port = { OUT: 0, LATE: 1 } as const;

/** A key, computed from an input row. */
export interface KeyConfig {
  readonly name: string;
  readonly expr: TypedExpr;
}

/** What is fed to one or more aggregates. */
export interface AggregateInput {
  /** `undefined` for `COUNT(*)`: rows are counted, not values. */
  readonly argument: TypedExpr | undefined;
  /** Whether the event time of rows is meant. */
  readonly isTime?: boolean;
  /** Only rows for which this is true. */
  readonly filter: TypedExpr | undefined;
}

/** One aggregate. */
export interface AggregateConfig extends AggregateSpec {
  /** The first column of `select` that uses it, for messages. */
  readonly field: string;
}

/** Sessions: rows that are nearer to each other than the gap. */
export interface SessionConfig {
  readonly gapUs: DurationUs;
}

/** When results come that may be revised. */
export interface RevisionConfig {
  /**
   * - `close`: when a window closes; rows that come later revise them
   * - `every`: at even times as well
   * - `change`: with each row
   * - `end`: at the end of the input, of which rows were taken back
   */
  readonly mode: 'close' | 'every' | 'change' | 'end';
  /** Whether results are a stream of changes; otherwise each comes once, and only the input is one. */
  readonly givesChanges: boolean;
  /** `Infinity` unless the mode is `every`. */
  readonly everyUs: DurationUs;
  /** So long after it has closed a window takes rows. */
  readonly latenessUs: DurationUs;
  /** The aggregate that counts rows: a group without rows has no result. */
  readonly rowCount: number;
  /** The input's column that says which rows are taken back; `undefined`: none. */
  readonly inputChange: number | undefined;
}

/** Groups of which rows were shed have no result. */
export interface UnitConfig {
  /** The column of `result` with the number of a group. */
  readonly column: number;
  readonly windows: UnitWindows | undefined;
}

/** Plain data, but for what a kernel was given to go with it. */
export interface AggregatePlanConfig {
  /** What part of the work is meant: see `stages.ts`. */
  readonly stage: Stage;
  readonly window: WindowConfig | undefined;
  /** Windows that are as long as rows of a group come. */
  readonly session: SessionConfig | undefined;
  /** Windows that rows open and close. */
  readonly rowWindow?: RowWindowConfig | undefined;
  /** Results may be taken back; `undefined`: they are there to stay. */
  readonly revision: RevisionConfig | undefined;
  /** When an aggregate without a window gives results. */
  readonly emit: Emit;
  /** Whether results have event time. */
  readonly hasTime: boolean;
  readonly keys: readonly KeyConfig[];
  readonly inputs: readonly AggregateInput[];
  readonly aggregates: readonly AggregateConfig[];
  /** `undefined`: all groups have results. */
  readonly unit?: UnitConfig | undefined;
  /** Whether groups are forgotten at the limit. */
  readonly evicts?: boolean;
  /** Whether what has no room is kept on disk. */
  readonly spills?: boolean;
  /** Whether rows are taken back as well as added. */
  readonly retracts?: boolean;
  /** Makes the accumulators of what modules export: only in threads. */
  readonly makeUser?: MakeUserAccumulator;
  /** Columns of a group's result: `window_start` and `window_end` if windowed, keys, aggregates. */
  readonly result: Schema;
  /** Output columns behind the keys, over `result`. */
  readonly select: readonly KeyConfig[];
}
