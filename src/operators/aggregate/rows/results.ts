/**
 * From windows that fired to rows of the output: a chunk of results at a time is read into columns,
 * `select` is computed over them, and the rows are appended to claimed batches.
 *
 * @module
 */

import { RowCopier } from '../../../columns/index.ts';
import { Batch } from '../../../core/batch.ts';
import { Column } from '../../../core/column.ts';
import { MillraceError } from '../../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../../core/gather.ts';
import type { KernelContext, Outbox, Progress } from '../../../core/operator.ts';
import { typeName } from '../../../core/types.ts';
import { expressionColumns } from '../../../expr/index.ts';
import type { KeyedRecords } from '../../../state/index.ts';
import { CompiledExpr, RowEvaluator } from '../../row-evaluator.ts';
import type { RowFailures } from '../../row-failures.ts';
import { nameColumns, rowText } from '../../row-text.ts';
import type { AggregatePlanConfig } from '../config.ts';
import { Port } from '../config.ts';
import { edgeFields, ROW_FIELDS, type RowWindowConfig } from './config.ts';
import type { Contents } from './contents.ts';
import type { FiredWindows } from './fired.ts';

/** What results are made of. */
export interface ResultParts {
  readonly config: AggregatePlanConfig & { readonly rowWindow: RowWindowConfig };
  readonly context: KernelContext;
  readonly failures: RowFailures;
  readonly groups: KeyedRecords;
  readonly contents: Contents;
  readonly fired: FiredWindows;
}

/** Writes lists of results. */
export class FiredResults {
  readonly #parts: ResultParts;
  readonly #edges: number;
  /** Whether `select` reads facts of windows. */
  readonly #readsFacts: boolean;
  /** Columns of window and keys, which are the first of the output. */
  readonly #shown: number;
  readonly #result: Batch;
  readonly #select: readonly CompiledExpr[];
  readonly #output: Column[] = [];
  readonly #copier: RowCopier;
  readonly #evaluator: RowEvaluator;
  readonly #groups: Int32Array;
  readonly #records: Int32Array;
  readonly #overflowed: Uint8Array;
  /** Rows of the chunk that did not fail. */
  readonly #rows: Uint32Array;
  /** Where the chunk begins in the list, and how many results were read. */
  #from = 0;
  #read = 0;
  #written = 0;
  #selected = 0;

  constructor(parts: ResultParts) {
    const { config, context, failures } = parts;
    const { rowCapacity, memory } = context;
    this.#parts = parts;
    this.#edges = edgeFields(config.rowWindow).length;
    this.#shown = this.#edges + config.keys.length;
    const facts = [0, 1, 2].map((fact) => this.#shown + fact);
    this.#readsFacts = config.select.some(({ expr }) =>
      expressionColumns(expr).some((column) => facts.includes(column)),
    );
    this.#result = Batch.view(rowCapacity, false);
    this.#result.columns = config.result.map(({ type }) =>
      Column.allocate(type, rowCapacity, memory),
    );
    this.#select = config.select.map(({ name, expr }) => new CompiledExpr(expr, name, context));
    this.#evaluator = new RowEvaluator(config.result.slice(0, this.#shown), context, failures);
    this.#copier = new RowCopier(memory, this.#shown + config.select.length);
    this.#groups = memory.words(rowCapacity);
    this.#records = memory.words(rowCapacity);
    this.#overflowed = new Uint8Array(rowCapacity);
    this.#rows = memory.rows(rowCapacity);
  }

  /** Writes what was not written so far; `done` when that is all, and the list is empty. */
  write(out: Outbox): Progress {
    const { fired, contents } = this.#parts;
    while (this.#append(out)) {
      if (this.#read === fired.count) {
        fired.clear();
        contents.clear();
        this.#read = 0;
        return 'done';
      }
      this.#readChunk();
    }
    return 'blocked';
  }

  /** Appends what is left of the chunk. */
  #append(out: Outbox): boolean {
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
      this.#writeTimes(target, start, count);
      this.#written += count;
      out.commit(Port.OUT, count < left);
    }
    return true;
  }

  #writeTimes(target: Batch, start: number, count: number): void {
    const { fired, config } = this.#parts;
    for (let i = 0; i < count; i++) {
      const at = this.#from + this.#rows[this.#written + i]!;
      const ingestUs = fired.ingestUs(at);
      if (ingestUs > -Infinity && ingestUs < target.ingestTimeUs) target.ingestTimeUs = ingestUs;
      if (!config.hasTime) continue;
      target.setTimeUs(start + i, fired.timeUs(at));
      target.setLateBy(start + i, fired.lateByUs(at));
    }
  }

  #tooLarge(target: Batch): MillraceError {
    const { node } = this.#parts.context;
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a result of '${node}' has long strings of more bytes than a slot has room for ` +
        `(${target.heap.capacityBytes}): ${this.#textOf(this.#rows[this.#written]!)}; raise the ` +
        "ring's heap size or shorten the strings",
      { node },
    );
  }

  /** Reads the next results into columns and computes the output columns. */
  #readChunk(): void {
    const { config, context, groups, contents, fired } = this.#parts;
    const count = Math.min(fired.count - this.#read, context.rowCapacity);
    this.#from = this.#read;
    this.#read += count;
    this.#written = 0;
    this.#selected = count;
    for (let i = 0; i < count; i++) {
      this.#rows[i] = i;
      this.#groups[i] = fired.groupOf(this.#from + i);
    }
    const { columns } = this.#result;
    this.#readEdges(count);
    config.keys.forEach((_, k) => {
      groups.readKey(k, this.#groups, count, columns[this.#edges + k]!);
    });
    if (this.#readsFacts) this.#readFacts(this.#shown, count);
    contents.list(this.#from, count, this.#records);
    this.#readAggregates(this.#shown + ROW_FIELDS.length, count);
    this.#result.setRowCount(count);
    this.#compute();
  }

  #readEdges(count: number): void {
    if (this.#edges === 0) return;
    const [start, end] = this.#result.columns;
    const { fired } = this.#parts;
    for (let i = 0; i < count; i++) {
      writeNumber(start!, i, fired.start(this.#from + i));
      writeNumber(end!, i, fired.end(this.#from + i));
    }
  }

  /** The columns that `select` may read. */
  #readFacts(firstColumn: number, count: number): void {
    const { fired } = this.#parts;
    const [first, last, closed] = this.#result.columns.slice(firstColumn);
    for (let i = 0; i < count; i++) {
      const at = this.#from + i;
      writeNumber(first!, i, fired.first(at));
      writeNumber(last!, i, fired.last(at));
      closed!.setBool(i, fired.isClosed(at));
    }
  }

  #readAggregates(firstColumn: number, count: number): void {
    const { accumulators, state } = this.#parts.contents;
    for (let a = 0; a < accumulators.length; a++) {
      const column = this.#result.columns[firstColumn + a]!;
      column.clearNulls();
      if (state !== undefined) column.heap = state.table.heap;
      const failed = accumulators[a]!.read(this.#records, count, column, this.#overflowed, state);
      if (failed > 0) this.#dropOverflowed(a, column);
    }
  }

  /** Takes results whose aggregate does not fit its type out of the chunk. */
  #dropOverflowed(aggregate: number, column: Column): void {
    const { config, failures } = this.#parts;
    const { field, kind } = config.aggregates[aggregate]!;
    const message = `${kind.toUpperCase()}: ${typeName(column.type)} overflow`;
    let kept = 0;
    for (let i = 0; i < this.#selected; i++) {
      const row = this.#rows[i]!;
      if (this.#overflowed[row] === 0) this.#rows[kept++] = row;
      else {
        failures.add({ code: 'ERR_ROW_EXPRESSION', message, field, input: this.#textOf(row) });
      }
    }
    this.#selected = kept;
    this.#overflowed.fill(0);
  }

  #compute(): void {
    const evaluator = this.#evaluator;
    const { columns } = this.#result;
    evaluator.begin(this.#result, this.#rows, this.#selected);
    for (let c = 0; c < this.#shown; c++) this.#output[c] = columns[c]!;
    for (let s = 0; s < this.#select.length; s++) {
      this.#output[this.#shown + s] = evaluator.evaluate(this.#select[s]!);
    }
    if (evaluator.count === this.#selected) return;
    this.#rows.set(evaluator.rows.subarray(0, evaluator.count));
    this.#selected = evaluator.count;
  }

  /** Window and keys of a result. */
  #textOf(row: number): string {
    const shown = this.#parts.config.result.slice(0, this.#shown);
    return rowText(nameColumns(shown, this.#result.columns), row);
  }
}

/** Writes a number into a column of floats or int64. */
function writeNumber(column: Column, row: number, value: number): void {
  if (column.storage === 'f64') column.f64[row] = value;
  else column.setI64FromNumber(row, value);
}
