/** The key and argument columns of a batch's rows. @module */

import { Column } from '../../core/column.ts';
import { TIMESTAMP } from '../../core/types.ts';
import type { BatchOptions } from '../../expr/index.ts';
import type { KernelInput } from '../../state/index.ts';
import { canonicalFloats } from '../../state/index.ts';
import type { AggregateInput, AggregatePlanConfig } from './config.ts';
import type { RowEvaluator } from '../row-evaluator.ts';
import { CompiledExpr } from '../row-evaluator.ts';

/** Computes keys, arguments and filters of one batch after the other. */
export class RowInputs {
  /** Key columns of the last batch; floats are canonical. */
  readonly keys: Column[] = [];
  readonly inputs: readonly InputColumns[];
  readonly #keys: readonly KeyColumn[];

  constructor(config: AggregatePlanConfig, options: BatchOptions) {
    const { rowCapacity, memory } = options;
    this.#keys = config.keys.map(({ name, expr }) => ({
      expr: new CompiledExpr(expr, name, options),
      canonical:
        expr.type.kind === 'float64' ? Column.allocate(expr.type, rowCapacity, memory) : undefined,
    }));
    this.inputs = config.inputs.map((input, i) => {
      const user = config.aggregates.find(
        ({ input: own, others = [] }) => own === i || others.some((other) => other.input === i),
      );
      return new InputColumns(input, user?.field ?? '', options);
    });
  }

  /** Evaluates everything for the rows of `evaluator`. */
  evaluate(evaluator: RowEvaluator): void {
    for (let k = 0; k < this.#keys.length; k++) {
      const { expr, canonical } = this.#keys[k]!;
      const column = evaluator.evaluate(expr);
      if (canonical === undefined) {
        this.keys[k] = column;
      } else {
        canonicalFloats(column, canonical, evaluator.rows, 0, evaluator.count);
        this.keys[k] = canonical;
      }
    }
    for (let i = 0; i < this.inputs.length; i++) this.inputs[i]!.evaluate(evaluator);
  }

  /** Lets go of the batch's columns; keys stay until the next, or their list would be made anew for each. */
  clear(): void {
    for (const input of this.inputs) input.clear();
  }
}

interface KeyColumn {
  readonly expr: CompiledExpr;
  readonly canonical: Column | undefined;
}

/**
 * What is fed to an aggregate, and which rows of it.
 *
 * After {@link select}, `records[from .. to)` and `rows[from .. to)` are the rows that count.
 */
export class InputColumns implements KernelInput {
  /** The argument; `undefined` for `COUNT(*)`. */
  column: Column | undefined;
  /** Rows for which it is true count; `undefined`: all. */
  filter: Column | undefined;
  records: Int32Array;
  rows: Uint32Array;
  from = 0;
  to = 0;
  /** What tells these rows from those of other calls; see `GivenRows`. */
  call = 0;
  readonly #argument: CompiledExpr | undefined;
  readonly #filter: CompiledExpr | undefined;
  readonly #ownRecords: Int32Array;
  readonly #ownRows: Uint32Array;
  /** Event times. */
  readonly #times: Column | undefined;

  constructor({ argument, filter, isTime }: AggregateInput, field: string, options: BatchOptions) {
    this.#argument = argument && new CompiledExpr(argument, field, options);
    this.#filter = filter && new CompiledExpr(filter, field, options);
    this.#times =
      isTime === true ? Column.allocate(TIMESTAMP, options.rowCapacity, options.memory) : undefined;
    this.#ownRecords = options.memory.words(options.rowCapacity);
    this.#ownRows = options.memory.rows(options.rowCapacity);
    this.records = this.#ownRecords;
    this.rows = this.#ownRows;
  }

  /** Evaluates the filter, then the argument where the filter is true. */
  evaluate(evaluator: RowEvaluator): void {
    if (this.#times !== undefined) {
      evaluator.copyTimes(this.#times);
      this.column = this.#times;
      return;
    }
    if (this.#filter === undefined) {
      this.column = this.#argument && evaluator.evaluate(this.#argument);
      return;
    }
    const filter = evaluator.evaluate(this.#filter);
    this.filter = filter;
    if (this.#argument === undefined) return;
    if (this.#argument.compiled === undefined) {
      this.column = evaluator.evaluate(this.#argument);
      return;
    }
    let passed = 0;
    for (let i = 0; i < evaluator.count; i++) {
      const row = evaluator.rows[i]!;
      if (filter.getBool(row) && !filter.isNull(row)) this.#ownRows[passed++] = row;
    }
    this.column = evaluator.evaluateFor(this.#argument, this.#ownRows, passed);
  }

  /** Chooses those of `rows[from .. to)` that pass the filter and whose argument is not null. */
  select(records: Int32Array, rows: Uint32Array, from: number, to: number): void {
    const column = this.column;
    const filter = this.filter;
    const hasNulls = column !== undefined && column.nullCount !== 0;
    if (filter === undefined && !hasNulls) {
      this.records = records;
      this.rows = rows;
      this.from = from;
      this.to = to;
      return;
    }
    let count = 0;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      if (filter !== undefined && (!filter.getBool(row) || filter.isNull(row))) continue;
      if (hasNulls && column.isNull(row)) continue;
      this.#ownRows[count] = row;
      this.#ownRecords[count] = records[i]!;
      count++;
    }
    this.records = this.#ownRecords;
    this.rows = this.#ownRows;
    this.from = 0;
    this.to = count;
  }

  clear(): void {
    this.column = undefined;
    this.filter = undefined;
  }
}
