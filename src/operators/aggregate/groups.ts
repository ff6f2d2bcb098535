/** Getting rows into groups: what a windowed and an unwindowed aggregate share. @module */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { GroupState } from '../../state/index.ts';
import { Arena, GroupStates, hashRows, pageCellsFor, recordCells } from '../../state/index.ts';
import { RowFailures } from '../row-failures.ts';
import type { AggregatePlanConfig } from './config.ts';
import { RowEvaluator } from '../row-evaluator.ts';
import { ResultWriter } from './results.ts';
import { RowInputs } from './row-inputs.ts';

/** The groups of one task: aggregation of batches, and the writer of results. */
export class Groups {
  readonly states: GroupStates;
  readonly writer: ResultWriter;
  readonly failures: RowFailures;
  readonly #evaluator: RowEvaluator;
  readonly #inputs: RowInputs;
  readonly #config: AggregatePlanConfig;
  readonly #hashes: Int32Array;
  readonly #records: Int32Array;
  /** A row of nothing, to make the record of a group without keys. */
  readonly #noRows = new Uint32Array(1);

  /** @param describeState - what the state holds, for the message when it is full */
  constructor(plan: OperatorPlan, context: KernelContext, describeState: () => string) {
    const config = plan.config as AggregatePlanConfig;
    const { rowCapacity } = context;
    const keys = config.keys.map(({ expr }) => expr.type);
    const arena = Arena.allocate(
      context.stateLimitBytes,
      pageCellsFor(recordCells(keys, config.aggregates)),
      (limitBytes) => stateFull(context.node, limitBytes, describeState()),
    );
    this.#config = config;
    this.states = new GroupStates(arena, keys, config.aggregates, rowCapacity);
    this.failures = new RowFailures(plan, context);
    this.writer = new ResultWriter(config, context, this.states, this.failures);
    this.#inputs = new RowInputs(config, context);
    const { schema } = plan.inputs[0]!;
    this.#evaluator = new RowEvaluator(schema, context, this.failures);
    this.#hashes = context.memory.words(rowCapacity);
    this.#records = context.memory.words(rowCapacity);
  }

  /**
   * Computes keys and arguments of `rows[0 .. count)`; rows that fail are reported.
   *
   * @returns how many rows are left in {@link rows}
   */
  evaluate(batch: Batch, rows: Uint32Array, count: number): number {
    this.#evaluator.begin(batch, rows, count);
    this.#inputs.evaluate(this.#evaluator);
    return this.#evaluator.count;
  }

  /** The rows that are left after {@link evaluate}. */
  get rows(): Uint32Array {
    return this.#evaluator.rows;
  }

  /** Hashes the keys of `rows[0 .. count)`, in the order in which they are added. */
  hash(rows: Uint32Array, count: number): void {
    if (this.#config.keys.length > 0) hashRows(this.#inputs.keys, rows, 0, count, this.#hashes);
  }

  /** Adds rows `rows[from .. to)`, which were hashed, to the groups of a state. */
  add(state: GroupState, rows: Uint32Array, from: number, to: number): void {
    if (from === to) return;
    this.update(state, this.assign(state, rows, from, to), rows, from, to);
  }

  /** Finds or makes the records of rows that were hashed; by position, valid until the next call. */
  assign(state: GroupState, rows: Uint32Array, from: number, to: number): Int32Array {
    const records = this.#records;
    if (this.#config.keys.length === 0) records.fill(this.onlyRecord(state), from, to);
    else state.table.assign(this.#inputs.keys, this.#hashes, rows, from, to, records);
    return records;
  }

  /** Adds rows to their records. */
  update(
    state: GroupState,
    records: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    const inputs = this.#inputs.inputs;
    for (let i = 0; i < inputs.length; i++) inputs[i]!.select(records, rows, from, to);
    const { accumulators } = this.states;
    for (let a = 0; a < accumulators.length; a++) {
      const input = inputs[this.#config.aggregates[a]!.input]!;
      const { column } = input;
      accumulators[a]!.update(state, input.records, column, input.rows, input.from, input.to);
    }
  }

  /** Lets go of the batch. */
  release(): void {
    this.#inputs.clear();
  }

  /** The record of the one group there is without keys; made if need be. */
  onlyRecord({ table }: GroupState): number {
    const record = this.#records;
    if (table.count === 0) {
      this.#hashes[0] = 0;
      table.assign([], this.#hashes, this.#noRows, 0, 1, record);
    }
    table.listRecords(0, 1, record);
    return record[0]!;
  }
}

const MIB = 1024 * 1024;

function stateFull(node: string, limitBytes: number, held: string): MillraceError {
  return new MillraceError(
    'ERR_LIMIT_EXCEEDED',
    `aggregate '${node}' holds ${held}, and more would exceed the limit of its state, ` +
      `${(limitBytes / MIB).toFixed(1)} MiB (${limitBytes} bytes): group by fewer distinct keys, ` +
      'use smaller windows or less lateness, spread it over more tasks, or raise the limit',
    { node },
  );
}
