/**
 * The way to run expressions over batches: chooses the backend for each part.
 *
 * `wasm/` emits WebAssembly for what it covers. `batch/` is complete: nodes in TypeScript for the rest, and the
 * interpreter for single rows that may have failed.
 *
 * @module
 */

import type { BatchExpression, BatchPredicate } from './batch/compile-batch.ts';
import { expressionOf, predicateOf } from './batch/compile-batch.ts';
import type { BatchOptions } from './batch/vector-node.ts';
import type { TypedColumn, TypedExpr } from './typed.ts';
import { columnsRead } from './typed.ts';
import { AdoptedColumns } from './kernel/adopted-columns.ts';
import { buildWithKernels } from './kernel/build-node.ts';

/**
 * Makes an expression ready to run over batches of up to `rowCapacity` rows, on the thread that
 * calls this. Allocates all memory that fixed-width results need.
 */
export function compileBatch(expr: TypedExpr, options: BatchOptions): BatchExpression {
  const node = buildWithKernels(expr, options);
  return expressionOf(node, new AdoptedColumns(columnsComputedWith(expr), options), options);
}

/**
 * The same for a condition, which narrows selections.
 *
 * @param expr - of type bool, see `inferPredicate`
 */
export function compilePredicate(expr: TypedExpr, options: BatchOptions): BatchPredicate {
  const node = buildWithKernels(expr, options);
  return predicateOf(node, new AdoptedColumns(columnsComputedWith(expr), options));
}

/** A column that is the whole expression is handed on as it is. */
function columnsComputedWith(expr: TypedExpr): readonly TypedColumn[] {
  return expr.op === 'column' ? [] : columnsRead(expr);
}
