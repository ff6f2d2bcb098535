/**
 * The syntax tree of an expression: what was written, before names and types are known.
 *
 * Special forms of SQL (`EXTRACT(HOUR FROM t)`, `TRIM(LEADING 'x' FROM s)`) are already plain calls
 * here. Trees are immutable.
 *
 * @module
 */

import type { Span } from '../core/span.ts';
import type { DataType } from '../core/types.ts';

export type { Span };

/** Operators on numbers, durations and timestamps. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
/** Operators on two values of one type; `!=` is read as `<>`. */
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';
/** An aggregate function of `aggregates/table.ts`, by its first name in lower case. */
export type AggregateFunction = (typeof AGGREGATE_FUNCTIONS)[number];

/** The aggregate functions. */
export const AGGREGATE_FUNCTIONS = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'var_samp',
  'var_pop',
  'stddev_samp',
  'stddev_pop',
  'covar_samp',
  'covar_pop',
  'corr',
  'bool_and',
  'bool_or',
  'bit_and',
  'bit_or',
  'bit_xor',
  'product',
  'geometric_mean',
  'weighted_sum',
  'weighted_avg',
  'first',
  'last',
  'arg_min',
  'arg_max',
  'median',
  'percentile_cont',
  'percentile_disc',
  'mode',
  'top_k',
  'array_agg',
  'string_agg',
  'approx_count_distinct',
  'approx_percentile',
  'user',
] as const;

interface Node {
  readonly span: Span;
}

/** An unsigned number as written. With a point or an exponent it is a float64. */
export interface NumberExpr extends Node {
  readonly kind: 'number';
  readonly text: string;
}

/** `'it''s'`, without its quotes. */
export interface StringExpr extends Node {
  readonly kind: 'string';
  readonly value: string;
}

/** `TRUE`, `FALSE` or `NULL`; a column whose name is exactly `word` comes first. */
export interface WordExpr extends Node {
  readonly kind: 'word';
  readonly value: boolean | null;
  readonly word: string;
}

/** `TIMESTAMP '…'`, `DECIMAL '…'`, or bytes in hexadecimal, `X'…'`. */
export interface TypedLiteralExpr extends Node {
  readonly kind: 'typedLiteral';
  readonly type: 'timestamp' | 'decimal' | 'bytes';
  readonly text: string;
}

/** `INTERVAL '10' SECOND`. */
export interface IntervalExpr extends Node {
  readonly kind: 'interval';
  readonly us: bigint;
}

/** A column, perhaps of a named input: `price`, `l.price`, `"weird name"."x y"`. */
export interface ColumnExpr extends Node {
  readonly kind: 'column';
  readonly qualifier: string | undefined;
  readonly name: string;
}

/** A sign or `NOT` before its operand. */
export interface UnaryExpr extends Node {
  readonly kind: 'unary';
  readonly operator: '-' | '+' | 'not';
  readonly operand: Expr;
}

/** Arithmetic, a comparison, or `||`. */
export interface BinaryExpr extends Node {
  readonly kind: 'binary';
  readonly operator: ArithmeticOperator | ComparisonOperator | '||';
  readonly left: Expr;
  readonly right: Expr;
}

/** A chain of `AND` or of `OR`; at least two operands. */
export interface LogicalExpr extends Node {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly operands: readonly Expr[];
}

/** `x IS [NOT] NULL | TRUE | FALSE`. */
export interface IsExpr extends Node {
  readonly kind: 'is';
  readonly operand: Expr;
  readonly value: boolean | null;
  readonly negated: boolean;
}

/** `x IS [NOT] DISTINCT FROM y`; `negated` for `NOT`. */
export interface DistinctExpr extends Node {
  readonly kind: 'distinct';
  readonly left: Expr;
  readonly right: Expr;
  readonly negated: boolean;
}

/** `x [NOT] BETWEEN low AND high`, both ends included. */
export interface BetweenExpr extends Node {
  readonly kind: 'between';
  readonly operand: Expr;
  readonly low: Expr;
  readonly high: Expr;
  readonly negated: boolean;
}

/** `x [NOT] IN (a, b)`; at least one item. */
export interface InExpr extends Node {
  readonly kind: 'in';
  readonly operand: Expr;
  readonly items: readonly Expr[];
  readonly negated: boolean;
}

/** `x [NOT] LIKE pattern [ESCAPE c]`. */
export interface LikeExpr extends Node {
  readonly kind: 'like';
  readonly operand: Expr;
  readonly pattern: Expr;
  readonly escape: Expr | undefined;
  readonly negated: boolean;
}

/** `WHEN when THEN then`; `when` is a condition, or a value to compare the subject with. */
export interface CaseBranch {
  readonly when: Expr;
  readonly then: Expr;
}

/** `CASE [subject] WHEN … THEN … [ELSE …] END`; at least one branch. */
export interface CaseExpr extends Node {
  readonly kind: 'case';
  /** Present in `CASE x WHEN …`. */
  readonly subject: Expr | undefined;
  readonly branches: readonly CaseBranch[];
  readonly otherwise: Expr | undefined;
}

/** `CAST(x AS type)`, `TRY_CAST(x AS type)`. */
export interface CastExpr extends Node {
  readonly kind: 'cast';
  readonly operand: Expr;
  readonly type: DataType;
  /** The n of `VARCHAR(n)`: longer results are cut to n characters. */
  readonly maxLength: number | undefined;
  /** `TRY_CAST`: null instead of a row error. */
  readonly isTry: boolean;
}

/** A call of a scalar function; `name` is upper-case. */
export interface CallExpr extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
}

/** One key of an `ORDER BY`. */
export interface OrderExpr {
  readonly expr: Expr;
  readonly isDescending: boolean;
}

/** `COUNT(*)`, `SUM(DISTINCT x) FILTER (WHERE y)`; only where aggregates are computed. */
export interface AggregateExpr extends Node {
  readonly kind: 'aggregate';
  readonly fn: AggregateFunction;
  /** Upper-case name of an aggregate of the topology's author; only where `fn` is `user`. */
  readonly name?: string;
  readonly distinct: boolean;
  /** Absent in `COUNT(*)`. */
  readonly argument: Expr | undefined;
  /** Arguments behind the first. */
  readonly rest: readonly Expr[];
  /** Of `FIRST(x ORDER BY y)`. */
  readonly orderBy: readonly OrderExpr[];
  readonly filter: Expr | undefined;
}

/** A syntax tree. */
export type Expr =
  | NumberExpr
  | StringExpr
  | WordExpr
  | TypedLiteralExpr
  | IntervalExpr
  | ColumnExpr
  | UnaryExpr
  | BinaryExpr
  | LogicalExpr
  | IsExpr
  | DistinctExpr
  | BetweenExpr
  | InExpr
  | LikeExpr
  | CaseExpr
  | CastExpr
  | CallExpr
  | AggregateExpr;

/** The direct operands of a node, left to right. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'unary':
    case 'is':
    case 'cast':
      return [expr.operand];
    case 'binary':
    case 'distinct':
      return [expr.left, expr.right];
    case 'logical':
      return expr.operands;
    case 'between':
      return [expr.operand, expr.low, expr.high];
    case 'in':
      return [expr.operand, ...expr.items];
    case 'like':
      return present([expr.operand, expr.pattern, expr.escape]);
    case 'case':
      return present([
        expr.subject,
        ...expr.branches.flatMap((branch) => [branch.when, branch.then]),
        expr.otherwise,
      ]);
    case 'call':
      return expr.args;
    case 'aggregate':
      return present([
        expr.argument,
        ...expr.rest,
        ...expr.orderBy.map((key) => key.expr),
        expr.filter,
      ]);
    default:
      return [];
  }
}

/** A node with `change` applied to each of its direct operands. */
export function mapChildren(expr: Expr, change: (child: Expr) => Expr): Expr {
  const some = (child: Expr | undefined): Expr | undefined =>
    child === undefined ? undefined : change(child);
  switch (expr.kind) {
    case 'unary':
      return { ...expr, operand: change(expr.operand) };
    case 'is':
      return { ...expr, operand: change(expr.operand) };
    case 'cast':
      return { ...expr, operand: change(expr.operand) };
    case 'binary':
      return { ...expr, left: change(expr.left), right: change(expr.right) };
    case 'distinct':
      return { ...expr, left: change(expr.left), right: change(expr.right) };
    case 'logical':
      return { ...expr, operands: expr.operands.map(change) };
    case 'between': {
      const { operand, low, high } = expr;
      return { ...expr, operand: change(operand), low: change(low), high: change(high) };
    }
    case 'in':
      return { ...expr, operand: change(expr.operand), items: expr.items.map(change) };
    case 'like': {
      const { operand, pattern, escape } = expr;
      return { ...expr, operand: change(operand), pattern: change(pattern), escape: some(escape) };
    }
    case 'case': {
      const branches = expr.branches.map(({ when, then }) => ({
        when: change(when),
        then: change(then),
      }));
      const { subject, otherwise } = expr;
      return { ...expr, subject: some(subject), branches, otherwise: some(otherwise) };
    }
    case 'call':
      return { ...expr, args: expr.args.map(change) };
    case 'aggregate': {
      const orderBy = expr.orderBy.map((key) => ({ ...key, expr: change(key.expr) }));
      const { argument, rest, filter } = expr;
      return {
        ...expr,
        argument: some(argument),
        rest: rest.map(change),
        orderBy,
        filter: some(filter),
      };
    }
    default:
      return expr;
  }
}

function present(children: readonly (Expr | undefined)[]): readonly Expr[] {
  return children.filter((child) => child !== undefined);
}
