/** Getting rows into groups: what a windowed and an unwindowed aggregate share. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { GroupState } from '../../state/index.ts';
import { Arena, GroupStates, keepGroups, pageCellsFor, recordCells } from '../../state/index.ts';
import { RowFailures } from '../row-failures.ts';
import type { AggregatePlanConfig } from './config.ts';
import { RowEvaluator } from '../row-evaluator.ts';
import { ResultWriter } from './results.ts';
import { RowInputs } from './row-inputs.ts';
import { StepBudget } from './step-budget.ts';

/** The groups of one task: aggregation of batches, and the writer of results. */
export class Groups {
  readonly states: GroupStates;
  readonly writer: ResultWriter;
  readonly failures: RowFailures;
  /** Of each call: to be begun in it. */
  readonly budget = new StepBudget();
  readonly #evaluator: RowEvaluator;
  readonly #inputs: RowInputs;
  readonly #config: AggregatePlanConfig;
  /** How often rows were given to aggregates that the kernel does not keep. */
  #calls = 0;
  /** By table of distinct values: whether it has added the rows of the call at hand. */
  readonly #isAdded: boolean[] = [];
  readonly #full: (limitBytes: number) => MillraceError;
  readonly #memory: KernelMemory;
  readonly #rowCapacity: number;
  /** Room for records, once they were parted. */
  #kept: Int32Array | undefined;

  /** @param describeState - what the state holds, for the message when it is full */
  constructor(plan: OperatorPlan, context: KernelContext, describeState: () => string) {
    const config = plan.config as AggregatePlanConfig;
    const { rowCapacity } = context;
    const keys = config.keys.map(({ expr }) => expr.type);
    this.#full = (limitBytes) => stateFull(context.node, limitBytes, describeState());
    const arena = Arena.allocate(
      context.stateLimitBytes,
      pageCellsFor(recordCells(keys, config.aggregates, config.retracts)),
      this.#full,
      context.stateMemory,
    );
    context.counters.watchState?.(() => arena.usedBytes);
    this.#config = config;
    const isFinal = config.stage === 'final';
    const { memory } = context;
    this.#memory = memory;
    this.#rowCapacity = rowCapacity;
    const { aggregates, retracts } = config;
    this.states = new GroupStates(
      memory,
      arena,
      keys,
      aggregates,
      rowCapacity,
      isFinal,
      retracts,
      config.makeUser,
      config.evicts === true || (config.spills === true && config.stage !== 'local'),
    );
    this.failures = new RowFailures(plan, context);
    this.writer = new ResultWriter(config, context, this.states, this.failures, this.budget);
    this.#inputs = new RowInputs(config, context);
    const { schema } = plan.inputs[0]!;
    this.#evaluator = new RowEvaluator(schema, context, this.failures);
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

  /** Key columns of the rows that were evaluated, until {@link release}. */
  get keys(): readonly Column[] {
    return this.#inputs.keys;
  }

  /** Says that {@link add} means `rows[0 .. count)`, in the order in which they are added. */
  bind(rows: Uint32Array, count: number): void {
    this.states.bind(this.#inputs.keys, this.#inputs.inputs, rows, count);
  }

  /** The same for rows whose records are known: only {@link update} may follow. */
  bindInputs(rows: Uint32Array, count: number): void {
    this.states.bindInputs(this.#inputs.inputs, rows, count);
  }

  /** Adds rows `rows[from .. to)`, which are bound, to the groups of a state. */
  add(state: GroupState, rows: Uint32Array, from: number, to: number): void {
    if (from === to) return;
    this.states.add(state, from, to);
    this.#changeScripted('update', state, this.states.records, rows, from, to);
  }

  /** Takes rows `rows[from .. to)`, which are bound, back; only where the plan says `retracts`. */
  retract(state: GroupState, rows: Uint32Array, from: number, to: number): void {
    if (from === to) return;
    this.states.retract(state, from, to);
    this.#changeScripted('retract', state, this.states.records, rows, from, to);
  }

  /** Finds or makes the records of rows that are bound; by position, valid until the next call. */
  assign(state: GroupState, from: number, to: number): Int32Array {
    this.states.assign(state, from, to);
    return this.states.records;
  }

  /** Adds rows, which may be in another order than those that were bound, to their records. */
  update(
    state: GroupState,
    records: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    this.states.update(records, rows, from, to);
    this.#changeScripted('update', state, records, rows, from, to);
  }

  /** Takes rows back from their records; only where the plan says `retracts`. */
  takeBack(
    state: GroupState,
    records: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    this.states.takeBack(records, rows, from, to);
    this.#changeScripted('retract', state, records, rows, from, to);
  }

  /** Adds rows to the aggregates that the kernel does not keep, or takes them back. */
  #changeScripted(
    change: 'update' | 'retract',
    state: GroupState,
    records: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    const { scripted, pairs: tables } = this.states;
    const call = ++this.#calls;
    const { inputs } = this.#inputs;
    for (let t = 0; t < tables.length; t++) {
      this.#isAdded[t] = tables[t]!.addAll(state, records, rows, from, to, inputs);
    }
    for (let s = 0; s < scripted.length; s++) {
      const { aggregate, accumulator, pairs } = scripted[s]!;
      if (pairs !== undefined && this.#isAdded[pairs.index]!) continue;
      const { input, others = [] } = this.#config.aggregates[aggregate]!;
      const given = inputs[input]!;
      given.select(records, rows, from, to);
      given.call = call;
      const columns = others.map((other) => inputs[other.input]!.column!);
      accumulator[change]!(state, given, columns);
    }
  }

  /** @throws MillraceError `ERR_LIMIT_EXCEEDED` */
  full(): never {
    throw this.#full(this.states.arena.limitBytes);
  }

  /** Lets go of the batch. */
  release(): void {
    this.#inputs.clear();
  }

  /** A state with some groups of another, which is released: see `keepGroups`. */
  *keep(state: GroupState, keeps: (hash: number) => boolean): Steps<GroupState> {
    this.#kept ??= this.#memory.words(this.#rowCapacity);
    return yield* keepGroups(this.states, state, this.#kept, keeps);
  }

  /** The arena and what all states have in common, with nothing to be written; then the states in use. */
  *state(io: StateIo): Steps {
    yield* this.states.state(io);
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
