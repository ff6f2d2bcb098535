/**
 * Conversions that happen by themselves.
 *
 * int32 → int64 → float64, integers → decimal → float64, and constants: a string becomes a timestamp
 * or a duration, `NULL` becomes any type. Everything else needs a `CAST`.
 *
 * @module
 */

import type { DataType } from '../../core/types.ts';
import {
  FLOAT64,
  INT32,
  INT64,
  sameType,
  typeName,
  isInteger,
  isNumeric,
} from '../../core/types.ts';
import type { Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { castValue } from '../scalar/cast.ts';
import { MAX_PRECISION } from '../scalar/decimal.ts';
import { RowError } from '../row-error.ts';
import { parseDuration, parseTimestamp } from '../scalar/time-text.ts';
import type { TypedExpr } from '../typed.ts';

/** A typed operand and where it was written. */
export interface Operand {
  readonly expr: TypedExpr;
  readonly span: Span;
  /** True for a bare `NULL`, whose type is not known yet. */
  readonly isUntyped: boolean;
}

/** An integer type as the decimal that holds its values, as far as 18 digits go. */
export function asDecimal(type: DataType): DataType {
  if (type.kind === 'int32') return { kind: 'decimal', precision: 10, scale: 0 };
  if (type.kind === 'int64') return { kind: 'decimal', precision: MAX_PRECISION, scale: 0 };
  return type;
}

/** The type that values of both types convert to; `undefined` when there is none. */
export function commonType(a: DataType, b: DataType): DataType | undefined {
  if (sameType(a, b)) return a;
  if (!isNumeric(a) || !isNumeric(b)) return undefined;
  if (a.kind === 'float64' || b.kind === 'float64') return FLOAT64;
  const left = asDecimal(a);
  const right = asDecimal(b);
  if (isInteger(a) && isInteger(b)) return a.kind === 'int32' && b.kind === 'int32' ? INT32 : INT64;
  if (left.kind !== 'decimal' || right.kind !== 'decimal') return undefined;
  const scale = Math.max(left.scale, right.scale);
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale);
  return { kind: 'decimal', precision: Math.min(MAX_PRECISION, whole + scale), scale };
}

/** `expr` as `type`, which it must convert to; a constant is converted at once. */
export function convert(expr: TypedExpr, type: DataType): TypedExpr {
  if (expr.op === 'literal' && expr.value === null) return { op: 'literal', type, value: null };
  if (sameType(expr.type, type)) return expr;
  if (expr.op === 'literal') {
    try {
      return { op: 'literal', type, value: castValue(expr.value, expr.type, type) };
    } catch (error) {
      if (!(error instanceof RowError)) throw error; // It fails row by row, where it is evaluated.
    }
  }
  return { op: 'cast', type, operand: expr, isTry: false };
}

/**
 * The operand as `type` if that happens by itself, else `undefined`.
 *
 * @throws MillraceError `ERR_EXPRESSION` for a string constant that is no timestamp or duration
 */
export function tryConvert(operand: Operand, type: DataType): TypedExpr | undefined {
  const { expr } = operand;
  if (operand.isUntyped || sameType(expr.type, type)) return convert(expr, type);
  if (isTimeText(operand, type)) return timeLiteral(operand, type);
  const common = commonType(expr.type, type);
  return common !== undefined && sameType(common, type) ? convert(expr, type) : undefined;
}

/** Whether the operand is a string constant that turns into a timestamp or duration. */
function isTimeText({ expr }: Operand, type: DataType): boolean {
  return (
    (type.kind === 'timestamp' || type.kind === 'duration') &&
    expr.op === 'literal' &&
    expr.type.kind === 'string'
  );
}

function timeLiteral({ expr, span }: Operand, type: DataType): TypedExpr {
  const text = expr.op === 'literal' ? String(expr.value) : '';
  const value = type.kind === 'timestamp' ? parseTimestamp(text) : parseDuration(text);
  if (value !== undefined) return { op: 'literal', type, value };
  const example = type.kind === 'timestamp' ? '2026-01-31 23:59:59' : '90s';
  throw expressionError(span, `'${text}' is no ${type.kind}; write it as '${example}'`);
}

/**
 * The type of several alternatives (branches of a `CASE`, arguments of `COALESCE`).
 *
 * @param what - the construct, for the message
 * @returns `undefined` when all are bare `NULL`s
 * @throws MillraceError `ERR_EXPRESSION` at the first alternative that does not fit those before it
 */
export function unifiedType(operands: readonly Operand[], what: string): DataType | undefined {
  // A string constant gives way to a timestamp wherever it stands, so constants come last.
  const isText = ({ expr }: Operand) => expr.op === 'literal' && expr.type.kind === 'string';
  const typed = operands.filter((operand) => !operand.isUntyped);
  const ordered = [...typed.filter((o) => !isText(o)), ...typed.filter(isText)];
  let type: DataType | undefined;
  for (const operand of ordered) {
    const next: DataType | undefined =
      type === undefined
        ? operand.expr.type
        : isTimeText(operand, type)
          ? type
          : commonType(type, operand.expr.type);
    if (next === undefined) {
      throw expressionError(
        operand.span,
        `${what} cannot mix ${typeName(type!)} and ${typeName(operand.expr.type)}${castHint(type!, operand.expr.type)}`,
      );
    }
    type = next;
  }
  return type;
}

/** A hint behind a type error, where a `CAST` would help. */
export function castHint(a: DataType, b: DataType): string {
  const kinds = [a.kind, b.kind];
  if (kinds.includes('string') && (isNumeric(a) || isNumeric(b))) {
    const other = a.kind === 'string' ? b : a;
    return `; write CAST(… AS ${typeName(other)}) or CAST(… AS string)`;
  }
  return '';
}
