/** The usual node: operands' nulls, a loop over the rows that have none, the scalar rule for the rest. @module */

import type { Heap } from '../../../core/column.ts';
import { Column } from '../../../core/column.ts';
import { BOOL } from '../../../core/types.ts';
import type { DataType } from '../../../core/types.ts';
import { keepSet, setTrueRows } from '../selections.ts';
import { coveringBytes, addNulls } from '../validity.ts';
import type { NodeOptions, Frame, TruthNode, VectorNode } from '../vector-node.ts';
import type { ScalarRule } from './scalar.ts';
import { ScalarRows } from './scalar.ts';

/**
 * Computes `rows[0 .. count)`, none of which has a null operand, into `out`; called once per batch.
 *
 * @param out - has an empty heap of its own. A loop that leaves no row may give it the heap of an
 * operand instead, and views of bytes that lie there
 * @param left - takes the rows that the loop leaves to the scalar rule: failures, rare cases
 * @returns how many it left
 */
export type RowLoop = (
  rows: Uint32Array,
  count: number,
  out: Column,
  operands: readonly Column[],
  left: Uint32Array,
) => number;

/** A strict operation with a loop. */
export class LoopNode implements VectorNode {
  readonly type: DataType;
  readonly #operands: readonly VectorNode[];
  readonly #loop: RowLoop;
  readonly #scalar: ScalarRows;
  readonly #columns: Column[] = [];
  readonly #present: Uint32Array;
  readonly #left: Uint32Array;
  readonly #out: Column;
  readonly #heap: Heap;

  constructor(
    type: DataType,
    operands: readonly VectorNode[],
    loop: RowLoop,
    rule: ScalarRule,
    { rowCapacity, memory }: NodeOptions,
  ) {
    this.type = type;
    this.#operands = operands;
    this.#loop = loop;
    this.#scalar = new ScalarRows(rule, operands, true);
    this.#present = memory.rows(rowCapacity);
    this.#left = memory.rows(rowCapacity);
    this.#out = Column.allocate(type, rowCapacity, memory);
    this.#heap = this.#out.heap;
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const columns = this.#columns;
    const out = this.#out;
    out.clearNulls();
    out.heap = this.#heap;
    out.heap.used = 0;
    const bytes = coveringBytes(selection, selected);
    for (let i = 0; i < this.#operands.length; i++) {
      columns[i] = this.#operands[i]!.evaluate(frame, selection, selected);
    }
    for (let i = 0; i < columns.length; i++) addNulls(out, columns[i]!, bytes);
    let rows = selection;
    let count = selected;
    if (out.nullCount !== 0) {
      count = keepSet(selection, selected, out.validity, this.#present);
      rows = this.#present;
    }
    const left = this.#loop(rows, count, out, columns, this.#left);
    if (left !== 0) this.#scalar.apply(columns, this.#left, left, out, frame.errors);
    return out;
  }
}

/**
 * Writes those of `rows[0 .. count)`, none of which has a null operand, for which a test holds to
 * `out`, which may be `rows`; called once per batch.
 *
 * @returns how many
 */
export type TestLoop = (
  rows: Uint32Array,
  count: number,
  out: Uint32Array,
  operands: readonly Column[],
) => number;

/** A strict test that cannot fail, with a loop that selects; a column is made only where needed. */
export class TestNode implements TruthNode {
  readonly type = BOOL;
  hadNulls = false;
  readonly #operands: readonly VectorNode[];
  readonly #loop: TestLoop;
  readonly #isNullWhenFalse: boolean;
  readonly #columns: Column[] = [];
  readonly #found: Uint32Array;
  readonly #out: Column;

  /** @param isNullWhenFalse - for `IN` a list that contains a null: what is not found is unknown */
  constructor(
    operands: readonly VectorNode[],
    loop: TestLoop,
    { rowCapacity, memory }: NodeOptions,
    isNullWhenFalse = false,
  ) {
    this.#operands = operands;
    this.#loop = loop;
    this.#isNullWhenFalse = isNullWhenFalse;
    this.#found = memory.rows(rowCapacity);
    this.#out = Column.allocate(BOOL, rowCapacity, memory);
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const columns = this.#columns;
    for (let i = 0; i < this.#operands.length; i++) {
      columns[i] = this.#operands[i]!.evaluate(frame, selection, selected);
    }
    // Null rows go first: the garbage in a null view must not be followed.
    let rows = selection;
    let count = selected;
    this.hadNulls = this.#isNullWhenFalse;
    for (let i = 0; i < columns.length; i++) {
      if (columns[i]!.nullCount === 0) continue;
      this.hadNulls = true;
      count = keepSet(rows, count, columns[i]!.validity, out);
      rows = out;
    }
    return this.#loop(rows, count, out, columns);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const found = this.select(frame, selection, selected, this.#found);
    const out = this.#out;
    const bytes = coveringBytes(selection, selected);
    setTrueRows(out, bytes, this.#found, found);
    out.clearNulls();
    for (let i = 0; i < this.#columns.length; i++) addNulls(out, this.#columns[i]!, bytes);
    if (this.#isNullWhenFalse) nullWhereFalse(out, selection, selected);
    return out;
  }
}

function nullWhereFalse(out: Column, selection: Uint32Array, selected: number): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    if (!out.getBool(row)) out.setNull(row);
  }
}
