/** From a table of groups to rows of keys and partial aggregates. @module */

import { identitySelection } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { GroupStates } from '../../state/index.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Port } from './config.ts';
import type { LocalShare } from './local-shares.ts';
import type { ShareRows } from './share-rows.ts';
import type { StepBudget } from './step-budget.ts';

/** Writes one share after the other. */
export class PartialWriter {
  readonly #states: GroupStates;
  readonly #budget: StepBudget;
  readonly #rowCapacity: number;
  readonly #columns: readonly Column[];
  readonly #keys: number;
  readonly #partials: readonly Column[];
  readonly #records: Int32Array;
  readonly #rows: Uint32Array;
  readonly #output: ShareRows;
  #share: LocalShare | undefined;
  /** Groups of the share that were read. */
  #read = 0;
  /** Rows of the chunk: those written, and all. */
  #written = 0;
  #count = 0;

  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    states: GroupStates,
    budget: StepBudget,
    output: ShareRows,
  ) {
    const { rowCapacity, memory } = context;
    this.#output = output;
    this.#states = states;
    this.#budget = budget;
    this.#rowCapacity = rowCapacity;
    this.#keys = (plan.config as AggregatePlanConfig).keys.length;
    const { schema } = plan.outputs[Port.OUT]!.stream;
    this.#columns = schema.map(({ type }) => Column.allocate(type, rowCapacity, memory));
    this.#partials = this.#columns.slice(this.#keys);
    this.#records = memory.words(rowCapacity);
    this.#rows = memory.rows(rowCapacity);
    this.#rows.set(identitySelection(rowCapacity));
  }

  /** Begins with the groups of a share, which must stay as it is until {@link write} is done. */
  begin(share: LocalShare): void {
    this.#share = share;
    this.#read = 0;
    this.#written = 0;
    this.#count = 0;
  }

  /** Goes on writing; `done` when all groups are written. */
  write(out: Outbox): Progress {
    const share = this.#share!;
    const groups = share.state.table.count;
    for (;;) {
      const [columns, rows] = [this.#columns, this.#rows];
      const at = this.#output.append(share, columns, rows, this.#written, this.#count, out);
      this.#written = at;
      if (at < this.#count) return 'blocked';
      if (this.#read === groups) break;
      if (this.#budget.isSpent) return 'yielded';
      this.#readChunk(share, Math.min(groups - this.#read, this.#rowCapacity));
    }
    this.#share = undefined;
    return 'done';
  }

  #readChunk({ state }: LocalShare, count: number): void {
    const { table } = state;
    table.listRecords(this.#read, count, this.#records);
    for (let k = 0; k < this.#keys; k++) {
      table.readKey(k, this.#records, count, this.#columns[k]!);
    }
    this.#states.readPartials(state, this.#records, count, this.#partials);
    this.#read += count;
    this.#budget.take(count);
    this.#written = 0;
    this.#count = count;
  }
}
