/** What a strict operation computes from operands none of which is null. @module */

import type { Storage } from '../../../core/types.ts';
import type { TypedExpr } from '../../typed.ts';
import type { Lane, LaneStorage, Machine, Operation } from '../lanes.ts';

/** The outcome of a rule, for the rows at hand. */
export interface Outcome {
  readonly value: Lane;
  /** Rows that may have no value: the batch is then evaluated again, exactly. */
  readonly fails?: Lane;
  /** Rows whose value is null. */
  readonly isNull?: Lane;
}

/** Writes the code of an operation. Where an operand is null, the outcome means nothing. */
export type Rule = (m: Machine, operands: readonly Lane[]) => Outcome;

/** A rule without failures that is one operation. */
export function simple(operation: Operation): Rule {
  return (m, operands) => ({ value: m.apply(operation, ...operands) });
}

/** The value of a numeric constant that is not null; `undefined` for anything else. */
export function constantOf(expr: TypedExpr | undefined): number | bigint | undefined {
  if (expr?.op !== 'literal') return undefined;
  const { value } = expr;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** Whether values of a storage class can be computed with. */
export function isLaneStorage(storage: Storage): storage is LaneStorage {
  return storage !== 'view';
}
