/** Results that are constants: copied from a table by the number of the rule. @module */

import { Column } from '../../core/column.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { DataType } from '../../core/types.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { ValueWriter } from '../../expr/index.ts';

/** A result of all rules, none of which computes it. */
export class ConstantResults {
  /** Valid in the rows that were copied last. */
  readonly column: Column;
  /** By number of the rule; null in row 0, for no rule. */
  readonly #values: Column;
  readonly #hasNulls: boolean;

  /** @param exprs - literals, by rule */
  constructor(type: DataType, exprs: readonly TypedExpr[], context: KernelContext) {
    const { memory, rowCapacity } = context;
    this.#values = Column.allocate(type, exprs.length + 1, memory);
    this.#values.setNull(0);
    const writer = new ValueWriter();
    let hasNulls = false;
    for (const [r, expr] of exprs.entries()) {
      const value = expr.op === 'literal' ? expr.value : null;
      hasNulls ||= value === null;
      writer.write(this.#values, r + 1, value);
    }
    this.#hasNulls = hasNulls;
    this.column = Column.allocate(type, rowCapacity, memory);
    // Long strings stay where they are: the views are copied, and refer to the table's heap.
    this.column.heap = this.#values.heap;
  }

  /** Writes the results of rows by their numbers, which are not negative. */
  copy(rows: Uint32Array, count: number, numbers: Int32Array): void {
    const { column } = this;
    const values = this.#values;
    column.clearNulls();
    switch (column.storage) {
      case 'bits':
        for (let i = 0; i < count; i++)
          column.setBool(rows[i]!, values.getBool(numbers[rows[i]!]!));
        break;
      case 'i32':
        copyWords(column.words, values.words, rows, count, numbers);
        break;
      case 'view':
        copyViews(column.words, values.words, rows, count, numbers);
        break;
      default:
        copyPairs(column.words, values.words, rows, count, numbers);
    }
    // Row 0 is null, for rows without a rule; look only where there may be some.
    const isMaybeNull = this.#hasNulls || hasZero(rows, count, numbers);
    for (let i = 0; isMaybeNull && i < count; i++) {
      if (values.isNull(numbers[rows[i]!]!)) column.setNull(rows[i]!);
    }
  }
}

/** Of fewer rules a kernel chooses among constants faster than they are copied. */
const LEAST_RULES = 9;

/** Whether a result of the rules is better copied from a table: constants, and many of them. */
export function isTabled(exprs: readonly TypedExpr[]): boolean {
  return exprs.length >= LEAST_RULES && exprs.every(({ op }) => op === 'literal');
}

/** @hot */
function hasZero(rows: Uint32Array, count: number, numbers: Int32Array): boolean {
  let least = 1;
  for (let i = 0; i < count; i++) least = Math.min(least, numbers[rows[i]!]!);
  return least === 0;
}

/** @hot */
function copyWords(
  to: Int32Array,
  from: Int32Array,
  rows: Uint32Array,
  count: number,
  numbers: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    to[row] = from[numbers[row]!]!;
  }
}

/** @hot */
function copyPairs(
  to: Int32Array,
  from: Int32Array,
  rows: Uint32Array,
  count: number,
  numbers: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const source = 2 * numbers[row]!;
    to[2 * row] = from[source]!;
    to[2 * row + 1] = from[source + 1]!;
  }
}

/** @hot */
function copyViews(
  to: Int32Array,
  from: Int32Array,
  rows: Uint32Array,
  count: number,
  numbers: Int32Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const source = 4 * numbers[row]!;
    to[4 * row] = from[source]!;
    to[4 * row + 1] = from[source + 1]!;
    to[4 * row + 2] = from[source + 2]!;
    to[4 * row + 3] = from[source + 3]!;
  }
}
