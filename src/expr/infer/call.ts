/** Types of function calls. @module */

import {
  BOOL,
  DURATION,
  FLOAT64,
  JSON_TYPE,
  STRING,
  TIMESTAMP,
  typeName,
  isInteger,
  isNumeric,
} from '../../core/types.ts';
import type { DataType } from '../../core/types.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { CallExpr, Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { SHORT_FORM_NAMES } from '../functions/conditional.ts';
import type { FunctionSpec, ParameterKind } from '../functions/function-spec.ts';
import { findFunction, functionNames } from '../functions/registry.ts';
import { FIELD_FUNCTIONS } from '../functions/time.ts';
import { RowError } from '../row-error.ts';
import { AGGREGATE_NAMES, FORM_NAMES } from '../parse/call.ts';
import type { TypedExpr } from '../typed.ts';
import type { Operand } from './coerce.ts';
import { castHint, tryConvert, unifiedType } from './coerce.ts';

/**
 * The typed node of a call.
 *
 * @throws MillraceError `ERR_EXPRESSION` for an unknown name, or arguments it does not take
 */
export function inferCall({ name, span }: CallExpr, args: readonly Operand[]): TypedExpr {
  const field = FIELD_FUNCTIONS.get(name);
  if (field !== undefined && args.length === 1) return fieldCall(field, args[0]!, span);
  const spec = findFunction(name);
  if (spec === undefined) throw unknownFunction(name, span);
  return typedCall(spec, args, span);
}

/** The typed node of a function that the grammar has an operator for: `||`, `LIKE`. */
export function inferOperatorCall(name: string, args: readonly Operand[], span: Span): TypedExpr {
  return typedCall(findFunction(name)!, args, span);
}

function fieldCall(field: string, operand: Operand, span: Span): TypedExpr {
  const name: TypedExpr = { op: 'literal', type: STRING, value: field };
  return typedCall(
    findFunction('EXTRACT')!,
    [{ expr: name, span, isUntyped: false }, operand],
    span,
  );
}

/** Whether calls of a name, in any case, mean a function already. */
export function isFunctionName(name: string): boolean {
  return knownNames().includes(name.toUpperCase());
}

function knownNames(): readonly string[] {
  return [
    ...functionNames(),
    ...FIELD_FUNCTIONS.keys(),
    ...SHORT_FORM_NAMES,
    ...AGGREGATE_NAMES,
    ...FORM_NAMES,
  ];
}

/** What other engines call functions that give something else each time. */
const IMPURE =
  /^(?:NOW|TODAY|SYSDATE|CURRENT_\w+|LOCALTIME\w*|PROCTIME|RAND\w*|UUID\w*|GEN_RANDOM_UUID)$/;

/** The error of a call of what is not there. */
export function unknownFunction(name: string, span: Span): Error {
  if (IMPURE.test(name)) {
    const why = 'expressions read no clock and draw no random numbers';
    return expressionError(span, `there is no function ${name}: ${why}`);
  }
  return expressionError(span, `unknown function ${name}`, nearestName(name, knownNames()));
}

function typedCall(spec: FunctionSpec, args: readonly Operand[], span: Span): TypedExpr {
  const { names, usage, parameters, required, isVariadic = false } = spec;
  if (args.length < required || (!isVariadic && args.length > parameters.length)) {
    throw expressionError(span, `${names[0]} is written ${usage}; found ${counted(args.length)}`);
  }
  const kinds = args.map((_, i) => parameters[Math.min(i, parameters.length - 1)]!);
  const common = commonOfSame(spec, args, kinds);
  const typed = args.map((arg, i) => accepted(spec, arg, kinds[i]!, common));
  for (const [i, arg] of typed.entries()) {
    if (arg.op !== 'literal' || typeof arg.value !== 'string') continue;
    const text = arg.value;
    asExpressionError(args[i]!.span, () => spec.checkConstant?.(i, text));
  }
  const type = asExpressionError(span, () => spec.result(typed));
  return { op: 'call', type, fn: names[0], args: typed };
}

function counted(args: number): string {
  return args === 1 ? '1 argument' : `${args} arguments`;
}

/** The one type of all parameters of kind `same`. */
function commonOfSame(
  spec: FunctionSpec,
  args: readonly Operand[],
  kinds: readonly ParameterKind[],
): DataType {
  const same = args.filter((_, i) => kinds[i] === 'same');
  const type = unifiedType(same, spec.names[0]) ?? STRING;
  if (type.kind === 'json') {
    throw expressionError(same[0]!.span, 'json values have no order; use CAST(… AS string)');
  }
  return type;
}

/** The argument as the parameter wants it. */
function accepted(
  spec: FunctionSpec,
  arg: Operand,
  kind: ParameterKind,
  common: DataType,
): TypedExpr {
  const typed = acceptedOrNot(arg, kind, common);
  if (typed !== undefined) return typed;
  const expected = EXPECTED[kind];
  const hint = kind === 'string' ? '; write CAST(… AS string)' : castHint(arg.expr.type, FLOAT64);
  throw expressionError(
    arg.span,
    `${spec.names[0]} expects ${expected} here, found ${typeName(arg.expr.type)}${hint}; it is written ${spec.usage}`,
  );
}

const EXPECTED: Readonly<Record<ParameterKind, string>> = {
  string: 'a string',
  bool: 'a bool',
  timestamp: 'a timestamp',
  json: 'a json value',
  float64: 'a number',
  integer: 'an integer',
  number: 'a number',
  quantity: 'a number or a duration',
  instant: 'a timestamp or a duration',
  text: 'a string or bytes',
  duration: 'a duration',
  any: 'a value',
  same: 'values of one type',
};

function acceptedOrNot(arg: Operand, kind: ParameterKind, common: DataType): TypedExpr | undefined {
  const { type } = arg.expr;
  const as = (allowed: boolean, otherwise: DataType) =>
    allowed && !arg.isUntyped ? arg.expr : tryConvert(arg, otherwise);
  switch (kind) {
    case 'string':
      return tryConvert(arg, STRING);
    case 'bool':
      return tryConvert(arg, BOOL);
    case 'timestamp':
      return tryConvert(arg, TIMESTAMP);
    case 'json':
      return tryConvert(arg, JSON_TYPE);
    case 'float64':
      return tryConvert(arg, FLOAT64);
    case 'integer':
      return as(isInteger(type), { kind: 'int32' });
    case 'number':
      return as(isNumeric(type), FLOAT64);
    case 'quantity':
      return as(isNumeric(type) || type.kind === 'duration', FLOAT64);
    case 'instant':
      return as(type.kind === 'duration', TIMESTAMP);
    case 'text':
      return as(type.kind === 'bytes', STRING);
    case 'duration':
      return tryConvert(arg, DURATION);
    case 'any':
      return as(true, STRING);
    case 'same':
      return tryConvert(arg, common);
  }
}

/** Runs a check of a function's table entry; its row error becomes one of the expression. */
function asExpressionError<Result>(span: Span, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (error instanceof RowError) throw expressionError(span, error.message);
    throw error;
  }
}
