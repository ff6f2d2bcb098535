/** Rows of a whole expression through the interpreter: those on which a kernel may have failed. @module */

import type { Column } from '../../../core/column.ts';
import { interpret } from '../../interpret.ts';
import type { TypedExpr } from '../../typed.ts';
import { columnsRead } from '../../typed.ts';
import type { Value } from '../../value.ts';
import type { Frame, VectorNode } from '../vector-node.ts';
import { ColumnNode } from './leaf.ts';
import { ScalarRows } from './scalar.ts';

/** Computes single rows of an expression, or says why they have no value. */
export class InterpretedRows {
  readonly #operands: readonly VectorNode[];
  readonly #columns: Column[] = [];
  readonly #rows: ScalarRows;

  constructor(expr: TypedExpr) {
    const read = columnsRead(expr);
    const row: Value[] = [];
    const rule = (values: readonly Value[]): Value => {
      for (let i = 0; i < read.length; i++) row[read[i]!.index] = values[i]!;
      return interpret(expr, row);
    };
    this.#operands = read.map((column) => new ColumnNode(column));
    this.#rows = new ScalarRows(rule, this.#operands, false);
  }

  /** Writes `rows[0 .. count)` to `out`; rows that fail are reported and null. */
  compute(frame: Frame, rows: Uint32Array, count: number, out: Column): void {
    const columns = this.#columns;
    for (let i = 0; i < this.#operands.length; i++) {
      columns[i] = this.#operands[i]!.evaluate(frame, rows, count);
    }
    for (let s = 0; s < count; s++) out.setPresent(rows[s]!);
    this.#rows.apply(columns, rows, count, out, frame.errors);
  }
}
