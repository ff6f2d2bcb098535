/** Typed trees as text, for `explain` and messages. @module */

import type { DataType } from '../core/types.ts';
import { typeName } from '../core/types.ts';
import { KEYWORDS } from './parse/primary.ts';
import { formatDecimal } from './scalar/decimal.ts';
import { formatFloat } from './scalar/float.ts';
import { jsonText } from './scalar/json-text.ts';
import { formatDuration, formatTimestamp } from './scalar/time-text.ts';
import type { TypedCall, TypedExpr } from './typed.ts';
import type { JsonValue, Value } from './value.ts';

/** How tightly each kind of node binds; an operand that binds less gets brackets. */
const Rank = { OR: 1, AND: 2, NOT: 3, TEST: 4, SUM: 5, PRODUCT: 6, PREFIX: 7, ATOM: 8 } as const;

/**
 * The expression as SQL, conversions included: `CAST(shown AS float64) * 0.5`.
 *
 * Scaling of decimals inside comparisons is left out: it changes no result.
 */
export function formatTyped(expr: TypedExpr): string {
  switch (expr.op) {
    case 'literal':
      return formatValue(expr.value, expr.type);
    case 'column':
      return formatName(expr.name);
    case 'arithmetic': {
      const rank = rankOf(expr);
      return `${within(expr.left, rank)} ${expr.operator} ${within(expr.right, rank + 1)}`;
    }
    case 'negate':
      return `-${within(expr.operand, Rank.ATOM)}`;
    case 'align':
      return formatTyped(expr.operand);
    case 'compare':
      return `${test(expr.left)} ${expr.operator} ${test(expr.right)}`;
    case 'distinct':
      return `${test(expr.left)} IS ${not(expr.negated)}DISTINCT FROM ${test(expr.right)}`;
    case 'and':
    case 'or': {
      const operands = expr.operands.map((operand) => within(operand, rankOf(expr) + 1));
      return operands.join(` ${expr.op.toUpperCase()} `);
    }
    case 'not':
      return `NOT ${within(expr.operand, Rank.NOT)}`;
    case 'is':
      return `${test(expr.operand)} IS ${not(expr.negated)}${String(expr.value).toUpperCase()}`;
    case 'in': {
      const items = expr.items.map((item) => formatValue(item, expr.operand.type));
      return `${test(expr.operand)} IN (${[...items, ...(expr.hasNull ? ['NULL'] : [])].join(', ')})`;
    }
    case 'case': {
      const branches = expr.branches.map(
        ({ when, then }) => `WHEN ${formatTyped(when)} THEN ${formatTyped(then)}`,
      );
      return `CASE ${branches.join(' ')} ELSE ${formatTyped(expr.otherwise)} END`;
    }
    case 'coalesce':
      return `COALESCE(${expr.operands.map(formatTyped).join(', ')})`;
    case 'cast':
      return `${expr.isTry ? 'TRY_' : ''}CAST(${formatTyped(expr.operand)} AS ${typeName(expr.type)})`;
    case 'call':
      return formatCall(expr);
  }
}

function formatCall({ fn, args }: TypedCall): string {
  const [first, second, third] = args;
  if (fn === 'LIKE') {
    const escape = third === undefined ? '' : ` ESCAPE ${test(third)}`;
    return `${test(first!)} LIKE ${test(second!)}${escape}`;
  }
  if (fn === 'POSITION') return `POSITION(${test(first!)} IN ${formatTyped(second!)})`;
  if (fn === 'EXTRACT' && first!.op === 'literal') {
    return `EXTRACT(${String(first.value)} FROM ${formatTyped(second!)})`;
  }
  return `${fn}(${args.map(formatTyped).join(', ')})`;
}

function not(negated: boolean): string {
  return negated ? 'NOT ' : '';
}

/** An operand of a comparison or another test. */
function test(expr: TypedExpr): string {
  return within(expr, Rank.SUM);
}

function within(expr: TypedExpr, rank: number): string {
  const text = formatTyped(expr);
  return rankOf(expr) < rank ? `(${text})` : text;
}

function rankOf(expr: TypedExpr): number {
  switch (expr.op) {
    case 'or':
      return Rank.OR;
    case 'and':
      return Rank.AND;
    case 'not':
      return Rank.NOT;
    case 'compare':
    case 'distinct':
    case 'is':
    case 'in':
      return Rank.TEST;
    case 'arithmetic':
      return expr.operator === '+' || expr.operator === '-' ? Rank.SUM : Rank.PRODUCT;
    case 'negate':
      return Rank.PREFIX;
    case 'align':
      return rankOf(expr.operand);
    case 'call':
      return expr.fn === 'LIKE' ? Rank.TEST : Rank.ATOM;
    case 'literal':
      return formatValue(expr.value, expr.type).startsWith('-') ? Rank.PREFIX : Rank.ATOM;
    default:
      return Rank.ATOM;
  }
}

function formatName(name: string): string {
  const isBare = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) && !KEYWORDS.has(name.toUpperCase());
  return isBare ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A value as a SQL constant of its type. */
export function formatValue(value: Value, type: DataType): string {
  if (value === null) return `CAST(NULL AS ${typeName(type)})`;
  switch (type.kind) {
    case 'bool':
      return value === true ? 'TRUE' : 'FALSE';
    case 'float64': {
      const text = formatFloat(value as number);
      if (!Number.isFinite(value)) return `CAST('${text}' AS float64)`;
      return /[.e]/.test(text) ? text : `${text}.0`;
    }
    case 'decimal':
      return `DECIMAL '${formatDecimal(value as bigint, type.scale)}'`;
    case 'timestamp':
      return `TIMESTAMP '${formatTimestamp(value as bigint)}'`;
    case 'duration':
      return `INTERVAL '${formatDuration(value as bigint)}'`;
    case 'string':
      return quoted(value as string);
    case 'bytes':
      return `X'${Array.from(value as Uint8Array, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`;
    case 'json':
      return `CAST(${quoted(jsonText(value as JsonValue))} AS json)`;
    default:
      return String(value);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
