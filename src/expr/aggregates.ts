/** Aggregate calls inside an expression: taken out, so that the rest is a scalar expression. @module */

import type { DataType } from '../core/types.ts';
import { FLOAT64, INT64, typeName } from '../core/types.ts';
import type { AggregateExpr, AggregateFunction, ColumnExpr, Expr } from './ast.ts';
import { childrenOf } from './ast.ts';
import { expressionError } from './diagnostics.ts';
import { inferExpression, inferPredicate } from './infer/infer.ts';
import { isInteger, isNumeric } from './infer/coerce.ts';
import { MAX_PRECISION } from './scalar/decimal.ts';
import type { Scope } from './scope.ts';
import type { TypedExpr } from './typed.ts';

/** One aggregate to compute. */
export interface AggregateCall {
  /** Name of the column that the rewritten expression reads the result from: `$agg0`. */
  readonly column: string;
  readonly call: AggregateExpr;
}

/** What {@link extractAggregates} found. */
export interface ExtractedAggregates {
  /** Those handed in, then the new ones; equal calls appear once. */
  readonly aggregates: readonly AggregateCall[];
  /** The expression with each aggregate replaced by its column. */
  readonly expr: Expr;
}

/** An aggregate with its types. */
export interface TypedAggregate {
  readonly fn: AggregateFunction;
  readonly distinct: boolean;
  /** Over the rows that are aggregated; absent in `COUNT(*)`. Null values are not aggregated. */
  readonly argument: TypedExpr | undefined;
  /** Only rows for which this is true are aggregated. */
  readonly filter: TypedExpr | undefined;
  /** Type of the result. */
  readonly type: DataType;
}

/**
 * Splits `SUM(a) / COUNT(*) + k` into the aggregates and `$agg0 / $agg1 + k`.
 *
 * The caller computes the aggregates of its groups, puts the results in columns of the names given,
 * beside the group's keys, and infers the rewritten expression over those.
 *
 * @param known - aggregates of expressions before this one; they are shared
 * @throws MillraceError `ERR_EXPRESSION` when an aggregate contains another
 */
export function extractAggregates(
  expr: Expr,
  known: readonly AggregateCall[] = [],
): ExtractedAggregates {
  const aggregates = [...known];
  const keys = new Map(aggregates.map(({ call, column }) => [structureOf(call), column]));
  const rewrite = (node: Expr): Expr => {
    if (node.kind !== 'aggregate') return withChildren(node, rewrite);
    for (const child of childrenOf(node)) refuseNested(child);
    const key = structureOf(node);
    const column = keys.get(key) ?? `$agg${aggregates.length}`;
    if (!keys.has(key)) {
      keys.set(key, column);
      aggregates.push({ column, call: node });
    }
    const reference: ColumnExpr = {
      kind: 'column',
      qualifier: undefined,
      name: column,
      span: node.span,
    };
    return reference;
  };
  const rewritten = rewrite(expr);
  return { aggregates, expr: rewritten };
}

/** Whether an aggregate occurs anywhere in an expression. */
export function hasAggregates(expr: Expr): boolean {
  return expr.kind === 'aggregate' || childrenOf(expr).some(hasAggregates);
}

/**
 * Checks an aggregate against the columns of the rows it aggregates.
 *
 * `COUNT` gives int64; `SUM` of integers int64, of decimals decimal(18, s), of others their type;
 * `AVG` float64, of decimals a decimal with up to four places more, of durations a duration; `MIN`
 * and `MAX` the type itself.
 *
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function inferAggregate({ call }: AggregateCall, scope: Scope): TypedAggregate {
  const { fn, distinct } = call;
  const argument = call.argument === undefined ? undefined : inferExpression(call.argument, scope);
  const filter = call.filter === undefined ? undefined : inferPredicate(call.filter, scope);
  const type = argument === undefined ? INT64 : aggregateType(fn, argument.type);
  const isJsonDistinct = distinct && argument?.type.kind === 'json';
  if (type === undefined || isJsonDistinct) {
    const of = argument === undefined ? '*' : typeName(argument.type);
    throw expressionError(
      call.span,
      `${fn.toUpperCase()}${distinct ? ' DISTINCT' : ''} has no meaning for ${of}`,
    );
  }
  return { fn, distinct, argument, filter, type };
}

/** The type of an aggregate's result; `undefined` when it has no meaning for the argument's type. */
export function aggregateType(fn: AggregateFunction, argument: DataType): DataType | undefined {
  switch (fn) {
    case 'count':
      return INT64;
    case 'min':
    case 'max':
      return argument.kind === 'json' ? undefined : argument;
    case 'sum':
      if (isInteger(argument)) return INT64;
      if (argument.kind === 'decimal') return { ...argument, precision: MAX_PRECISION };
      return isNumeric(argument) || argument.kind === 'duration' ? argument : undefined;
    case 'avg':
      if (argument.kind === 'decimal') return averageOfDecimals(argument);
      if (isNumeric(argument)) return FLOAT64;
      return argument.kind === 'duration' ? argument : undefined;
  }
}

function averageOfDecimals({ precision, scale }: Extract<DataType, { kind: 'decimal' }>): DataType {
  const places = Math.min(4, MAX_PRECISION - precision);
  return { kind: 'decimal', precision: precision + places, scale: scale + places };
}

function refuseNested(expr: Expr): void {
  if (expr.kind === 'aggregate') {
    throw expressionError(expr.span, 'an aggregate cannot contain another aggregate');
  }
  for (const child of childrenOf(expr)) refuseNested(child);
}

/** Equal for calls that are written alike, wherever they stand. */
function structureOf(expr: Expr): string {
  return JSON.stringify(expr, (key, value: unknown) => {
    if (key === 'span') return undefined;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}

function withChildren(expr: Expr, change: (child: Expr) => Expr): Expr {
  switch (expr.kind) {
    case 'unary':
    case 'is':
    case 'cast':
      return { ...expr, operand: change(expr.operand) };
    case 'binary':
    case 'distinct':
      return { ...expr, left: change(expr.left), right: change(expr.right) };
    case 'logical':
      return { ...expr, operands: expr.operands.map(change) };
    case 'between':
      return {
        ...expr,
        operand: change(expr.operand),
        low: change(expr.low),
        high: change(expr.high),
      };
    case 'in':
      return { ...expr, operand: change(expr.operand), items: expr.items.map(change) };
    case 'like':
      return {
        ...expr,
        operand: change(expr.operand),
        pattern: change(expr.pattern),
        escape: expr.escape && change(expr.escape),
      };
    case 'case':
      return {
        ...expr,
        subject: expr.subject && change(expr.subject),
        branches: expr.branches.map(({ when, then }) => ({
          when: change(when),
          then: change(then),
        })),
        otherwise: expr.otherwise && change(expr.otherwise),
      };
    case 'call':
      return { ...expr, args: expr.args.map(change) };
    default:
      return expr;
  }
}
