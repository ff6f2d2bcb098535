/**
 * Syntax tree + columns → typed tree: names resolved, types checked, conversions made explicit,
 * shorthands (`BETWEEN`, simple `CASE`, `NULLIF`, `NOT IN`) written out, constants folded.
 *
 * @module
 */

import type { DataType } from '../../core/types.ts';
import { BOOL, INT32, sameType, STRING, typeName, isNumeric } from '../../core/types.ts';
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
import { inferShortForm } from './conditional.ts';
import type { Operand } from './coerce.ts';
import { convert, tryConvert, unifiedType } from './coerce.ts';
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
      return inferAnyCall(expr, scope);
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

/** A call; of some not all arguments are evaluated. */
function inferAnyCall(expr: CallExpr, scope: Scope): TypedExpr {
  const args = expr.args.map((arg) => foldedOperand(arg, scope));
  const untyped = () => literal(UNTYPED, null);
  return inferShortForm(expr.name, args, expr.span, untyped) ?? inferCall(expr, args);
}
