/** `join` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { Expression, JoinKind, JoinWindow, NamedExpression, OperatorCommon } from './parts.ts';

/** Pairs rows of two streams. */
export interface JoinOperator extends OperatorCommon {
  readonly type: 'join';
  readonly kind: JoinKind;
  readonly on: Expression;
  readonly reach: JoinReach;
  readonly select: readonly NamedExpression[];
  /** Whose event time a joined row carries; with an unbounded reach it is the later of both. */
  readonly time: 'left' | 'right';
  /** The side whose rows every task gets; `undefined`: rows of both go where their keys are. */
  readonly broadcast: 'left' | 'right' | undefined;
  /** How many rows of each side are kept at most, those that came last. Inner joins only. */
  readonly buffer: { readonly left?: number; readonly right?: number } | undefined;
}

/** Which rows of a join are near enough to match. */
export type JoinReach =
  /** r.time − l.time lies between −beforeUs and +afterUs, both included; neither is negative. */
  | {
      readonly kind: 'interval';
      readonly beforeUs: DurationUs;
      readonly afterUs: DurationUs;
    }
  /** Both lie in the same window; a pair gives a row for each window that they share. */
  | { readonly kind: 'window'; readonly window: JoinWindow }
  /** All, or those that came while the other one was no older than `ttlUs`. */
  | { readonly kind: 'unbounded'; readonly ttlUs?: DurationUs | undefined }
  /**
   * The latest right row whose time is not beyond that of the left one, nor before it by more than
   * `beforeUs`. Inner and left joins only.
   */
  | { readonly kind: 'asOf'; readonly beforeUs?: DurationUs | undefined };
