/**
 * Syntax tree + columns → typed tree: names resolved, types checked, conversions made explicit,
 * shorthands (`BETWEEN`, simple `CASE`, `NULLIF`, `NOT IN`) written out, constants folded.
 *
 * @module
 */

import type { DataType } from '../../core/types.ts';
import { BOOL, INT32, sameType, STRING, typeName } from '../../core/types.ts';
import type {
  BetweenExpr,
  BinaryExpr,
  CallExpr,
  CaseExpr,
  CastExpr,
  Expr,
  Span,
  UnaryExpr,
} from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { canCast } from '../scalar/cast.ts';
import type { Scope } from '../scope.ts';
import { findColumn, resolveColumn } from '../scope.ts';
import type { TypedExpr } from '../typed.ts';
import type { Value } from '../value.ts';
import { inferArithmetic } from './arithmetic-type.ts';
import { inferCall, inferOperatorCall } from './call.ts';
import type { Operand } from './coerce.ts';
import { convert, isNumeric, tryConvert, unifiedType } from './coerce.ts';
import { inferComparison, inferDistinct, inferIn } from './comparison.ts';
import { foldConstants } from './fold.ts';
import { intervalLiteral, numberLiteral, typedLiteral } from './literal.ts';

/**
 * Checks an expression against the columns of its inputs.
 *
 * @returns a typed tree, plain data that can be posted to a thread
 * @throws MillraceError `ERR_EXPRESSION` whose message points at the mistake
 */
export function inferExpression(expr: Expr, scope: Scope): TypedExpr {
  const { expr: typed, isUntyped, span } = operandOf(expr, scope);
  if (isUntyped) throw expressionError(span, 'NULL has no type here; write CAST(NULL AS …)');
  return foldConstants(typed);
}

/**
 * Like {@link inferExpression}, for a condition.
 *
 * @throws MillraceError `ERR_EXPRESSION` also when the expression is not a bool
 */
export function inferPredicate(expr: Expr, scope: Scope): TypedExpr {
  return foldConstants(condition(expr, scope, 'this condition'));
}

function operandOf(expr: Expr, scope: Scope): Operand {
  const typed = infer(expr, scope);
  return { expr: typed, span: expr.span, isUntyped: isUntypedNull(typed) };
}

/** The typed form of a bare `NULL`; no other node shares this object's type. */
const UNTYPED: DataType = { kind: 'string' };

function isUntypedNull(expr: TypedExpr): boolean {
  return expr.op === 'literal' && expr.type === UNTYPED;
}

function infer(expr: Expr, scope: Scope): TypedExpr {
  switch (expr.kind) {
    case 'number':
      return numberLiteral(expr, false);
    case 'string':
      return literal(STRING, expr.value);
    case 'word': {
      const column = findColumn(scope, undefined, expr.word, expr.span);
      return column ?? literal(expr.value === null ? UNTYPED : BOOL, expr.value);
    }
    case 'typedLiteral':
      return typedLiteral(expr);
    case 'interval':
      return intervalLiteral(expr);
    case 'column':
      return resolveColumn(scope, expr.qualifier, expr.name, expr.span);
    case 'unary':
      return inferUnary(expr, scope);
    case 'binary':
      return inferBinary(expr, scope);
    case 'logical': {
      const what = `an operand of ${expr.operator.toUpperCase()}`;
      const operands = expr.operands.map((operand) => condition(operand, scope, what));
      return { op: expr.operator, type: BOOL, operands };
    }
    case 'between':
      return inferBetween(expr, scope);
    case 'case':
      return inferCase(expr, scope);
    case 'cast':
      return inferCast(expr, scope);
    case 'call':
      return inferSpecialCall(expr, scope);
    default:
      return inferTest(expr, scope);
  }
}

/** Tests that are written behind their operand, and what is left. */
function inferTest(
  expr: Extract<Expr, { kind: 'is' | 'distinct' | 'in' | 'like' | 'aggregate' }>,
  scope: Scope,
): TypedExpr {
  switch (expr.kind) {
    case 'is': {
      const { value, negated } = expr;
      const operand =
        value === null
          ? infer(expr.operand, scope)
          : condition(expr.operand, scope, 'the operand of IS TRUE or IS FALSE');
      return { op: 'is', type: BOOL, value, negated, operand };
    }
    case 'distinct':
      return inferDistinct(
        operandOf(expr.left, scope),
        operandOf(expr.right, scope),
        expr.negated,
        expr.span,
      );
    case 'in': {
      const items = expr.items.map((item) => foldedOperand(item, scope));
      return negatedIf(expr.negated, inferIn(operandOf(expr.operand, scope), items, expr.span));
    }
    case 'like': {
      const written = [
        expr.operand,
        expr.pattern,
        ...(expr.escape === undefined ? [] : [expr.escape]),
      ];
      const args = written.map((arg) => foldedOperand(arg, scope));
      return negatedIf(expr.negated, inferOperatorCall('LIKE', args, expr.span));
    }
    case 'aggregate':
      throw expressionError(
        expr.span,
        `${expr.fn.toUpperCase()} is an aggregate; it has no place in this expression`,
      );
  }
}

/** An operand with its constants folded, where a constant makes a difference. */
function foldedOperand(expr: Expr, scope: Scope): Operand {
  const operand = operandOf(expr, scope);
  return operand.isUntyped ? operand : { ...operand, expr: foldConstants(operand.expr) };
}

function literal(type: DataType, value: Value): TypedExpr {
  return { op: 'literal', type, value };
}

function negatedIf(negated: boolean, operand: TypedExpr): TypedExpr {
  return negated ? { op: 'not', type: BOOL, operand } : operand;
}

/** An operand that must be a bool. */
function condition(expr: Expr, scope: Scope, what: string): TypedExpr {
  const operand = operandOf(expr, scope);
  const typed = tryConvert(operand, BOOL);
  if (typed !== undefined) return typed;
  throw expressionError(expr.span, `${what} must be a bool, found ${typeName(operand.expr.type)}`);
}

function inferUnary({ operator, operand, span }: UnaryExpr, scope: Scope): TypedExpr {
  if (operator === 'not') {
    return { op: 'not', type: BOOL, operand: condition(operand, scope, 'the operand of NOT') };
  }
  if (operand.kind === 'number') return numberLiteral(operand, operator === '-');
  const { expr, isUntyped } = operandOf(operand, scope);
  const typed = isUntyped ? convert(expr, INT32) : expr;
  const { type } = typed;
  if (!isNumeric(type) && type.kind !== 'duration') {
    throw expressionError(span, `${operator} has no meaning for ${typeName(type)}`);
  }
  return operator === '-' ? { op: 'negate', type, operand: typed } : typed;
}

function inferBinary(expr: BinaryExpr, scope: Scope): TypedExpr {
  const { operator, span } = expr;
  const left = operandOf(expr.left, scope);
  const right = operandOf(expr.right, scope);
  switch (operator) {
    case '||':
      return inferConcat(left, right, span);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return inferArithmetic(operator, left, right, span);
    default:
      return inferComparison(operator, left, right, span);
  }
}

/** `a || b || c` is one call. */
function inferConcat(left: Operand, right: Operand, span: Span): TypedExpr {
  const isChain = left.expr.op === 'call' && left.expr.fn === 'CONCAT';
  const head = isChain && left.expr.op === 'call' ? left.expr.args : [left.expr];
  const args = head.map((expr) => ({ ...left, expr, isUntyped: isUntypedNull(expr) }));
  return inferOperatorCall('CONCAT', [...args, right], span);
}

/** `x BETWEEN a AND b` is `x >= a AND x <= b`. */
function inferBetween(expr: BetweenExpr, scope: Scope): TypedExpr {
  const operand = operandOf(expr.operand, scope);
  const low = inferComparison('>=', operand, operandOf(expr.low, scope), expr.span);
  const high = inferComparison('<=', operand, operandOf(expr.high, scope), expr.span);
  return negatedIf(expr.negated, { op: 'and', type: BOOL, operands: [low, high] });
}

function inferCase(expr: CaseExpr, scope: Scope): TypedExpr {
  const { subject, branches, otherwise } = expr;
  const compared = subject === undefined ? undefined : operandOf(subject, scope);
  const whens = branches.map(({ when }) =>
    compared === undefined
      ? condition(when, scope, 'a condition of CASE')
      : inferComparison('=', compared, operandOf(when, scope), when.span),
  );
  const results = branches.map(({ then }) => operandOf(then, scope));
  const last: Operand =
    otherwise === undefined
      ? { expr: literal(UNTYPED, null), span: expr.span, isUntyped: true }
      : operandOf(otherwise, scope);
  const type = unifiedType([...results, last], 'CASE');
  if (type === undefined) return literal(UNTYPED, null);
  return {
    op: 'case',
    type,
    branches: whens.map((when, i) => ({ when, then: tryConvert(results[i]!, type)! })),
    otherwise: tryConvert(last, type)!,
  };
}

function inferCast(expr: CastExpr, scope: Scope): TypedExpr {
  const { type, maxLength, isTry, span } = expr;
  const { expr: operand, isUntyped } = operandOf(expr.operand, scope);
  if (isUntyped) return literal(type, null);
  if (!canCast(operand.type, type)) {
    throw expressionError(span, `${typeName(operand.type)} cannot be cast to ${typeName(type)}`);
  }
  const cast: TypedExpr = sameType(operand.type, type)
    ? operand
    : { op: 'cast', type, operand, isTry };
  if (maxLength === undefined) return cast;
  return { op: 'call', type, fn: 'LEFT', args: [cast, literal(INT32, maxLength)] };
}

/** Calls whose arguments are not all evaluated, or that are short for an operator. */
function inferSpecialCall(expr: CallExpr, scope: Scope): TypedExpr {
  const args = expr.args.map((arg) => foldedOperand(arg, scope));
  switch (expr.name) {
    case 'COALESCE':
      return inferCoalesce(args, expr.span);
    case 'NULLIF':
      return inferNullIf(args, expr.span);
    case 'MOD':
      expectArguments(args, 2, 'MOD(a, b)', expr.span);
      return inferArithmetic('%', args[0]!, args[1]!, expr.span);
    default:
      return inferCall(expr, args);
  }
}

function inferCoalesce(args: readonly Operand[], span: Span): TypedExpr {
  if (args.length === 0) throw expressionError(span, 'COALESCE needs at least one argument');
  const type = unifiedType(args, 'COALESCE');
  if (type === undefined) return literal(UNTYPED, null);
  const operands = args.map((arg) => tryConvert(arg, type)!);
  return operands.length === 1 ? operands[0]! : { op: 'coalesce', type, operands };
}

/** `NULLIF(a, b)` is `CASE WHEN a = b THEN NULL ELSE a END`. */
function inferNullIf(args: readonly Operand[], span: Span): TypedExpr {
  expectArguments(args, 2, 'NULLIF(a, b)', span);
  const [a, b] = [args[0]!, args[1]!];
  if (a.isUntyped) return literal(UNTYPED, null);
  const when = inferComparison('=', a, b, span);
  const { type } = a.expr;
  return { op: 'case', type, branches: [{ when, then: literal(type, null) }], otherwise: a.expr };
}

function expectArguments(args: readonly Operand[], count: number, usage: string, span: Span): void {
  if (args.length !== count) throw expressionError(span, `it is written ${usage}`);
}
