/** The order in which the operands of `AND` and `OR` are evaluated, where nobody can see it. @module */

import { storageOf } from '../../core/types.ts';
import { canFail } from '../batch/can-fail.ts';
import type { TypedExpr } from '../typed.ts';
import { mapOperands, operandsOf } from '../typed.ts';

/**
 * The same expression, in which operands of `AND` and `OR` that cost much stand behind those that cost little,
 * if none of them can fail: then they are evaluated only for the rows that the others leave open.
 */
export function cheapFirst(expr: TypedExpr): TypedExpr {
  const changed = mapOperands(expr, cheapFirst);
  if ((changed.op !== 'and' && changed.op !== 'or') || canFail(changed)) return changed;
  const ranked = changed.operands.map((operand) => ({ operand, rank: rankOf(operand) }));
  const operands = ranked.toSorted((a, b) => a.rank - b.rank).map(({ operand }) => operand);
  return { ...changed, operands };
}

const Rank = {
  /** Numbers, and what the views of strings tell. */
  NUMBERS: 0,
  /** The bytes of strings are looked at. */
  STRINGS: 1,
  /** A string is made, or JavaScript runs. */
  OTHERS: 2,
} as const;

function rankOf(expr: TypedExpr): number {
  return operandsOf(expr).reduce((rank, part) => Math.max(rank, rankOf(part)), ownRank(expr));
}

function ownRank(expr: TypedExpr): number {
  const parts = operandsOf(expr);
  const areNumbers = [expr, ...parts].every(({ type }) => storageOf(type) !== 'view');
  if (expr.op === 'literal' || expr.op === 'column' || areNumbers) return Rank.NUMBERS;
  switch (expr.op) {
    case 'is':
      return Rank.NUMBERS;
    case 'compare':
    case 'distinct':
    case 'in':
      return parts.some(({ op }) => op === 'literal') ? Rank.NUMBERS : Rank.STRINGS;
    case 'call':
      return TESTS.has(expr.fn) ? Rank.STRINGS : Rank.OTHERS;
    default:
      return Rank.OTHERS;
  }
}

/** Functions of strings that are kernels, at least with constants. */
const TESTS: ReadonlySet<string> = new Set([
  'LIKE',
  'STARTS_WITH',
  'ENDS_WITH',
  'CONTAINS',
  'POSITION',
  'CHAR_LENGTH',
  'OCTET_LENGTH',
]);
