/**
 * Taking the condition of a join apart: equalities between the sides become keys, the rest is left
 * as a further condition on the pairs that have equal keys.
 *
 * @module
 */

import type { TypedColumn, TypedExpr } from '../../expr/index.ts';
import { mapOperands, operandsOf } from '../../expr/index.ts';

/** Two expressions that must be equal; each is over the columns of its own side. */
export interface JoinKey {
  readonly left: TypedExpr;
  readonly right: TypedExpr;
}

/** What `on` says. */
export interface OnCondition {
  readonly keys: readonly JoinKey[];
  /** Over the columns of both sides, `[...left, ...right]`; all must be true. */
  readonly further: readonly TypedExpr[];
}

/** Takes a condition over `[...left, ...right]` apart at its `AND`s. */
export function splitOn(on: TypedExpr): OnCondition {
  const keys: JoinKey[] = [];
  const further: TypedExpr[] = [];
  for (const term of conjuncts(on)) {
    const key = asKey(term);
    if (key === undefined) further.push(term);
    else keys.push(key);
  }
  return { keys, further };
}

/** Positions, in the row of all inputs, of the columns an expression reads. */
export function columnsRead(exprs: readonly TypedExpr[]): Set<number> {
  return new Set(exprs.flatMap((expr) => columnsOf(expr).map((column) => column.index)));
}

function conjuncts(expr: TypedExpr): readonly TypedExpr[] {
  return expr.op === 'and' ? expr.operands.flatMap(conjuncts) : [expr];
}

function asKey(term: TypedExpr): JoinKey | undefined {
  if (term.op !== 'compare' || term.operator !== '=') return undefined;
  const first = onlyInput(term.left);
  const second = onlyInput(term.right);
  if (first === 0 && second === 1) return { left: own(term.left), right: own(term.right) };
  if (first === 1 && second === 0) return { left: own(term.right), right: own(term.left) };
  return undefined;
}

/** The one input an expression reads; `undefined` when it reads none or both. */
function onlyInput(expr: TypedExpr): number | undefined {
  const inputs = new Set(columnsOf(expr).map((column) => column.input));
  const [input] = inputs;
  return inputs.size === 1 ? input : undefined;
}

/** The same expression over the columns of its own input. */
function own(expr: TypedExpr): TypedExpr {
  if (expr.op === 'column') return { ...expr, input: 0, index: expr.position };
  return mapOperands(expr, own);
}

function columnsOf(expr: TypedExpr): readonly TypedColumn[] {
  return expr.op === 'column' ? [expr] : operandsOf(expr).flatMap(columnsOf);
}
