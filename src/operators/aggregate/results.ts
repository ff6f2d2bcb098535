/**
 * From a table of groups to rows of the output: a chunk of groups at a time is read into columns,
 * `select` is computed over them, and the rows are appended to claimed batches.
 *
 * @module
 */

import { RowCopier } from '../../columns/index.ts';
import { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, Outbox, Progress } from '../../core/operator.ts';
import { typeName } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { GroupState, GroupStates } from '../../state/index.ts';
import type { RowFailures } from '../row-failures.ts';
import { rowText } from '../row-text.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Port } from './config.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import type { StepBudget } from './step-budget.ts';

/** Rows that were added, of which no two belong to one group. */
export interface EachRow {
  readonly batch: Batch;
  /** `rows[from .. to)` were added, to `records[from .. to)`. */
  readonly rows: Uint32Array;
  readonly records: Int32Array;
  readonly from: number;
  readonly to: number;
}

/** Sessions that have ended, at most as many as a batch has rows: `records[0 .. count)`. */
export interface EndedSessions {
  readonly records: Int32Array;
  readonly startsUs: Float64Array;
  readonly endsUs: Float64Array;
  readonly count: number;
}

/** The state whose groups are being written, and the window they belong to. */
export interface ResultSource {
  readonly state: GroupState;
  /** Only the groups that are in this state too, which was absorbed by the other. */
  readonly changed?: GroupState;
  /** Only the groups of these rows, each at the row's time, if it has one. */
  readonly each?: EachRow;
  /** Only these records, each of a window of its own. */
  readonly sessions?: EndedSessions;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  /** When the last of the rows entered the engine; `-Infinity`: unknown. */
  readonly lastIngestUs: TimeUs;
}

/** Writes the results of one state after the other. */
export class ResultWriter {
  readonly #config: AggregatePlanConfig;
  readonly #node: string;
  readonly #states: GroupStates;
  readonly #failures: RowFailures;
  readonly #budget: StepBudget;
  readonly #rowCapacity: number;
  readonly #hasWindow: boolean;
  readonly #hasTime: boolean;
  /** Columns of window and keys, which are the first of the output. */
  readonly #groupColumns: number;
  readonly #result: Batch;
  readonly #select: readonly CompiledExpr[];
  /** Columns of the output, for the chunk at hand. */
  readonly #output: Column[] = [];
  readonly #copier: RowCopier;
  readonly #evaluator: RowEvaluator;
  readonly #overflowed: Uint8Array;
  readonly #records: Int32Array;
  /** Rows of the chunk that did not fail. */
  readonly #rows: Uint32Array;
  #source: ResultSource | undefined;
  /** Groups of the source that were read. */
  #read = 0;
  /** Rows of the chunk: those written, and all. */
  #written = 0;
  #selected = 0;

  constructor(
    config: AggregatePlanConfig,
    context: KernelContext,
    states: GroupStates,
    failures: RowFailures,
    budget: StepBudget,
  ) {
    const { rowCapacity, memory } = context;
    this.#config = config;
    this.#node = context.node;
    this.#states = states;
    this.#failures = failures;
    this.#budget = budget;
    this.#rowCapacity = rowCapacity;
    this.#hasWindow = config.window !== undefined || config.session !== undefined;
    this.#hasTime = config.hasTime;
    this.#result = Batch.view(rowCapacity, false);
    this.#result.columns = config.result.map(({ type }) =>
      Column.allocate(type, rowCapacity, memory),
    );
    this.#select = config.select.map(({ name, expr }) => new CompiledExpr(expr, name, context));
    this.#groupColumns = (this.#hasWindow ? 2 : 0) + config.keys.length;
    const shown = config.result.slice(0, this.#groupColumns);
    this.#evaluator = new RowEvaluator(shown, context, failures);
    this.#copier = new RowCopier(memory, this.#groupColumns + config.select.length);
    this.#overflowed = new Uint8Array(rowCapacity);
    this.#records = memory.words(rowCapacity);
    this.#rows = memory.rows(rowCapacity);
  }

  /** Begins with the groups of a state, which must stay as it is until {@link write} is true. */
  begin(source: ResultSource): void {
    this.#source = source;
    this.#read = 0;
    this.#written = 0;
    this.#selected = 0;
  }

  /** Goes on writing; `done` when all groups are written. */
  write(out: Outbox): Progress {
    const source = this.#source!;
    for (;;) {
      if (!this.#append(source, out)) return 'blocked';
      if (this.#read === groupCount(source)) break;
      if (this.#budget.isSpent) return 'yielded';
      this.#readChunk(source);
    }
    this.#source = undefined;
    return 'done';
  }

  /** Appends what is left of the chunk. */
  #append(source: ResultSource, out: Outbox): boolean {
    while (this.#written < this.#selected) {
      const target = out.claim(Port.OUT);
      if (target === undefined) return false;
      const start = target.rowCount;
      const left = this.#selected - this.#written;
      const count = this.#copier.appendColumns(
        target,
        this.#output,
        this.#rows,
        this.#written,
        this.#selected,
      );
      if (count === TUPLE_TOO_LARGE) {
        out.commit(Port.OUT, false);
        throw this.#tooLarge(target);
      }
      if (this.#hasTime) this.#writeTimes(source, target, start, count);
      const ingestUs = source.lastIngestUs;
      if (ingestUs > -Infinity && ingestUs < target.ingestTimeUs) target.ingestTimeUs = ingestUs;
      this.#written += count;
      out.commit(Port.OUT, count < left);
    }
    return true;
  }

  #writeTimes(source: ResultSource, target: Batch, start: number, count: number): void {
    const { each, sessions } = source;
    for (let i = 0; i < count; i++) {
      if (each === undefined) {
        const endUs = sessions?.endsUs[this.#rows[this.#written + i]!] ?? source.endUs;
        target.setTimeUs(start + i, endUs - 1);
        target.setLateBy(start + i, 0);
        continue;
      }
      const row = each.rows[each.from + this.#rows[this.#written + i]!]!;
      target.setTimeUs(start + i, each.batch.timeUs(row));
      target.setLateBy(start + i, each.batch.lateByUs(row));
    }
  }

  #tooLarge(target: Batch): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a result of '${this.#node}' has long strings of more bytes than a slot has room for ` +
        `(${target.heap.capacityBytes}): ${this.#rowText(this.#rows[this.#written]!)}; raise the ` +
        "ring's heap size or shorten the strings",
      { node: this.#node },
    );
  }

  /** Reads the next groups into columns and computes the output columns. */
  #readChunk(source: ResultSource): void {
    const count = Math.min(groupCount(source) - this.#read, this.#rowCapacity);
    const { state, changed, each, sessions } = source;
    const { table } = changed ?? state;
    if (sessions !== undefined) this.#records.set(sessions.records.subarray(0, count));
    else if (each === undefined) table.listRecords(this.#read, count, this.#records);
    else this.#records.set(each.records.subarray(each.from, each.to));
    this.#read += count;
    this.#budget.take(count);
    this.#written = 0;
    for (let i = 0; i < count; i++) this.#rows[i] = i;
    this.#selected = count;
    const columns = this.#result.columns;
    let next = this.#hasWindow ? this.#readWindow(source, count) : 0;
    for (let k = 0; k < this.#config.keys.length; k++) {
      table.readKey(k, this.#records, count, columns[next++]!);
    }
    if (changed !== undefined) this.#states.follow(this.#records, count);
    this.#readAggregates(source, next, count);
    this.#result.setRowCount(count);
    this.#compute();
  }

  #readWindow({ startUs, endUs, sessions }: ResultSource, count: number): number {
    const [start, end] = this.#result.columns;
    for (let i = 0; i < count; i++) {
      start!.setI64FromNumber(i, sessions?.startsUs[i] ?? startUs);
      end!.setI64FromNumber(i, sessions?.endsUs[i] ?? endUs);
    }
    return 2;
  }

  #readAggregates({ state }: ResultSource, firstColumn: number, count: number): void {
    const { accumulators } = this.#states;
    for (let a = 0; a < accumulators.length; a++) {
      const column = this.#result.columns[firstColumn + a]!;
      column.clearNulls();
      column.heap = state.table.heap;
      const failures = accumulators[a]!.read(this.#records, count, column, this.#overflowed, state);
      if (failures > 0) this.#dropOverflowed(a, column);
    }
  }

  /** Takes groups whose aggregate does not fit its type out of the chunk. */
  #dropOverflowed(aggregate: number, column: Column): void {
    const { field, kind } = this.#config.aggregates[aggregate]!;
    const message = `${kind.toUpperCase()}: ${typeName(column.type)} overflow`;
    let kept = 0;
    for (let i = 0; i < this.#selected; i++) {
      const row = this.#rows[i]!;
      if (this.#overflowed[row] === 0) this.#rows[kept++] = row;
      else {
        this.#failures.add({
          code: 'ERR_ROW_EXPRESSION',
          message,
          field,
          input: this.#rowText(row),
        });
      }
    }
    this.#selected = kept;
    this.#overflowed.fill(0);
  }

  #compute(): void {
    const evaluator = this.#evaluator;
    const columns = this.#result.columns;
    const keys = this.#groupColumns;
    evaluator.begin(this.#result, this.#rows, this.#selected);
    for (let c = 0; c < keys; c++) this.#output[c] = columns[c]!;
    for (let s = 0; s < this.#select.length; s++) {
      this.#output[keys + s] = evaluator.evaluate(this.#select[s]!);
    }
    if (evaluator.count === this.#selected) return;
    this.#rows.set(evaluator.rows.subarray(0, evaluator.count));
    this.#selected = evaluator.count;
  }

  /** Window and keys of a group. */
  #rowText(row: number): string {
    const named = this.#config.result.slice(0, this.#groupColumns).map(({ name }, c) => ({
      name,
      column: this.#result.columns[c]!,
    }));
    return rowText(named, row);
  }
}

/** How many groups of a source are written. */
function groupCount({ state, changed, each, sessions }: ResultSource): number {
  if (sessions !== undefined) return sessions.count;
  return each === undefined ? (changed ?? state).table.count : each.to - each.from;
}
