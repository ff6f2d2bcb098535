/** Constant folding: what depends on no column is computed once. @module */

import { interpret } from '../interpret.ts';
import { RowError } from '../row-error.ts';
import type { TypedExpr } from '../typed.ts';
import { mapOperands, operandsOf } from '../typed.ts';

/**
 * The same tree with every operation on constants replaced by its value. An operation that fails is
 * left as it is: it fails on the rows that reach it, if any.
 */
export function foldConstants(expr: TypedExpr): TypedExpr {
  const folded = mapOperands(expr, foldConstants);
  if (folded.op === 'literal' || folded.op === 'column' || folded.op === 'align') return folded;
  if (!operandsOf(folded).every((operand) => operand.op === 'literal')) return folded;
  try {
    return { op: 'literal', type: folded.type, value: interpret(folded, []) };
  } catch (error) {
    if (error instanceof RowError) return folded;
    throw error;
  }
}
