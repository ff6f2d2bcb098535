/**
 * An aggregate over sessions whose results are revised: that gives them before a session ends, or takes
 * rows after it has ended.
 *
 * A result that is revised may have another window than the one before it, since sessions grow; and of
 * sessions that become one, one is replaced and the others are taken back for good. What is taken back has
 * the time and the window that it was given with.
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
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { AggregatePlanConfig } from '../config.ts';
import { Port } from '../config.ts';
import type { GroupChanges } from '../changes/change-writer.ts';
import { ChangeWriter } from '../changes/change-writer.ts';
import type { RowRun } from '../changes/row-runs.ts';
import { RowRuns } from '../changes/row-runs.ts';
import { Groups } from '../groups.ts';
import { StagedRows } from '../staged-rows.ts';
import { RevisedSessions } from './revised-sessions.ts';
import type { DueSession } from './session-changes.ts';
import { SessionChanges } from './session-changes.ts';
import { SessionRecords } from './session-records.ts';
import { SessionSplit } from './session-split.ts';
import { LateRows } from '../../late-rows.ts';

/** Sessions whose results are written at once. */
const CHUNK = 1024;
/** To find what comes next and do it takes so many times as long as to write a group. */
const STEP_GROUPS = 12;

/** Revises results of sessions. */
export class RevisingSessionKernel implements Kernel {
  readonly #groups: Groups;
  readonly #late: LateRows;
  readonly #split: SessionSplit;
  readonly #records: SessionRecords;
  readonly #sessions: RevisedSessions;
  readonly #changes: SessionChanges;
  readonly #writer: ChangeWriter;
  readonly #staged: StagedRows;
  /** Where results come with each row: the order in which rows are taken. */
  readonly #runs: RowRuns | undefined;
  readonly #chunk: number;
  /** By position: the record of the row's fragment, and on which shelf it is. */
  readonly #recordOf: Int32Array;
  readonly #shelfOf: Int32Array;
  /** Rows of the batch at hand, those that have found fragments, and those that were added. */
  #rows: Uint32Array;
  #placed = 0;
  #added = 0;
  /** Rows whose results come at once, the first last. */
  readonly #arrived: number[] = [];
  /** Sessions whose results are being written, and what is left of it. */
  #due: DueSession[] = [];
  #lots: Generator<GroupChanges> | undefined;
  #isWriting = false;
  #passedUs: TimeUs = -Infinity;
  /** The watermark that results are being given for; `undefined`: none. */
  #watermarkUs: TimeUs | undefined;
  #lastIngestUs: TimeUs = -Infinity;

  constructor(plan: OperatorPlan, context: KernelContext, gapUs: DurationUs) {
    const { rowCapacity, memory, counters } = context;
    const config = plan.config as AggregatePlanConfig;
    const revision = config.revision!;
    const describe = (): string => `${this.#sessions.count} sessions whose results may change`;
    const groups = new Groups(plan, context, describe);
    const { states, failures, budget } = groups;
    this.#groups = groups;
    this.#late = new LateRows(rowCapacity, counters, Port.LATE);
    this.#split = new SessionSplit(gapUs + revision.latenessUs, context);
    this.#records = new SessionRecords(states, states.keyCells);
    const types = config.keys.map(({ expr }) => expr.type);
    this.#sessions = new RevisedSessions(
      context,
      states.arena,
      types,
      gapUs,
      revision,
      this.#records,
      {
        merge: (shelf, target, source) => {
          this.#flush();
          states.mergeRecord(this.#records.stateOf(shelf), target, source);
        },
        full: () => groups.full(),
      },
    );
    this.#chunk = Math.min(CHUNK, rowCapacity);
    this.#changes = new SessionChanges(
      states,
      this.#records,
      this.#sessions.items,
      gapUs,
      this.#chunk,
    );
    this.#writer = new ChangeWriter(plan, context, states, failures, budget);
    this.#staged = new StagedRows(plan, context);
    if (revision.mode === 'change') this.#runs = new RowRuns(context, undefined);
    this.#recordOf = memory.words(rowCapacity);
    this.#shelfOf = new Int32Array(rowCapacity);
    this.#rows = this.#split.rows;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    const split = this.#split;
    split.split(batch, this.#passedUs);
    this.#late.offer(batch, split.lateRows, split.lateCount, split.lateBy, out);
    if (split.count > 0) this.#add(batch);
    const { ingestTimeUs } = batch;
    if (ingestTimeUs < Infinity && ingestTimeUs > this.#lastIngestUs) {
      this.#lastIngestUs = ingestTimeUs;
    }
    return this.resume(out);
  }

  #add(batch: Batch): void {
    const groups = this.#groups;
    const count = groups.evaluate(batch, this.#split.rows, this.#split.count);
    this.#rows = groups.rows;
    let records = this.#sessions.find(groups.keys, groups.rows, count);
    const runs = this.#runs;
    if (runs !== undefined) {
      const found: RowRun[] = [];
      runs.order(batch, groups.rows, records, 0, count, found);
      this.#rows = runs.rows;
      ({ records } = runs);
    }
    groups.bindInputs(this.#rows, count);
    this.#added = 0;
    const { record, shelf } = this.#sessions.items;
    for (this.#placed = 0; this.#placed < count; this.#placed++) {
      const row = this.#rows[this.#placed]!;
      const fragment = this.#place(batch, row, records[this.#placed]!);
      this.#recordOf[this.#placed] = record[fragment]!;
      this.#shelfOf[this.#placed] = shelf[fragment]!;
    }
    this.#flush();
    this.#arrived.reverse();
    groups.release();
  }

  /** The fragment that a row counts in. */
  #place(batch: Batch, row: number, key: number): number {
    const sessions = this.#sessions;
    const timeUs = batch.timeUs(row);
    const lateByUs = batch.lateByUs(row);
    const isLate = lateByUs > 0 || timeUs < this.#passedUs;
    const markUs = isLate ? Math.max(timeUs + lateByUs, this.#passedUs) : -Infinity;
    if (this.#runs === undefined) {
      return isLate ? sessions.late(key, timeUs, markUs) : sessions.onTime(key, timeUs);
    }
    const fragment = sessions.single(key, timeUs, markUs);
    this.#arrived.push(fragment);
    return fragment;
  }

  /** Adds the rows that have found their fragments to them. */
  #flush(): void {
    const groups = this.#groups;
    let from = this.#added;
    while (from < this.#placed) {
      const shelf = this.#shelfOf[from]!;
      let to = from + 1;
      while (to < this.#placed && this.#shelfOf[to] === shelf) to++;
      groups.update(this.#records.stateOf(shelf), this.#recordOf, this.#rows, from, to);
      from = to;
    }
    this.#added = from;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  dueUs(): TimeUs {
    return this.#sessions.dueUs;
  }

  resume(out: Outbox): Progress {
    this.#groups.budget.begin();
    const progress = this.#give(out);
    if (progress !== 'done') return progress;
    if (!this.#staged.flush(out) || !this.#groups.failures.flush(out)) return 'blocked';
    const watermarkUs = this.#watermarkUs;
    if (watermarkUs !== undefined) {
      this.#watermarkUs = undefined;
      // Infinity may only mean that the input is idle.
      if (watermarkUs < Infinity) this.#passedUs = Math.max(this.#passedUs, watermarkUs);
      out.watermark(watermarkUs);
    }
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('aggregate of sessions that are revised', 2);
    yield* this.#groups.state(io);
    yield* this.#records.state(io);
    yield* this.#sessions.state(io);
    this.#passedUs = io.float(this.#passedUs);
    this.#lastIngestUs = io.float(this.#lastIngestUs);
  }

  /** Gives all results that are due. */
  #give(out: Outbox): Progress {
    const { budget } = this.#groups;
    for (;;) {
      while (this.#lots !== undefined) {
        const progress = this.#write(this.#lots, out);
        if (progress !== 'done') return progress;
      }
      if (budget.isSpent) return 'yielded';
      this.#gather();
      if (this.#due.length > 0) this.#lots = this.#changes.changesOf(this.#due, this.#lastIngestUs);
      else if (!budget.isSpent) return 'done';
    }
  }

  /** Goes on with what is written of the sessions at hand. */
  #write(lots: Generator<GroupChanges>, out: Outbox): Progress {
    if (!this.#isWriting) {
      const next = lots.next();
      if (next.done === true) {
        const { items } = this.#sessions;
        for (const { session } of this.#due) items.setGathered(items.key[session]!, false);
        this.#due = [];
        this.#lots = undefined;
        return 'done';
      }
      this.#writer.begin(next.value);
      this.#isWriting = true;
    }
    const progress = this.#writer.write(this.#staged);
    if (progress === 'done') this.#isWriting = false;
    else if (progress === 'blocked') return this.#staged.flush(out) ? 'done' : 'blocked';
    return progress;
  }

  /** Finds sessions whose results are due, of each key at most one. */
  #gather(): void {
    const { budget } = this.#groups;
    const found = this.#due;
    const { items } = this.#sessions;
    const take = (session: number, timeUs: TimeUs): void => {
      items.setGathered(items.key[session]!, true);
      items.tickUs[session] = Infinity;
      items.endsDue[session] = 0;
      items.lateTickUs[session] = Infinity;
      found.push({ session, timeUs });
    };
    while (found.length < this.#chunk && !budget.isSpent) {
      budget.take(STEP_GROUPS);
      const next = this.#arrived.at(-1);
      if (next !== undefined) {
        if (items.isGathered(items.key[next]!)) return;
        this.#arrived.pop();
        // A row's mark is its own time where that is later; results have the last microsecond of a window.
        const timeUs = Math.max(items.markUs[next]!, items.lastUs[next]!) + 1;
        take(this.#sessions.join(next), timeUs);
      } else if (this.#watermarkUs === undefined) return;
      else if (this.#sessions.step(this.#watermarkUs, take) !== 'done') return;
    }
  }
}
