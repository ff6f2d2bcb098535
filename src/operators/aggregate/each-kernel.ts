/**
 * An aggregate without a window that gives an updated row for each row of the input, in the order in
 * which the rows of a group come.
 *
 * A batch is taken in rounds: the first row of each group, then the second of each, and so on. In a
 * round no group has two rows, so that all are added, read and written at once. Rounds may be small,
 * so their results are gathered first.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { GroupState } from '../../state/index.ts';
import { AgingGroups } from './aging-groups.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Groups } from './groups.ts';
import { Occurrences } from './occurrences.ts';
import { PositionSort } from '../position-sort.ts';
import { StagedRows } from './staged-rows.ts';

/** Gives an update for each row. */
export class EachKernel implements Kernel {
  readonly #groups: Groups;
  readonly #own: GroupState;
  /** In place of that, where groups are forgotten at the limit. */
  readonly #aging: AgingGroups | undefined;
  readonly #occurrences: Occurrences;
  readonly #sort: PositionSort;
  /** By position: how many rows of its group come before it in the batch. */
  readonly #rounds: Int32Array;
  /** Rows and their records, by round. */
  readonly #rows: Uint32Array;
  readonly #records: Int32Array;
  /** The batch at hand, as its only element. */
  readonly #current: Batch[] = [];
  readonly #staged: StagedRows;
  #round = 0;
  #roundCount = 0;
  #isWriting = false;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { rowCapacity, memory } = context;
    this.#groups = new Groups(plan, context, () => {
      return `${this.#aging?.count ?? this.#own.table.count} groups`;
    });
    this.#own = this.#groups.states.acquire();
    const { evicts } = plan.config as AggregatePlanConfig;
    if (evicts === true) {
      this.#aging = new AgingGroups(this.#groups, context.counters, rowCapacity);
    }
    this.#staged = new StagedRows(plan, context);
    this.#occurrences = new Occurrences(rowCapacity);
    this.#sort = new PositionSort(rowCapacity);
    this.#rounds = new Int32Array(rowCapacity);
    this.#rows = memory.rows(rowCapacity);
    this.#records = memory.words(rowCapacity);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const groups = this.#groups;
    if (batch.selected === 0) return 'done';
    const count = groups.evaluate(batch, batch.selection, batch.selected);
    const { rows } = groups;
    groups.bind(rows, count);
    const records = this.#aging?.assign(count) ?? groups.assign(this.#own, 0, count);
    this.#roundCount = this.#occurrences.count(records, count, this.#rounds);
    this.#sort.sort(this.#rounds, count, this.#roundCount);
    for (let i = 0; i < count; i++) {
      const position = this.#sort.order[i]!;
      this.#rows[i] = rows[position]!;
      this.#records[i] = records[position]!;
    }
    this.#current[0] = batch;
    this.#round = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const groups = this.#groups;
    groups.budget.begin();
    while (this.#round < this.#roundCount) {
      if (!this.#isWriting) this.#begin(this.#current[0]!);
      const progress = groups.writer.write(this.#staged);
      if (progress === 'yielded') return progress;
      if (progress === 'done') {
        this.#isWriting = false;
        this.#round++;
      } else if (!this.#staged.flush(out)) {
        return 'blocked';
      }
    }
    if (!this.#staged.flush(out)) return 'blocked';
    if (this.#current.length > 0) {
      groups.release();
      this.#aging?.age();
    }
    this.#current.length = 0;
    return groups.failures.flush(out) ? 'done' : 'blocked';
  }

  *state(io: StateIo): Steps {
    io.section('aggregate with each row', 1);
    yield* this.#groups.state(io);
    yield* this.#groups.states.stateOf(io, this.#own);
    if (this.#aging !== undefined) yield* this.#aging.state(io);
  }

  get #state(): GroupState {
    return this.#aging?.young ?? this.#own;
  }

  /** Adds the rows of the round, and begins to write what their groups are now. */
  #begin(batch: Batch): void {
    const from = this.#round === 0 ? 0 : this.#sort.endOf(this.#round - 1);
    const to = this.#sort.endOf(this.#round);
    const groups = this.#groups;
    const [rows, records] = [this.#rows, this.#records];
    groups.update(this.#state, records, rows, from, to);
    const { ingestTimeUs } = batch;
    groups.writer.begin({
      state: this.#state,
      each: { batch, rows, records, from, to },
      startUs: 0,
      endUs: 0,
      lastIngestUs: ingestTimeUs < Infinity ? ingestTimeUs : -Infinity,
    });
    this.#isWriting = true;
  }
}
