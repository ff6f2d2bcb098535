/** The types of aggregates. @module */

import type { DataType } from '../../core/types.ts';
import { BOOL, FLOAT64, INT64, typeName } from '../../core/types.ts';
import { expressionError } from '../diagnostics.ts';
import { convert, isInteger, isNumeric } from '../infer/coerce.ts';
import { inferExpression, inferPredicate } from '../infer/infer.ts';
import { MAX_PRECISION } from '../scalar/decimal.ts';
import type { Scope } from '../scope.ts';
import type { TypedExpr } from '../typed.ts';
import type { AggregateCall } from './extract.ts';
import type { PlainFunction } from './lower.ts';

/** An aggregate with its types. */
export interface TypedAggregate {
  readonly fn: PlainFunction;
  readonly distinct: boolean;
  /** Over the rows that are aggregated; absent in `COUNT(*)`. Null values are not aggregated. */
  readonly argument: TypedExpr | undefined;
  /** What belongs to a value of the argument; not null where that is not. */
  readonly others: readonly TypedExpr[];
  /** Only rows for which this is true are aggregated. */
  readonly filter: TypedExpr | undefined;
  /** Type of the result. */
  readonly type: DataType;
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
export function inferAggregate({ call }: AggregateCall, scope: Scope): TypedAggregate {
  const fn = call.fn as PlainFunction;
  const { distinct, span } = call;
  const given = call.argument === undefined ? undefined : inferExpression(call.argument, scope);
  const filter = call.filter === undefined ? undefined : inferPredicate(call.filter, scope);
  const rest = call.rest.map((argument) => inferExpression(argument, scope));
  const type = given === undefined ? INT64 : aggregateType(fn, given.type);
  const isJsonDistinct = distinct && given?.type.kind === 'json';
  const isPaired = fn === 'covar_pop' || fn === 'covar_samp';
  const wrong = rest.find((other) => isPaired && !isNumeric(other.type));
  if (type === undefined || isJsonDistinct || wrong !== undefined) {
    const of = given === undefined ? '*' : typeName((wrong ?? given).type);
    throw expressionError(
      span,
      `${fn.toUpperCase()}${distinct ? ' DISTINCT' : ''} has no meaning for ${of}`,
    );
  }
  const parts = { fn, distinct, filter, type };
  if (given === undefined || !OVER_FLOATS.has(fn)) return { ...parts, argument: given, others: [] };
  const argument = convert(given, FLOAT64);
  if (!isPaired) return { ...parts, argument, others: [] };
  const other = convert(rest[0]!, FLOAT64);
  return { ...parts, argument: wherePresent(other, argument), others: [other] };
}

type SumOrExtreme = 'count' | 'sum' | 'avg' | 'min' | 'max';

/** Functions whose argument is taken for a float64. */
const OVER_FLOATS: ReadonlySet<PlainFunction> = new Set([
  'var_pop',
  'var_samp',
  'covar_pop',
  'covar_samp',
  'product',
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
const ofNumbers: Rule = (type) => (isNumeric(type) ? FLOAT64 : undefined);

/** Types of the functions that are no sums or extremes. */
const RULES: Readonly<Record<Exclude<PlainFunction, SumOrExtreme>, Rule>> = {
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
};

function averageOfDecimals({ precision, scale }: Extract<DataType, { kind: 'decimal' }>): DataType {
  const places = Math.min(4, MAX_PRECISION - precision);
  return { kind: 'decimal', precision: precision + places, scale: scale + places };
}
