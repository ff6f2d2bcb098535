/** Aggregates that are written out by others. Pure: trees in, trees out. @module */

import type { AggregateExpr, AggregateFunction, CallExpr, Expr } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { AGGREGATE_TABLE } from './table.ts';

/** Functions of the table that are written out. */
type Written =
  | 'stddev_samp'
  | 'stddev_pop'
  | 'corr'
  | 'weighted_sum'
  | 'weighted_avg'
  | 'geometric_mean'
  | 'median'
  | 'arg_min'
  | 'arg_max';

/** Those that are left. */
export type PlainFunction = Exclude<AggregateFunction, Written>;

/**
 * An aggregate in terms of others; itself where it is one of those.
 *
 * @throws MillraceError `ERR_EXPRESSION` when it has too few arguments, or what it cannot have
 */
export function lowerAggregate(node: AggregateExpr): Expr {
  checkForm(node);
  switch (node.fn) {
    case 'stddev_samp':
      return call(node, 'SQRT', { ...node, fn: 'var_samp' });
    case 'stddev_pop':
      return call(node, 'SQRT', { ...node, fn: 'var_pop' });
    case 'corr':
      return correlation(node);
    case 'weighted_sum':
      return weightedSum(node);
    case 'weighted_avg': {
      const weights: Expr = { ...node, fn: 'sum', argument: wherePresent(node, 0, 1), rest: [] };
      return quotient(node, weightedSum(node), weights);
    }
    case 'geometric_mean':
      return call(node, 'EXP', { ...node, fn: 'avg', argument: call(node, 'LN', node.argument!) });
    case 'median': {
      const half: Expr = { kind: 'number', text: '0.5', span: node.span };
      return { ...node, fn: 'percentile_cont', rest: [half] };
    }
    case 'arg_min':
      return byOther(node, 'first');
    case 'arg_max':
      return byOther(node, 'last');
    default:
      return node;
  }
}

/** The first or last by the second argument, where that is not null. */
function byOther(node: AggregateExpr, fn: 'first' | 'last'): Expr {
  const orderBy = [{ expr: argumentOf(node, 1), isDescending: false }];
  return { ...node, fn, argument: wherePresent(node, 1, 0), rest: [], orderBy };
}

function checkForm({ fn, argument, rest, orderBy, distinct, span }: AggregateExpr): void {
  if (fn === 'user') return;
  const spec = AGGREGATE_TABLE.find((one) => one.fn === fn)!;
  const given = (argument === undefined ? 0 : 1) + rest.length;
  const [least, most] = spec.arguments;
  if (given < least || given > most) {
    throw expressionError(span, `${spec.names[0]} is written ${spec.usage}`);
  }
  if (distinct && spec.refusesDistinct === true) {
    throw expressionError(span, `DISTINCT has no meaning in ${spec.names[0]}`);
  }
  if (orderBy.length > 0 && spec.takesOrder !== true && spec.isOrdered !== true) {
    throw expressionError(span, `the result of ${spec.names[0]} has no order: no ORDER BY`);
  }
}

function correlation(node: AggregateExpr): Expr {
  const covariance: Expr = { ...node, fn: 'covar_pop' };
  const variance = (of: 0 | 1): Expr => ({
    ...node,
    fn: 'var_pop',
    argument: wherePresent(node, of === 0 ? 1 : 0, of),
    rest: [],
  });
  const product: Expr = {
    kind: 'binary',
    operator: '*',
    left: call(node, 'SQRT', variance(0)),
    right: call(node, 'SQRT', variance(1)),
    span: node.span,
  };
  return quotient(node, covariance, product);
}

function weightedSum(node: AggregateExpr): Expr {
  const [value, weight] = [argumentOf(node, 0), argumentOf(node, 1)];
  const argument: Expr = {
    kind: 'binary',
    operator: '*',
    left: value,
    right: weight,
    span: node.span,
  };
  return { ...node, fn: 'sum', argument, rest: [] };
}

/** A float; null where the divisor is zero. */
function quotient(node: AggregateExpr, dividend: Expr, divisor: Expr): Expr {
  const zero: Expr = { kind: 'number', text: '0', span: node.span };
  const right = call(node, 'NULLIF', divisor, zero);
  return { kind: 'binary', operator: '/', left: asFloat(node, dividend), right, span: node.span };
}

function asFloat({ span }: AggregateExpr, operand: Expr): Expr {
  const type = { kind: 'float64' } as const;
  return { kind: 'cast', operand, type, maxLength: undefined, isTry: false, span };
}

/** The second of two arguments, where the first is not null. */
function wherePresent(node: AggregateExpr, first: 0 | 1, second: 0 | 1): Expr {
  const { span } = node;
  const operand = argumentOf(node, first);
  const when: Expr = { kind: 'is', operand, value: null, negated: true, span };
  const branches = [{ when, then: argumentOf(node, second) }];
  return { kind: 'case', subject: undefined, branches, otherwise: undefined, span };
}

function argumentOf({ argument, rest }: AggregateExpr, position: 0 | 1): Expr {
  return position === 0 ? argument! : rest[0]!;
}

function call({ span }: AggregateExpr, name: string, ...args: readonly Expr[]): CallExpr {
  return { kind: 'call', name, args, span };
}
