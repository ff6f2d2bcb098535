/**
 * Taking the condition of a join apart: equalities between the sides become keys, the rest is left
 * as a further condition on the pairs that have equal keys.
 *
 * @module
 */

import type { TypedExpr } from '../../expr/index.ts';
import { conjunction, conjuncts, expressionInputs, onOwnInput } from '../../expr/index.ts';

/** Two expressions that must be equal; each is over the columns of its own side. */
export interface JoinKey {
  readonly left: TypedExpr;
  readonly right: TypedExpr;
}

/** What `on` says. */
export interface OnCondition {
  readonly keys: readonly JoinKey[];
  /** What must be true beside equal keys, over the columns of both sides, `[...left, ...right]`. */
  readonly further: TypedExpr | undefined;
}

/** Takes a condition over `[...left, ...right]` apart at its `AND`s. */
export function splitOn(on: TypedExpr): OnCondition {
  const keys: JoinKey[] = [];
  const further: TypedExpr[] = [];
  for (const condition of conjuncts(on)) {
    const key = asKey(condition);
    if (key === undefined) further.push(condition);
    else keys.push(key);
  }
  return { keys, further: conjunction(further) };
}

function asKey(condition: TypedExpr): JoinKey | undefined {
  if (condition.op !== 'compare' || condition.operator !== '=') return undefined;
  const { left: a, right: b } = condition;
  if (a.type.kind === 'json') return undefined;
  if (isOver(a, 0) && isOver(b, 1)) return { left: onOwnInput(a), right: onOwnInput(b) };
  if (isOver(a, 1) && isOver(b, 0)) return { left: onOwnInput(b), right: onOwnInput(a) };
  return undefined;
}

function isOver(expr: TypedExpr, input: number): boolean {
  const inputs = expressionInputs(expr);
  return inputs.length === 1 && inputs[0] === input;
}
