/** Typed tree → tree of vector nodes. @module */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import type { Value } from '../value.ts';
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
import { arithmeticLoop, unaryLoop } from './nodes/arithmetic.ts';
import { callLoop, callTest } from './nodes/call.ts';
import { castLoop } from './nodes/cast.ts';
import { CaseNode, CoalesceNode } from './nodes/choice.ts';
import { compareTest } from './nodes/compare.ts';
import { memberTest } from './nodes/in.ts';
import { ColumnNode, LiteralNode } from './nodes/leaf.ts';
import { AndNode, IsNode, NotNode, OrNode } from './nodes/logic.ts';
import type { RowLoop, TestLoop } from './nodes/loop-node.ts';
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

/** An expression from its topmost node. */
export function expressionOf(node: VectorNode, options: NodeOptions): BatchExpression {
  return new VectorExpression(node, options.rowCapacity);
}

/** A condition from its topmost node, of type bool. */
export function predicateOf(node: VectorNode): BatchPredicate {
  return new VectorPredicate(asTruth(node));
}

/** Offers a better node for a part of an expression. */
export type NodeFactory = (expr: TypedExpr) => VectorNode | undefined;

const NO_FACTORY: NodeFactory = () => undefined;

/** The node of an expression. @param better - asked first, for it and for each of its operands */
export function buildNode(
  expr: TypedExpr,
  options: NodeOptions,
  better: NodeFactory = NO_FACTORY,
): VectorNode {
  return better(expr) ?? loopNode(expr, options, better);
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

function loopNode(expr: TypedExpr, options: NodeOptions, better: NodeFactory): VectorNode {
  const build = (operand: TypedExpr) => buildNode(operand, options, better);
  switch (expr.op) {
    case 'literal':
      return new LiteralNode(expr, options);
    case 'column':
      return new ColumnNode(expr);
    case 'arithmetic':
      return withLoop(
        expr,
        build,
        arithmeticLoop(expr),
        ([a, b]) => arithmetic(expr, a!, b!),
        options,
      );
    case 'negate':
      return withLoop(expr, build, unaryLoop(expr), ([a]) => negate(a!, expr.type), options);
    case 'align':
      return withLoop(expr, build, unaryLoop(expr), ([a]) => align(expr, a!), options);
    case 'compare':
      return withTest(expr, build, compareTest(expr), ([a, b]) => compare(expr, a!, b!), options);
    case 'distinct': {
      const { type } = expr.left;
      const rule: ScalarRule = ([a, b]: readonly Value[]) =>
        isDistinct(a!, b!, type) !== expr.negated;
      return new ScalarNode(expr.type, [build(expr.left), build(expr.right)], rule, false, options);
    }
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
    case 'cast': {
      const loop = castLoop(expr.operand.type, expr.type);
      return withLoop(expr, build, loop, ([value]) => cast(expr, value!), options);
    }
    case 'call': {
      const rule: ScalarRule = callOf(expr);
      if (!isStrictCall(expr)) {
        return new ScalarNode(expr.type, expr.args.map(build), rule, false, options);
      }
      return expr.type.kind === 'bool'
        ? withTest(expr, build, callTest(expr), rule, options)
        : withLoop(expr, build, callLoop(expr), rule, options);
    }
  }
}

/** A strict operation: by its loop, if it has one, or row by row. */
function withLoop(
  expr: TypedExpr,
  build: (operand: TypedExpr) => VectorNode,
  loop: RowLoop | undefined,
  rule: ScalarRule,
  options: NodeOptions,
): VectorNode {
  const operands = operandsOf(expr).map(build);
  return loop === undefined
    ? new ScalarNode(expr.type, operands, rule, true, options)
    : new LoopNode(expr.type, operands, loop, rule, options);
}

/** A strict test: by its loop, if it has one, or row by row. */
function withTest(
  expr: TypedExpr,
  build: (operand: TypedExpr) => VectorNode,
  loop: TestLoop | undefined,
  rule: ScalarRule,
  options: NodeOptions,
): VectorNode {
  const operands = operandsOf(expr).map(build);
  return loop === undefined
    ? new ScalarNode(expr.type, operands, rule, true, options)
    : new TestNode(operands, loop, options);
}
