/**
 * `AND`, `OR`, `NOT`, `IS`: three-valued logic on selections.
 *
 * Operands are evaluated only for the rows that those before them have not decided, so that what is
 * skipped cannot fail.
 *
 * @module
 */

import { Column } from '../../../core/column.ts';
import { BOOL } from '../../../core/types.ts';
import type { TypedIs } from '../../typed.ts';
import {
  keepClear,
  keepNotFalse,
  keepNotTrue,
  keepSet,
  keepTrue,
  mergeRows,
  setTrueRows,
  subtractRows,
} from '../selections.ts';
import { copyNulls, coveringBytes } from '../validity.ts';
import type { NodeOptions, Frame, TruthNode, VectorNode } from '../vector-node.ts';

/** `AND` and `OR` as columns: rows that are not decided go on to the next operand. */
class UndecidedRows {
  readonly #operands: readonly TruthNode[];
  /** The value that decides: false for `AND`, true for `OR`. */
  readonly #decides: boolean;
  readonly #rows: Uint32Array;
  readonly #out: Column;

  constructor(
    operands: readonly TruthNode[],
    decides: boolean,
    { rowCapacity, memory }: NodeOptions,
  ) {
    this.#operands = operands;
    this.#decides = decides;
    this.#rows = memory.rows(rowCapacity);
    this.#out = Column.allocate(BOOL, rowCapacity, memory);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const out = this.#out;
    const decides = this.#decides;
    const bytes = coveringBytes(selection, selected);
    out.clearNulls();
    // Rows start as not deciding; an operand that decides sets them, a null marks them.
    out.bytes.fill(decides ? 0 : 0xff, 0, bytes);
    let rows = selection;
    let count = selected;
    for (let i = 0; i < this.#operands.length && count > 0; i++) {
      const column = this.#operands[i]!.evaluate(frame, rows, count);
      settle(out, column, rows, count, decides);
      count = decides
        ? keepNotTrue(rows, count, column, this.#rows)
        : keepNotFalse(rows, count, column, this.#rows);
      rows = this.#rows;
    }
    return out;
  }
}

/** Takes over the rows of an operand that are null or decide. */
function settle(
  out: Column,
  column: Column,
  rows: Uint32Array,
  count: number,
  decides: boolean,
): void {
  const hasNulls = column.nullCount !== 0;
  for (let s = 0; s < count; s++) {
    const row = rows[s]!;
    if (hasNulls && column.isNull(row)) {
      out.setNull(row);
    } else if (column.getBool(row) === decides) {
      out.setBool(row, decides);
      out.setPresent(row);
    }
  }
}

/** A chain of `AND`. */
export class AndNode implements TruthNode {
  readonly type = BOOL;
  hadNulls = false;
  readonly #operands: readonly TruthNode[];
  /** The last operand that can fail: it must run for every row that those before it leave open. */
  readonly #lastFallible: number;
  readonly #undecided: UndecidedRows;

  constructor(operands: readonly TruthNode[], canFail: readonly boolean[], options: NodeOptions) {
    this.#operands = operands;
    this.#lastFallible = canFail.lastIndexOf(true);
    this.#undecided = new UndecidedRows(operands, false, options);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    return this.#undecided.evaluate(frame, selection, selected);
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    // In place, the rows would be gone when the slow way needs them.
    if (out === selection && this.#lastFallible > 0) {
      return this.#selectExactly(frame, selection, selected, out);
    }
    this.hadNulls = false;
    let rows = selection;
    let count = selected;
    for (let i = 0; i < this.#operands.length && count > 0; i++) {
      const operand = this.#operands[i]!;
      count = operand.select(frame, rows, count, out);
      rows = out;
      if (!operand.hadNulls) continue;
      if (i < this.#lastFallible) return this.#selectExactly(frame, selection, selected, out);
      this.hadNulls = true;
    }
    return count;
  }

  /** A null leaves a row open: operands behind it run, and may fail, though it is not selected. */
  #selectExactly(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const column = this.#undecided.evaluate(frame, selection, selected);
    this.hadNulls = column.nullCount !== 0;
    return keepTrue(selection, selected, column, out);
  }
}

/** A chain of `OR`. */
export class OrNode implements TruthNode {
  readonly type = BOOL;
  hadNulls = false;
  readonly #operands: readonly TruthNode[];
  readonly #undecided: UndecidedRows;
  readonly #open: Uint32Array;
  readonly #found: Uint32Array;
  #chosen: Uint32Array;
  #merged: Uint32Array;

  constructor(operands: readonly TruthNode[], options: NodeOptions) {
    const { rowCapacity, memory } = options;
    this.#operands = operands;
    this.#undecided = new UndecidedRows(operands, true, options);
    this.#open = memory.rows(rowCapacity);
    this.#found = memory.rows(rowCapacity);
    this.#chosen = memory.rows(rowCapacity);
    this.#merged = memory.rows(rowCapacity);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    return this.#undecided.evaluate(frame, selection, selected);
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    this.hadNulls = false;
    let rows = selection;
    let count = selected;
    let chosen = 0;
    for (let i = 0; i < this.#operands.length && count > 0; i++) {
      const operand = this.#operands[i]!;
      const found = operand.select(frame, rows, count, this.#found);
      if (operand.hadNulls) this.hadNulls = true;
      count = subtractRows(rows, count, this.#found, found, this.#open);
      rows = this.#open;
      chosen = mergeRows(this.#chosen, chosen, this.#found, found, this.#merged);
      const merged = this.#merged;
      this.#merged = this.#chosen;
      this.#chosen = merged;
    }
    const result = this.#chosen;
    for (let s = 0; s < chosen; s++) out[s] = result[s]!;
    return chosen;
  }
}

/** `NOT`. */
export class NotNode implements TruthNode {
  readonly type = BOOL;
  hadNulls = false;
  readonly #operand: VectorNode;
  readonly #out: Column;

  constructor(operand: VectorNode, { rowCapacity, memory }: NodeOptions) {
    this.#operand = operand;
    this.#out = Column.allocate(BOOL, rowCapacity, memory);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const column = this.#operand.evaluate(frame, selection, selected);
    const bytes = coveringBytes(selection, selected);
    const out = this.#out;
    for (let i = 0; i < bytes; i++) out.bytes[i] = ~column.bytes[i]!;
    copyNulls(out, column, bytes);
    return out;
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const column = this.#operand.evaluate(frame, selection, selected);
    this.hadNulls = column.nullCount !== 0;
    const kept = keepClear(selection, selected, column.bytes, out);
    return this.hadNulls ? keepSet(out, kept, column.validity, out) : kept;
  }
}

/** `IS [NOT] NULL | TRUE | FALSE`. */
export class IsNode implements TruthNode {
  readonly type = BOOL;
  readonly hadNulls = false;
  readonly #operand: VectorNode;
  readonly #value: boolean | null;
  readonly #negated: boolean;
  readonly #found: Uint32Array;
  readonly #removed: Uint32Array;
  readonly #out: Column;

  constructor(
    { value, negated }: TypedIs,
    operand: VectorNode,
    { rowCapacity, memory }: NodeOptions,
  ) {
    this.#operand = operand;
    this.#value = value;
    this.#negated = negated;
    this.#found = memory.rows(rowCapacity);
    this.#removed = memory.rows(rowCapacity);
    this.#out = Column.allocate(BOOL, rowCapacity, memory);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const kept = this.select(frame, selection, selected, this.#found);
    this.#out.clearNulls();
    setTrueRows(this.#out, coveringBytes(selection, selected), this.#found, kept);
    return this.#out;
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const column = this.#operand.evaluate(frame, selection, selected);
    if (!this.#negated) return this.#matching(column, selection, selected, out);
    const removed = this.#matching(column, selection, selected, this.#removed);
    return subtractRows(selection, selected, this.#removed, removed, out);
  }

  #matching(column: Column, selection: Uint32Array, selected: number, out: Uint32Array): number {
    if (this.#value === null) {
      return column.nullCount === 0 ? 0 : keepClear(selection, selected, column.validity, out);
    }
    if (this.#value) return keepTrue(selection, selected, column, out);
    const kept = keepClear(selection, selected, column.bytes, out);
    return column.nullCount === 0 ? kept : keepSet(out, kept, column.validity, out);
  }
}
