/** Syntax trees as text: what front ends make of trees they have read and changed. @module */

import { typeName } from '../core/types.ts';
import type {
  AggregateExpr,
  BinaryExpr,
  CallExpr,
  CaseExpr,
  CastExpr,
  ColumnExpr,
  Expr,
  OrderExpr,
} from './ast.ts';
import { KEYWORDS } from './parse/primary.ts';
import { formatDuration } from './scalar/time-text.ts';

/** How tightly each kind of node binds, as in `parse/parser.ts`. */
const Rank = {
  OR: 1,
  AND: 2,
  NOT: 3,
  IS: 4,
  COMPARISON: 5,
  RANGE: 6,
  SUM: 7,
  PRODUCT: 8,
  CONCAT: 9,
  PREFIX: 10,
  ATOM: 11,
} as const;

/** Words that mean something in front of an argument. */
const BEFORE_ARGUMENTS = new Set(['DISTINCT', 'ALL', 'LEADING', 'TRAILING', 'BOTH']);

/**
 * An expression that parses to the same tree, but for where its parts stand: `price > 100 AND
 * channel = 'ads'`.
 */
export function formatExpression(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return expr.text;
    case 'string':
      return quoted(expr.value);
    case 'word':
      return expr.word;
    case 'typedLiteral':
      return `${LITERALS[expr.type]}${quoted(expr.text)}`;
    case 'interval':
      return `INTERVAL '${formatDuration(expr.us)}'`;
    case 'column':
      return formatColumn(expr);
    case 'unary':
      if (expr.operator === 'not') return `NOT ${within(expr.operand, Rank.NOT)}`;
      return `${expr.operator}${within(expr.operand, Rank.ATOM)}`;
    case 'binary':
      return formatBinary(expr);
    case 'logical': {
      const operands = expr.operands.map((operand) => within(operand, rankOf(expr) + 1));
      return operands.join(` ${expr.operator.toUpperCase()} `);
    }
    case 'is':
    case 'distinct':
    case 'between':
    case 'in':
    case 'like':
      return formatTest(expr);
    case 'case':
      return formatCase(expr);
    case 'cast':
      return formatCast(expr);
    case 'call':
      return formatCall(expr);
    case 'aggregate':
      return formatAggregate(expr);
  }
}

function formatColumn({ qualifier, name }: ColumnExpr): string {
  const column = formatIdentifier(name);
  return qualifier === undefined ? column : `${formatIdentifier(qualifier)}.${column}`;
}

function formatCall({ name, args }: CallExpr): string {
  const [first, second] = args;
  // The first argument of POSITION ends where IN could follow.
  if (name === 'POSITION' && second !== undefined) {
    return `POSITION(${within(first!, Rank.SUM)}, ${formatExpression(second)})`;
  }
  return `${name}(${listed(args)})`;
}

type Test = Extract<Expr, { readonly kind: 'is' | 'distinct' | 'between' | 'in' | 'like' }>;

function formatTest(expr: Test): string {
  switch (expr.kind) {
    case 'is':
      return `${within(expr.operand, Rank.IS)} IS ${not(expr.negated)}${String(expr.value).toUpperCase()}`;
    case 'distinct': {
      const right = within(expr.right, Rank.RANGE);
      return `${within(expr.left, Rank.IS)} IS ${not(expr.negated)}DISTINCT FROM ${right}`;
    }
    case 'between': {
      const [low, high] = [within(expr.low, Rank.SUM), within(expr.high, Rank.SUM)];
      return `${within(expr.operand, Rank.RANGE)} ${not(expr.negated)}BETWEEN ${low} AND ${high}`;
    }
    case 'in':
      return `${within(expr.operand, Rank.RANGE)} ${not(expr.negated)}IN (${listed(expr.items)})`;
    case 'like': {
      const escape = expr.escape === undefined ? '' : ` ESCAPE ${within(expr.escape, Rank.SUM)}`;
      const pattern = within(expr.pattern, Rank.SUM);
      return `${within(expr.operand, Rank.RANGE)} ${not(expr.negated)}LIKE ${pattern}${escape}`;
    }
  }
}

/** A name as expressions have it: in quotes where it could be read as something else. */
export function formatIdentifier(name: string): string {
  const upper = name.toUpperCase();
  const isBare =
    /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) &&
    !KEYWORDS.has(upper) &&
    !BEFORE_ARGUMENTS.has(upper);
  return isBare ? name : `"${name.replaceAll('"', '""')}"`;
}

const LITERALS = { timestamp: 'TIMESTAMP ', decimal: 'DECIMAL ', bytes: 'X' } as const;

function formatBinary({ operator, left, right }: BinaryExpr): string {
  const rank = binaryRank(operator);
  // Comparisons do not chain; all others are read from left to right.
  const leftRank = rank === Rank.COMPARISON ? Rank.RANGE : rank;
  return `${within(left, leftRank)} ${operator} ${within(right, rank + 1)}`;
}

function formatCase({ subject, branches, otherwise }: CaseExpr): string {
  const parts = ['CASE'];
  if (subject !== undefined) parts.push(formatExpression(subject));
  for (const { when, then } of branches) {
    parts.push(`WHEN ${formatExpression(when)} THEN ${formatExpression(then)}`);
  }
  if (otherwise !== undefined) parts.push(`ELSE ${formatExpression(otherwise)}`);
  return `${parts.join(' ')} END`;
}

function formatCast({ operand, type, maxLength, isTry }: CastExpr): string {
  const name = maxLength === undefined ? typeName(type) : `VARCHAR(${maxLength})`;
  return `${isTry ? 'TRY_' : ''}CAST(${formatExpression(operand)} AS ${name})`;
}

function formatAggregate(expr: AggregateExpr): string {
  const { fn, name, distinct, argument, rest, orderBy, filter } = expr;
  const called = fn === 'user' ? name! : fn.toUpperCase();
  const where = filter === undefined ? '' : ` FILTER (WHERE ${formatExpression(filter)})`;
  if (argument === undefined) return `${called}(${fn === 'count' ? '*' : ''})${where}`;
  const order = orderBy.length === 0 ? '' : ` ORDER BY ${orderBy.map(formatOrder).join(', ')}`;
  return `${called}(${distinct ? 'DISTINCT ' : ''}${listed([argument, ...rest])}${order})${where}`;
}

function formatOrder({ expr, isDescending }: OrderExpr): string {
  return `${formatExpression(expr)}${isDescending ? ' DESC' : ''}`;
}

function listed(exprs: readonly Expr[]): string {
  return exprs.map(formatExpression).join(', ');
}

function within(expr: Expr, rank: number): string {
  const text = formatExpression(expr);
  return rankOf(expr) < rank ? `(${text})` : text;
}

function rankOf(expr: Expr): number {
  switch (expr.kind) {
    case 'logical':
      return expr.operator === 'or' ? Rank.OR : Rank.AND;
    case 'unary':
      return expr.operator === 'not' ? Rank.NOT : Rank.PREFIX;
    case 'is':
    case 'distinct':
      return Rank.IS;
    case 'between':
    case 'in':
    case 'like':
      return Rank.RANGE;
    case 'binary':
      return binaryRank(expr.operator);
    default:
      return Rank.ATOM;
  }
}

function binaryRank(operator: BinaryExpr['operator']): number {
  switch (operator) {
    case '+':
    case '-':
      return Rank.SUM;
    case '*':
    case '/':
    case '%':
      return Rank.PRODUCT;
    case '||':
      return Rank.CONCAT;
    default:
      return Rank.COMPARISON;
  }
}

function not(negated: boolean): string {
  return negated ? 'NOT ' : '';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
