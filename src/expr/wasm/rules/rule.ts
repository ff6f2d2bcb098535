/** What a strict operation computes from operands none of which is null. @module */

import type { Storage } from '../../../core/types.ts';
import type { TypedExpr } from '../../typed.ts';
import type { ColumnPlace, Lane, LaneStorage, Machine, Operation } from '../lanes.ts';

/** The outcome of a rule, for the rows at hand. */
export interface Outcome {
  readonly value: Lane;
  /**
   * Rows that may have no value: the batch is then evaluated again, exactly. Bools, or integers that are
   * negative in those rows.
   */
  readonly fails?: Lane;
  /** Rows whose value is null. */
  readonly isNull?: Lane;
}

/** Operands that are strings or bytes. */
export interface Texts {
  /** Columns of the batch, or computed beforehand. */
  readonly columns: readonly ColumnPlace[];
  /**
   * Rows that are evaluated and have no null operand; all of them if left out. The views of other rows
   * may be garbage, so that no offset in them may be followed.
   */
  readonly rows?: Lane | undefined;
}

/**
 * Writes the code of an operation. Where an operand is null, the outcome means nothing.
 *
 * Operands that have lanes are in `operands`, the others in `texts`, both in order.
 */
export type Rule = (m: Machine, operands: readonly Lane[], texts: Texts) => Outcome;

/** A rule of operands that all have lanes. */
export type LaneRule = (m: Machine, operands: readonly Lane[]) => Outcome;

/** A rule without failures that is one operation. */
export function simple(operation: Operation): LaneRule {
  return (m, operands) => ({ value: m.apply(operation, ...operands) });
}

/** The value of a numeric constant that is not null; `undefined` for anything else. */
export function constantOf(expr: TypedExpr | undefined): number | bigint | undefined {
  if (expr?.op !== 'literal') return undefined;
  const { value } = expr;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** Whether values of a storage class have lanes. */
export function isLaneStorage(storage: Storage): storage is LaneStorage {
  return storage !== 'view';
}

/** A strict operation: its operands, in the order the rule takes them. */
export interface StrictRule {
  readonly rule: Rule;
  readonly operands: readonly TypedExpr[];
}
