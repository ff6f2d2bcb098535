/** Whether an expression can raise a row error at all: what cannot may run for more rows than needed. @module */

import type { TypeKind } from '../../core/types.ts';
import { findFunction } from '../functions/registry.ts';
import type { TypedArithmetic, TypedExpr } from '../typed.ts';
import { operandsOf } from '../typed.ts';

/** Functions that have a value for every argument. */
const TOTAL_FUNCTIONS: ReadonlySet<string> = new Set([
  'UPPER',
  'LOWER',
  'CHAR_LENGTH',
  'OCTET_LENGTH',
  'LEFT',
  'RIGHT',
  'TRIM',
  'LTRIM',
  'RTRIM',
  'STARTS_WITH',
  'ENDS_WITH',
  'CONTAINS',
  'POSITION',
  'SPLIT_INDEX',
  'REPLACE',
  'REVERSE',
  'EXTRACT',
  'SQRT',
  'EXP',
  'LN',
  'LOG',
  'LOG2',
  'LOG10',
  'POWER',
  'SIGN',
  'GREATEST',
  'LEAST',
]);

/** False only when no row can make the expression fail. */
export function canFail(expr: TypedExpr): boolean {
  return failsItself(expr) || operandsOf(expr).some(canFail);
}

function failsItself(expr: TypedExpr): boolean {
  switch (expr.op) {
    case 'arithmetic':
      return arithmeticCanFail(expr);
    case 'negate':
      return expr.type.kind !== 'float64';
    case 'cast':
      return !expr.isTry && !isWidening(expr.operand.type.kind, expr.type.kind);
    case 'call':
      return !isTotalCall(expr.fn, expr.args);
    default:
      return false;
  }
}

function arithmeticCanFail({ type, operator, right }: TypedArithmetic): boolean {
  if (type.kind === 'float64') return false;
  if (type.kind === 'decimal' || right.op !== 'literal' || right.type.kind === 'float64')
    return true;
  const divisor = Number(right.value);
  if (divisor === 0) return true;
  return !(operator === '%' || (operator === '/' && divisor !== -1));
}

function isWidening(from: TypeKind, to: TypeKind): boolean {
  switch (to) {
    case 'string':
      return from !== 'bytes' && from !== 'json';
    case 'float64':
      return from !== 'string' && from !== 'json';
    case 'int64':
      return from === 'int32';
    default:
      return false;
  }
}

/** Pattern functions are total when their pattern was checked with the expression. */
function isTotalCall(fn: string, args: readonly TypedExpr[]): boolean {
  if (fn === 'LIKE' || fn === 'REGEXP_LIKE' || fn === 'REGEXP_EXTRACT') {
    return args.slice(1).every((arg) => arg.op === 'literal');
  }
  if (fn === 'ROUND' || fn === 'TRUNC' || fn === 'FLOOR' || fn === 'CEIL' || fn === 'ABS') {
    return args[0]!.type.kind === 'float64';
  }
  return TOTAL_FUNCTIONS.has(fn) || findFunction(fn)?.isTotal === true;
}
