/**
 * An aggregate without a window that gives updates at even times: at each multiple of an interval
 * that the watermark passes, the row of every group that changed since the last one.
 *
 * Rows are added to the *slice* of time that they count from, between two multiples, and a slice is
 * added to the total once the watermark has passed its end. A row counts from the slice in which its
 * source stood when it entered, or in which its own time lies if that is later: so a late row counts
 * in the next update that was still to come for its source, whatever the rows of other sources do.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { GroupState } from '../../state/index.ts';
import { Groups } from './groups.ts';
import type { MarkedSlice } from './mark-split.ts';
import { MarkSplit } from './mark-split.ts';
import type { SliceIndex } from './slices.ts';
import { StateMerge } from './state-merge.ts';

/** Rows that count from one multiple of the interval on. */
interface Slice extends MarkedSlice {
  readonly index: SliceIndex;
  state: GroupState;
}

/** Gives updates at multiples of an interval. */
export class EveryKernel implements Kernel {
  readonly #groups: Groups;
  readonly #everyUs: DurationUs;
  #total: GroupState;
  /** Slices that have not been given out, in no order; few. */
  #slices: Slice[] = [];
  /** Slices before this one have been given out. */
  #next: SliceIndex = -Infinity;
  readonly #split: MarkSplit<Slice>;
  /** The watermark that updates are being given for; `undefined`: none. */
  #watermarkUs: TimeUs | undefined;
  #firing: Slice | undefined;
  readonly #merge: StateMerge;

  constructor(plan: OperatorPlan, context: KernelContext, everyUs: DurationUs) {
    this.#groups = new Groups(plan, context, () => this.#describe());
    this.#merge = new StateMerge(this.#groups.states, this.#groups.budget);
    this.#everyUs = everyUs;
    this.#total = this.#groups.states.acquire();
    const sorted = context.memory.rows(context.rowCapacity);
    this.#split = new MarkSplit(everyUs, (index) => this.#sliceAt(index), sorted);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const groups = this.#groups;
    if (batch.selected === 0) return 'done';
    const count = groups.evaluate(batch, batch.selection, batch.selected);
    const split = this.#split;
    const rows = split.split(batch, groups.rows, count, this.#next);
    groups.bind(rows, count);
    let from = 0;
    for (let bucket = 0; bucket < split.found.length; bucket++) {
      const to = split.endOf(bucket);
      groups.add(split.found[bucket]!.state, rows, from, to);
      from = to;
    }
    groups.release();
    return this.resume(out);
  }

  #sliceAt(index: SliceIndex): Slice {
    const known = this.#slices.find((slice) => slice.index === index);
    if (known !== undefined) return known;
    const slice = { index, state: this.#groups.states.acquire(), lastIngestUs: -Infinity };
    this.#slices.push(slice);
    return slice;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const watermarkUs = this.#watermarkUs;
    this.#groups.budget.begin();
    const progress = watermarkUs === undefined ? 'done' : this.#fire(watermarkUs, out);
    if (progress !== 'done') return progress;
    if (!this.#groups.failures.flush(out)) return 'blocked';
    if (watermarkUs !== undefined) {
      this.#watermarkUs = undefined;
      out.watermark(watermarkUs);
    }
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('aggregate at even times', 1);
    yield* this.#groups.state(io);
    const { states } = this.#groups;
    yield* states.stateOf(io, this.#total);
    this.#next = io.float(this.#next);
    this.#slices = yield* stateOfList(io, this.#slices, function* (known): Steps<Slice> {
      const index = io.float(known?.index ?? 0);
      const lastIngestUs = io.float(known?.lastIngestUs ?? 0);
      const state = yield* states.stateOf(io, known?.state);
      return known ?? { index, state, lastIngestUs };
    });
  }

  /** Gives the updates of all multiples up to the watermark. */
  #fire(watermarkUs: TimeUs, out: Outbox): Progress {
    const { states, writer } = this.#groups;
    for (;;) {
      this.#firing ??= this.#begin(watermarkUs);
      if (this.#firing === undefined) break;
      if (!this.#merge.run()) return 'yielded';
      const progress = writer.write(out);
      if (progress !== 'done') return progress;
      states.release(this.#firing.state);
      this.#slices.splice(this.#slices.indexOf(this.#firing), 1);
      this.#next = this.#firing.index + 1;
      this.#firing = undefined;
    }
    // Infinity may only mean that the input is idle.
    if (watermarkUs < Infinity) {
      this.#next = Math.max(this.#next, Math.floor(watermarkUs / this.#everyUs));
    }
    return 'done';
  }

  /** Begins with the first slice that ends at or before the watermark. */
  #begin(watermarkUs: TimeUs): Slice | undefined {
    let first: Slice | undefined;
    for (const slice of this.#slices) {
      if (first === undefined || slice.index < first.index) first = slice;
    }
    if (first === undefined) return undefined;
    const startUs = first.index * this.#everyUs;
    const endUs = startUs + this.#everyUs;
    if (endUs > watermarkUs) return undefined;
    const { writer } = this.#groups;
    const { state: changed, lastIngestUs } = first;
    if (this.#total.table.count === 0) {
      // The slice is the total, as it is.
      first.state = this.#total;
      this.#total = changed;
      this.#merge.begin(this.#total, [], true);
      writer.begin({ state: this.#total, startUs, endUs, lastIngestUs });
      return first;
    }
    this.#merge.begin(this.#total, [changed], true);
    writer.begin({ state: this.#total, changed, startUs, endUs, lastIngestUs });
    return first;
  }

  #describe(): string {
    const waiting = this.#slices.reduce((sum, { state }) => sum + state.table.count, 0);
    return `${this.#total.table.count} groups, and changes to ${waiting} that wait for the next update`;
  }
}
