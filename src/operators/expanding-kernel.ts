/** Rows that are an input row with values beside it: none, one or many for each. @module */

import { Batch } from '../core/batch.ts';
import type { Column } from '../core/column.ts';
import { appendRows, TUPLE_TOO_LARGE } from '../core/gather.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../core/operator.ts';
import { describeValueFault, writeValue } from '../rows/value-write.ts';
import type { FaultCode } from '../rows/values/fault.ts';
import { Fault } from '../rows/values/fault.ts';
import { forgetRow } from '../rows/values/row-checks.ts';
import { RowFailures } from './row-failures.ts';
import { nameColumns, rowText } from './row-text.ts';

/** Rows written by one call, at most: it must return in about a millisecond. */
const MOST_ROWS = 4096;
const OUT = 0;

/** What the rows made of an input row have beside its columns. */
export interface Expansion {
  /**
   * Begins with a row of a batch.
   *
   * @returns why the row is in error; `undefined` when it is not
   */
  begin(batch: Batch, row: number): string | undefined;
  /**
   * The values of the next row, in the order of the added columns.
   *
   * @returns `undefined` when there is none; a text when that row is in error, others may follow
   */
  next(): readonly unknown[] | string | undefined;
}

/** Writes, for each input row, its kept columns and the values that an {@link Expansion} gives. */
export class ExpandingKernel implements Kernel {
  readonly #plan: OperatorPlan;
  readonly #expansion: Expansion;
  /** Positions of the input's columns that the output begins with. */
  readonly #kept: readonly number[];
  readonly #failures: RowFailures;
  /** The rows at work, with the kept columns only. */
  readonly #rows: Batch;
  readonly #one = new Uint32Array(1);
  #batch: Batch | undefined;
  #next = 0;
  /** The values of a row that found no room. */
  #values: readonly unknown[] | undefined;
  #isWithin = false;

  /** @param kept - positions of the columns of the input that come before the added ones */
  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    kept: readonly number[],
    expansion: Expansion,
  ) {
    this.#plan = plan;
    this.#expansion = expansion;
    this.#kept = kept;
    this.#failures = new RowFailures(plan, context);
    this.#rows = Batch.view(context.rowCapacity, plan.inputs[0]!.hasTime);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#next = 0;
    this.#rows.shareRows(batch);
    for (let k = 0; k < this.#kept.length; k++) {
      this.#rows.columns[k] = batch.columns[this.#kept[k]!]!;
    }
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const batch = this.#batch;
    let left = MOST_ROWS;
    while (batch !== undefined && this.#hasMore(batch)) {
      if (left <= 0) return 'yielded';
      const target = out.claim(OUT);
      if (target === undefined) return 'blocked';
      const before = target.rowCount;
      const isFull = this.#fill(batch, target, left);
      left -= Math.max(1, target.rowCount - before);
      out.commit(OUT, isFull);
    }
    this.#batch = undefined;
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  #hasMore(batch: Batch): boolean {
    return this.#isWithin || this.#next < batch.selected;
  }

  /** Writes up to `most` rows; true when `target` is full. */
  #fill(batch: Batch, target: Batch, most: number): boolean {
    for (let tries = 0; tries < most && this.#hasMore(batch); tries++) {
      if (!this.#isWithin) this.#begin(batch);
      const row = batch.selection[this.#next - 1]!;
      const values = this.#values ?? (this.#isWithin ? this.#expansion.next() : undefined);
      if (values === undefined) {
        this.#isWithin = false;
        continue;
      }
      const outcome =
        typeof values === 'string' ? { message: values } : this.#append(row, target, values);
      this.#values = outcome === 'full' ? (values as readonly unknown[]) : undefined;
      if (outcome === 'full') return true;
      if (outcome !== 'done') this.#fail(batch, row, outcome.message);
    }
    return false;
  }

  #begin(batch: Batch): void {
    const row = batch.selection[this.#next++]!;
    const problem = this.#expansion.begin(batch, row);
    this.#isWithin = problem === undefined;
    if (problem !== undefined) this.#fail(batch, row, problem);
  }

  /** One row of the output, or nothing of it. */
  #append(
    row: number,
    target: Batch,
    values: readonly unknown[],
  ): 'done' | 'full' | { readonly message: string } {
    const at = target.rowCount;
    const heapUsed = target.heap.used;
    this.#one[0] = row;
    const copied = appendRows(target, this.#rows, this.#one, 0, 1);
    if (copied === 0) return 'full';
    if (copied === TUPLE_TOO_LARGE) return { message: 'it is too large for a slot' };
    for (let v = 0; v < values.length; v++) {
      const column = target.columns[this.#kept.length + v]!;
      const fault = writeValue(column, at, values[v]);
      if (fault === Fault.OK) continue;
      target.setRowCount(at);
      target.heap.used = heapUsed;
      forgetRow(target.columns, at);
      if (fault !== Fault.NO_ROOM) return { message: this.#describe(v, column, fault, values[v]) };
      return heapUsed > 0 ? 'full' : { message: 'its result is too large for a slot' };
    }
    return 'done';
  }

  #describe(v: number, { type }: Column, fault: FaultCode, value: unknown): string {
    const { name } = this.#plan.outputs[OUT]!.stream.schema[this.#kept.length + v]!;
    const what = describeValueFault(fault, type, value);
    return `column '${name}': ${what}`;
  }

  #fail(batch: Batch, row: number, message: string): void {
    const named = nameColumns(this.#plan.inputs[0]!.schema, batch.columns);
    this.#failures.add({ code: 'ERR_ROW_EXPRESSION', message, input: rowText(named, row) });
  }
}
