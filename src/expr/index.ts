/**
 * Expressions: SQL scalar expressions, the one language for conditions and computed columns.
 *
 * ```
 * text ── parse/ ──▶ Expr ── infer/ + Scope ──▶ TypedExpr ──▶ interpret (one row, the oracle)
 *                                                       └──▶ compile (whole batches)
 * ```
 *
 * - `parse/` knows words and precedence, `infer/` names and types, `scalar/` what single values mean,
 *   `functions/` the table of functions, `batch/` nodes over columns.
 * - Mistakes in an expression are `ERR_EXPRESSION`, found before anything runs, and point at the
 *   text. What can only be seen in a row is a {@link RowError}.
 * - Nothing here reads a clock, draws a random number or runs generated JavaScript.
 *
 * @module
 */

export type { AggregateCall, ExtractedAggregates } from './aggregates/extract.ts';
export { extractAggregates, hasAggregates } from './aggregates/extract.ts';
export type { TypedAggregate } from './aggregates/infer.ts';
export { aggregateType, inferAggregate } from './aggregates/infer.ts';
export type { UserAggregateType, UserAggregateTypes } from './aggregates/user.ts';
export type { AggregateFunctionSpec } from './aggregates/table.ts';
export { AGGREGATE_TABLE } from './aggregates/table.ts';
export type { BatchExpression, BatchPredicate, ColumnSource } from './batch/compile-batch.ts';
export type { BatchOptions } from './batch/vector-node.ts';
export { RowErrors } from './batch/row-errors.ts';
export { readValue, ValueWriter } from './batch/values.ts';
export type { AggregateExpr, AggregateFunction, ColumnExpr, Expr, Span } from './ast.ts';
export { compileBatch, compilePredicate } from './compile.ts';
export { childrenOf, mapChildren } from './ast.ts';
export type { ExpressionProblem } from './diagnostics.ts';
export { expressionError, expressionProblem, pointAt, positionOf } from './diagnostics.ts';
export type { Fold } from './kernel/fold.ts';
export { isFoldable, isFoldKind } from './kernel/fold.ts';
export { BatchKernel, computedTypes, storedColumn } from './kernel/batch-kernel.ts';
export { addModules } from './kernel/planned-modules.ts';
export type { KernelProgram, KernelStep } from './kernel/program.ts';
export type { ChainedSteps } from './kernel/program-builder.ts';
export { neededSteps, ProgramBuilder, valueSteps } from './kernel/program-builder.ts';
export type { KernelUnit } from './kernel/unit.ts';
export { addModule, kernelModule, planUnit } from './kernel/unit.ts';
export { formatTyped } from './format.ts';
export { formatExpression, formatIdentifier } from './format-expr.ts';
export { SHORT_FORMS } from './functions/conditional.ts';
export { SCALAR_FUNCTIONS } from './functions/registry.ts';
export { commonType, convert } from './infer/coerce.ts';
export { isFunctionName, unknownFunction } from './infer/call.ts';
export { inferExpression, inferPredicate } from './infer/infer.ts';
export {
  conjunction,
  conjuncts,
  expressionColumns,
  expressionInputs,
  onOwnInput,
  remapColumns,
  substituteColumns,
} from './inspect.ts';
export { interpret } from './interpret.ts';
export { parseExpression, parseExpressionFrom } from './parse/parser.ts';
export type { WrittenType } from './parse/sql-type.ts';
export { parseSqlType, parseTypeFrom } from './parse/sql-type.ts';
export type { Token } from './parse/lexer.ts';
export { tokenize } from './parse/lexer.ts';
export { describeToken, TokenStream } from './parse/token-stream.ts';
export type { RowErrorCode } from './row-error.ts';
export { RowError } from './row-error.ts';
export { compareBytes, compareText } from './scalar/text.ts';
export type { Scope, ScopeInput } from './scope.ts';
export { joinScope, scopeOf } from './scope.ts';
export type { TypedColumn, TypedExpr } from './typed.ts';
export { operandsOf } from './typed.ts';
export type { JsonValue, Value } from './value.ts';
