/** An aggregate over windows. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { GroupState } from '../../state/index.ts';
import type { FoldingKernel } from '../chain/kernel.ts';
import type { PartingKernel } from '../spill/parts/parting.ts';
import type { WindowConfig } from '../window-scheme.ts';
import { BatchSplit } from './batch-split.ts';
import { Groups } from './groups.ts';
import { HeldWatermark } from './held-watermark.ts';
import type { FiringWindow, Share } from './open-slices.ts';
import { OpenSlices } from './open-slices.ts';
import type { SliceScheme } from './slices.ts';
import { sliceScheme } from './slices.ts';
import { StateMerge } from './state-merge.ts';
import { WindowAdder } from './window-adder.ts';

/** To open and close a window takes about as long as to write so many groups. */
const WINDOW_GROUPS = 16;

/** Aggregates rows by window. */
export class WindowKernel implements FoldingKernel, PartingKernel {
  readonly #groups: Groups;
  readonly #scheme: SliceScheme;
  readonly #slices: OpenSlices;
  readonly #split: BatchSplit;
  readonly #adder: WindowAdder;
  readonly #watermark: HeldWatermark;
  #firing: FiringWindow | undefined;
  readonly #merge: StateMerge;
  /** Where the slices of the firing window were merged; `undefined`: it has one only. */
  #merged: GroupState | undefined;

  constructor(plan: OperatorPlan, context: KernelContext, window: WindowConfig) {
    const scheme = sliceScheme(window);
    this.#groups = new Groups(plan, context, () => this.#slices.describe());
    this.#watermark = new HeldWatermark(this.#groups, (us, out) => this.#fire(us, out));
    this.#scheme = scheme;
    this.#merge = new StateMerge(this.#groups.states, this.#groups.budget);
    this.#slices = new OpenSlices(scheme, this.#groups.states);
    this.#split = new BatchSplit(scheme, this.#slices, context);
    this.#adder = new WindowAdder(this.#groups, this.#split, context);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    this.#adder.add(batch, out);
    return this.resume(out);
  }

  get cells(): number {
    return this.#groups.states.cells;
  }

  /** Rows that are on time, and in one slice, of a window that has not fired. */
  takesWhole(batch: Batch): boolean {
    return this.#split.isWhole(batch);
  }

  addWhole(batch: Batch, cells: Int32Array): void {
    const { state } = this.#split.shareOf(batch);
    this.#groups.states.addCells(state, cells);
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    return this.#watermark.take(watermarkUs, out);
  }

  dueUs(): TimeUs {
    return this.#slices.dueUs;
  }

  resume(out: Outbox): Progress {
    return this.#watermark.resume(out);
  }

  *keepOnly(keeps: (hash: number) => boolean): Steps {
    yield* this.#slices.replace((state) => this.#groups.keep(state, keeps));
  }

  *state(io: StateIo): Steps {
    io.section('aggregate of windows', 1);
    yield* this.#groups.state(io);
    yield* this.#slices.state(io);
  }

  /** Writes all windows that the watermark closes. */
  #fire(watermarkUs: TimeUs, out: Outbox): Progress {
    const { budget, states, writer } = this.#groups;
    for (;;) {
      if (budget.isSpent) return 'yielded';
      if (this.#firing === undefined) {
        this.#firing = this.#slices.nextClosed(watermarkUs);
        if (this.#firing === undefined) break;
        this.#begin(this.#firing);
      }
      if (!this.#merge.run()) return 'yielded';
      const progress = writer.write(out);
      if (progress !== 'done') return progress;
      budget.take(WINDOW_GROUPS);
      if (this.#merged !== undefined) states.release(this.#merged);
      this.#merged = undefined;
      if (this.#scheme.isCumulating) this.#slices.absorb(this.#firing);
      this.#slices.close(this.#firing.window);
      this.#firing = undefined;
    }
    this.#slices.pass(watermarkUs);
    return 'done';
  }

  #begin({ window, shares }: FiringWindow): void {
    const { states, writer } = this.#groups;
    let state = shares[0]!.state;
    let lastIngestUs = shares[0]!.lastIngestUs;
    if (shares.length > 1) {
      if (this.#scheme.isCumulating) {
        this.#merge.begin(state, shares.slice(1).map(stateOf), true);
      } else {
        state = states.acquire();
        this.#merged = state;
        this.#merge.begin(state, shares.map(stateOf), false);
      }
      for (const share of shares) lastIngestUs = Math.max(lastIngestUs, share.lastIngestUs);
    }
    const startUs = this.#scheme.startUs(window);
    writer.begin({ state, startUs, endUs: this.#scheme.endUs(window), lastIngestUs });
  }
}

function stateOf({ state }: Share): GroupState {
  return state;
}
