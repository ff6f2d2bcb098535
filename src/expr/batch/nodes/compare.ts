/** Comparisons: rows are selected by a loop; a column is made from them only where one is needed. @module */

import { Column } from '../../../core/column.ts';
import type { Storage } from '../../../core/types.ts';
import { BOOL } from '../../../core/types.ts';
import type { ComparisonOperator } from '../../ast.ts';
import type { TypedCompare } from '../../typed.ts';
import { keepSet, setTrueRows } from '../selections.ts';
import { coveringBytes, joinNulls } from '../validity.ts';
import type { Frame, TruthNode, VectorNode } from '../vector-node.ts';
import type { CompareLoop } from './compare-loops.ts';
import { compareLoop } from './compare-loops.ts';
import { LiteralNode } from './leaf.ts';

/** The operator with its operands exchanged. */
const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Whether comparisons of this storage have loops; bools are compared by the scalar rule. */
export function hasCompareLoop(storage: Storage): boolean {
  return storage !== 'bits';
}

/** A comparison of numbers, times, strings or bytes. */
export class CompareNode implements TruthNode {
  readonly type = BOOL;
  hadNulls = false;
  readonly #left: VectorNode;
  readonly #right: VectorNode;
  readonly #isMirrored: boolean;
  readonly #loop: CompareLoop;
  readonly #trueRows: Uint32Array;
  readonly #out: Column;

  constructor(expr: TypedCompare, left: VectorNode, right: VectorNode, rowCapacity: number) {
    this.#left = left;
    this.#right = right;
    // Operands are evaluated as written, then exchanged so that a constant stands right.
    this.#isMirrored = left instanceof LiteralNode && !(right instanceof LiteralNode);
    const operator = this.#isMirrored ? MIRRORED[expr.operator] : expr.operator;
    const second = this.#isMirrored ? left : right;
    const constant = second instanceof LiteralNode ? second.value : null;
    this.#loop = compareLoop(operator, expr.left.type, constant);
    this.#trueRows = new Uint32Array(rowCapacity);
    this.#out = Column.allocate(BOOL, rowCapacity);
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const left = this.#left.evaluate(frame, selection, selected);
    const right = this.#right.evaluate(frame, selection, selected);
    this.hadNulls = left.nullCount !== 0 || right.nullCount !== 0;
    return this.#compare(selection, selected, out, left, right);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const left = this.#left.evaluate(frame, selection, selected);
    const right = this.#right.evaluate(frame, selection, selected);
    const out = this.#out;
    const bytes = coveringBytes(selection, selected);
    const kept = this.#compare(selection, selected, this.#trueRows, left, right);
    setTrueRows(out, bytes, this.#trueRows, kept);
    joinNulls(out, left, right, bytes);
    return out;
  }

  /** Null rows go first: the garbage in a null view must not be followed. */
  #compare(
    selection: Uint32Array,
    selected: number,
    out: Uint32Array,
    left: Column,
    right: Column,
  ): number {
    let rows = selection;
    let count = selected;
    if (left.nullCount !== 0) {
      count = keepSet(rows, count, left.validity, out);
      rows = out;
    }
    if (right.nullCount !== 0) {
      count = keepSet(rows, count, right.validity, out);
      rows = out;
    }
    return this.#isMirrored
      ? this.#loop(rows, count, out, right, left)
      : this.#loop(rows, count, out, left, right);
  }
}
