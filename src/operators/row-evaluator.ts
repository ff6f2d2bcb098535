/** Expressions over batches, and the rows on which they fail. @module */

import type { Batch } from '../core/batch.ts';
import type { Column } from '../core/column.ts';
import type { Schema } from '../core/schema.ts';
import type { BatchExpression, BatchOptions, TypedExpr } from '../expr/index.ts';
import { compileBatch, RowErrors } from '../expr/index.ts';
import type { RowFailures } from './row-failures.ts';

/** Evaluates expressions over rows of one schema; rows that fail are reported and dropped. */
export class RowEvaluator {
  /** Rows left of those that are evaluated: `rows[0 .. count)`. */
  rows: Uint32Array;
  count = 0;
  readonly #failures: RowFailures;
  readonly #errors: RowErrors;
  /** What messages show of a row. */
  readonly #schema: Schema;
  readonly #ownRows: Uint32Array;
  #batch: Batch | undefined;

  /** @param schema - the first columns of the batches, which messages are to show */
  constructor(schema: Schema, { rowCapacity, memory }: BatchOptions, failures: RowFailures) {
    this.#failures = failures;
    this.#errors = new RowErrors(rowCapacity);
    this.#schema = schema;
    this.#ownRows = memory.rows(rowCapacity);
    this.rows = this.#ownRows;
  }

  /** Begins with `rows[0 .. count)` of a batch, which are not written to. */
  begin(batch: Batch, rows: Uint32Array, count: number): void {
    this.#batch = batch;
    this.rows = rows;
    this.count = count;
  }

  /** Copies the event times of the batch, as int64, to the same rows of a column. */
  copyTimes(target: Column): void {
    const { timeWords, rowCount } = this.#batch!;
    target.words.set(timeWords.subarray(0, 2 * rowCount));
  }

  /** Evaluates for all rows that are left. */
  evaluate(expression: CompiledExpr): Column {
    return this.evaluateFor(expression, this.rows, this.count);
  }

  /** Evaluates for some of the rows that are left. */
  evaluateFor(expression: CompiledExpr, rows: Uint32Array, count: number): Column {
    if (expression.compiled === undefined) return this.#batch!.columns[expression.index]!;
    const column = expression.compiled.evaluate(this.#batch!, rows, count, this.#errors);
    if (this.#errors.count > 0) this.#drop(expression.field);
    return column;
  }

  #drop(field: string): void {
    const own = this.#ownRows;
    if (this.rows !== own) own.set(this.rows.subarray(0, this.count));
    this.rows = own;
    const columns = this.#batch!.columns;
    const named = this.#schema.map(({ name }, c) => ({ name, column: columns[c]! }));
    this.count = this.#failures.drop(this.#errors, own, this.count, field, named);
  }
}

/** An expression, compiled; a mere column is not computed. */
export class CompiledExpr {
  readonly compiled: BatchExpression | undefined;
  /** Position of the column where nothing is computed. */
  readonly index: number;
  /** What messages call it. */
  readonly field: string;

  constructor(expr: TypedExpr, field: string, { rowCapacity, memory }: BatchOptions) {
    this.field = field;
    this.index = expr.op === 'column' ? expr.index : -1;
    this.compiled = expr.op === 'column' ? undefined : compileBatch(expr, { rowCapacity, memory });
  }
}
