/**
 * The way to run expressions over batches: chooses the backend for each.
 *
 * There is one, `batch/`: loops over columns in TypeScript, complete in meaning. A backend that emits
 * WebAssembly takes over here, expression by expression, as far as it goes; callers will not notice.
 *
 * @module
 */

import type { BatchExpression, BatchPredicate } from './batch/compile-batch.ts';
import { buildExpression, buildPredicate } from './batch/compile-batch.ts';
import type { BatchOptions } from './batch/vector-node.ts';
import type { TypedExpr } from './typed.ts';

/**
 * Makes an expression ready to run over batches of up to `rowCapacity` rows, on the thread that
 * calls this. Allocates all memory that fixed-width results need.
 */
export function compileBatch(expr: TypedExpr, options: BatchOptions): BatchExpression {
  return buildExpression(expr, options);
}

/**
 * The same for a condition, which narrows selections.
 *
 * @param expr - of type bool, see `inferPredicate`
 */
export function compilePredicate(expr: TypedExpr, options: BatchOptions): BatchPredicate {
  return buildPredicate(expr, options);
}
