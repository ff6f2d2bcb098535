/** The rules of operations on strings and bytes whose result has lanes. @module */

import { storageOf } from '../../../core/types.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import { Mask } from '../operations.ts';
import type { StrictRule } from '../rules/rule.ts';
import { equality } from './equality.ts';
import { byteLength, pointLength } from './length.ts';

/** The rule of a node; `undefined` when there is none. Constants are in the rule, not operands. */
export function textRule(expr: TypedExpr): StrictRule | undefined {
  if (expr.op === 'compare' && storageOf(expr.left.type) === 'view') {
    const equal = equality(expr.left, expr.right);
    if (equal === undefined) return undefined;
    if (expr.operator === '=') return equal;
    if (expr.operator === '<>') return negated(equal);
  }
  return expr.op === 'call' ? callOfTexts(expr) : undefined;
}

function callOfTexts({ fn, args }: TypedCall): StrictRule | undefined {
  const operands = args;
  if (args.some((arg) => arg.op === 'literal')) return undefined;
  switch (fn) {
    case 'OCTET_LENGTH':
      return { rule: byteLength, operands };
    case 'CHAR_LENGTH':
      return { rule: pointLength, operands };
    default:
      return undefined;
  }
}

function negated({ rule, operands }: StrictRule): StrictRule {
  return {
    rule: (m, lanes, texts) => {
      const outcome = rule(m, lanes, texts);
      return { ...outcome, value: m.apply(Mask.not, outcome.value) };
    },
    operands,
  };
}
