/**
 * An aggregate that gives what each row changes, in the order in which the rows of a group come: over
 * the whole input, of which rows may be taken back, or over windows.
 *
 * A batch is taken in runs of rows of different groups, as by the kernel that gives an update for each
 * row.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import { Column } from '../../../core/column.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../core/operator.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { INT64 } from '../../../core/types.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { GroupState } from '../../../state/index.ts';
import { PositionSort } from '../../position-sort.ts';
import { windowScheme } from '../../window-scheme.ts';
import type { AggregatePlanConfig, RevisionConfig } from '../config.ts';
import { Groups } from '../groups.ts';
import { StagedRows } from '../staged-rows.ts';
import type { GroupChanges } from './change-writer.ts';
import { ChangeWriter } from './change-writer.ts';
import type { RevisedWindow } from './revised-windows.ts';
import { RevisedWindows } from './revised-windows.ts';
import type { RowRun } from './row-runs.ts';
import { RowRuns } from './row-runs.ts';
import { WindowRows } from './window-rows.ts';

/** The groups of one window, or of the whole input. */
interface Place {
  readonly state: GroupState;
  readonly window: RevisedWindow | undefined;
}

/** Gives what each row changes. */
export class RowChangeKernel implements Kernel {
  readonly #groups: Groups;
  readonly #revision: RevisionConfig;
  readonly #windows: RevisedWindows | undefined;
  readonly #split: WindowRows | undefined;
  /** Without windows. */
  readonly #whole: GroupState;
  readonly #writer: ChangeWriter;
  readonly #staged: StagedRows;
  readonly #runs: RowRuns;
  readonly #sort: PositionSort;
  readonly #passRows: Uint32Array;
  readonly #sorted: Uint32Array;
  readonly #buckets: Int32Array;
  /** Runs of the pass at hand that are to be taken, and where each lies. */
  #waiting: { readonly run: RowRun; readonly place: Place }[] = [];
  #pass = 0;
  /** As many as a row may count in windows. */
  readonly #passes: number;
  #count = 0;
  #isWriting = false;
  /** The batch at hand, as its only element. */
  readonly #current: Batch[] = [];
  #passedUs: TimeUs = -Infinity;
  #watermarkUs: TimeUs | undefined;
  /** Groups of the whole input from which rows were taken back by the batch. */
  readonly #lessened = new Set<number>();
  readonly #counted = Column.allocate(INT64, 1);
  readonly #one = new Int32Array(1);

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { rowCapacity, memory } = context;
    const config = plan.config as AggregatePlanConfig;
    const revision = config.revision!;
    this.#revision = revision;
    this.#groups = new Groups(plan, context, () => this.#describe());
    const { states, failures, budget } = this.#groups;
    const scheme = config.window && windowScheme(config.window);
    this.#passes = scheme?.windowsPerRow ?? 1;
    if (scheme !== undefined) {
      this.#windows = new RevisedWindows(scheme, states);
      this.#split = new WindowRows(scheme, revision.latenessUs, context);
    }
    this.#whole = states.acquire();
    this.#writer = new ChangeWriter(plan, context, states, failures, budget);
    this.#staged = new StagedRows(plan, context);
    this.#runs = new RowRuns(context, revision.inputChange);
    this.#sort = new PositionSort(rowCapacity);
    this.#passRows = memory.rows(rowCapacity);
    this.#sorted = memory.rows(rowCapacity);
    this.#buckets = new Int32Array(rowCapacity);
  }

  #describe(): string {
    return this.#windows?.describe() ?? `${this.#whole.table.count} groups`;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    const split = this.#split;
    split?.split(batch, this.#windows!.first, this.#passedUs, out);
    const { rows, count } = split ?? { rows: batch.selection, count: batch.selected };
    this.#count = this.#groups.evaluate(batch, rows, count);
    this.#current[0] = batch;
    this.#pass = 0;
    this.#beginPass(batch);
    return this.resume(out);
  }

  /** Finds the groups of each row in one of the windows that it counts in; false: that is all. */
  #beginPass(batch: Batch): boolean {
    if (this.#pass === this.#passes) return false;
    const pass = this.#pass++;
    const places: Place[] = [];
    const passed = this.#windows === undefined ? this.#takeAll() : this.#take(pass, places);
    if (passed === 0) return true;
    if (this.#windows === undefined) places.push({ state: this.#whole, window: undefined });
    const groups = this.#groups;
    const sorted = this.#sorted;
    groups.bind(sorted, passed);
    this.#waiting = places.flatMap((place, bucket) => {
      const from = bucket === 0 ? 0 : this.#sort.endOf(bucket - 1);
      const to = this.#sort.endOf(bucket);
      const runs: RowRun[] = [];
      const records = groups.assign(place.state, from, to);
      this.#runs.order(batch, sorted, records, from, to, runs);
      return runs.map((run) => ({ run, place }));
    });
    this.#waiting.reverse();
    return true;
  }

  #takeAll(): number {
    const count = this.#count;
    this.#sorted.set(this.#groups.rows.subarray(0, count));
    this.#buckets.fill(0, 0, count);
    this.#sort.sort(this.#buckets, count, 1);
    return count;
  }

  /**
   * Takes the windows whose number leaves a rest of `pass`: at most one for each row, and for each of
   * them all rows in their order.
   */
  #take(pass: number, places: Place[]): number {
    const { rows } = this.#groups;
    const { firsts, lasts } = this.#split!;
    let passed = 0;
    for (let i = 0; i < this.#count; i++) {
      const row = rows[i]!;
      const first = firsts[row]!;
      const rest = (pass - first) % this.#passes;
      const index = first + (rest < 0 ? rest + this.#passes : rest);
      if (index > lasts[row]!) continue;
      let bucket = places.findIndex(({ window }) => window!.index === index);
      if (bucket < 0) {
        const window = this.#windows!.at(index);
        window.shown ??= this.#groups.states.acquire();
        bucket = places.push({ state: window.shown, window }) - 1;
      }
      this.#buckets[passed] = bucket;
      this.#passRows[passed++] = row;
    }
    this.#sort.sort(this.#buckets, passed, places.length);
    for (let i = 0; i < passed; i++) this.#sorted[i] = this.#passRows[this.#sort.order[i]!]!;
    return passed;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  dueUs(): TimeUs {
    return (this.#windows?.leastEndUs ?? Infinity) + this.#revision.latenessUs;
  }

  resume(out: Outbox): Progress {
    const groups = this.#groups;
    groups.budget.begin();
    const progress = this.#current.length > 0 ? this.#change(this.#current[0]!, out) : 'done';
    if (progress !== 'done') return progress;
    if (!groups.failures.flush(out)) return 'blocked';
    const watermarkUs = this.#watermarkUs;
    if (watermarkUs !== undefined) {
      this.#watermarkUs = undefined;
      this.#passedUs = watermarkUs;
      this.#windows?.forget(watermarkUs - this.#revision.latenessUs);
      out.watermark(watermarkUs);
    }
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('aggregate of changes', 1);
    yield* this.#groups.state(io);
    yield* this.#groups.states.stateOf(io, this.#whole);
    if (this.#windows !== undefined) yield* this.#windows.state(io);
    this.#passedUs = io.float(this.#passedUs);
  }

  /** Takes the runs of the batch that are left. */
  #change(batch: Batch, out: Outbox): Progress {
    for (;;) {
      if (!this.#isWriting) {
        const next = this.#waiting.pop();
        if (next === undefined) {
          if (this.#beginPass(batch)) continue;
          break;
        }
        this.#writer.begin(this.#changesOf(batch, next.run, next.place));
        this.#isWriting = true;
      }
      const progress = this.#writer.write(this.#staged);
      if (progress === 'yielded') return progress;
      if (progress === 'done') this.#isWriting = false;
      else if (!this.#staged.flush(out)) return 'blocked';
    }
    if (!this.#staged.flush(out)) return 'blocked';
    this.#current.length = 0;
    this.#groups.release();
    this.#removeEmpty();
    return 'done';
  }

  #changesOf(batch: Batch, run: RowRun, { state, window }: Place): GroupChanges {
    const groups = this.#groups;
    const { rows, records: listed } = this.#runs;
    const { from: begin, to, isRetracted } = run;
    const { ingestTimeUs } = batch;
    if (isRetracted && window === undefined) {
      for (let i = begin; i < to; i++) this.#lessened.add(listed[i]!);
    }
    const endUs = window?.endUs ?? 0;
    return {
      state,
      count: to - begin,
      startUs: window?.startUs ?? 0,
      endUs,
      lastIngestUs: ingestTimeUs < Infinity ? ingestTimeUs : -Infinity,
      areNew: false,
      find(_from, records) {
        records.set(listed.subarray(begin, to));
        return to - begin;
      },
      apply() {
        if (isRetracted) groups.takeBack(state, listed, rows, begin, to);
        else groups.update(state, listed, rows, begin, to);
      },
      timeUs: (group) => (window === undefined ? batch.timeUs(rows[begin + group]!) : endUs - 1),
      lateByUs(group) {
        const row = rows[begin + group]!;
        const lateByUs = batch.lateByUs(row);
        if (window === undefined) return lateByUs;
        return Math.max(0, batch.timeUs(row) + lateByUs - (endUs - 1));
      },
    };
  }

  /** Forgets groups that have no rows left, where nothing of them lies elsewhere. */
  #removeEmpty(): void {
    const { states } = this.#groups;
    const accumulator = states.accumulators[this.#revision.rowCount]!;
    if (states.scripted.length > 0 || states.keyCells === 1) this.#lessened.clear();
    for (const record of this.#lessened) {
      this.#one[0] = record;
      accumulator.read(this.#one, 1, this.#counted, new Uint8Array(1), this.#whole);
      if (this.#counted.i64[0] === 0n) this.#whole.table.remove(record);
    }
    this.#lessened.clear();
  }
}
