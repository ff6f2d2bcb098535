/**
 * An aggregate without a window: one result per group, at the end of the input. Groups of which all rows were
 * taken back have none.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { GroupState } from '../../state/index.ts';
import type { FoldingKernel } from '../chain/kernel.ts';
import type { PartingKernel } from '../spill/parts/parting.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Groups } from './groups.ts';
import { PartedRows } from './changes/parted-rows.ts';

/** Aggregates all rows of the input. */
export class TotalKernel implements FoldingKernel, PartingKernel {
  readonly #groups: Groups;
  readonly #hasKeys: boolean;
  #state: GroupState;
  readonly #parted: PartedRows;
  #lastIngestUs: TimeUs = -Infinity;
  #isWriting = false;

  constructor(plan: OperatorPlan, context: KernelContext) {
    this.#groups = new Groups(plan, context, () => `${this.#state.table.count} groups`);
    const { keys, revision } = plan.config as AggregatePlanConfig;
    this.#hasKeys = keys.length > 0;
    this.#parted = new PartedRows(context, revision?.inputChange);
    this.#state = this.#groups.states.acquire();
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const groups = this.#groups;
    if (batch.selected === 0) return 'done';
    const count = groups.evaluate(batch, batch.selection, batch.selected);
    this.#parted.part(batch, groups.rows, count);
    const { rows, added } = this.#parted;
    groups.bind(rows, count);
    groups.add(this.#state, rows, 0, added);
    groups.retract(this.#state, rows, added, count);
    groups.release();
    this.#note(batch.ingestTimeUs);
    return this.resume(out);
  }

  get cells(): number {
    return this.#groups.states.cells;
  }

  takesWhole(): boolean {
    return true;
  }

  addWhole({ ingestTimeUs }: Batch, cells: Int32Array): void {
    this.#groups.states.addCells(this.#state, cells);
    this.#note(ingestTimeUs);
  }

  #note(ingestTimeUs: TimeUs): void {
    if (ingestTimeUs < Infinity && ingestTimeUs > this.#lastIngestUs) {
      this.#lastIngestUs = ingestTimeUs;
    }
  }

  onEnd(_port: number, out: Outbox): Progress {
    // As in SQL, the sum of no rows at all is one row.
    if (!this.#hasKeys) this.#groups.states.onlyRecord(this.#state);
    const lastIngestUs = this.#lastIngestUs;
    this.#groups.writer.begin({ state: this.#state, startUs: 0, endUs: 0, lastIngestUs });
    this.#isWriting = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    this.#groups.budget.begin();
    if (this.#isWriting) {
      const progress = this.#groups.writer.write(out);
      if (progress !== 'done') return progress;
      this.#isWriting = false;
      this.#groups.states.release(this.#state);
    }
    return this.#groups.failures.flush(out) ? 'done' : 'blocked';
  }

  *keepOnly(keeps: (hash: number) => boolean): Steps {
    this.#state = yield* this.#groups.keep(this.#state, keeps);
  }

  *state(io: StateIo): Steps {
    io.section('aggregate of all rows', 1);
    yield* this.#groups.state(io);
    yield* this.#groups.states.stateOf(io, this.#state);
    this.#lastIngestUs = io.float(this.#lastIngestUs);
  }
}
