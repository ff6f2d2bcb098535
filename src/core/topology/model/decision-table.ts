/** `decision_table` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { JsonValue, OperatorCommon, TableFile } from './parts.ts';

/** Adds to each row the results of the rules whose conditions it meets. */
export interface DecisionTableOperator extends OperatorCommon {
  readonly type: 'decision_table';
  readonly rules: RuleSource;
  /** The columns that rules give. At least one. */
  readonly results: Schema;
  readonly hit: RuleHit;
  readonly unmatched: Unmatched;
  /** The column with the number of the rule, from 1; `undefined`: none. */
  readonly ruleColumn: string | undefined;
}

/** `first`: the first rule that a row meets counts; `all`: a row for each rule it meets. */
export type RuleHit = 'first' | 'all';

/** What becomes of rows that meet no rule: results of null, nothing, or the output `unmatched`. */
export type Unmatched = 'null' | 'drop' | 'port';

/** Where rules stand. */
export type RuleSource =
  | { readonly kind: 'inline'; readonly rules: readonly Rule[] }
  /** Every column of the file is a condition on the input's column of its name, or a result. */
  | { readonly kind: 'file'; readonly table: TableFile };

/** Conditions and results. */
export interface Rule {
  /** An expression, or a cell for each of some columns. */
  readonly when: string | readonly RuleCell[];
  readonly then: readonly RuleCell[];
}

/** What a rule says of a column. */
export interface RuleCell {
  readonly column: string;
  readonly cell: JsonValue;
}
