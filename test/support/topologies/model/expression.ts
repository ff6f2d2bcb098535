/** Expressions of a topology, row by row, by the interpreter. @module */

import type { Schema } from '../../../../src/core/schema.ts';
import {
  inferExpression,
  inferPredicate,
  interpret,
  joinScope,
  parseExpression,
  RowError,
  type Scope,
  scopeOf,
  type TypedExpr,
  type Value,
} from '../../../../src/expr/index.ts';

/** Types an expression over one stream. */
export function expressionOver(text: string, schema: Schema): TypedExpr {
  return inferExpression(parseExpression(text), scopeOf(schema));
}

/** Types a condition over one stream. */
export function conditionOver(text: string, schema: Schema): TypedExpr {
  return inferPredicate(parseExpression(text), scopeOf(schema));
}

/** The scope of a join's expressions. */
export const scopeOfJoin = (left: Schema, right: Schema): Scope => joinScope(left, right);

/** What an expression gives for a row, or that it fails. */
export function evaluate(expr: TypedExpr, values: readonly Value[]): Value | RowError {
  try {
    return interpret(expr, values);
  } catch (error) {
    if (error instanceof RowError) return error;
    throw error;
  }
}
