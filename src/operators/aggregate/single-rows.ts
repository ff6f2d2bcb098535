/** Rows of a batch as groups of one row each, where groups would hardly be fewer. @module */

import { Column } from '../../core/column.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import type { GroupState } from '../../state/index.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Port } from './config.ts';
import type { Groups } from './groups.ts';
import type { LocalShare } from './local-shares.ts';
import type { ShareRows } from './share-rows.ts';

/** Some of the batch's rows, and where they belong. */
interface Piece {
  readonly share: LocalShare;
  readonly from: number;
  readonly to: number;
}

/** Makes partial aggregates of the rows of one batch after the other, without looking for groups. */
export class SingleRows {
  readonly #groups: Groups;
  readonly #output: ShareRows;
  readonly #partials: readonly Column[];
  /** Keys, then partial aggregates, by row of the batch. */
  #columns: readonly Column[] = [];
  /** Has no groups: it is where long strings of the rows' aggregates lie. */
  #state: GroupState | undefined;
  readonly #records: Int32Array;
  #rows: Uint32Array | undefined;
  readonly #pieces: Piece[] = [];
  /** Rows of the first piece that were handed on. */
  #written = 0;

  constructor(plan: OperatorPlan, context: KernelContext, groups: Groups, output: ShareRows) {
    const { rowCapacity, memory } = context;
    const { schema } = plan.outputs[Port.OUT]!.stream;
    const keys = (plan.config as AggregatePlanConfig).keys.length;
    this.#groups = groups;
    this.#output = output;
    this.#partials = schema
      .slice(keys)
      .map(({ type }) => Column.allocate(type, rowCapacity, memory));
    this.#records = new Int32Array(rowCapacity);
  }

  /** Computes the partial aggregates of `rows[0 .. count)`, which are bound, of a batch of `rowCount`. */
  begin(rowCount: number, rows: Uint32Array, count: number): void {
    const groups = this.#groups;
    const { states } = groups;
    const state = (this.#state ??= states.acquire());
    const blank = states.blankRecords(rowCount);
    for (let i = 0; i < count; i++) this.#records[i] = blank[rows[i]!]!;
    groups.update(state, this.#records, rows, 0, count);
    states.readPartials(state, blank, rowCount, this.#partials);
    this.#columns = [...groups.keys, ...this.#partials];
    this.#rows = rows;
  }

  /** Says that rows `from .. to` of them belong to a share. */
  add(share: LocalShare, from: number, to: number): void {
    if (from < to) this.#pieces.push({ share, from, to });
  }

  /** Hands on all rows; false when the output is full. */
  write(out: Outbox): boolean {
    while (this.#pieces.length > 0) {
      const { share, from, to } = this.#pieces[0]!;
      const start = from + this.#written;
      const at = this.#output.append(share, this.#columns, this.#rows!, start, to, out);
      this.#written = at - from;
      if (at < to) return false;
      this.#pieces.shift();
      this.#written = 0;
    }
    if (this.#rows !== undefined) {
      this.#state!.table.bytes.clear();
      this.#groups.release();
    }
    this.#rows = undefined;
    this.#columns = [];
    return true;
  }
}
