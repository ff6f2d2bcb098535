/**
 * The local stage of an aggregate: groups rows, and hands on groups instead.
 *
 * Groups are kept until a watermark would let the final stage close their window, until they take more
 * than {@link LOCAL_BYTES}, or, where windows go by the clock, for {@link LINGER_US}. So what is kept
 * stays in the caches of its worker, and a group may be handed on in several parts.
 *
 * Late rows are found here, as the aggregate finds them, by what their source had said.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { BatchSplit } from './batch-split.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Groups } from './groups.ts';
import type { LocalShare } from './local-shares.ts';
import { intervalPlaces, LocalShares, windowPlaces } from './local-shares.ts';
import { MarkSplit } from './mark-split.ts';
import { PartialWriter } from './partial-writer.ts';
import { ShareRows } from './share-rows.ts';
import { SingleRows } from './single-rows.ts';
import { sliceScheme } from './slices.ts';
import { WindowAdder } from './window-adder.ts';

/** Half of what a core has to itself in its nearer caches. */
const LOCAL_BYTES = 1024 * 1024;
/** Of what a task's state may take, so that a batch more always fits. */
const LOCAL_SHARE = 1 / 64;
/** As long as rows may wait in an open slot of a ring. */
const LINGER_US = 1000;

/** When groups are handed on, and when rows are. */
export interface LocalTuning {
  /** Groups that take more than this are handed on. */
  readonly mostBytes: number;
  /** So many groups show whether there are fewer of them than rows, by a third at least. */
  readonly sampleGroups: number;
  /** If not, so many rows are handed on as they come before the next sample. */
  readonly singleRows: number;
}

const TUNING: LocalTuning = { mostBytes: LOCAL_BYTES, sampleGroups: 8192, singleRows: 1 << 20 };
const LEAST_ROWS_PER_GROUP = 1.5;
/** Batches of which fewer than one in so many rows are selected are grouped. */
const SPARSE = 4;

/** Where rows go that were split: into the groups of shares, or on. */
type Into = Pick<Groups, 'evaluate' | 'rows' | 'bind' | 'add' | 'release'>;

/** Gets the rows of one batch after the other into shares. */
interface Adder {
  /** Late rows go to `out`. */
  add(batch: Batch, out: Outbox): void;
}

/** Makes partial aggregates. */
export class LocalKernel implements Kernel {
  readonly #groups: Groups;
  readonly #shares: LocalShares;
  readonly #writer: PartialWriter;
  readonly #adder: Adder;
  readonly #tuning: LocalTuning;
  readonly #singles: SingleRows;
  /** Rows that are handed on before groups are looked for again; 0: groups are. */
  #singlesLeft = 0;
  /** Rows and groups of the sample. */
  #sampledRows = 0;
  #sampledGroups = 0;
  /** Of the batch at hand. */
  #batchRows = 0;
  #isSingle = false;
  /** All shares are to be handed on. */
  #isFull = false;
  #writing: LocalShare | undefined;
  /** The watermark that is to be passed on behind the shares that it makes due. */
  #watermarkUs: TimeUs | undefined;

  constructor(plan: OperatorPlan, context: KernelContext, tuning = TUNING) {
    const { window, emit } = plan.config as AggregatePlanConfig;
    const groups = new Groups(plan, context, () => `${this.#count()} groups of one worker`);
    this.#groups = groups;
    const mostBytes = Math.min(tuning.mostBytes, context.stateLimitBytes * LOCAL_SHARE);
    this.#tuning = { ...tuning, mostBytes };
    const { states } = groups;
    const output = new ShareRows(plan, context);
    this.#writer = new PartialWriter(plan, context, states, groups.budget, output);
    this.#singles = new SingleRows(plan, context, groups, output);
    const into = this.#into();
    if (window !== undefined && plan.time !== 'processing') {
      const scheme = sliceScheme(window);
      this.#shares = new LocalShares(states, windowPlaces(scheme));
      const split = new BatchSplit(scheme, this.#shares, context);
      this.#adder = new WindowAdder(into, split, context);
    } else if (emit.kind === 'every') {
      const shares = new LocalShares(states, intervalPlaces(emit.everyUs));
      this.#shares = shares;
      const sorted = context.memory.rows(context.rowCapacity);
      const sliceAt = (slice: number): LocalShare => shares.share(slice, -Infinity);
      this.#adder = new MarkAdder(into, new MarkSplit(emit.everyUs, sliceAt, sorted));
    } else {
      this.#shares = new LocalShares(states, wholePlace);
      this.#adder = new WholeAdder(into, this.#shares, plan.time === 'processing');
    }
  }

  #count(): number {
    return this.#shares.open.reduce((sum, { state }) => sum + state.table.count, 0);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    this.#batchRows = batch.rowCount;
    // What is computed by row is computed for those that are not selected as well.
    this.#isSingle = this.#singlesLeft > 0 && batch.selected * SPARSE >= batch.rowCount;
    this.#adder.add(batch, out);
    if (this.#isSingle) {
      this.#singlesLeft = Math.max(0, this.#singlesLeft - batch.selected);
    } else {
      this.#sampledRows += batch.selected;
      if (this.#groups.states.arena.usedBytes > this.#tuning.mostBytes) this.#isFull = true;
    }
    return this.resume(out);
  }

  /** The groups, or what hands rows on as groups of their own. */
  #into(): Into {
    const groups = this.#groups;
    const singles = this.#singles;
    const isSingle = (): boolean => this.#isSingle;
    return {
      evaluate: (batch, rows, count) => groups.evaluate(batch, rows, count),
      get rows() {
        return groups.rows;
      },
      bind: (rows, count) => {
        groups.bind(rows, count);
        if (isSingle()) singles.begin(this.#batchRows, rows, count);
      },
      add: (state, rows, from, to) => {
        if (isSingle()) singles.add(this.#shares.of(state), from, to);
        else groups.add(state, rows, from, to);
      },
      release: () => {
        if (!isSingle()) groups.release();
      },
    };
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  dueUs(): TimeUs {
    return this.#shares.dueUs;
  }

  /** Whatever had no time to be due at is handed on. */
  onEnd(_port: number, out: Outbox): Progress {
    this.#isFull = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    this.#groups.budget.begin();
    if (!this.#singles.write(out)) return 'blocked';
    const progress = this.#write(out);
    if (progress !== 'done') return progress;
    if (!this.#groups.failures.flush(out)) return 'blocked';
    if (this.#watermarkUs !== undefined) out.watermark(this.#watermarkUs);
    this.#watermarkUs = undefined;
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('local stage of an aggregate', 1);
    yield* this.#groups.state(io);
    yield* this.#shares.state(io);
    this.#singlesLeft = io.float(this.#singlesLeft);
    this.#sampledRows = io.float(this.#sampledRows);
    this.#sampledGroups = io.float(this.#sampledGroups);
  }

  #write(out: Outbox): Progress {
    for (;;) {
      if (this.#writing === undefined) {
        const dueUs = this.#isFull ? Infinity : (this.#watermarkUs ?? -Infinity);
        const share = this.#shares.dueBy(dueUs);
        if (share === undefined) break;
        this.#writing = share;
        this.#writer.begin(share);
      }
      const progress = this.#writer.write(out);
      if (progress !== 'done') return progress;
      this.#sampledGroups += this.#writing.state.table.count;
      this.#shares.close(this.#writing);
      this.#writing = undefined;
    }
    this.#isFull = false;
    this.#judgeSample();
    return 'done';
  }

  #judgeSample(): void {
    const { sampleGroups, singleRows } = this.#tuning;
    if (this.#sampledGroups < sampleGroups) return;
    if (this.#sampledRows < LEAST_ROWS_PER_GROUP * this.#sampledGroups) {
      this.#singlesLeft = singleRows;
    }
    this.#sampledRows = 0;
    this.#sampledGroups = 0;
  }
}

/** Of no time; due when it has been kept for so long by the clock. */
function wholePlace(sinceUs: TimeUs): Pick<LocalShare, 'timeUs' | 'lateByUs' | 'dueUs'> {
  return { timeUs: 0, lateByUs: 0, dueUs: sinceUs + LINGER_US };
}

/** Adds all rows to one share. */
class WholeAdder implements Adder {
  readonly #groups: Into;
  readonly #shares: LocalShares;
  readonly #isTimed: boolean;

  /** @param isTimed - batches are of the moment in which they arrive */
  constructor(groups: Into, shares: LocalShares, isTimed: boolean) {
    this.#groups = groups;
    this.#shares = shares;
    this.#isTimed = isTimed;
  }

  add(batch: Batch): void {
    const groups = this.#groups;
    const sinceUs = this.#isTimed ? batch.minTimeUs : Infinity;
    const share = this.#shares.open[0] ?? this.#shares.share(sinceUs, -Infinity);
    const count = groups.evaluate(batch, batch.selection, batch.selected);
    groups.bind(groups.rows, count);
    groups.add(share.state, groups.rows, 0, count);
    groups.release();
    const { ingestTimeUs } = batch;
    if (ingestTimeUs < Infinity && ingestTimeUs > share.lastIngestUs) {
      share.lastIngestUs = ingestTimeUs;
    }
  }
}

/** Adds rows to the slices that they count from. */
class MarkAdder implements Adder {
  readonly #groups: Into;
  readonly #split: MarkSplit<LocalShare>;

  constructor(groups: Into, split: MarkSplit<LocalShare>) {
    this.#groups = groups;
    this.#split = split;
  }

  add(batch: Batch): void {
    const groups = this.#groups;
    const { found } = this.#split;
    const count = groups.evaluate(batch, batch.selection, batch.selected);
    const rows = this.#split.split(batch, groups.rows, count, -Infinity);
    groups.bind(rows, count);
    let from = 0;
    for (let bucket = 0; bucket < found.length; bucket++) {
      const to = this.#split.endOf(bucket);
      groups.add(found[bucket]!.state, rows, from, to);
      from = to;
    }
    groups.release();
  }
}
