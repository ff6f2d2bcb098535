/** The rules of operations on strings and bytes whose result has lanes. @module */

import { storageOf } from '../../../core/types.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Mask } from '../operations.ts';
import type { Rule, StrictRule, Texts } from '../rules/rule.ts';
import { constantBytes } from './constant.ts';
import { regexRule } from '../regex/regex-rules.ts';
import { equality } from './equality.ts';
import { byteLength, pointLength } from './length.ts';
import { likeRule } from './like.ts';
import { occurrences } from './occurrences.ts';
import { ordering } from './order.ts';
import { beginsWith, contains, endsWith, pairRule, positionOfConstant } from './place.ts';

/** The rule of a node; `undefined` when there is none. Constants are in the rule, not operands. */
export function textRule(expr: TypedExpr): StrictRule | undefined {
  if (expr.op === 'compare' && storageOf(expr.left.type) === 'view') {
    const { operator, left, right } = expr;
    if (operator !== '=' && operator !== '<>') return ordering(operator, left, right);
    const equal = equality(left, right);
    return equal === undefined || operator === '=' ? equal : negated(equal);
  }
  if (expr.op === 'arithmetic' && expr.operator === '-') return occurrences(expr.left, expr.right);
  return expr.op === 'call' ? callOfTexts(expr) : undefined;
}

function callOfTexts(expr: TypedCall): StrictRule | undefined {
  const { fn, args } = expr;
  switch (fn) {
    case 'LIKE':
      return likeRule(expr);
    case 'STARTS_WITH':
      return placed(args, beginsWith, 'begins');
    case 'ENDS_WITH':
      return placed(args, endsWith, 'ends');
    case 'CONTAINS':
      return placed(args, contains, 'contains');
    case 'POSITION':
      return position(args);
    case 'REGEXP_LIKE':
      return regexRule(args);
    case 'OCTET_LENGTH':
      return ofColumns(byteLength, args);
    case 'CHAR_LENGTH':
      return ofColumns(pointLength, args);
    default:
      return undefined;
  }
}

function placed(
  args: readonly TypedExpr[],
  test: (m: Machine, texts: Texts, bytes: Uint8Array) => Lane,
  name: 'begins' | 'ends' | 'contains',
): StrictRule | undefined {
  const bytes = constantBytes(args[1]);
  if (bytes === undefined) return ofColumns(pairRule(name), args);
  return ofColumns((m, _, texts) => ({ value: test(m, texts, bytes) }), args.slice(0, 1));
}

function position(args: readonly TypedExpr[]): StrictRule | undefined {
  const bytes = constantBytes(args[0]);
  if (bytes === undefined) return ofColumns(pairRule('position'), args);
  return ofColumns(positionOfConstant(bytes), args.slice(1));
}

/** A rule of operands none of which is a constant. */
function ofColumns(rule: Rule, operands: readonly TypedExpr[]): StrictRule | undefined {
  return operands.some(({ op }) => op === 'literal') ? undefined : { rule, operands };
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
