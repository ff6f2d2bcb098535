/** Questions about typed trees, and changes of which row they read. @module */

import { BOOL } from '../core/types.ts';
import type { TypedExpr } from './typed.ts';
import { mapOperands, operandsOf } from './typed.ts';

/** The row positions of the columns that an expression reads, ascending, each once. */
export function expressionColumns(expr: TypedExpr): readonly number[] {
  const found = new Set<number>();
  visit(expr, (node) => node.op === 'column' && found.add(node.index));
  return [...found].sort((a, b) => a - b);
}

/** The inputs whose columns an expression reads, ascending, each once. */
export function expressionInputs(expr: TypedExpr): readonly number[] {
  const found = new Set<number>();
  visit(expr, (node) => node.op === 'column' && found.add(node.input));
  return [...found].sort((a, b) => a - b);
}

function visit(expr: TypedExpr, each: (node: TypedExpr) => void): void {
  each(expr);
  for (const operand of operandsOf(expr)) visit(operand, each);
}

/** The same expression reading other columns: `position(index)` is the new place of column `index`. */
export function remapColumns(expr: TypedExpr, position: (index: number) => number): TypedExpr {
  if (expr.op === 'column') return { ...expr, index: position(expr.index) };
  return mapOperands(expr, (operand) => remapColumns(operand, position));
}

/** The same expression with others in the place of its columns. */
export function substituteColumns(
  expr: TypedExpr,
  exprOf: (index: number) => TypedExpr,
): TypedExpr {
  if (expr.op === 'column') return exprOf(expr.index);
  return mapOperands(expr, (operand) => substituteColumns(operand, exprOf));
}

/**
 * An expression that reads one input of several, for rows of that input alone: a join's key.
 *
 * @param expr - reads columns of one input only, see {@link expressionInputs}
 */
export function onOwnInput(expr: TypedExpr): TypedExpr {
  if (expr.op === 'column') return { ...expr, input: 0, index: expr.position };
  return mapOperands(expr, onOwnInput);
}

/** The conditions that must all be true: those joined by `AND`, in order. */
export function conjuncts(expr: TypedExpr): readonly TypedExpr[] {
  return expr.op === 'and' ? expr.operands.flatMap(conjuncts) : [expr];
}

/** The opposite of {@link conjuncts}; `undefined` for no conditions. */
export function conjunction(conditions: readonly TypedExpr[]): TypedExpr | undefined {
  if (conditions.length < 2) return conditions[0];
  return { op: 'and', type: BOOL, operands: conditions };
}
