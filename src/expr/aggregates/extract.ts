/** Aggregate calls inside an expression: taken out, so that the rest is a scalar expression. @module */

import type { AggregateExpr, ColumnExpr, Expr } from '../ast.ts';
import { childrenOf } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { unknownFunction } from '../infer/call.ts';
import { lowerAggregate } from './lower.ts';
import type { UserAggregateTypes } from './user.ts';

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

/**
 * Splits `SUM(a) / COUNT(*) + k` into the aggregates and `$agg0 / $agg1 + k`.
 *
 * The caller computes the aggregates of its groups, puts the results in columns of the names given,
 * beside the group's keys, and infers the rewritten expression over those.
 *
 * @param known - aggregates of expressions before this one; they are shared
 * @param users - those of the topology's author
 * @throws MillraceError `ERR_EXPRESSION` when an aggregate contains another
 */
export function extractAggregates(
  expr: Expr,
  known: readonly AggregateCall[] = [],
  users: UserAggregateTypes = NO_USERS,
): ExtractedAggregates {
  const aggregates = [...known];
  const keys = new Map(aggregates.map(({ call, column }) => [structureOf(call), column]));
  const rewrite = (given: Expr): Expr => {
    const node = asUserCall(given, users);
    if (node.kind !== 'aggregate') return withChildren(node, rewrite);
    if (node.fn === 'user' && !users.has(node.name!)) throw unknownFunction(node.name!, node.span);
    for (const child of childrenOf(node)) refuseNested(child);
    const lowered = lowerAggregate(node);
    return lowered === node ? columnFor(node) : rewrite(lowered);
  };
  const columnFor = (node: AggregateExpr): Expr => {
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

const NO_USERS: UserAggregateTypes = new Map();

/** A call of an aggregate of the topology's author as what it is. */
function asUserCall(node: Expr, users: UserAggregateTypes): Expr {
  if (node.kind !== 'call' || !users.has(node.name)) return node;
  const { name, span } = node;
  const [argument, ...rest] = node.args;
  const none = { distinct: false, orderBy: [], filter: undefined };
  return { kind: 'aggregate', fn: 'user', name, ...none, argument, rest, span };
}

/** Whether an aggregate occurs anywhere in an expression. */
export function hasAggregates(expr: Expr): boolean {
  return expr.kind === 'aggregate' || childrenOf(expr).some(hasAggregates);
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
