/** The types of aggregates. @module */

import type { DataType } from '../../core/types.ts';
import type { MillraceError } from '../../core/errors.ts';
import {
  BOOL,
  FLOAT64,
  INT64,
  JSON_TYPE,
  STRING,
  typeName,
  isInteger,
  isNumeric,
} from '../../core/types.ts';
import type { AggregateExpr, Expr } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { convert, tryConvert } from '../infer/coerce.ts';
import { inferExpression, inferPredicate } from '../infer/infer.ts';
import { MAX_PRECISION } from '../scalar/decimal.ts';
import type { Scope } from '../scope.ts';
import type { TypedExpr } from '../typed.ts';
import type { Value } from '../value.ts';
import { formatTyped } from '../format.ts';
import type { AggregateCall } from './extract.ts';
import type { PlainFunction } from './lower.ts';
import type { UserAggregateType, UserAggregateTypes } from './user.ts';

/** An aggregate with its types. */
export interface TypedAggregate {
  readonly fn: PlainFunction;
  readonly distinct: boolean;
  /** Over the rows that are aggregated; absent in `COUNT(*)`. Null values are not aggregated. */
  readonly argument: TypedExpr | undefined;
  /** What belongs to a value of the argument: the other one, not null where that is not, or keys. */
  readonly others: readonly TypedKey[];
  /** Whether values come by event time, where the stream has it. */
  readonly isByTime: boolean;
  /** Whether the greatest value comes first. */
  readonly isDescending: boolean;
  /** A fraction, a number of values, or a separator. */
  readonly parameter: number | string | undefined;
  /** A relative error. */
  readonly accuracy: number | undefined;
  /** Only rows for which this is true are aggregated. */
  readonly filter: TypedExpr | undefined;
  /** Type of the result. */
  readonly type: DataType;
}

/** Another argument, or a key of an order. */
export interface TypedKey {
  readonly expr: TypedExpr;
  readonly isDescending: boolean;
}

/**
 * Checks an aggregate against the columns of the rows it aggregates.
 *
 * `COUNT` gives int64; `SUM` of integers int64, of decimals decimal(18, s), of others their type;
 * `AVG` float64, of decimals a decimal with up to four places more, of durations a duration; `MIN`
 * and `MAX` the type itself.
 *
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function inferAggregate(
  { call }: AggregateCall,
  scope: Scope,
  users: UserAggregateTypes = new Map(),
): TypedAggregate {
  if (call.fn === 'user') return inferUser(call, users.get(call.name!)!, scope);
  const fn = call.fn as PlainFunction;
  const { distinct } = call;
  const given = call.argument === undefined ? undefined : inferExpression(call.argument, scope);
  const filter = call.filter === undefined ? undefined : inferPredicate(call.filter, scope);
  const type = given === undefined ? INT64 : aggregateType(fn, given.type);
  if (type === undefined || (distinct && given?.type.kind === 'json')) {
    const of = given === undefined ? '*' : typeName(given.type);
    throw noMeaning(call, of);
  }
  const argument = given && OVER_FLOATS.has(fn) ? convert(given, FLOAT64) : given;
  const parts = { fn, distinct, filter, type, argument };
  return { ...parts, ...PLAIN, ...inferParts(call, argument, scope) };
}

/** One of the topology's author: rows count in which no argument is null. */
function inferUser(
  call: AggregateExpr,
  { arguments: parameters, returns }: UserAggregateType,
  scope: Scope,
): TypedAggregate {
  const { argument: first, rest, name, span } = call;
  const given = first === undefined ? [] : [first, ...rest];
  if (given.length !== parameters.length) {
    const types = parameters.map(typeName).join(', ');
    throw expressionError(span, `${name} takes ${parameters.length} arguments: ${types}`);
  }
  const typed = given.map((expr, i) => {
    const operand = { expr: inferExpression(expr, scope), span: expr.span, isUntyped: false };
    const converted = tryConvert(operand, parameters[i]!);
    if (converted !== undefined) return converted;
    const [wanted, found] = [typeName(parameters[i]!), typeName(operand.expr.type)];
    throw expressionError(expr.span, `${name} expects ${wanted} here, found ${found}`);
  });
  const [argument, ...others] = typed;
  return {
    fn: 'user',
    distinct: false,
    filter: call.filter && inferPredicate(call.filter, scope),
    type: returns,
    ...PLAIN,
    argument: others.reduce((value, other) => wherePresent(other, value), argument!),
    others: others.map((expr) => ({ expr, isDescending: false })),
  };
}

const PLAIN = {
  others: [],
  isByTime: false,
  isDescending: false,
  parameter: undefined,
  accuracy: undefined,
};

function noMeaning({ fn, distinct, span }: AggregateExpr, of: string): MillraceError {
  const name = `${fn.toUpperCase()}${distinct ? ' DISTINCT' : ''}`;
  return expressionError(span, `${name} has no meaning for ${of}`);
}

/** What an aggregate has beside its first argument. */
function inferParts(
  call: AggregateExpr,
  argument: TypedExpr | undefined,
  scope: Scope,
): Partial<TypedAggregate> {
  switch (call.fn) {
    case 'covar_pop':
    case 'covar_samp': {
      const given = inferExpression(call.rest[0]!, scope);
      if (!isNumeric(given.type)) throw noMeaning(call, typeName(given.type));
      const other = convert(given, FLOAT64);
      const others = [{ expr: other, isDescending: false }];
      return { argument: wherePresent(other, argument!), others };
    }
    case 'percentile_cont':
    case 'percentile_disc': {
      const isDescending = call.orderBy[0]?.isDescending ?? false;
      return { isDescending, parameter: fractionOf(call.rest[0]!, scope) };
    }
    case 'approx_percentile': {
      const [share, accuracy] = call.rest;
      return {
        parameter: fractionOf(share!, scope),
        accuracy: accuracy === undefined ? DEFAULT_ACCURACY : accuracyOf(accuracy, scope),
      };
    }
    case 'top_k':
      return { parameter: countOf(call.rest[0]!, scope) };
    case 'string_agg':
      return { ...inferOrder(call, scope), parameter: textOf(call.rest[0]!, scope) };
    case 'array_agg':
    case 'first':
    case 'last':
      return inferOrder(call, scope);
    default:
      return {};
  }
}

/** The order of values: by keys, by event time, or of distinct ones by themselves. */
function inferOrder(call: AggregateExpr, scope: Scope): Partial<TypedAggregate> {
  const { orderBy, distinct } = call;
  if (!distinct) {
    const others = orderBy.map(({ expr, isDescending }) => ({
      expr: inferExpression(expr, scope),
      isDescending,
    }));
    return { others, isByTime: orderBy.length === 0 };
  }
  const [key] = orderBy;
  if (key === undefined) return {};
  const isArgument =
    orderBy.length === 1 &&
    formatTyped(inferExpression(key.expr, scope)) ===
      formatTyped(inferExpression(call.argument!, scope));
  if (isArgument) return { isDescending: key.isDescending };
  throw expressionError(key.expr.span, 'distinct values are in no order but their own');
}

function literalOf(expr: Expr, scope: Scope): Value | undefined {
  const typed = inferExpression(expr, scope);
  return typed.op === 'literal' ? typed.value : undefined;
}

function fractionOf(expr: Expr, scope: Scope): number {
  const value = literalOf(expr, scope);
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw expressionError(expr.span, 'expected a share from 0 to 1, such as 0.95');
}

/** Least and greatest relative error that a sketch may have, and the usual one. */
const ACCURACIES = [0.0001, 0.5] as const;
const DEFAULT_ACCURACY = 0.01;

function accuracyOf(expr: Expr, scope: Scope): number {
  const value = literalOf(expr, scope);
  const [least, most] = ACCURACIES;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw expressionError(expr.span, `expected a relative error from ${least} to ${most}`);
}

function countOf(expr: Expr, scope: Scope): number {
  const value = literalOf(expr, scope);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw expressionError(expr.span, 'expected how many, a whole number from 1 on');
}

function textOf(expr: Expr, scope: Scope): string {
  const value = literalOf(expr, scope);
  if (typeof value === 'string') return value;
  throw expressionError(expr.span, "expected a separator, such as ', '");
}

type SumOrExtreme = 'count' | 'sum' | 'avg' | 'min' | 'max';

/** Functions whose argument is taken for a float64. */
const OVER_FLOATS: ReadonlySet<PlainFunction> = new Set([
  'var_pop',
  'var_samp',
  'covar_pop',
  'covar_samp',
  'product',
  'percentile_cont',
  'approx_percentile',
]);

/** An expression where another is not null. */
function wherePresent(other: TypedExpr, then: TypedExpr): TypedExpr {
  const when: TypedExpr = { op: 'is', type: BOOL, value: null, negated: true, operand: other };
  const otherwise: TypedExpr = { op: 'literal', type: then.type, value: null };
  return { op: 'case', type: then.type, branches: [{ when, then }], otherwise };
}

/** The type of an aggregate's result; `undefined` when it has no meaning for the argument's type. */
export function aggregateType(fn: PlainFunction, argument: DataType): DataType | undefined {
  switch (fn) {
    case 'count':
      return INT64;
    case 'min':
    case 'max':
      return argument.kind === 'json' ? undefined : argument;
    case 'sum':
      if (isInteger(argument)) return INT64;
      if (argument.kind === 'decimal') return { ...argument, precision: MAX_PRECISION };
      return isNumeric(argument) || argument.kind === 'duration' ? argument : undefined;
    case 'avg':
      if (argument.kind === 'decimal') return averageOfDecimals(argument);
      if (isNumeric(argument)) return FLOAT64;
      return argument.kind === 'duration' ? argument : undefined;
    default:
      return RULES[fn](argument);
  }
}

type Rule = (argument: DataType) => DataType | undefined;

const ofBools: Rule = ({ kind }) => (kind === 'bool' ? BOOL : undefined);
const ofIntegers: Rule = (type) => (isInteger(type) ? type : undefined);
const ofOrdered: Rule = (type) => (type.kind === 'json' ? undefined : type);
const ofNumbers: Rule = (type) => (isNumeric(type) ? FLOAT64 : undefined);

/** Types of the functions that are no sums or extremes. */
const RULES: Readonly<Record<Exclude<PlainFunction, SumOrExtreme>, Rule>> = {
  user: () => undefined,
  bool_and: ofBools,
  bool_or: ofBools,
  bit_and: ofIntegers,
  bit_or: ofIntegers,
  bit_xor: ofIntegers,
  var_samp: ofNumbers,
  var_pop: ofNumbers,
  covar_samp: ofNumbers,
  covar_pop: ofNumbers,
  product: ofNumbers,
  percentile_cont: ofNumbers,
  percentile_disc: ofOrdered,
  mode: ofOrdered,
  first: (type) => type,
  last: (type) => type,
  top_k: (type) => ofOrdered(type) && JSON_TYPE,
  array_agg: () => JSON_TYPE,
  approx_count_distinct: (type) => ofOrdered(type) && INT64,
  approx_percentile: ofNumbers,
  string_agg: (type) => (type.kind === 'string' ? STRING : undefined),
};

function averageOfDecimals({ precision, scale }: Extract<DataType, { kind: 'decimal' }>): DataType {
  const places = Math.min(4, MAX_PRECISION - precision);
  return { kind: 'decimal', precision: precision + places, scale: scale + places };
}
