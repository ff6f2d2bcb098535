/** Rows that are an input row with values beside it: none, one or many for each. @module */

import { LargeRowFinder } from '../columns/index.ts';
import { Batch } from '../core/batch.ts';
import { Column, Heap } from '../core/column.ts';
import { longBytes } from '../core/gather.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../core/operator.ts';
import type { Schema } from '../core/schema.ts';
import { describeValueFault, writeValue } from '../rows/value-write.ts';
import { Fault } from '../rows/values/fault.ts';
import { RepeatedRows } from './repeated-rows.ts';
import { RowFailures } from './row-failures.ts';
import { nameColumns, rowText } from './row-text.ts';

const OUT = 0;
const LARGEST_HEAP_BYTES = 0x7fff_ffff;

/** What the rows made of an input row have beside its columns. */
export interface Expansion {
  /** Whether each input row gives one row, or none where it is in error. */
  readonly isOneToOne: boolean;
  /**
   * Begins with a row of a batch.
   *
   * @returns why the row is in error; `undefined` when it is not
   */
  begin(batch: Batch, row: number): string | undefined;
  /**
   * Writes the values of the next row to row `at` of the added columns.
   *
   * @returns false when there is none; a text when that row is in error, others may follow
   */
  next(columns: readonly Column[], at: number): boolean | string;
}

/** Writes values to a row of columns; why it cannot be, if so. */
export function writeValues(
  columns: readonly Column[],
  at: number,
  values: readonly unknown[],
  schema: Schema,
): string | undefined {
  for (let c = 0; c < values.length; c++) {
    const column = columns[c]!;
    column.setPresent(at);
    const fault = writeValue(column, at, values[c]);
    if (fault === Fault.OK) continue;
    return `column '${schema[c]!.name}': ${describeValueFault(fault, column.type, values[c])}`;
  }
  return undefined;
}

/** Hands on, for each input row, its kept columns beside the values that an {@link Expansion} writes. */
export class ExpandingKernel implements Kernel {
  readonly #plan: OperatorPlan;
  readonly #expansion: Expansion;
  readonly #failures: RowFailures;
  /** Positions of the input's columns that the output begins with. */
  readonly #kept: readonly number[];
  readonly #added: readonly Column[];
  readonly #heap: Heap;
  /** The input's rows as often as there are rows made of them; `undefined`: one for one. */
  readonly #repeated: RepeatedRows | undefined;
  readonly #output: Batch;
  readonly #rowCapacity: number;
  /** Rows of the output that are good; of which input row each row is. */
  readonly #good: Uint32Array;
  readonly #sources: Uint32Array;
  readonly #slotHeapBytes: number;
  readonly #finder: LargeRowFinder;
  #batch: Batch | undefined;
  #next = 0;
  #isWithin = false;

  /** @param kept - positions of the columns of the input that come before the added ones */
  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    kept: readonly number[],
    expansion: Expansion,
  ) {
    const { rowCapacity, memory, slotHeapBytes } = context;
    const [input] = plan.inputs as [OperatorPlan['inputs'][number]];
    const added = plan.outputs[OUT]!.stream.schema.slice(kept.length);
    this.#plan = plan;
    this.#expansion = expansion;
    this.#kept = kept;
    this.#failures = new RowFailures(plan, context);
    this.#heap = new Heap(new Uint8Array(0), LARGEST_HEAP_BYTES, memory);
    this.#added = added.map(({ type }) => {
      const column = Column.allocate(type, rowCapacity, memory);
      column.heap = this.#heap;
      return column;
    });
    this.#repeated = expansion.isOneToOne
      ? undefined
      : new RepeatedRows(
          kept.map((c) => input.schema[c]!.type),
          input.hasTime,
          rowCapacity,
          memory,
        );
    this.#output = Batch.view(rowCapacity, input.hasTime);
    this.#rowCapacity = rowCapacity;
    this.#good = memory.rows(rowCapacity);
    this.#sources = new Uint32Array(rowCapacity);
    this.#slotHeapBytes = slotHeapBytes;
    this.#finder = new LargeRowFinder(memory);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#next = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const batch = this.#batch;
    if (batch !== undefined) {
      const count = this.#fill(batch);
      if (count > 0) this.#offer(batch, count, out);
      if (this.#hasMore(batch)) return 'yielded';
    }
    this.#batch = undefined;
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  #hasMore(batch: Batch): boolean {
    return this.#isWithin || this.#next < batch.selected;
  }

  /** Writes rows to the added columns, as many as there is room for; how many. */
  #fill(batch: Batch): number {
    const expansion = this.#expansion;
    const { isOneToOne } = expansion;
    const columns = this.#added;
    for (let c = 0; c < columns.length; c++) columns[c]!.clearNulls();
    this.#heap.used = 0;
    let count = 0;
    while (count < this.#rowCapacity && this.#hasMore(batch)) {
      if (!this.#isWithin) this.#begin(batch);
      if (!this.#isWithin) continue;
      const row = batch.selection[this.#next - 1]!;
      const at = isOneToOne ? row : count;
      const outcome = expansion.next(columns, at);
      if (isOneToOne || outcome === false) this.#isWithin = false;
      if (outcome === true) {
        this.#sources[count] = row;
        this.#good[count++] = at;
      } else if (outcome !== false) this.#fail(batch, row, outcome);
    }
    return count;
  }

  #begin(batch: Batch): void {
    const row = batch.selection[this.#next++]!;
    const problem = this.#expansion.begin(batch, row);
    this.#isWithin = problem === undefined;
    if (problem !== undefined) this.#fail(batch, row, problem);
  }

  #offer(batch: Batch, count: number, out: Outbox): void {
    const output = this.#output;
    const kept = this.#kept.length;
    if (this.#repeated === undefined) {
      output.shareRows(batch);
      for (let k = 0; k < kept; k++) output.columns[k] = batch.columns[this.#kept[k]!]!;
    } else {
      this.#repeated.take(batch, this.#kept, this.#sources, count, output);
    }
    for (let c = 0; c < this.#added.length; c++) output.columns[kept + c] = this.#added[c]!;
    output.selection = this.#good;
    output.selected = count;
    const { columns, selection, selected } = output;
    if (this.#finder.mayExceed(columns, selection, selected, this.#slotHeapBytes)) {
      this.#dropTooLarge(batch);
    }
    if (output.selected > 0) out.offer(OUT, output);
  }

  #dropTooLarge(batch: Batch): void {
    const output = this.#output;
    let left = 0;
    for (let i = 0; i < output.selected; i++) {
      const row = this.#good[i]!;
      const bytes = longBytes(output.columns, row);
      if (bytes <= this.#slotHeapBytes) this.#good[left++] = row;
      else this.#fail(batch, this.#sources[i]!, 'its result is too large for a slot');
    }
    output.selected = left;
  }

  #fail(batch: Batch, row: number, message: string): void {
    const named = nameColumns(this.#plan.inputs[0]!.schema, batch.columns);
    this.#failures.add({ code: 'ERR_ROW_EXPRESSION', message, input: rowText(named, row) });
  }
}
