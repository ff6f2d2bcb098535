/**
 * The way to run expressions over batches: chooses the backend for each.
 *
 * `wasm/` emits WebAssembly for what it covers. `batch/` is complete: loops over columns in TypeScript, for
 * the rest, and for batches in which a row fails.
 *
 * @module
 */

import type { BatchExpression, BatchPredicate } from './batch/compile-batch.ts';
import { expressionOf, predicateOf } from './batch/compile-batch.ts';
import type { BatchOptions } from './batch/vector-node.ts';
import type { TypedExpr } from './typed.ts';
import { buildWithKernels } from './wasm/build-node.ts';

/**
 * Makes an expression ready to run over batches of up to `rowCapacity` rows, on the thread that
 * calls this. Allocates all memory that fixed-width results need.
 */
export function compileBatch(expr: TypedExpr, options: BatchOptions): BatchExpression {
  return expressionOf(buildWithKernels(expr, options), options);
}

/**
 * The same for a condition, which narrows selections.
 *
 * @param expr - of type bool, see `inferPredicate`
 */
export function compilePredicate(expr: TypedExpr, options: BatchOptions): BatchPredicate {
  return predicateOf(buildWithKernels(expr, options));
}
