/** Row by row through the scalar rule: what no loop does, and the rows that loops leave over. @module */

import { Column } from '../../../core/column.ts';
import type { DataType } from '../../../core/types.ts';
import { RowError } from '../../row-error.ts';
import type { Value } from '../../value.ts';
import type { RowErrors } from '../row-errors.ts';
import { readValue, ValueWriter } from '../values.ts';
import { LiteralNode } from './leaf.ts';
import type { NodeOptions, Frame, VectorNode } from '../vector-node.ts';

/** The value of an operation for the values of its operands. May throw a RowError. */
export type ScalarRule = (args: readonly Value[]) => Value;

/** Applies a rule to rows, writing results and errors. One per node: it keeps scratch. */
export class ScalarRows {
  readonly #rule: ScalarRule;
  readonly #isStrict: boolean;
  readonly #args: Value[];
  /** Operands that are the same in every row. */
  readonly #isConstant: readonly boolean[];
  readonly #writer = new ValueWriter();

  /** @param isStrict - the result is null, without asking the rule, when an operand is */
  constructor(rule: ScalarRule, operands: readonly VectorNode[], isStrict: boolean) {
    this.#rule = rule;
    this.#isStrict = isStrict;
    this.#isConstant = operands.map((operand) => operand instanceof LiteralNode);
    this.#args = operands.map((operand) => (operand instanceof LiteralNode ? operand.value : null));
  }

  /** Computes `rows[0 .. count)` from `operands` into `out`; failed rows become null. */
  apply(
    operands: readonly Column[],
    rows: Uint32Array,
    count: number,
    out: Column,
    errors: RowErrors,
  ): void {
    for (let s = 0; s < count; s++) this.#applyRow(operands, rows[s]!, out, errors);
  }

  #applyRow(operands: readonly Column[], row: number, out: Column, errors: RowErrors): void {
    const args = this.#args;
    let hasNull = false;
    for (let i = 0; i < operands.length; i++) {
      if (!this.#isConstant[i]!) args[i] = readValue(operands[i]!, row);
      if (args[i] === null) hasNull = true;
    }
    if (hasNull && this.#isStrict) {
      out.setNull(row);
      return;
    }
    try {
      this.#writer.write(out, row, this.#rule(args));
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      errors.add(row, error);
      out.setNull(row);
    }
  }
}

/** A strict or null-aware operation without loops of its own. */
export class ScalarNode implements VectorNode {
  readonly type: DataType;
  readonly #operands: readonly VectorNode[];
  readonly #columns: Column[] = [];
  readonly #rows: ScalarRows;
  readonly #out: Column;

  constructor(
    type: DataType,
    operands: readonly VectorNode[],
    rule: ScalarRule,
    isStrict: boolean,
    { rowCapacity, memory }: NodeOptions,
  ) {
    this.type = type;
    this.#operands = operands;
    this.#rows = new ScalarRows(rule, operands, isStrict);
    this.#out = Column.allocate(type, rowCapacity, memory);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const columns = this.#columns;
    for (let i = 0; i < this.#operands.length; i++) {
      columns[i] = this.#operands[i]!.evaluate(frame, selection, selected);
    }
    const out = this.#out;
    out.clearNulls();
    out.heap.used = 0;
    this.#rows.apply(columns, selection, selected, out, frame.errors);
    return out;
  }
}
