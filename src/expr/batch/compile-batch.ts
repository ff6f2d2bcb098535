/** Typed tree → tree of vector nodes. @module */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import {
  align,
  arithmetic,
  callOf,
  cast,
  compare,
  isDistinct,
  isStrictCall,
  negate,
} from '../interpret.ts';
import type { TypedExpr } from '../typed.ts';
import { operandsOf } from '../typed.ts';
import { canFail } from './can-fail.ts';
import { arithmeticLoop } from './nodes/arithmetic.ts';
import { callLoop } from './nodes/call.ts';
import { CaseNode, CoalesceNode } from './nodes/choice.ts';
import { memberTest } from './nodes/in.ts';
import { ColumnNode, LiteralNode } from './nodes/leaf.ts';
import { AndNode, IsNode, NotNode, OrNode } from './nodes/logic.ts';
import type { RowLoop } from './nodes/loop-node.ts';
import { LoopNode, TestNode } from './nodes/loop-node.ts';
import type { ScalarRule } from './nodes/scalar.ts';
import { ScalarNode } from './nodes/scalar.ts';
import { asTruth } from './nodes/truth.ts';
import { RowErrors } from './row-errors.ts';
import type { NodeOptions, Frame, TruthNode, VectorNode } from './vector-node.ts';

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
   * those of `batch` (it may be one of them, or its long values may lie in their heap); the caller must
   * not change it
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

/** Gives columns as the nodes of an expression read them. */
export interface ColumnPlaces {
  /** @returns valid until the next call */
  of(columns: readonly Column[], selection: Uint32Array, selected: number): readonly Column[];
}

/** An expression from its topmost node. */
export function expressionOf(
  node: VectorNode,
  places: ColumnPlaces,
  options: NodeOptions,
): BatchExpression {
  return new VectorExpression(node, places, options.rowCapacity);
}

/** A condition from its topmost node, of type bool. */
export function predicateOf(node: VectorNode, places: ColumnPlaces): BatchPredicate {
  return new VectorPredicate(asTruth(node), places);
}

/** Offers a kernel for a part of an expression. */
export type NodeFactory = (expr: TypedExpr) => VectorNode | undefined;

/** The node of an expression. @param kernel - asked first, for it and for each of its operands */
export function buildNode(expr: TypedExpr, options: NodeOptions, kernel: NodeFactory): VectorNode {
  return kernel(expr) ?? plainNode(expr, options, kernel);
}

class VectorExpression implements BatchExpression {
  readonly type: DataType;
  readonly #node: VectorNode;
  readonly #places: ColumnPlaces;
  readonly #empty: Column;
  readonly #frame: Frame = { columns: [], errors: new RowErrors(0) };

  constructor(node: VectorNode, places: ColumnPlaces, rowCapacity: number) {
    this.type = node.type;
    this.#node = node;
    this.#places = places;
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
    this.#frame.columns = this.#places.of(batch.columns, selection, selected);
    this.#frame.errors = errors;
    const column = this.#node.evaluate(this.#frame, selection, selected);
    // Only nodes with scratch of their own fail, so this never writes to an input column.
    for (let i = before; i < errors.count; i++) column.setNull(errors.rows[i]!);
    return column;
  }
}

class VectorPredicate implements BatchPredicate {
  readonly #node: TruthNode;
  readonly #places: ColumnPlaces;
  readonly #frame: Frame = { columns: [], errors: new RowErrors(0) };

  constructor(node: TruthNode, places: ColumnPlaces) {
    this.#node = node;
    this.#places = places;
  }

  select(
    batch: ColumnSource,
    selection: Uint32Array,
    selected: number,
    out: Uint32Array,
    errors: RowErrors,
  ): number {
    if (selected === 0) return 0;
    this.#frame.columns = this.#places.of(batch.columns, selection, selected);
    this.#frame.errors = errors;
    const kept = this.#node.select(this.#frame, selection, selected, out);
    return errors.count === 0 ? kept : errors.dropFailed(out, kept, out);
  }
}

function plainNode(expr: TypedExpr, options: NodeOptions, kernel: NodeFactory): VectorNode {
  const build = (operand: TypedExpr) => buildNode(operand, options, kernel);
  const scalar = (rule: ScalarRule, isStrict = true) =>
    new ScalarNode(expr.type, operandsOf(expr).map(build), rule, isStrict, options);
  switch (expr.op) {
    case 'literal':
      return new LiteralNode(expr, options);
    case 'column':
      return new ColumnNode(expr);
    case 'arithmetic': {
      const rule: ScalarRule = ([a, b]) => arithmetic(expr, a!, b!);
      const loop = arithmeticLoop(expr);
      return loop === undefined ? scalar(rule) : withLoop(expr, build, loop, rule, options);
    }
    case 'negate':
      return scalar(([a]) => negate(a!, expr.type));
    case 'align':
      return scalar(([a]) => align(expr, a!));
    case 'compare':
      return scalar(([a, b]) => compare(expr, a!, b!));
    case 'distinct':
      return scalar(([a, b]) => isDistinct(a!, b!, expr.left.type) !== expr.negated, false);
    case 'and':
      return new AndNode(
        expr.operands.map(build).map(asTruth),
        expr.operands.map(canFail),
        options,
      );
    case 'or':
      return new OrNode(expr.operands.map(build).map(asTruth), options);
    case 'not':
      return new NotNode(build(expr.operand), options);
    case 'is':
      return new IsNode(expr, build(expr.operand), options);
    case 'in':
      return new TestNode([build(expr.operand)], memberTest(expr), options, expr.hasNull);
    case 'case': {
      const branches = expr.branches.map(({ when, then }) => ({
        when: asTruth(build(when)),
        then: build(then),
      }));
      return new CaseNode(expr.type, branches, build(expr.otherwise), options);
    }
    case 'coalesce':
      return new CoalesceNode(expr.type, expr.operands.map(build), options);
    case 'cast':
      return scalar(([value]) => cast(expr, value!));
    case 'call': {
      const rule: ScalarRule = callOf(expr);
      const loop = isStrictCall(expr) ? callLoop(expr) : undefined;
      return loop === undefined
        ? scalar(rule, isStrictCall(expr))
        : withLoop(expr, build, loop, rule, options);
    }
  }
}

/** A strict operation by its loop, and by its rule for the rows that the loop leaves. */
function withLoop(
  expr: TypedExpr,
  build: (operand: TypedExpr) => VectorNode,
  loop: RowLoop,
  rule: ScalarRule,
  options: NodeOptions,
): VectorNode {
  return new LoopNode(expr.type, operandsOf(expr).map(build), loop, rule, options);
}
