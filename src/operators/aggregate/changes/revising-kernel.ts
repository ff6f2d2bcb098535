/**
 * An aggregate over windows whose results are revised: that gives them before a window closes, or
 * takes rows after it has closed.
 *
 * A row is added to a *pane* of each window it counts in: rows that become part of the window's
 * results at one watermark, see `RevisionTimes`. Which pane depends on the row's time and on where
 * its source stood, not on when the row comes. When the watermark reaches the time of a pane, its
 * groups are added to those that have been shown, and what differs is given.
 *
 * Rows of a stream of changes are taken back in the pane that they are of themselves, where what they take back
 * need not be: aggregates add and merge in any order.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../core/operator.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { GroupState } from '../../../state/index.ts';
import { PositionSort } from '../../position-sort.ts';
import type { WindowConfig, WindowScheme } from '../../window-scheme.ts';
import { windowScheme } from '../../window-scheme.ts';
import type { AggregatePlanConfig, RevisionConfig } from '../config.ts';
import { Groups } from '../groups.ts';
import type { GroupChanges } from './change-writer.ts';
import { ChangeWriter } from './change-writer.ts';
import { PartedRows } from './parted-rows.ts';
import type { Pane, RevisedWindow } from './revised-windows.ts';
import { RevisedWindows } from './revised-windows.ts';
import { RevisionTimes } from './revision-times.ts';
import { WindowRows } from './window-rows.ts';

/** To open and close a pane takes about as long as to write so many groups. */
const PANE_GROUPS = 16;

/** Revises results when the watermark has passed. */
export class RevisingKernel implements Kernel {
  readonly #groups: Groups;
  readonly #revision: RevisionConfig;
  readonly #scheme: WindowScheme;
  readonly #times: RevisionTimes;
  readonly #windows: RevisedWindows;
  readonly #split: WindowRows;
  readonly #writer: ChangeWriter;
  readonly #parted: PartedRows;
  readonly #sort: PositionSort;
  /** Rows of one pass, and their panes. */
  readonly #passRows: Uint32Array;
  readonly #sorted: Uint32Array;
  readonly #buckets: Int32Array;
  readonly #found: Pane[] = [];
  #passedUs: TimeUs = -Infinity;
  /** The watermark that results are being given for; `undefined`: none. */
  #watermarkUs: TimeUs | undefined;
  #showing: RevisedWindow | undefined;

  constructor(plan: OperatorPlan, context: KernelContext, window: WindowConfig) {
    const { rowCapacity, memory } = context;
    const scheme = windowScheme(window);
    const revision = (plan.config as AggregatePlanConfig).revision!;
    this.#revision = revision;
    this.#scheme = scheme;
    this.#groups = new Groups(plan, context, () => this.#windows.describe());
    const { states, failures, budget } = this.#groups;
    this.#times = new RevisionTimes(revision);
    this.#windows = new RevisedWindows(scheme, states);
    this.#split = new WindowRows(scheme, revision.latenessUs, context);
    this.#writer = new ChangeWriter(plan, context, states, failures, budget);
    this.#parted = new PartedRows(context, revision.inputChange);
    // A pane has rows that are added, and rows that are taken back.
    this.#sort = new PositionSort(2 * rowCapacity);
    this.#passRows = new Uint32Array(rowCapacity);
    this.#sorted = memory.rows(rowCapacity);
    this.#buckets = new Int32Array(rowCapacity);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    if (this.#addWhole(batch)) return this.resume(out);
    const split = this.#split;
    split.split(batch, this.#windows.first, this.#passedUs, out);
    const groups = this.#groups;
    const count = groups.evaluate(batch, split.rows, split.count);
    this.#parted.part(batch, groups.rows, count);
    for (let pass = 0; this.#add(batch, count, pass); pass++);
    groups.release();
    return this.resume(out);
  }

  /** Where all rows are on time and in the same panes, there is nothing to find for each. */
  #addWhole(batch: Batch): boolean {
    const { lateCount, minTimeUs, maxTimeUs } = batch;
    const scheme = this.#scheme;
    if (lateCount !== 0) return false;
    const first = scheme.firstOpenWindow(minTimeUs);
    const last = scheme.lastWindowAt(minTimeUs);
    if (first !== scheme.firstOpenWindow(maxTimeUs)) return false;
    if (last !== scheme.lastWindowAt(maxTimeUs) || first < this.#windows.first) return false;
    for (let index = first; index <= last; index++) {
      const endUs = scheme.endUs(index);
      const isOne = this.#times.dueUs(minTimeUs, endUs) === this.#times.dueUs(maxTimeUs, endUs);
      if (!isOne) return false;
    }
    const groups = this.#groups;
    const count = groups.evaluate(batch, batch.selection, batch.selected);
    const parted = this.#parted;
    parted.part(batch, groups.rows, count);
    const { rows, added } = parted;
    groups.bind(rows, count);
    this.#found.length = 0;
    for (let index = first; index <= last; index++) {
      const window = this.#windows.at(index);
      const dueUs = this.#times.dueUs(minTimeUs, window.endUs);
      const bucket = this.#bucketOf(window, dueUs, batch.ingestTimeUs);
      const { state } = this.#found[bucket]!;
      groups.add(state, rows, 0, added);
      groups.retract(state, rows, added, count);
    }
    groups.release();
    return true;
  }

  /** Adds each row to the `pass`-th window it counts in; false when none has so many. */
  #add(batch: Batch, count: number, pass: number): boolean {
    const groups = this.#groups;
    const { rows, added } = this.#parted;
    const { firsts, lasts, marksUs } = this.#split;
    this.#found.length = 0;
    let passed = 0;
    let last: RevisedWindow | undefined;
    let lastUs: TimeUs = NaN;
    let bucket = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const index = firsts[row]! + pass;
      if (index > lasts[row]!) continue;
      const window: RevisedWindow = last?.index === index ? last : this.#windows.at(index);
      const dueUs = this.#times.dueUs(marksUs[row]!, window.endUs);
      if (window !== last || dueUs !== lastUs) {
        bucket = this.#bucketOf(window, dueUs, batch.ingestTimeUs);
        [last, lastUs] = [window, dueUs];
      }
      this.#buckets[passed] = 2 * bucket + Number(i >= added);
      this.#passRows[passed++] = row;
    }
    if (passed === 0) return false;
    const sort = this.#sort;
    sort.sort(this.#buckets, passed, 2 * this.#found.length);
    for (let i = 0; i < passed; i++) this.#sorted[i] = this.#passRows[sort.order[i]!]!;
    groups.bind(this.#sorted, passed);
    this.#found.forEach(({ state }, b) => {
      const [from, back] = [b === 0 ? 0 : sort.endOf(2 * b - 1), sort.endOf(2 * b)];
      groups.add(state, this.#sorted, from, back);
      groups.retract(state, this.#sorted, back, sort.endOf(2 * b + 1));
    });
    return true;
  }

  #bucketOf(window: RevisedWindow, dueUs: TimeUs, ingestUs: TimeUs): number {
    const pane = this.#windows.pane(window, dueUs);
    const known = this.#found.lastIndexOf(pane);
    if (known >= 0) return known;
    if (ingestUs < Infinity && ingestUs > pane.lastIngestUs) pane.lastIngestUs = ingestUs;
    return this.#found.push(pane) - 1;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  dueUs(): TimeUs {
    return this.#windows.next?.panes[0]!.dueUs ?? Infinity;
  }

  resume(out: Outbox): Progress {
    const watermarkUs = this.#watermarkUs;
    this.#groups.budget.begin();
    const progress = watermarkUs === undefined ? 'done' : this.#show(watermarkUs, out);
    if (progress !== 'done') return progress;
    if (!this.#groups.failures.flush(out)) return 'blocked';
    if (watermarkUs !== undefined) {
      this.#watermarkUs = undefined;
      this.#passedUs = watermarkUs;
      out.watermark(watermarkUs);
    }
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('aggregate that is revised', 1);
    yield* this.#groups.state(io);
    yield* this.#windows.state(io);
    this.#passedUs = io.float(this.#passedUs);
  }

  /** Gives all that is due at a watermark, in the order of time. */
  #show(watermarkUs: TimeUs, out: Outbox): Progress {
    const { budget } = this.#groups;
    for (;;) {
      if (this.#showing === undefined) {
        if (budget.isSpent) return 'yielded';
        const { next } = this.#windows;
        if (next === undefined || next.panes[0]!.dueUs > watermarkUs) break;
        this.#showing = next;
        this.#writer.begin(this.#begin(next, next.panes[0]!));
      }
      const progress = this.#writer.write(out);
      if (progress !== 'done') return progress;
      budget.take(PANE_GROUPS);
      const { panes, shown } = this.#showing;
      const { state } = panes.shift()!;
      if (state !== shown) this.#groups.states.release(state);
      this.#showing = undefined;
    }
    this.#windows.forget(watermarkUs - this.#revision.latenessUs);
    return 'done';
  }

  /** The groups of a pane, which become part of what is shown. */
  #begin(window: RevisedWindow, { state: source, dueUs, lastIngestUs }: Pane): GroupChanges {
    const { states } = this.#groups;
    const { startUs, endUs } = window;
    const areNew = window.shown === undefined;
    const state: GroupState = (window.shown ??= source);
    return {
      state,
      count: source.table.count,
      startUs,
      endUs,
      lastIngestUs,
      areNew,
      find(from, records) {
        if (!areNew) return states.assignSome(state, source, from, records);
        const count = Math.min(source.table.count - from, records.length);
        source.table.listRecords(from, count, records);
        return count;
      },
      apply(_from, records, count) {
        if (!areNew) states.mergeAssigned(state, records, count);
      },
      timeUs: () => endUs - 1,
      lateByUs: () => Math.max(0, dueUs - endUs),
    };
  }
}
