/**
 * Types of arithmetic.
 *
 * Decimal results, with `d1 = (p1, s1)` and `d2 = (p2, s2)`; integers count as decimal(10, 0) and
 * decimal(18, 0):
 *
 * | | scale | precision |
 * | --- | --- | --- |
 * | `+` `-` | max(s1, s2) | max(p1−s1, p2−s2) + scale + 1 |
 * | `*` | s1 + s2 | p1 + p2 |
 * | `/` | max(6, s1 + p2 + 1) | p1 − s1 + s2 + scale |
 * | `%` | max(s1, s2) | min(p1−s1, p2−s2) + scale |
 *
 * A precision above 18 becomes 18, and the scale gives up places for the whole digits, but keeps six
 * of them (or all, if there are fewer). Results are rounded half away from zero; one that still does
 * not fit is a row error.
 *
 * @module
 */

import type { DataType } from '../../core/types.ts';
import {
  DURATION,
  FLOAT64,
  INT64,
  TIMESTAMP,
  typeName,
  isInteger,
  isNumeric,
} from '../../core/types.ts';
import type { ArithmeticOperator, Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { MAX_PRECISION } from '../scalar/decimal.ts';
import type { TypedExpr } from '../typed.ts';
import type { Operand } from './coerce.ts';
import { asDecimal, castHint, commonType, convert } from './coerce.ts';

/** Places behind the point that a product or quotient keeps when digits run out. */
const MIN_KEPT_SCALE = 6;

type Decimal = Extract<DataType, { kind: 'decimal' }>;

/** The type of a decimal operation; see the table above. */
export function decimalResult(operator: ArithmeticOperator, a: Decimal, b: Decimal): Decimal {
  const whole1 = a.precision - a.scale;
  const whole2 = b.precision - b.scale;
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(a.scale, b.scale);
      return fitted(Math.max(whole1, whole2) + scale + 1, scale, scale);
    }
    case '*': {
      const scale = a.scale + b.scale;
      return fitted(a.precision + b.precision, scale, Math.min(scale, MIN_KEPT_SCALE));
    }
    case '/': {
      const scale = Math.max(MIN_KEPT_SCALE, a.scale + b.precision + 1);
      return fitted(whole1 + b.scale + scale, scale, MIN_KEPT_SCALE);
    }
    case '%': {
      const scale = Math.max(a.scale, b.scale);
      return fitted(Math.max(1, Math.min(whole1, whole2) + scale), scale, scale);
    }
  }
}

function fitted(precision: number, scale: number, keptScale: number): Decimal {
  if (precision <= MAX_PRECISION) return { kind: 'decimal', precision, scale };
  const whole = precision - scale;
  return {
    kind: 'decimal',
    precision: MAX_PRECISION,
    scale: Math.min(MAX_PRECISION, Math.max(MAX_PRECISION - whole, keptScale)),
  };
}

/**
 * The typed node of `left operator right`.
 *
 * @throws MillraceError `ERR_EXPRESSION` when the operator has no meaning for the types
 */
export function inferArithmetic(
  operator: ArithmeticOperator,
  left: Operand,
  right: Operand,
  span: Span,
): TypedExpr {
  const [a, b] = withKnownNulls(operator, left, right);
  const typed =
    isNumeric(a.type) && isNumeric(b.type) ? numeric(operator, a, b) : temporal(operator, a, b);
  if (typed !== undefined) return typed;
  const names = `${typeName(a.type)} ${operator} ${typeName(b.type)}`;
  const isText = operator === '+' && (a.type.kind === 'string' || b.type.kind === 'string');
  const hint = isText ? '; join strings with ||' : castHint(a.type, b.type);
  throw expressionError(span, `${names} has no meaning${hint}`);
}

/** A bare `NULL` takes the type that makes sense beside the other operand. */
function withKnownNulls(
  operator: ArithmeticOperator,
  left: Operand,
  right: Operand,
): readonly [TypedExpr, TypedExpr] {
  const typeBeside = (other: Operand): DataType => {
    if (other.isUntyped) return INT64;
    const { type } = other.expr;
    if (type.kind === 'timestamp') return DURATION;
    return type.kind === 'duration' && (operator === '*' || operator === '/') ? INT64 : type;
  };
  return [
    left.isUntyped ? convert(left.expr, typeBeside(right)) : left.expr,
    right.isUntyped ? convert(right.expr, typeBeside(left)) : right.expr,
  ];
}

function numeric(operator: ArithmeticOperator, a: TypedExpr, b: TypedExpr): TypedExpr {
  const common = commonType(a.type, b.type)!;
  if (common.kind !== 'decimal') {
    return node(operator, common, convert(a, common), convert(b, common));
  }
  const left = convert(a, asDecimal(a.type));
  const right = convert(b, asDecimal(b.type));
  const type = decimalResult(operator, left.type as Decimal, right.type as Decimal);
  return node(operator, type, left, right);
}

/** Arithmetic of timestamps and durations. */
function temporal(operator: ArithmeticOperator, a: TypedExpr, b: TypedExpr): TypedExpr | undefined {
  const kinds = `${a.type.kind} ${operator} ${b.type.kind}`;
  switch (kinds) {
    case 'timestamp - timestamp':
    case 'duration + duration':
    case 'duration - duration':
    case 'duration % duration':
      return node(operator, DURATION, a, b);
    case 'timestamp + duration':
    case 'timestamp - duration':
    case 'duration + timestamp':
      return node(operator, TIMESTAMP, a, b);
    case 'duration / duration':
      return node(operator, FLOAT64, a, b);
    default:
      return scaledDuration(operator, a, b);
  }
}

/** duration * number, number * duration, duration / number. */
function scaledDuration(
  operator: ArithmeticOperator,
  a: TypedExpr,
  b: TypedExpr,
): TypedExpr | undefined {
  if (a.type.kind === 'duration' && isNumeric(b.type) && (operator === '*' || operator === '/')) {
    return node(operator, DURATION, a, convert(b, isInteger(b.type) ? INT64 : FLOAT64));
  }
  if (operator === '*' && b.type.kind === 'duration' && isNumeric(a.type)) {
    const factor = convert(a, isInteger(a.type) ? INT64 : FLOAT64);
    // The duration stands left, so that its factor is always on the right; both are pure.
    return isInteger(a.type) ? node('*', DURATION, factor, b) : node('*', DURATION, b, factor);
  }
  return undefined;
}

function node(
  operator: ArithmeticOperator,
  type: DataType,
  left: TypedExpr,
  right: TypedExpr,
): TypedExpr {
  return { op: 'arithmetic', type, operator, left, right };
}
