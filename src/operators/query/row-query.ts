/**
 * What `query` does where rows of the table are found by a range or a look at all: a row at a time, by the
 * interpreter of expressions.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { Change } from '../../core/changes.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TypedExpr, Value } from '../../expr/index.ts';
import { interpret, readValue, RowError } from '../../expr/index.ts';
import { keyId } from '../key-id.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import { ValueRows } from '../value-rows.ts';
import type { QueryConfig } from './config.ts';
import type { OpenedTable } from './open-table.ts';
import type { Table } from './table.ts';

const OUT = 0;
/** Rows of the table that one call looks at, about: it must return in about a millisecond. */
const MOST_STEPS = 512;

/** Reads or changes rows in a range, or for which a condition holds. */
export class RowQuery implements Kernel {
  readonly #plan: OperatorPlan;
  readonly #config: QueryConfig;
  readonly #table: Table;
  readonly #isFirst: boolean;
  readonly #failures: RowFailures;
  readonly #rows: ValueRows;
  readonly #missesPort: number;
  readonly #changesPort: number;
  /** A row of the table of which there is none. */
  readonly #none: readonly Value[];
  #batch: Batch | undefined;
  #next = 0;
  /** The input row at work: its values, and the rows it may still find. */
  #input: readonly Value[] = [];
  #found: Iterator<number> | undefined;
  #hits = 0;

  constructor(plan: OperatorPlan, context: KernelContext, { table, isFirst }: OpenedTable) {
    this.#plan = plan;
    this.#config = plan.config as QueryConfig;
    this.#table = table;
    this.#isFirst = isFirst;
    this.#failures = new RowFailures(plan, context);
    this.#rows = new ValueRows((message) => this.#fail(message));
    this.#missesPort = plan.outputs.findIndex(({ name }) => name === 'misses');
    this.#changesPort = plan.outputs.findIndex(({ name }) => name === 'changes');
    this.#none = this.#config.table.schema.map(() => null);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#next = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    if (!this.#flush(out)) return 'blocked';
    let isMore = true;
    for (let steps = 0; steps < MOST_STEPS && isMore; steps++) isMore = this.#step();
    // Before anybody gets to know of it.
    this.#table.journal?.commit();
    if (!isMore) this.#batch = undefined;
    if (!this.#flush(out)) return 'blocked';
    return isMore ? 'yielded' : 'done';
  }

  /** The table, if nobody else writes it down. */
  *state(io: StateIo): Steps {
    io.section('query', 1);
    if (io.flag(this.#isFirst)) yield* this.#table.state(io);
  }

  #flush(out: Outbox): boolean {
    return this.#rows.flush(out) && this.#failures.flush(out);
  }

  /** A row of the table, or the beginning of an input row; false: there is nothing left. */
  #step(): boolean {
    const batch = this.#batch;
    if (batch === undefined) return false;
    try {
      if (this.#found !== undefined) {
        this.#takeFound();
        return true;
      }
      if (this.#next >= batch.selected) return false;
      const row = batch.selection[this.#next++]!;
      this.#input = batch.columns.map((column) => readValue(column, row));
      this.#rows.begin(batch, row);
      this.#begin();
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      this.#found = undefined;
      this.#fail(error.message);
    }
    return true;
  }

  #begin(): void {
    this.#hits = 0;
    const found = this.#find();
    // What is changed must not be looked for meanwhile.
    const isRead = this.#config.action === 'read';
    this.#found = (isRead ? found : this.#table.still([...found]))[Symbol.iterator]();
  }

  #takeFound(): void {
    const { action, where, limit } = this.#config;
    const next = this.#hits < limit ? this.#found!.next() : undefined;
    if (next === undefined || next.done === true) {
      this.#found = undefined;
      if (this.#hits === 0) this.#miss();
      return;
    }
    const slot = next.value;
    const values = this.#table.values(slot);
    if (where !== undefined && this.#value(where, values) !== true) return;
    this.#hits++;
    if (action === 'update') this.#update(slot, values);
    else if (action === 'delete') this.#delete(slot, values);
    else this.#give(values);
  }

  /** Rows that may be meant; `where` is not looked at. */
  #find(): Iterable<number> {
    const { find } = this.#config;
    const values = (exprs: readonly TypedExpr[]): Value[] =>
      exprs.map((expr) => this.#value(expr, this.#none));
    switch (find.kind) {
      case 'key':
        return [];
      case 'range': {
        const [from, to] = [find.from, find.to].map((expr) => expr && values([expr])[0]!);
        // Nothing is comparable with null.
        return from === null || to === null ? [] : this.#table.between(find.column, from, to);
      }
      case 'scan': {
        const wanted = find.columns.length === 0 ? '' : keyId(values(find.values));
        return wanted === undefined ? [] : this.#scan(find.columns, wanted);
      }
    }
  }

  *#scan(columns: readonly number[], wanted: string): Generator<number> {
    const { columns: own } = this.#table;
    for (const slot of this.#table.all()) {
      if (columns.length === 0 || keyId(columns.map((c) => own[c]!.read(slot))) === wanted)
        yield slot;
    }
  }

  #update(slot: number, before: readonly Value[]): void {
    const values = this.#config.updated.map((expr) => this.#value(expr, before));
    this.#table.update(slot, values);
    this.#change(before, Change.UPDATE_BEFORE);
    this.#change(values, Change.UPDATE_AFTER);
    this.#give(values);
  }

  #delete(slot: number, values: readonly Value[]): void {
    this.#table.delete(slot);
    this.#change(values, Change.DELETE);
    this.#give(values);
  }

  #change(values: readonly Value[], change: string): void {
    this.#rows.add(this.#changesPort, [...values, change]);
  }

  #give(values: readonly Value[]): void {
    const output = this.#config.select.map((expr) => this.#value(expr, values));
    this.#rows.add(OUT, output);
  }

  #miss(): void {
    const { misses } = this.#config;
    if (misses === 'null') this.#give(this.#none);
    if (misses === 'port') this.#rows.add(this.#missesPort, this.#input);
  }

  #value(expr: TypedExpr, row: readonly Value[]): Value {
    return interpret(expr, [...this.#input, ...row]);
  }

  #fail(message: string): void {
    const batch = this.#batch!;
    const row = batch.selection[this.#next - 1]!;
    const named = nameColumns(this.#plan.inputs[0]!.schema, batch.columns);
    this.#failures.add({ code: 'ERR_ROW_EXPRESSION', message, input: rowText(named, row) });
  }
}
