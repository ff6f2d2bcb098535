/** Aggregates over the rows of an event that repeats, as expressions over its copies. @module */

import type { ReportIssue } from '../../core/operator.ts';
import { MillraceError } from '../../core/errors.ts';
import type { DataType } from '../../core/types.ts';
import { FLOAT64, INT64 } from '../../core/types.ts';
import type { AggregateExpr, Expr, Scope, Span, TypedExpr } from '../../expr/index.ts';
import {
  childrenOf,
  expressionError,
  inferExpression,
  inferPredicate,
  mapChildren,
  parseExpression,
} from '../../expr/index.ts';

const FUNCTIONS = 'FIRST, LAST, COUNT, SUM, AVG, MIN and MAX';

/** By name of an event: the names of all that it is, in order; one where it does not repeat. */
export type CopyNames = ReadonlyMap<string, readonly string[]>;

/** The typed tree of an expression over events, of which some may repeat; `undefined`: it was reported. */
export function planOverEvents(
  text: string,
  scope: Scope,
  copies: CopyNames,
  isCondition: boolean,
  path: readonly (string | number)[],
  report: ReportIssue,
): TypedExpr | undefined {
  try {
    const expr = withoutAggregates(parseExpression(text), scope, copies);
    return isCondition ? inferPredicate(expr, scope) : inferExpression(expr, scope);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ERR_EXPRESSION') throw error;
    report(path, error.message);
    return undefined;
  }
}

function withoutAggregates(expr: Expr, scope: Scope, copies: CopyNames): Expr {
  if (expr.kind === 'aggregate') return aggregateOf(expr, scope, copies);
  if (expr.kind === 'column' && (copies.get(expr.qualifier ?? '')?.length ?? 1) > 1) {
    const { span, qualifier: event, name } = expr;
    throw expressionError(
      span,
      `'${event}' is several rows; expected ${FUNCTIONS} of them: FIRST(${event}.${name})`,
    );
  }
  return mapChildren(expr, (child) => withoutAggregates(child, scope, copies));
}

function aggregateOf(expr: AggregateExpr, scope: Scope, copies: CopyNames): Expr {
  const { span, fn, argument, distinct, rest, orderBy, filter } = expr;
  const events = argument === undefined ? [] : [...eventsIn(argument)];
  const over = events.filter((event) => copies.has(event));
  if (argument === undefined || over.length !== 1) {
    throw expressionError(span, 'expected columns of one event: COUNT(a.x)');
  }
  if (distinct || rest.length > 0 || orderBy.length > 0 || filter !== undefined) {
    throw expressionError(span, `rows of '${over[0]}' are taken as they follow each other`);
  }
  const values = copies.get(over[0]!)!.map((copy) => renamed(argument, over[0]!, copy));
  const { type } = inferExpression(values[0]!, scope);
  const any = call('COALESCE', values, span);
  switch (fn) {
    case 'first':
      return any;
    case 'last':
      return call('COALESCE', values.toReversed(), span);
    case 'count':
      return countOf(values, span);
    case 'min':
    case 'max': {
      const filled = values.map((value) => call('COALESCE', [value, any], span));
      return filled.length === 1 ? any : call(fn === 'min' ? 'LEAST' : 'GREATEST', filled, span);
    }
    case 'sum': {
      const wide = type.kind === 'int32' ? values.map((value) => cast(value, INT64)) : values;
      return unlessNull(any, sumOf(wide, span), span);
    }
    case 'avg': {
      const sum = sumOf(
        values.map((value) => cast(value, FLOAT64)),
        span,
      );
      const count = cast(countOf(values, span), FLOAT64);
      return unlessNull(any, binary('/', sum, count, span), span);
    }
    default:
      throw expressionError(span, `expected ${FUNCTIONS} of rows of an event`);
  }
}

function eventsIn(expr: Expr): Set<string> {
  const found = new Set<string>();
  const look = (part: Expr): void => {
    if (part.kind === 'column' && part.qualifier !== undefined) found.add(part.qualifier);
    if (part.kind === 'aggregate') throw expressionError(part.span, 'an aggregate within another');
    for (const child of childrenOf(part)) look(child);
  };
  look(expr);
  return found;
}

function renamed(expr: Expr, event: string, copy: string): Expr {
  if (expr.kind === 'column') {
    return expr.qualifier === event ? { ...expr, qualifier: copy } : expr;
  }
  return mapChildren(expr, (child) => renamed(child, event, copy));
}

function call(name: string, args: readonly Expr[], span: Span): Expr {
  return { kind: 'call', name, args, span };
}

function binary(operator: '+' | '/', left: Expr, right: Expr, span: Span): Expr {
  return { kind: 'binary', operator, left, right, span };
}

function cast(operand: Expr, type: DataType): Expr {
  return { kind: 'cast', operand, type, maxLength: undefined, isTry: false, span: operand.span };
}

function number(text: string, span: Span): Expr {
  return { kind: 'number', text, span };
}

function unlessNull(any: Expr, then: Expr, span: Span): Expr {
  const when: Expr = { kind: 'is', operand: any, value: null, negated: true, span };
  return {
    kind: 'case',
    subject: undefined,
    branches: [{ when, then }],
    otherwise: undefined,
    span,
  };
}

function sumOf(values: readonly Expr[], span: Span): Expr {
  return values
    .map((value) => call('COALESCE', [value, number('0', span)], span))
    .reduce((sum, value) => binary('+', sum, value, span));
}

function countOf(values: readonly Expr[], span: Span): Expr {
  return values
    .map((value): Expr => {
      const when: Expr = { kind: 'is', operand: value, value: null, negated: true, span };
      const branches = [{ when, then: number('1', span) }];
      return { kind: 'case', subject: undefined, branches, otherwise: number('0', span), span };
    })
    .map((value) => cast(value, INT64))
    .reduce((sum, value) => binary('+', sum, value, span));
}
