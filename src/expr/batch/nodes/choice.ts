/** `CASE` and `COALESCE`: each row's value comes from one operand, and only that one sees the row. @module */

import type { Heap } from '../../../core/column.ts';
import { Column } from '../../../core/column.ts';
import type { DataType } from '../../../core/types.ts';
import { keepClear, subtractRows } from '../selections.ts';
import { storeView } from '../values.ts';
import type { NodeOptions, Frame, TruthNode, VectorNode } from '../vector-node.ts';

/** Copies rows of strings, bytes or json to the same places of another column, nulls included. */
export interface ViewMover {
  /**
   * Copies rows that were not copied before, or are null.
   *
   * @param out - has an empty heap of its own before the first call of a batch
   * @returns false if all has to begin anew, with the first rows of the batch
   */
  move(out: Column, from: Column, rows: Uint32Array, count: number): boolean;
}

/** One branch of a `CASE`. */
export interface BranchNodes {
  readonly when: TruthNode;
  readonly then: VectorNode;
}

/** `CASE WHEN … THEN … ELSE … END`. */
export class CaseNode implements VectorNode {
  readonly type: DataType;
  readonly #branches: readonly BranchNodes[];
  readonly #otherwise: VectorNode;
  readonly #chosen: Uint32Array;
  readonly #open: Uint32Array;
  readonly #out: Column;
  readonly #heap: Heap;
  readonly #mover: ViewMover;

  constructor(
    type: DataType,
    branches: readonly BranchNodes[],
    otherwise: VectorNode,
    { rowCapacity, memory }: NodeOptions,
    mover: ViewMover = bytesMover,
  ) {
    this.type = type;
    this.#branches = branches;
    this.#otherwise = otherwise;
    this.#chosen = memory.rows(rowCapacity);
    this.#open = memory.rows(rowCapacity);
    this.#out = Column.allocate(type, rowCapacity, memory);
    this.#heap = this.#out.heap;
    this.#mover = mover;
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const out = this.#out;
    out.clearNulls();
    out.heap = this.#heap;
    out.heap.used = 0;
    let rows = selection;
    let count = selected;
    for (let i = 0; i < this.#branches.length && count > 0; i++) {
      const { when, then } = this.#branches[i]!;
      const chosen = when.select(frame, rows, count, this.#chosen);
      count = subtractRows(rows, count, this.#chosen, chosen, this.#open);
      rows = this.#open;
      if (chosen > 0) {
        const column = then.evaluate(frame, this.#chosen, chosen);
        const isMoved = copyRows(out, column, this.#chosen, chosen, this.#mover);
        if (!isMoved) return this.evaluate(frame, selection, selected);
      }
    }
    if (count > 0) {
      const column = this.#otherwise.evaluate(frame, rows, count);
      const isMoved = copyRows(out, column, rows, count, this.#mover);
      if (!isMoved) return this.evaluate(frame, selection, selected);
    }
    return out;
  }
}

/** `COALESCE`. */
export class CoalesceNode implements VectorNode {
  readonly type: DataType;
  readonly #operands: readonly VectorNode[];
  readonly #open: Uint32Array;
  readonly #out: Column;
  readonly #heap: Heap;
  readonly #mover: ViewMover;

  constructor(
    type: DataType,
    operands: readonly VectorNode[],
    { rowCapacity, memory }: NodeOptions,
    mover: ViewMover = bytesMover,
  ) {
    this.type = type;
    this.#operands = operands;
    this.#open = memory.rows(rowCapacity);
    this.#out = Column.allocate(type, rowCapacity, memory);
    this.#heap = this.#out.heap;
    this.#mover = mover;
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const first = this.#operands[0]!.evaluate(frame, selection, selected);
    if (first.nullCount === 0) return first;
    const out = this.#out;
    out.clearNulls();
    out.heap = this.#heap;
    out.heap.used = 0;
    const mover = this.#mover;
    if (!copyRows(out, first, selection, selected, mover)) {
      return this.evaluate(frame, selection, selected);
    }
    let count = keepClear(selection, selected, first.validity, this.#open);
    for (let i = 1; i < this.#operands.length && count > 0; i++) {
      const column = this.#operands[i]!.evaluate(frame, this.#open, count);
      if (!copyRows(out, column, this.#open, count, mover)) {
        return this.evaluate(frame, selection, selected);
      }
      count =
        column.nullCount === 0 ? 0 : keepClear(this.#open, count, column.validity, this.#open);
    }
    return out;
  }
}

/** Copies rows to the same places of another column, nulls included; false as {@link ViewMover} says. */
function copyRows(
  out: Column,
  from: Column,
  rows: Uint32Array,
  count: number,
  mover: ViewMover,
): boolean {
  switch (out.storage) {
    case 'f64':
      copyF64(out.f64, from.f64, rows, count);
      break;
    case 'i32':
      copyI32(out.words, from.words, rows, count);
      break;
    case 'i64':
      copyI64(out.words, from.words, rows, count);
      break;
    case 'bits':
      for (let s = 0; s < count; s++) out.setBool(rows[s]!, from.getBool(rows[s]!));
      break;
    case 'view':
      return mover.move(out, from, rows, count);
  }
  copyNullMarks(out, from, rows, count);
  return true;
}

function copyNullMarks(out: Column, from: Column, rows: Uint32Array, count: number): void {
  if (from.nullCount === 0) {
    if (out.nullCount !== 0) for (let s = 0; s < count; s++) out.setPresent(rows[s]!);
    return;
  }
  for (let s = 0; s < count; s++) {
    if (from.isNull(rows[s]!)) out.setNull(rows[s]!);
    else out.setPresent(rows[s]!);
  }
}

/** @hot */
function copyF64(out: Float64Array, from: Float64Array, rows: Uint32Array, count: number): void {
  for (let s = 0; s < count; s++) {
    const row = rows[s]!;
    out[row] = from[row]!;
  }
}

/** @hot */
function copyI32(out: Int32Array, from: Int32Array, rows: Uint32Array, count: number): void {
  for (let s = 0; s < count; s++) {
    const row = rows[s]!;
    out[row] = from[row]!;
  }
}

/** @hot */
function copyI64(out: Int32Array, from: Int32Array, rows: Uint32Array, count: number): void {
  for (let s = 0; s < count; s++) {
    const at = 2 * rows[s]!;
    out[at] = from[at]!;
    out[at + 1] = from[at + 1]!;
  }
}

/** Copies bytes too, whichever memory they lie in. */
export const bytesMover: ViewMover = {
  move: (out, from, rows, count) => {
    for (let s = 0; s < count; s++) {
      const row = rows[s]!;
      if (from.isNull(row)) continue;
      storeView(out, row, from.viewSource(row), from.viewStart(row), from.viewLength(row));
    }
    copyNullMarks(out, from, rows, count);
    return true;
  },
};
