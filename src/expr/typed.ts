/**
 * The typed tree: names resolved, every conversion explicit, operands of one type.
 *
 * Plain data (numbers, strings, bigints, arrays, objects), so that it can be posted to a thread.
 * All evaluators work on it; `interpret.ts` defines what it means.
 *
 * @module
 */

import type { DataType } from '../core/types.ts';
import type { ArithmeticOperator, ComparisonOperator } from './ast.ts';
import type { Value } from './value.ts';

/** A constant; `value` is of `type`, or null. */
export interface TypedLiteral {
  readonly op: 'literal';
  readonly type: DataType;
  readonly value: Value;
}

/** A column of the row; rows of two inputs are `[...left, ...right]`. */
export interface TypedColumn {
  readonly op: 'column';
  readonly type: DataType;
  /** Which input of the scope it belongs to. */
  readonly input: number;
  /** Position in the row of all inputs together. */
  readonly index: number;
  /** Position in the schema of its own input. */
  readonly position: number;
  readonly name: string;
}

/**
 * Both operands have storage of the same class as the result, except:
 *
 * - decimals may differ in scale
 * - duration `*` or `/` float64 gives a duration; duration `/` duration gives a float64
 */
export interface TypedArithmetic {
  readonly op: 'arithmetic';
  readonly type: DataType;
  readonly operator: ArithmeticOperator;
  readonly left: TypedExpr;
  readonly right: TypedExpr;
}

/** `-x`, of the operand's type. */
export interface TypedNegate {
  readonly op: 'negate';
  readonly type: DataType;
  readonly operand: TypedExpr;
}

/**
 * Multiplies an int64 or decimal by 10^by, stopping at the limits of int64; only below a comparison,
 * whose result that does not change. The type's precision means nothing.
 */
export interface TypedAlign {
  readonly op: 'align';
  readonly type: DataType;
  readonly operand: TypedExpr;
  readonly by: number;
}

/** Operands have the same type, or int64 storage and the same scale. */
export interface TypedCompare {
  readonly op: 'compare';
  readonly type: DataType;
  readonly operator: ComparisonOperator;
  readonly left: TypedExpr;
  readonly right: TypedExpr;
}

/** `IS DISTINCT FROM`, or with `negated` `IS NOT DISTINCT FROM`. Never null. */
export interface TypedDistinct {
  readonly op: 'distinct';
  readonly type: DataType;
  readonly negated: boolean;
  readonly left: TypedExpr;
  readonly right: TypedExpr;
}

/** At least two operands, evaluated left to right until one decides. */
export interface TypedLogical {
  readonly op: 'and' | 'or';
  readonly type: DataType;
  readonly operands: readonly TypedExpr[];
}

/** Null stays null. */
export interface TypedNot {
  readonly op: 'not';
  readonly type: DataType;
  readonly operand: TypedExpr;
}

/** `IS [NOT] NULL | TRUE | FALSE`. Never null. */
export interface TypedIs {
  readonly op: 'is';
  readonly type: DataType;
  readonly value: boolean | null;
  readonly negated: boolean;
  readonly operand: TypedExpr;
}

/** Membership in a list of constants; lists of other expressions are chains of `=`. */
export interface TypedIn {
  readonly op: 'in';
  readonly type: DataType;
  readonly operand: TypedExpr;
  /** Of the operand's type, without nulls. */
  readonly items: readonly Value[];
  /** True when the list contained a null: then a value not found gives null, not false. */
  readonly hasNull: boolean;
}

/** `when` is a bool; null counts as false. `then` has the type of the `CASE`. */
export interface TypedBranch {
  readonly when: TypedExpr;
  readonly then: TypedExpr;
}

/** The first branch whose condition is true; evaluated left to right, and no further. */
export interface TypedCase {
  readonly op: 'case';
  readonly type: DataType;
  readonly branches: readonly TypedBranch[];
  readonly otherwise: TypedExpr;
}

/** The first operand that is not null; evaluated left to right, and no further. */
export interface TypedCoalesce {
  readonly op: 'coalesce';
  readonly type: DataType;
  readonly operands: readonly TypedExpr[];
}

/** From the operand's type to `type`; see `scalar/cast.ts`. */
export interface TypedCast {
  readonly op: 'cast';
  readonly type: DataType;
  readonly operand: TypedExpr;
  /** Null instead of a row error. */
  readonly isTry: boolean;
}

/**
 * A function: null when any argument is null, but for a few that its table entry names. All arguments
 * are evaluated, left to right.
 */
export interface TypedCall {
  readonly op: 'call';
  readonly type: DataType;
  /** Upper-case name in the function table. */
  readonly fn: string;
  readonly args: readonly TypedExpr[];
}

/** A typed tree. */
export type TypedExpr =
  | TypedLiteral
  | TypedColumn
  | TypedArithmetic
  | TypedNegate
  | TypedAlign
  | TypedCompare
  | TypedDistinct
  | TypedLogical
  | TypedNot
  | TypedIs
  | TypedIn
  | TypedCase
  | TypedCoalesce
  | TypedCast
  | TypedCall;

/** The direct operands of a node, in the order of evaluation. */
export function operandsOf(expr: TypedExpr): readonly TypedExpr[] {
  switch (expr.op) {
    case 'literal':
    case 'column':
      return [];
    case 'arithmetic':
    case 'compare':
    case 'distinct':
      return [expr.left, expr.right];
    case 'and':
    case 'or':
    case 'coalesce':
      return expr.operands;
    case 'case':
      return [...expr.branches.flatMap(({ when, then }) => [when, then]), expr.otherwise];
    case 'call':
      return expr.args;
    default:
      return [expr.operand];
  }
}

/** The same node over other operands: `change` is applied to each direct operand, in order. */
export function mapOperands(expr: TypedExpr, change: (operand: TypedExpr) => TypedExpr): TypedExpr {
  switch (expr.op) {
    case 'literal':
    case 'column':
      return expr;
    case 'arithmetic':
    case 'compare':
    case 'distinct':
      return { ...expr, left: change(expr.left), right: change(expr.right) };
    case 'and':
    case 'or':
    case 'coalesce':
      return { ...expr, operands: expr.operands.map(change) };
    case 'case':
      return {
        ...expr,
        branches: expr.branches.map(({ when, then }) => ({
          when: change(when),
          then: change(then),
        })),
        otherwise: change(expr.otherwise),
      };
    case 'call':
      return { ...expr, args: expr.args.map(change) };
    default:
      return { ...expr, operand: change(expr.operand) };
  }
}

/** The columns that stand in an expression, each once. */
export function columnsRead(expr: TypedExpr): readonly TypedColumn[] {
  const read = new Map<number, TypedColumn>();
  collectColumns(expr, read);
  return [...read.values()];
}

function collectColumns(expr: TypedExpr, into: Map<number, TypedColumn>): void {
  if (expr.op === 'column') into.set(expr.index, expr);
  else for (const operand of operandsOf(expr)) collectColumns(operand, into);
}
