/** Aggregates that keep on disk what their state has no room for, over windows or over all rows. @module */

import type { Batch } from '../../../core/batch.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../core/operator.ts';
import type { SpillStore } from '../../../core/spill-store.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { GroupState } from '../../../state/index.ts';
import type { WindowConfig } from '../../window-scheme.ts';
import { BatchSplit } from '../batch-split.ts';
import type { AggregatePlanConfig } from '../config.ts';
import { Groups } from '../groups.ts';
import { HeldWatermark } from '../held-watermark.ts';
import type { FiringWindow } from '../open-slices.ts';
import { OpenSlices } from '../open-slices.ts';
import type { SliceScheme } from '../slices.ts';
import { sliceScheme } from '../slices.ts';
import { WindowAdder } from '../window-adder.ts';
import { ReadBack } from './read-back.ts';
import { SpilledGroups } from './spilled-groups.ts';

/** To open and close a window takes about as long as to write so many groups. */
const WINDOW_GROUPS = 16;

/** Aggregates rows by window. */
export class SpillingWindowKernel implements Kernel {
  readonly #spilled: SpilledGroups;
  readonly #scheme: SliceScheme;
  readonly #slices: OpenSlices;
  readonly #adder: WindowAdder;
  readonly #back: ReadBack;
  readonly #watermark: HeldWatermark;
  #firing: FiringWindow | undefined;

  constructor(plan: OperatorPlan, context: KernelContext, window: WindowConfig, store: SpillStore) {
    const groups = new Groups(plan, context, () => this.#slices.describe());
    const spilled = new SpilledGroups(groups, plan.config as AggregatePlanConfig, store, context);
    this.#spilled = spilled;
    this.#watermark = new HeldWatermark(groups, (us, out) => this.#fire(us, out));
    this.#scheme = sliceScheme(window);
    this.#slices = new OpenSlices(this.#scheme, spilled);
    const split = new BatchSplit(this.#scheme, this.#slices, context);
    this.#adder = new WindowAdder(intoOf(spilled), split, context);
    this.#back = new ReadBack(spilled, context);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    this.#adder.add(batch, out);
    return this.resume(out);
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

  *state(io: StateIo): Steps {
    io.section('aggregate of windows on disk', 1);
    yield* this.#spilled.groups.state(io);
    yield* this.#slices.state(io);
  }

  /** Writes all windows that the watermark closes. */
  #fire(watermarkUs: TimeUs, out: Outbox): Progress {
    const { budget } = this.#spilled.groups;
    for (;;) {
      if (budget.isSpent) return 'yielded';
      if (this.#firing === undefined) {
        this.#firing = this.#slices.nextClosed(watermarkUs);
        if (this.#firing === undefined) break;
        this.#begin(this.#firing);
      }
      const progress = this.#back.run(out);
      if (progress !== 'done') return progress;
      budget.take(WINDOW_GROUPS);
      this.#slices.close(this.#firing.window);
      this.#firing = undefined;
    }
    this.#slices.pass(watermarkUs);
    return 'done';
  }

  #begin({ window, shares }: FiringWindow): void {
    const scheme = this.#scheme;
    this.#back.begin({
      states: shares.map(({ state }) => state),
      keeps: shares.some(({ slice }) => scheme.lastWindowOf(slice) > window),
      startUs: scheme.startUs(window),
      endUs: scheme.endUs(window),
      lastIngestUs: shares.reduce((last, share) => Math.max(last, share.lastIngestUs), -Infinity),
    });
  }
}

/** Aggregates all rows of the input. */
export class SpillingTotalKernel implements Kernel {
  readonly #spilled: SpilledGroups;
  readonly #back: ReadBack;
  #state: GroupState;
  #lastIngestUs: TimeUs = -Infinity;
  #isWriting = false;

  constructor(plan: OperatorPlan, context: KernelContext, store: SpillStore) {
    const groups = new Groups(plan, context, () => `${this.#state.table.count} groups`);
    this.#spilled = new SpilledGroups(groups, plan.config as AggregatePlanConfig, store, context);
    this.#back = new ReadBack(this.#spilled, context);
    this.#state = this.#spilled.acquire();
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    const spilled = this.#spilled;
    const count = spilled.evaluate(batch, batch.selection, batch.selected);
    const { rows } = spilled;
    spilled.bind(rows, count);
    spilled.add(this.#state, rows, 0, count);
    spilled.releaseBatch();
    const { ingestTimeUs } = batch;
    if (ingestTimeUs < Infinity && ingestTimeUs > this.#lastIngestUs) {
      this.#lastIngestUs = ingestTimeUs;
    }
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    const lastIngestUs = this.#lastIngestUs;
    const states = [this.#state];
    this.#back.begin({ states, keeps: false, startUs: 0, endUs: 0, lastIngestUs });
    this.#isWriting = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const { groups } = this.#spilled;
    groups.budget.begin();
    if (this.#isWriting) {
      const progress = this.#back.run(out);
      if (progress !== 'done') return progress;
      this.#isWriting = false;
      this.#spilled.release(this.#state);
    }
    return groups.failures.flush(out) ? 'done' : 'blocked';
  }

  *state(io: StateIo): Steps {
    io.section('aggregate of all rows on disk', 1);
    yield* this.#spilled.groups.state(io);
    this.#state = yield* this.#spilled.stateOf(io, this.#state);
    this.#lastIngestUs = io.float(this.#lastIngestUs);
  }
}

/** What takes the rows of windows in. */
function intoOf(spilled: SpilledGroups): ConstructorParameters<typeof WindowAdder>[0] {
  return {
    evaluate: (batch, rows, count) => spilled.evaluate(batch, rows, count),
    get rows() {
      return spilled.rows;
    },
    bind: (rows, count) => spilled.bind(rows, count),
    add: (state, rows, from, to) => spilled.add(state, rows, from, to),
    release: () => spilled.releaseBatch(),
  };
}
