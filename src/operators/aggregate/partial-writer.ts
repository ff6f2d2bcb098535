/** From a table of groups to rows of keys and partial aggregates. @module */

import { RowCopier } from '../../columns/index.ts';
import { identitySelection } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { GroupStates } from '../../state/index.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Port } from './config.ts';
import type { LocalShare } from './local-shares.ts';
import type { StepBudget } from './step-budget.ts';

/** Writes one share after the other. */
export class PartialWriter {
  readonly #node: string;
  readonly #states: GroupStates;
  readonly #budget: StepBudget;
  readonly #rowCapacity: number;
  readonly #columns: readonly Column[];
  readonly #keys: number;
  readonly #partials: readonly Column[];
  readonly #records: Int32Array;
  readonly #rows: Uint32Array;
  readonly #copier: RowCopier;
  #share: LocalShare | undefined;
  /** Groups of the share that were read. */
  #read = 0;
  /** Rows of the chunk: those written, and all. */
  #written = 0;
  #count = 0;

  constructor(plan: OperatorPlan, context: KernelContext, states: GroupStates, budget: StepBudget) {
    const { rowCapacity, memory, node } = context;
    this.#node = node;
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
    this.#copier = new RowCopier(memory, schema.length);
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
      if (!this.#append(share, out)) return 'blocked';
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

  #append(share: LocalShare, out: Outbox): boolean {
    while (this.#written < this.#count) {
      const target = out.claim(Port.OUT);
      if (target === undefined) return false;
      const start = target.rowCount;
      const left = this.#count - this.#written;
      const added = this.#copier.appendColumns(
        target,
        this.#columns,
        this.#rows,
        this.#written,
        this.#count,
      );
      if (added === TUPLE_TOO_LARGE) {
        out.commit(Port.OUT, false);
        throw this.#tooLarge(target.heap.capacityBytes);
      }
      if (target.hasTime) {
        for (let row = start; row < start + added; row++) {
          target.setTimeUs(row, share.timeUs);
          target.setLateBy(row, share.lateByUs);
        }
      }
      const ingestUs = share.lastIngestUs;
      if (ingestUs > -Infinity && ingestUs < target.ingestTimeUs) target.ingestTimeUs = ingestUs;
      this.#written += added;
      out.commit(Port.OUT, added < left);
    }
    return true;
  }

  #tooLarge(limitBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a group of '${this.#node}' has long strings of more bytes than a slot has room for ` +
        `(${limitBytes}); raise the ring's heap size or shorten the strings`,
      { node: this.#node },
    );
  }
}
