/** Types of comparisons: `=`, `<`, `IS DISTINCT FROM`, `IN`. @module */

import type { DataType } from '../../core/types.ts';
import { BOOL, FLOAT64, INT64, sameType, STRING, typeName, isNumeric } from '../../core/types.ts';
import type { ComparisonOperator, Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { align, scaleOf } from '../interpret.ts';
import { fitsPrecision, MAX_PRECISION } from '../scalar/decimal.ts';
import type { TypedAlign, TypedExpr } from '../typed.ts';
import type { Operand } from './coerce.ts';
import { castHint, commonType, convert, tryConvert } from './coerce.ts';

/**
 * The typed node of a comparison.
 *
 * Integers and decimals are compared exactly, whatever their scales; with a float64, as float64.
 *
 * @throws MillraceError `ERR_EXPRESSION` when the types have no common order
 */
export function inferComparison(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  span: Span,
): TypedExpr {
  const [a, b] = comparable(left, right, span);
  return { op: 'compare', type: BOOL, operator, left: a, right: b };
}

/** The typed node of `IS [NOT] DISTINCT FROM`. @throws MillraceError `ERR_EXPRESSION` */
export function inferDistinct(
  left: Operand,
  right: Operand,
  negated: boolean,
  span: Span,
): TypedExpr {
  const [a, b] = comparable(left, right, span);
  return { op: 'distinct', type: BOOL, negated, left: a, right: b };
}

/**
 * The typed node of `operand IN (items)`: a list of constants becomes a set, any other list a chain
 * of `=`.
 *
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function inferIn(operand: Operand, items: readonly Operand[], span: Span): TypedExpr {
  return inConstants(operand, items) ?? inChain(operand, items, span);
}

function inConstants(operand: Operand, items: readonly Operand[]): TypedExpr | undefined {
  const { type } = operand.expr;
  if (operand.isUntyped || type.kind === 'decimal' || type.kind === 'json') return undefined;
  let common: DataType = type;
  for (const { expr, isUntyped } of items) {
    if (expr.op !== 'literal' || expr.type.kind === 'decimal') return undefined;
    if (isUntyped || !isNumeric(expr.type)) continue;
    const next = commonType(common, expr.type);
    if (next === undefined) return undefined;
    common = next;
  }
  const converted = items.map((item) => tryConvert(item, common));
  const literals = converted.filter((item) => item?.op === 'literal');
  if (literals.length < items.length) return undefined;
  const values = literals.map((literal) => literal.value);
  return {
    op: 'in',
    type: BOOL,
    operand: convert(operand.expr, common),
    items: values.filter((value) => value !== null),
    hasNull: values.includes(null),
  };
}

function inChain(operand: Operand, items: readonly Operand[], span: Span): TypedExpr {
  const operands = items.map((item) => inferComparison('=', operand, item, span));
  return operands.length === 1 ? operands[0]! : { op: 'or', type: BOOL, operands };
}

/** Both operands in a form that compares: one type, or int64 storage at one scale. */
function comparable(left: Operand, right: Operand, span: Span): readonly [TypedExpr, TypedExpr] {
  if (left.isUntyped && right.isUntyped) {
    return [convert(left.expr, STRING), convert(right.expr, STRING)];
  }
  const a = left.isUntyped ? convert(left.expr, right.expr.type) : left.expr;
  const b = right.isUntyped ? convert(right.expr, left.expr.type) : right.expr;
  for (const { type } of [a, b]) {
    if (type.kind === 'json') {
      throw expressionError(span, 'json values have no order; compare CAST(… AS string)');
    }
  }
  if (isNumeric(a.type) && isNumeric(b.type)) return comparableNumbers(a, b);
  if (sameType(a.type, b.type)) return [a, b];
  const asRight = tryConvert({ ...left, expr: a }, b.type);
  if (asRight !== undefined) return [asRight, b];
  const asLeft = tryConvert({ ...right, expr: b }, a.type);
  if (asLeft !== undefined) return [a, asLeft];
  throw expressionError(
    span,
    `${typeName(a.type)} and ${typeName(b.type)} cannot be compared${castHint(a.type, b.type)}`,
  );
}

function comparableNumbers(a: TypedExpr, b: TypedExpr): readonly [TypedExpr, TypedExpr] {
  if (a.type.kind === 'float64' || b.type.kind === 'float64') {
    return [convert(a, FLOAT64), convert(b, FLOAT64)];
  }
  if (a.type.kind === 'int32' && b.type.kind === 'int32') return [a, b];
  const scale = Math.max(scaleOf(a.type), scaleOf(b.type));
  return [aligned(a, scale), aligned(b, scale)];
}

function aligned(expr: TypedExpr, scale: number): TypedExpr {
  const wide = expr.type.kind === 'int32' ? convert(expr, INT64) : expr;
  const by = scale - scaleOf(wide.type);
  if (by === 0) return wide;
  const type: DataType = { kind: 'decimal', precision: MAX_PRECISION, scale };
  const node: TypedAlign = { op: 'align', type, operand: wide, by };
  if (wide.op !== 'literal') return node;
  const value = align(node, wide.value);
  // A constant beyond the digits of decimals stays as it was written: explain shows it.
  return value === null || fitsPrecision(value as bigint, MAX_PRECISION)
    ? { op: 'literal', type, value }
    : node;
}
