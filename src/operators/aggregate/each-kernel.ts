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
import type { TimeUs } from '../../core/units.ts';
import type { GroupState } from '../../state/index.ts';
import { Groups } from './groups.ts';
import { PositionSort } from '../position-sort.ts';
import { StagedRows } from './staged-rows.ts';

/** Gives an update for each row. */
export class EachKernel implements Kernel {
  readonly #groups: Groups;
  readonly #state: GroupState;
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
    this.#groups = new Groups(plan, context, () => `${this.#state.table.count} groups`);
    this.#state = this.#groups.states.acquire();
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
    const records = groups.assign(this.#state, 0, count);
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

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    out.watermark(watermarkUs);
    return 'done';
  }

  onEnd(): Progress {
    return 'done';
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
    if (this.#current.length > 0) groups.release();
    this.#current.length = 0;
    return groups.failures.flush(out) ? 'done' : 'blocked';
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

/** Counts how often each record was there before, in a table of its own that is never emptied. */
class Occurrences {
  readonly #mask: number;
  /** Three words a slot: the record, the call, how often. */
  readonly #slots: Int32Array;
  #call = 0;

  constructor(rowCapacity: number) {
    const slots = 2 ** (33 - Math.clz32(rowCapacity));
    this.#mask = slots - 1;
    this.#slots = new Int32Array(3 * slots);
  }

  /**
   * @param before - gets, by position, how many equal records come before
   * @returns the most of these, and one more; 0 for no records
   * @hot
   */
  count(records: Int32Array, count: number, before: Int32Array): number {
    const slots = this.#slots;
    const call = (this.#call = (this.#call + 1) | 0);
    let most = 0;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      let slot = (Math.imul(record, 0x9e37_79b1) >>> 7) & this.#mask;
      while (slots[3 * slot + 1] === call && slots[3 * slot] !== record) {
        slot = (slot + 1) & this.#mask;
      }
      const at = 3 * slot;
      const seen = slots[at + 1] === call ? slots[at + 2]! : 0;
      slots[at] = record;
      slots[at + 1] = call;
      slots[at + 2] = seen + 1;
      before[i] = seen;
      if (seen >= most) most = seen + 1;
    }
    return most;
  }
}
