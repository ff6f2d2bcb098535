/** `pattern` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { Expression, NamedExpression, OperatorCommon } from './parts.ts';

/** What the template of a pattern calls by a name. */
export interface PatternEvent {
  readonly name: string;
  /** Position of the input whose rows it may be. */
  readonly input: number;
  /** Which of them; `undefined`: any. */
  readonly where: Expression | undefined;
}

/** How far apart rows of a match may be. */
export type PatternWindow =
  | { readonly kind: 'time'; readonly sizeUs: DurationUs }
  | {
      readonly kind: 'field';
      /** A column of all inputs. */
      readonly field: string;
      /** A number, or microseconds. */
      readonly size: number;
      readonly isDuration: boolean;
    };

/**
 * Which matches count: all; of those that begin with one row the first; or of those that have rows in
 * common the first.
 */
export type PatternSkip = 'none' | 'next' | 'past';

/** Combinations of rows that fit a template. */
export interface PatternOperator extends OperatorCommon {
  readonly type: 'pattern';
  readonly events: readonly PatternEvent[];
  /** By input: columns that all rows of a match have in common; as many for each, perhaps none. */
  readonly keys: readonly (readonly string[])[];
  readonly pattern: Expression;
  readonly within: PatternWindow;
  /** A column of all inputs that says which of rows of one time comes first; `undefined`: none does. */
  readonly orderBy: string | undefined;
  readonly where: Expression | undefined;
  /** The output's columns; all columns of all events if empty. */
  readonly select: readonly NamedExpression[];
  readonly skip: PatternSkip;
}
