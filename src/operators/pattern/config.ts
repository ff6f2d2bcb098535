/** What the plan of a pattern says. @module */

import type { PatternSkip } from '../../core/topology/model/pattern.ts';
import type { DurationUs } from '../../core/units.ts';
import type { TypedExpr } from '../../expr/index.ts';
import type { Automaton } from './automaton.ts';

/** Ports of the node; there is a port of late rows where there is one input. */
export const Port = { OUT: 0, LATE: 1 } as const;

/** What rows are an event. */
export interface EventConfig {
  readonly name: string;
  /** Port of the input. */
  readonly input: number;
  /** Over rows of that input; `undefined`: all. */
  readonly where: TypedExpr | undefined;
  /** Position of its first column in rows of a match: `[...columns of event 0, ...columns of event 1, …]`. */
  readonly base: number;
}

/** How far apart rows of a match may be. */
export type WindowConfig =
  | { readonly kind: 'time'; readonly sizeUs: DurationUs }
  /** By input: a position among the kept columns. The size is in units in which values are kept. */
  | {
      readonly kind: 'field';
      readonly columns: readonly number[];
      readonly size: number;
      /** By input: its position there. */ readonly positions: readonly number[];
    };

/** Plain data. Events are numbered as they stand in the node. */
export interface PatternConfig {
  readonly events: readonly EventConfig[];
  /** By input: positions of the key. */
  readonly keys: readonly (readonly number[])[];
  /** Events that a match has rows of. */
  readonly slots: readonly number[];
  readonly automaton: Automaton;
  /** By input: positions of the columns that are kept. */
  readonly kept: readonly (readonly number[])[];
  readonly within: WindowConfig;
  /** By input: the position among the kept columns of the one that orders rows of one time; none if it is left out. */
  readonly orderBy: readonly number[] | undefined;
  /** Over rows of a match. */
  readonly where: TypedExpr | undefined;
  /** By event that must stay out: which rows end a match, over rows of a match with theirs. */
  readonly against: readonly (TypedExpr | undefined)[];
  /** The output's columns, over rows of a match. */
  readonly select: readonly TypedExpr[];
  readonly skip: PatternSkip;
  /** `undefined`: that of any state. */
  readonly stateLimitBytes: number | undefined;
  readonly onLimit: 'error' | 'evict';
}
