/**
 * How much of an expression kernels compute.
 *
 * A node is covered when there is a rule for it and its operands are covered, or can be computed
 * beforehand as columns: operands of strict operations, which are evaluated for every row anyway. What
 * is evaluated for some rows only has to be covered whole.
 *
 * @module
 */

import { storageOf } from '../../core/types.ts';
import { powerOfTen } from '../scalar/decimal.ts';
import type { TypedExpr } from '../typed.ts';
import { operandsOf } from '../typed.ts';
import { Float64 } from './operations.ts';
import { arithmeticRule } from './rules/arithmetic.ts';
import { castRule } from './rules/cast.ts';
import { compareRule, divisibility, memberRule } from './rules/compare.ts';
import { callRule } from './rules/functions.ts';
import { negateInteger, scaleStopping } from './rules/integer.ts';
import type { Rule, StrictRule } from './rules/rule.ts';
import { isLaneStorage, simple } from './rules/rule.ts';
import { equality } from './strings/equality.ts';
import { textRule } from './strings/text-rules.ts';

/** The rule of a strict node; `undefined` when there is none, or the node is not strict. */
export function strictRule(expr: TypedExpr): StrictRule | undefined {
  if (expr.op === 'compare') {
    const divided = divisibility(expr);
    if (divided !== undefined) return { rule: divided.rule, operands: [divided.operand] };
  }
  const text = textRule(expr);
  if (text !== undefined) return text;
  const rule = isLaneStorage(storageOf(expr.type)) ? ruleOf(expr) : undefined;
  return rule === undefined ? undefined : { rule, operands: computedOperands(expr) };
}

function ruleOf(expr: TypedExpr): Rule | undefined {
  switch (expr.op) {
    case 'arithmetic':
      return arithmeticRule(expr);
    case 'negate':
      return storageOf(expr.type) === 'f64' ? simple(Float64.neg) : negateInteger;
    case 'align':
      return (m, [a]) => ({ value: scaleStopping(m, a!, powerOfTen(expr.by)) });
    case 'compare':
      return compareRule(expr);
    case 'cast':
      return castRule(expr);
    case 'call':
      return callRule(expr);
    default:
      return undefined;
  }
}

/** A text that names a field or a unit is no operand. */
function computedOperands(expr: TypedExpr): readonly TypedExpr[] {
  const operands = operandsOf(expr);
  const isNamed = expr.op === 'call' && (expr.fn === 'EXTRACT' || expr.fn === 'DATE_TRUNC');
  return isNamed ? operands.slice(1) : operands;
}

/** Most nodes of one kernel: functions much larger take long to optimise. */
const MOST_NODES = 200;
const MOST_NODES_OF_OPERAND = 80;
const MOST_DEPTH = 60;

/** What a kernel for an expression would be. */
export interface Coverage {
  readonly isCovered: boolean;
  readonly nodes: number;
  readonly depth: number;
  /** Whether some operand has to be computed beforehand. */
  readonly hasLeaves: boolean;
}

const NONE: Coverage = { isCovered: false, nodes: 0, depth: 0, hasLeaves: false };
const LEAF: Coverage = { isCovered: true, nodes: 1, depth: 1, hasLeaves: true };
const INPUT: Coverage = { isCovered: true, nodes: 1, depth: 1, hasLeaves: false };

/** Looks at expressions; remembers what it has seen. */
export class CoverageMap {
  readonly #known = new WeakMap<TypedExpr, Coverage>();

  of(expr: TypedExpr): Coverage {
    let coverage = this.#known.get(expr);
    if (coverage === undefined) {
      coverage = this.#look(expr);
      this.#known.set(expr, coverage);
    }
    return coverage;
  }

  #look(expr: TypedExpr): Coverage {
    if (!isLaneStorage(storageOf(expr.type))) return NONE;
    switch (expr.op) {
      case 'literal':
      case 'column':
        return INPUT;
      case 'and':
      case 'or':
      case 'coalesce':
      case 'case': {
        const [first, ...others] = operandsOf(expr);
        return joined([this.#strict(first!), ...others.map((operand) => this.of(operand))], 1);
      }
      case 'is':
      case 'not':
        return joined([this.#strict(expr.operand)], 0);
      case 'in':
        return memberRule(expr) === undefined ? NONE : joined([this.#strict(expr.operand)], 0);
      case 'distinct':
        if (
          !isLaneStorage(storageOf(expr.left.type)) &&
          equality(expr.left, expr.right) === undefined
        )
          return NONE;
        return joined([this.#strict(expr.left), this.#strict(expr.right)], 0);
      default: {
        const operands = strictRule(expr)?.operands;
        if (operands === undefined) return NONE;
        return joined(
          operands.map((operand) => this.#strict(operand)),
          0,
        );
      }
    }
  }

  /** Whether an operand of a strict operation is to be computed beforehand. */
  isLeaf(operand: TypedExpr): boolean {
    const { isCovered, nodes } = this.of(operand);
    return !isCovered || nodes > MOST_NODES_OF_OPERAND;
  }

  #strict(operand: TypedExpr): Coverage {
    if (!this.isLeaf(operand)) return this.of(operand);
    return operand.op === 'column' || operand.op === 'literal' ? INPUT : LEAF;
  }
}

/** @param lazyFrom - the first operand that is not evaluated for every row; 0 for none */
function joined(parts: readonly Coverage[], lazyFrom: number): Coverage {
  const nodes = parts.reduce((sum, part) => sum + part.nodes, 1);
  const depth = parts.reduce((most, part) => Math.max(most, part.depth), 0) + 1;
  const isLazyLeaf = lazyFrom > 0 && parts.some((part, i) => i >= lazyFrom && part.hasLeaves);
  const isCovered =
    parts.every((part) => part.isCovered) &&
    !isLazyLeaf &&
    nodes <= MOST_NODES &&
    depth <= MOST_DEPTH;
  return isCovered
    ? { isCovered, nodes, depth, hasLeaves: parts.some((part) => part.hasLeaves) }
    : NONE;
}
