/** What a `module` does that is called with batches: columns in place, columns out. @module */

import { LargeRowFinder } from '../../columns/index.ts';
import { Batch } from '../../core/batch.ts';
import { Column, Heap } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { longBytes } from '../../core/gather.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import { sameType, typeName } from '../../core/types.ts';
import { textOf } from '../../modules/load-function.ts';
import { Fault } from '../../rows/values/fault.ts';
import { writeText } from '../../rows/values/utf8.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import type { BatchFunction, ModuleBatch, ModuleColumn, ModuleOutput } from './contract.ts';

const OUT = 0;
const LARGEST_HEAP_BYTES = 0x7fff_ffff;

/** Calls a function with each batch; what it fills goes on beside the rows' event times. */
export class BatchModuleKernel implements Kernel {
  readonly #call: BatchFunction;
  readonly #schema: Schema;
  readonly #input: Input;
  readonly #results: Results;
  readonly #failures: RowFailures;
  readonly #output: Batch;
  readonly #good: Uint32Array;
  readonly #slotHeapBytes: number;
  readonly #finder: LargeRowFinder;

  constructor(plan: OperatorPlan, context: KernelContext, call: BatchFunction) {
    const { rowCapacity, memory, slotHeapBytes } = context;
    const [{ schema, hasTime }] = plan.inputs as [OperatorPlan['inputs'][number]];
    this.#call = call;
    this.#schema = schema;
    this.#input = new Input(schema);
    this.#results = new Results(plan.outputs[OUT]!.stream.schema, context);
    this.#failures = new RowFailures(plan, context);
    this.#output = Batch.view(rowCapacity, hasTime);
    this.#good = memory.rows(rowCapacity);
    this.#slotHeapBytes = slotHeapBytes;
    this.#finder = new LargeRowFinder(memory);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    const results = this.#results;
    results.begin(batch);
    if (this.#callWith(batch)) this.#offer(batch, out);
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  /** True when it did not throw: otherwise all rows are in error. */
  #callWith(batch: Batch): boolean {
    let returned: unknown;
    try {
      returned = this.#call(this.#input.over(batch), this.#results);
    } catch (error) {
      const message = `threw ${textOf(error)}`;
      for (let i = 0; i < batch.selected; i++)
        this.#fail(batch, batch.selection[i]!, message, error);
      return false;
    }
    if (!(returned instanceof Promise)) return true;
    // Nobody will wait for it; its failure must not end the worker.
    returned.catch(() => undefined);
    const message = 'the function is asynchronous; it must have filled the output when it returns';
    throw new MillraceError('ERR_USER_CODE', message);
  }

  #offer(batch: Batch, out: Outbox): void {
    const output = this.#output;
    const { shown, rows, count } = this.#results;
    output.shareRows(batch);
    for (let c = 0; c < shown.length; c++) output.columns[c] = shown[c]!;
    output.selection = rows;
    output.selected = count;
    if (this.#finder.mayExceed(output.columns, rows, count, this.#slotHeapBytes)) {
      this.#dropTooLarge(batch);
    }
    out.offer(OUT, output);
  }

  #dropTooLarge(batch: Batch): void {
    const output = this.#output;
    let left = 0;
    for (let i = 0; i < output.selected; i++) {
      const row = output.selection[i]!;
      if (longBytes(output.columns, row) <= this.#slotHeapBytes) this.#good[left++] = row;
      else this.#fail(batch, row, 'returned a row that is too large for a slot');
    }
    output.selection = this.#good;
    output.selected = left;
  }

  #fail(batch: Batch, row: number, message: string, cause?: unknown): void {
    const named = nameColumns(this.#schema, batch.columns);
    this.#failures.add({ code: 'ERR_USER_CODE', message, input: rowText(named, row), cause });
  }
}

/** A batch as a function sees it. */
class Input implements ModuleBatch {
  readonly schema: Schema;
  #batch!: Batch;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  over(batch: Batch): this {
    this.#batch = batch;
    return this;
  }

  get rowCount(): number {
    return this.#batch.rowCount;
  }

  get selection(): Uint32Array {
    return this.#batch.selection;
  }

  get selected(): number {
    return this.#batch.selected;
  }

  get columns(): readonly ModuleColumn[] {
    return this.#batch.columns;
  }

  column(name: string): ModuleColumn {
    return this.#batch.columns[positionOf(this.schema, name)]!;
  }

  timeUs(row: number): number {
    return this.#batch.timeUs(row);
  }
}

/** The columns that a function fills, and the rows that it keeps. */
class Results implements ModuleOutput {
  readonly columns: readonly Column[];
  /** Own columns, or those of the input that are shown in their place. */
  readonly shown: Column[];
  rows: Uint32Array;
  count = 0;
  readonly #schema: Schema;
  readonly #heap: Heap;
  readonly #kept: Uint32Array;
  #selection: Uint32Array;
  #selected = 0;

  constructor(schema: Schema, { rowCapacity, memory }: KernelContext) {
    this.#schema = schema;
    this.#heap = new Heap(new Uint8Array(0), LARGEST_HEAP_BYTES, memory);
    this.columns = schema.map(({ type }) => {
      const column = Column.allocate(type, rowCapacity, memory);
      column.heap = this.#heap;
      return column;
    });
    this.shown = [...this.columns];
    this.#kept = memory.rows(rowCapacity);
    this.rows = this.#kept;
    this.#selection = this.#kept;
  }

  begin({ selection, selected }: Batch): void {
    const { columns, shown } = this;
    this.#heap.used = 0;
    for (let c = 0; c < columns.length; c++) {
      columns[c]!.clearNulls();
      shown[c] = columns[c]!;
    }
    this.rows = selection;
    this.count = selected;
    this.#selection = selection;
    this.#selected = selected;
  }

  column(name: string): Column {
    return this.columns[positionOf(this.#schema, name)]!;
  }

  show(name: string, input: ModuleColumn): void {
    const at = positionOf(this.#schema, name);
    const { type } = this.#schema[at]!;
    if (!(input instanceof Column) || !sameType(input.type, type)) {
      throw new RangeError(`column '${name}' shows columns of ${typeName(type)} of the input only`);
    }
    this.shown[at] = input;
  }

  setText(name: string, row: number, text: string): void {
    const column = this.column(name);
    if (column.type.kind !== 'string' || writeText(column, row, text) !== Fault.OK) {
      throw new RangeError(`column '${name}' cannot hold that text`);
    }
  }

  keep(rows: ArrayLike<number>, count: number): void {
    const kept = this.#kept;
    const [selection, selected] = [this.#selection, this.#selected];
    let from = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      while (from < selected && selection[from]! < row) from++;
      if (from >= selected || selection[from++] !== row) {
        throw new RangeError(`expected rows of the input, ascending; found ${row} at ${i}`);
      }
      kept[i] = row;
    }
    this.rows = kept;
    this.count = count;
  }
}

function positionOf(schema: Schema, name: string): number {
  const at = fieldIndex(schema, name);
  if (at >= 0) return at;
  const names = schema.map((field) => field.name);
  throw new RangeError(`there is no column '${name}' (${names.join(', ')})`);
}
