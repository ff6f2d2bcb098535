/** What `query` does where rows of the table are known by their keys: a batch at a time. @module */

import { Batch } from '../../core/batch.ts';
import { Change } from '../../core/changes.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { LargeRows } from '../large-rows.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import { ChangeRows } from './change-rows.ts';
import type { QueryConfig } from './config.ts';
import { KeyFinder } from './key-finder.ts';
import { Pairs } from './pairs.ts';
import { RowChanges } from './row-changes.ts';
import { RowState } from './row-state.ts';
import type { OpenedTable } from './open-table.ts';
import type { Table } from './table.ts';
import { Waves } from './waves.ts';

const OUT = 0;
/** A call does so many waves, about: each costs some microseconds. */
const MOST_WAVES = 128;
const LEAST_ROWS = 32;

/** Reads or changes the rows with the keys that its input has. */
export class KeyedQuery implements Kernel {
  readonly #plan: OperatorPlan;
  readonly #config: QueryConfig;
  readonly #table: Table;
  readonly #isFirst: boolean;
  readonly #failures: RowFailures;
  readonly #evaluator: RowEvaluator;
  readonly #pairs: Pairs;
  readonly #finder: KeyFinder;
  readonly #states: Uint8Array;
  readonly #waves: Waves;
  readonly #changes: RowChanges;
  readonly #changeRows: ChangeRows | undefined;
  readonly #select: readonly CompiledExpr[];
  readonly #output: Batch;
  readonly #misses: Batch;
  readonly #missesPort: number;
  readonly #rows: Uint32Array;
  readonly #missed: Uint32Array;
  readonly #largeRows: LargeRows;
  #batch: Batch | undefined;
  #next = 0;
  /** Rows that one call takes: fewer where many have the same key. */
  #mostRows: number;

  constructor(plan: OperatorPlan, context: KernelContext, { table, isFirst }: OpenedTable) {
    const config = plan.config as QueryConfig;
    const { rowCapacity, memory } = context;
    const { schema, hasTime } = plan.inputs[0]!;
    this.#plan = plan;
    this.#config = config;
    this.#table = table;
    this.#isFirst = isFirst;
    this.#failures = new RowFailures(plan, context);
    this.#evaluator = new RowEvaluator(schema, context, this.#failures);
    this.#pairs = new Pairs(table, hasTime, context);
    this.#finder = new KeyFinder(table, this.#compileKeys(context), context);
    this.#states = new Uint8Array(rowCapacity);
    this.#waves = new Waves(table, rowCapacity);
    const parts = { table, pairs: this.#pairs, slots: this.#finder.slots, states: this.#states };
    this.#changes = new RowChanges(plan, context, this.#failures, this.#evaluator, parts);
    this.#select = config.select.map(
      (expr, c) => new CompiledExpr(expr, plan.outputs[OUT]!.stream.schema[c]!.name, context),
    );
    this.#output = Batch.view(rowCapacity, hasTime);
    this.#misses = Batch.view(rowCapacity, hasTime);
    this.#missesPort = plan.outputs.findIndex(({ name }) => name === 'misses');
    const port = plan.outputs.findIndex(({ name }) => name === 'changes');
    const refuse = (row: number, message: string): void => this.#fail(row, message);
    this.#changeRows = port < 0 ? undefined : new ChangeRows(this.#pairs, port, context, refuse);
    this.#rows = memory.rows(rowCapacity);
    this.#missed = memory.rows(rowCapacity);
    this.#largeRows = new LargeRows(plan.outputs[OUT]!.stream.schema, this.#failures, context);
    this.#mostRows = rowCapacity;
  }

  #compileKeys(context: KernelContext): CompiledExpr[] {
    const { find, inserted, action, table } = this.#config;
    const isPut = action === 'insert' || action === 'upsert';
    const values =
      isPut || find.kind !== 'key' ? this.#table.key.map((c) => inserted[c]!) : find.values;
    return values.map((expr, k) => new CompiledExpr(expr, table.key[k]!, context));
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#next = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const batch = this.#batch;
    if (!this.#flush(out)) return 'blocked';
    if (batch === undefined || this.#next >= batch.selected) return this.#finish();
    this.#begin(batch);
    if (this.#config.action === 'read') this.#read();
    else this.#change();
    this.#give(batch, out);
    if (!this.#flush(out)) return 'blocked';
    return this.#next < batch.selected ? 'yielded' : this.#finish();
  }

  /** The table, if nobody else writes it down. */
  *state(io: StateIo): Steps {
    io.section('query', 1);
    if (io.flag(this.#isFirst)) yield* this.#table.state(io);
  }

  #finish(): Progress {
    this.#batch = undefined;
    return 'done';
  }

  #flush(out: Outbox): boolean {
    return (this.#changeRows?.flush(out) ?? true) && this.#failures.flush(out);
  }

  /** Takes the next rows of the batch, and evaluates their keys. */
  #begin(batch: Batch): void {
    const rows = this.#rows;
    const count = Math.min(this.#mostRows, batch.selected - this.#next);
    for (let i = 0; i < count; i++) {
      const row = batch.selection[this.#next + i]!;
      rows[i] = row;
      this.#states[row] = RowState.NONE;
    }
    this.#from = this.#next;
    this.#next += count;
    this.#pairs.begin(batch);
    const { action, table } = this.#config;
    const isPut = action === 'insert' || action === 'upsert';
    this.#finder.evaluate(this.#evaluator, this.#pairs.nones, rows, count, (row) => {
      if (isPut) this.#fail(row, `the key of a row of table '${table.name}' is null`);
      else this.#states[row] = RowState.MISS;
    });
    this.#finder.find();
    if (isPut) this.#finder.takeMissing();
    else this.#finder.keepFound((row) => void (this.#states[row] = RowState.MISS));
  }

  /** Where the rows of this call begin in the batch's selection. */
  #from = 0;

  #read(): void {
    const { rows, count } = this.#finder;
    this.#changes.read(rows, count);
  }

  #change(): void {
    const { rows, count, slots } = this.#finder;
    const waves = this.#waves;
    waves.sort(slots, rows, count);
    for (let wave = 0; wave < waves.count; wave++) {
      this.#changes.change(this.#rows, waves.list(wave, this.#rows));
    }
    this.#table.settle(slots, rows, count);
    this.#table.checkLimit();
    this.#table.journal?.commit();
    if (waves.count > MOST_WAVES) this.#mostRows = Math.max(LEAST_ROWS, this.#mostRows >>> 1);
    else if (2 * waves.count < MOST_WAVES) {
      this.#mostRows = Math.min(this.#pairs.rowCapacity, 2 * this.#mostRows);
    }
  }

  /** Hands on what became of the rows. */
  #give(batch: Batch, out: Outbox): void {
    const { misses } = this.#config;
    const states = this.#states;
    let given = 0;
    let missed = 0;
    for (let i = this.#from; i < this.#next; i++) {
      const row = batch.selection[i]!;
      const state = states[row]!;
      if (state === RowState.NONE) continue;
      if (state !== RowState.MISS) {
        this.#rows[given++] = row;
        this.#addChange(row, state);
      } else if (misses === 'null') {
        this.#pairs.setNone(row);
        this.#rows[given++] = row;
      } else {
        this.#missed[missed++] = row;
      }
    }
    this.#giveRows(batch, given, out);
    if (this.#missesPort < 0) return;
    this.#misses.shareColumns(batch);
    this.#misses.selection = this.#missed;
    this.#misses.selected = missed;
    out.offer(this.#missesPort, this.#misses);
  }

  #addChange(row: number, state: number): void {
    if (state === RowState.UPDATED) this.#changeRows!.addUpdate(row);
    else if (state === RowState.INSERTED) this.#changeRows!.add(row, Change.INSERT);
    else if (state === RowState.DELETED) this.#changeRows!.add(row, Change.DELETE);
  }

  #giveRows(batch: Batch, count: number, out: Outbox): void {
    const evaluator = this.#evaluator;
    const output = this.#output;
    evaluator.begin(this.#pairs.batch, this.#rows, count);
    output.shareRows(batch);
    for (let c = 0; c < this.#select.length; c++) {
      output.columns[c] = evaluator.evaluate(this.#select[c]!);
    }
    output.selection = evaluator.rows;
    output.selected = evaluator.count;
    this.#largeRows.drop(output);
    out.offer(OUT, output);
  }

  #fail(row: number, message: string): void {
    const batch = this.#batch!;
    const named = nameColumns(this.#plan.inputs[0]!.schema, batch.columns);
    this.#failures.add({ code: 'ERR_ROW_EXPRESSION', message, input: rowText(named, row) });
  }
}
