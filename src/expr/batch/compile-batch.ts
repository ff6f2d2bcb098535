/** Typed tree → tree of vector nodes. @module */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import { call, cast, compare, isDistinct } from '../interpret.ts';
import { arithmetic } from '../interpret.ts';
import type { TypedArithmetic, TypedCall, TypedCast, TypedExpr } from '../typed.ts';
import { canFail } from './can-fail.ts';
import { CheckedArithmeticNode, CheckedUnaryNode, FloatArithmeticNode } from './nodes/arithmetic.ts';
import { castLoop, CastNode } from './nodes/cast.ts';
import { CaseNode, CoalesceNode } from './nodes/choice.ts';
import { CompareNode, hasCompareLoop } from './nodes/compare.ts';
import { InNode } from './nodes/in.ts';
import { ColumnNode, LiteralNode } from './nodes/leaf.ts';
import { AndNode, IsNode, NotNode, OrNode } from './nodes/logic.ts';
import { ScalarNode } from './nodes/scalar.ts';
import { asTruth } from './nodes/truth.ts';
import { RowErrors } from './row-errors.ts';
import type { Frame, TruthNode, VectorNode } from './vector-node.ts';

/** The rows an expression reads: a batch, or anything else that has columns. */
export interface ColumnSource {
  /** In schema order; of two inputs `[...left, ...right]`. */
  readonly columns: readonly Column[];
}

/** An expression for whole batches. Belongs to one thread. */
export interface BatchExpression {
  readonly type: DataType;
  /**
   * Computes the expression for `selection[0 .. selected)`.
   *
   * A row on which it fails is added to `errors` and null in the result. Rows that are not selected
   * hold garbage; `nullCount` may be too high, but is 0 only when no selected row is null.
   *
   * @param selection - ascending rows, each below the capacity the expression was compiled for
   * @returns a column that stays valid and unchanged until the next call, at most as long as
   * those of `batch` (it may be one of them); the caller must not change it
   */
  evaluate(
    batch: ColumnSource,
    selection: Uint32Array,
    selected: number,
    errors: RowErrors,
  ): Column;
}

/** A condition for whole batches. Belongs to one thread. */
export interface BatchPredicate {
  /**
   * Writes the rows for which the condition is true (not null, not failed) to `out`, ascending.
   *
   * @param out - may be `selection` itself, if that may be changed
   * @returns how many
   */
  select(
    batch: ColumnSource,
    selection: Uint32Array,
    selected: number,
    out: Uint32Array,
    errors: RowErrors,
  ): number;
}

/** How large the batches are that a compiled expression will see. */
export interface BatchOptions {
  /** Most rows of a batch; scratch memory is reserved for as many. */
  readonly rowCapacity: number;
}

/** Compiles an expression to loops over columns. */
export function buildExpression(expr: TypedExpr, { rowCapacity }: BatchOptions): BatchExpression {
  return new VectorExpression(buildNode(expr, rowCapacity), rowCapacity);
}

/** Compiles a condition (of type bool) to loops that narrow a selection. */
export function buildPredicate(
  expr: TypedExpr,
  { rowCapacity }: BatchOptions,
): BatchPredicate {
  return new VectorPredicate(asTruth(buildNode(expr, rowCapacity)));
}

class VectorExpression implements BatchExpression {
  readonly type: DataType;
  readonly #node: VectorNode;
  readonly #empty: Column;
  readonly #frame: Frame = { columns: [], errors: new RowErrors(0) };

  constructor(node: VectorNode, rowCapacity: number) {
    this.type = node.type;
    this.#node = node;
    this.#empty = Column.allocate(node.type, Math.min(rowCapacity, 1));
  }

  evaluate(
    batch: ColumnSource,
    selection: Uint32Array,
    selected: number,
    errors: RowErrors,
  ): Column {
    if (selected === 0) return this.#empty;
    const before = errors.count;
    this.#frame.columns = batch.columns;
    this.#frame.errors = errors;
    const column = this.#node.evaluate(this.#frame, selection, selected);
    // Only nodes with scratch of their own fail, so this never writes to an input column.
    for (let i = before; i < errors.count; i++) column.setNull(errors.rows[i]!);
    return column;
  }
}

class VectorPredicate implements BatchPredicate {
  readonly #node: TruthNode;
  readonly #frame: Frame = { columns: [], errors: new RowErrors(0) };

  constructor(node: TruthNode) {
    this.#node = node;
  }

  select(
    batch: ColumnSource,
    selection: Uint32Array,
    selected: number,
    out: Uint32Array,
    errors: RowErrors,
  ): number {
    if (selected === 0) return 0;
    this.#frame.columns = batch.columns;
    this.#frame.errors = errors;
    const kept = this.#node.select(this.#frame, selection, selected, out);
    return errors.count === 0 ? kept : errors.dropFailed(out, kept, out);
  }
}

function buildNode(expr: TypedExpr, rows: number): VectorNode {
  const build = (operand: TypedExpr) => buildNode(operand, rows);
  switch (expr.op) {
    case 'literal':
      return new LiteralNode(expr, rows);
    case 'column':
      return new ColumnNode(expr);
    case 'arithmetic':
      return buildArithmetic(expr, build(expr.left), build(expr.right), rows);
    case 'negate':
    case 'align':
      return new CheckedUnaryNode(expr, build(expr.operand), rows);
    case 'compare': {
      const [left, right] = [build(expr.left), build(expr.right)];
      if (hasCompareLoop(storageOf(expr.left.type))) return new CompareNode(expr, left, right, rows);
      return new ScalarNode(expr.type, [left, right], ([a, b]) => compare(expr, a!, b!), true, rows);
    }
    case 'distinct': {
      const { type } = expr.left;
      const rule = ([a, b]: readonly unknown[]) =>
        isDistinct(a as never, b as never, type) !== expr.negated;
      return new ScalarNode(expr.type, [build(expr.left), build(expr.right)], rule, false, rows);
    }
    case 'and':
      return new AndNode(expr.operands.map(build).map(asTruth), expr.operands.map(canFail), rows);
    case 'or':
      return new OrNode(expr.operands.map(build).map(asTruth), rows);
    case 'not':
      return new NotNode(build(expr.operand), rows);
    case 'is':
      return new IsNode(expr, build(expr.operand), rows);
    case 'in':
      return new InNode(expr, build(expr.operand), rows);
    case 'case': {
      const branches = expr.branches.map(({ when, then }) => ({
        when: asTruth(build(when)),
        then: build(then),
      }));
      return new CaseNode(expr.type, branches, build(expr.otherwise), rows);
    }
    case 'coalesce':
      return new CoalesceNode(expr.type, expr.operands.map(build), rows);
    case 'cast':
      return buildCast(expr, build(expr.operand), rows);
    case 'call':
      return buildCall(expr, expr.args.map(build), rows);
  }
}

function buildArithmetic(
  expr: TypedArithmetic,
  left: VectorNode,
  right: VectorNode,
  rows: number,
): VectorNode {
  if (storageOf(expr.type) !== 'f64') return new CheckedArithmeticNode(expr, left, right, rows);
  if (storageOf(expr.left.type) === 'f64') return new FloatArithmeticNode(expr, left, right, rows);
  return new ScalarNode(expr.type, [left, right], ([a, b]) => arithmetic(expr, a!, b!), true, rows);
}

function buildCast(expr: TypedCast, operand: VectorNode, rows: number): VectorNode {
  const loop = castLoop(expr.operand.type, expr.type);
  if (loop !== undefined) return new CastNode(expr, operand, loop, rows);
  return new ScalarNode(expr.type, [operand], ([value]) => cast(expr, value!), true, rows);
}

function buildCall(expr: TypedCall, args: readonly VectorNode[], rows: number): VectorNode {
  return new ScalarNode(expr.type, args, (values) => call(expr, values), true, rows);
}
