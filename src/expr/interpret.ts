/**
 * What a typed tree means: slow and obvious, one row at a time. The oracle that other evaluators
 * are tested against.
 *
 * Evaluation is left to right. `AND`, `OR`, `CASE`, `COALESCE` and `IN` stop as soon as the result
 * is known, and what they skip cannot fail; everything else evaluates all its operands, even when
 * one is null.
 *
 * @module
 */

import { invariant } from '../core/invariant.ts';
import type { DataType } from '../core/types.ts';
import { storageOf } from '../core/types.ts';
import type { ComparisonOperator } from './ast.ts';
import { findFunction } from './functions/registry.ts';
import { divisionByZero, overflow, RowError } from './row-error.ts';
import { castValue } from './scalar/cast.ts';
import { decimalArithmetic, powerOfTen } from './scalar/decimal.ts';
import { roundHalfAway, sameFloat } from './scalar/float.ts';
import {
  checkInt32,
  checkInt64,
  divideInt32,
  divideInt64,
  fitsInt64,
  MAX_INT64,
  MIN_INT64,
  remainderInt32,
  remainderInt64,
} from './scalar/integer.ts';
import { compareBytes, compareText } from './scalar/text.ts';
import type {
  TypedAlign,
  TypedArithmetic,
  TypedCall,
  TypedCase,
  TypedCast,
  TypedCompare,
  TypedExpr,
  TypedIn,
} from './typed.ts';
import type { Value } from './value.ts';

/**
 * The value of an expression for one row.
 *
 * @param row - the values of all columns; of two inputs `[...left, ...right]`
 * @throws RowError when the expression has no value for this row
 */
export function interpret(expr: TypedExpr, row: readonly Value[]): Value {
  switch (expr.op) {
    case 'literal':
      return expr.value;
    case 'column':
      return row[expr.index] ?? null;
    case 'arithmetic':
      return arithmetic(expr, interpret(expr.left, row), interpret(expr.right, row));
    case 'negate':
      return negate(interpret(expr.operand, row), expr.type);
    case 'align':
      return align(expr, interpret(expr.operand, row));
    case 'compare':
      return compare(expr, interpret(expr.left, row), interpret(expr.right, row));
    case 'distinct': {
      const left = interpret(expr.left, row);
      const right = interpret(expr.right, row);
      return isDistinct(left, right, expr.left.type) !== expr.negated;
    }
    case 'and':
      return logical(expr.operands, row, false);
    case 'or':
      return logical(expr.operands, row, true);
    case 'not': {
      const value = interpret(expr.operand, row);
      return value === null ? null : !(value as boolean);
    }
    case 'is':
      return (interpret(expr.operand, row) === expr.value) !== expr.negated;
    case 'in':
      return isIn(expr, interpret(expr.operand, row));
    case 'case':
      return chooseBranch(expr, row);
    case 'coalesce':
      return coalesce(expr.operands, row);
    case 'cast':
      return cast(expr, interpret(expr.operand, row));
    case 'call':
      return call(
        expr,
        expr.args.map((arg) => interpret(arg, row)),
      );
  }
}

/** The value of an arithmetic node for the values of its operands. @throws RowError */
export function arithmetic(expr: TypedArithmetic, left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  const { type, operator } = expr;
  switch (type.kind) {
    case 'int32':
      return arithmeticInt32(operator, left as number, right as number);
    case 'float64':
      return typeof left === 'bigint'
        ? Number(left) / Number(right)
        : arithmeticFloat(operator, left as number, right as number);
    case 'decimal':
      return decimalArithmetic(
        operator,
        left as bigint,
        scaleOf(expr.left.type),
        right as bigint,
        scaleOf(expr.right.type),
        type,
      );
    default:
      return typeof right === 'number'
        ? durationByFloat(operator, left as bigint, right)
        : arithmeticInt64(operator, left as bigint, right as bigint, type.kind);
  }
}

function arithmeticInt32(operator: TypedArithmetic['operator'], a: number, b: number): number {
  switch (operator) {
    case '+':
      return checkInt32(a + b);
    case '-':
      return checkInt32(a - b);
    case '*':
      return checkInt32(a * b);
    case '/':
      return divideInt32(a, b);
    case '%':
      return remainderInt32(a, b);
  }
}

function arithmeticInt64(
  operator: TypedArithmetic['operator'],
  a: bigint,
  b: bigint,
  what: string,
): bigint {
  switch (operator) {
    case '+':
      return checkInt64(a + b, what);
    case '-':
      return checkInt64(a - b, what);
    case '*':
      return checkInt64(a * b, what);
    case '/':
      return divideInt64(a, b, what);
    case '%':
      return remainderInt64(a, b);
  }
}

function arithmeticFloat(operator: TypedArithmetic['operator'], a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
  }
}

/** duration * float64 and duration / float64, rounded to microseconds. */
function durationByFloat(operator: TypedArithmetic['operator'], us: bigint, by: number): bigint {
  if (operator === '/' && by === 0) throw divisionByZero();
  const result = roundHalfAway(operator === '*' ? Number(us) * by : Number(us) / by);
  if (!Number.isFinite(result)) throw overflow('duration');
  return checkInt64(BigInt(result), 'duration');
}

/** The negation of a value. @throws RowError `overflow` */
export function negate(value: Value, type: DataType): Value {
  if (value === null) return null;
  if (type.kind === 'int32') return checkInt32(-(value as number));
  if (type.kind === 'float64') return -(value as number);
  return checkInt64(-(value as bigint), type.kind);
}

/** The value of an align node for that of its operand. */
export function align({ by }: TypedAlign, value: Value): Value {
  if (value === null) return null;
  const scaled = (value as bigint) * powerOfTen(by);
  if (fitsInt64(scaled)) return scaled;
  return scaled < 0n ? MIN_INT64 : MAX_INT64;
}

/** The digits behind the point of a decimal; 0 of other types. */
export function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0;
}

/** The value of a comparison for the values of its operands. */
export function compare(expr: TypedCompare, left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  switch (expr.left.type.kind) {
    case 'string':
      return holds(expr.operator, compareText(left as string, right as string), 0);
    case 'bytes':
      return holds(expr.operator, compareBytes(left as Uint8Array, right as Uint8Array), 0);
    default:
      return holds(expr.operator, left as number | bigint, right as number | bigint);
  }
}

function holds(operator: ComparisonOperator, a: number | bigint, b: number | bigint): boolean {
  switch (operator) {
    case '=':
      return a === b;
    case '<>':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** Whether two values of one type are distinct: null equals null, NaN equals NaN, 0 equals -0. */
export function isDistinct(left: Value, right: Value, type: DataType): boolean {
  if (left === null || right === null) return left !== right;
  if (type.kind === 'bytes') return compareBytes(left as Uint8Array, right as Uint8Array) !== 0;
  if (storageOf(type) === 'f64') return !sameFloat(left as number, right as number);
  return left !== right;
}

function logical(operands: readonly TypedExpr[], row: readonly Value[], decides: boolean): Value {
  let result: Value = !decides;
  for (const operand of operands) {
    const value = interpret(operand, row);
    if (value === decides) return decides;
    if (value === null) result = null;
  }
  return result;
}

/** The value of an `IN` for that of its operand. */
export function isIn({ operand, items, hasNull }: TypedIn, value: Value): Value {
  if (value === null) return null;
  const { type } = operand;
  const found = items.some((item) =>
    type.kind === 'bytes'
      ? compareBytes(item as Uint8Array, value as Uint8Array) === 0
      : item === value,
  );
  return found || (hasNull ? null : false);
}

function chooseBranch(expr: TypedCase, row: readonly Value[]): Value {
  for (const { when, then } of expr.branches) {
    if (interpret(when, row) === true) return interpret(then, row);
  }
  return interpret(expr.otherwise, row);
}

function coalesce(operands: readonly TypedExpr[], row: readonly Value[]): Value {
  for (const operand of operands) {
    const value = interpret(operand, row);
    if (value !== null) return value;
  }
  return null;
}

/** The value of a cast for that of its operand. @throws RowError unless it is a `TRY_CAST` */
export function cast({ operand, type, isTry }: TypedCast, value: Value): Value {
  if (value === null) return null;
  if (!isTry) return castValue(value, operand.type, type);
  try {
    return castValue(value, operand.type, type);
  } catch (error) {
    if (error instanceof RowError) return null;
    throw error;
  }
}

/** The value of a call for those of its arguments. @throws RowError */
export function call(expr: TypedCall, args: readonly Value[]): Value {
  return callOf(expr)(args);
}

/** The same, for any number of rows. */
export function callOf(expr: TypedCall): (args: readonly Value[]) => Value {
  const spec = findFunction(expr.fn);
  invariant(spec !== undefined, `no function ${expr.fn}`);
  if (spec.takesNulls === true) return (args) => spec.apply(args, expr);
  return (args) => (args.includes(null) ? null : spec.apply(args, expr));
}

/** Whether a null argument makes the call null. */
export function isStrictCall({ fn }: TypedCall): boolean {
  return findFunction(fn)?.takesNulls !== true;
}
