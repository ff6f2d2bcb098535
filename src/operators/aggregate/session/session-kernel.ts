/**
 * An aggregate over sessions: rows of a group that are nearer to each other than a gap. A session
 * ends a gap after its last row, and its result comes when the watermark gets there.
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
import { PositionSort } from '../../position-sort.ts';
import type { AggregatePlanConfig } from '../config.ts';
import { Port } from '../config.ts';
import { Groups } from '../groups.ts';
import { HeldWatermark } from '../held-watermark.ts';
import { BUSY, NONE } from './session-queue.ts';
import { SessionRecords } from './session-records.ts';
import { SessionSplit } from './session-split.ts';
import { Sessions } from './sessions.ts';
import { LateRows } from '../../late-rows.ts';

/** Sessions that are closed at once. */
const CHUNK = 1024;
/** To find one that ends, write it and forget it takes so many times as long as to write a group. */
const SESSION_GROUPS = 4;
/** What a call of the queue that comes to nothing takes, in groups. */
const SEARCH_GROUPS = 1024;

/** Aggregates rows by session. */
export class SessionKernel implements Kernel {
  readonly #groups: Groups;
  readonly #late: LateRows;
  readonly #split: SessionSplit;
  readonly #records: SessionRecords;
  readonly #sessions: Sessions;
  /** By position: the record of the row's session, and on which shelf it is. */
  readonly #recordOf: Int32Array;
  readonly #shelfOf: Int32Array;
  readonly #isPlain: boolean;
  readonly #shelved: ShelvedRows;
  /** Rows of the batch at hand that were added, and found sessions. */
  #rows: Uint32Array;
  #added = 0;
  #placed = 0;
  #passedUs: TimeUs = -Infinity;
  readonly #watermark: HeldWatermark;
  #lastIngestUs: TimeUs = -Infinity;
  /** Sessions whose results are being written. */
  readonly #closing: Int32Array;
  #closingCount = 0;
  /** Those of them, in front, that are being written. */
  #writingCount = 0;
  readonly #closingRecords: Int32Array;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;

  constructor(plan: OperatorPlan, context: KernelContext, gapUs: DurationUs) {
    const { rowCapacity, memory, counters } = context;
    const { keys } = plan.config as AggregatePlanConfig;
    const types = keys.map(({ expr }) => expr.type);
    const describe = (): string => `${this.#sessions.count} open sessions`;
    const groups = new Groups(plan, context, describe);
    const { states } = groups;
    this.#groups = groups;
    this.#watermark = new HeldWatermark(groups, (us, out) => this.#close(us, out));
    this.#late = new LateRows(rowCapacity, counters, Port.LATE);
    this.#split = new SessionSplit(gapUs, context);
    this.#records = new SessionRecords(states, states.keyCells);
    this.#sessions = new Sessions(
      context,
      states.arena,
      types,
      gapUs,
      this.#records,
      (target, source) => this.#merge(target, source),
      () => groups.full(),
    );
    this.#isPlain = states.scripted.length === 0;
    this.#shelved = new ShelvedRows(context);
    this.#recordOf = memory.words(rowCapacity);
    this.#shelfOf = new Int32Array(rowCapacity);
    this.#rows = this.#split.rows;
    const chunk = Math.min(CHUNK, rowCapacity);
    this.#closing = new Int32Array(chunk);
    this.#closingRecords = memory.words(chunk);
    this.#starts = new Float64Array(chunk);
    this.#ends = new Float64Array(chunk);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    const split = this.#split;
    split.split(batch, this.#passedUs);
    this.#late.offer(batch, split.lateRows, split.lateCount, split.lateBy, out);
    if (split.count > 0) this.#add(batch);
    return this.resume(out);
  }

  #add(batch: Batch): void {
    const groups = this.#groups;
    const count = groups.evaluate(batch, this.#split.rows, this.#split.count);
    const { rows } = groups;
    groups.bindInputs(rows, count);
    const keyed = this.#sessions.find(groups.keys, rows, count);
    this.#rows = rows;
    this.#added = 0;
    this.#placed = 0;
    // Which rows are late is not in the columns that the fast loop reads.
    const isOnTime = batch.lateCount === 0;
    while (this.#placed < count) {
      const from = this.#placed;
      if (isOnTime) {
        const records = this.#recordOf;
        const { timeWords } = batch;
        this.#placed = this.#sessions.place(keyed, rows, timeWords, records, from, count);
        if (!this.#isPlain) {
          this.#sessions.listShelves(keyed, this.#shelfOf, from, this.#placed);
        }
      }
      if (this.#placed < count) this.#place(batch, keyed[this.#placed]!);
    }
    this.#flush();
    groups.release();
    const { ingestTimeUs } = batch;
    if (ingestTimeUs < Infinity && ingestTimeUs > this.#lastIngestUs) {
      this.#lastIngestUs = ingestTimeUs;
    }
  }

  /** Finds the session of the next row, whatever it is. */
  #place(batch: Batch, keyed: number): void {
    const i = this.#placed;
    const row = this.#rows[i]!;
    const timeUs = batch.timeUs(row);
    const lateByUs = batch.lateByUs(row);
    const closedUs = lateByUs > 0 ? timeUs + lateByUs : -Infinity;
    const session = this.#sessions.at(keyed, timeUs, closedUs);
    this.#recordOf[i] = this.#sessions.recordOf(session);
    this.#shelfOf[i] = this.#sessions.shelfOf(session);
    this.#placed = i + 1;
  }

  /** Adds the rows that have found their sessions to them. */
  #flush(): void {
    const [from, to] = [this.#added, this.#placed];
    this.#added = to;
    if (from === to) return;
    const groups = this.#groups;
    const shelf = this.#isPlain ? this.#records.current : this.#shelfOf[from]!;
    if (this.#isPlain || this.#shelfOf.subarray(from, to).every((other) => other === shelf)) {
      groups.update(this.#records.stateOf(shelf), this.#recordOf, this.#rows, from, to);
      return;
    }
    const shelved = this.#shelved;
    shelved.sort(this.#rows, this.#recordOf, this.#shelfOf, from, to);
    shelved.each((index, begin, end) => {
      const state = this.#records.stateOf(index);
      groups.update(state, shelved.records, shelved.rows, begin, end);
    });
  }

  /** One session becomes part of another, with all rows that have found either. */
  #merge(target: number, source: number): void {
    this.#flush();
    const sessions = this.#sessions;
    const state = this.#records.stateOf(sessions.shelfOf(target));
    const [to, from] = [sessions.recordOf(target), sessions.recordOf(source)];
    this.#groups.states.mergeRecord(state, to, from);
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    return this.#watermark.take(watermarkUs, out);
  }

  dueUs(): TimeUs {
    return this.#sessions.dueUs;
  }

  resume(out: Outbox): Progress {
    return this.#watermark.resume(out);
  }

  *state(io: StateIo): Steps {
    io.section('aggregate of sessions', 1);
    yield* this.#groups.state(io);
    yield* this.#records.state(io);
    yield* this.#sessions.state(io);
    this.#passedUs = io.float(this.#passedUs);
    this.#lastIngestUs = io.float(this.#lastIngestUs);
  }

  /** Writes all sessions that the watermark closes. */
  #close(watermarkUs: TimeUs, out: Outbox): Progress {
    const { budget, writer } = this.#groups;
    for (;;) {
      if (this.#closingCount > 0) {
        const progress = writer.write(out);
        if (progress !== 'done') return progress;
        this.#forget();
      }
      const isLeft = this.#closingCount > 0;
      if (isLeft) this.#begin();
      if (budget.isSpent) return 'yielded';
      if (isLeft) continue;
      const isAll = this.#gather(watermarkUs);
      budget.take(this.#closingCount * SESSION_GROUPS);
      if (this.#closingCount > 0) this.#begin();
      else if (isAll) break;
      else budget.take(SEARCH_GROUPS);
    }
    // Infinity may only mean that the input is idle.
    if (watermarkUs < Infinity) this.#passedUs = Math.max(this.#passedUs, watermarkUs);
    return 'done';
  }

  /** Takes some sessions that have ended; whether the queue has no more. */
  #gather(watermarkUs: TimeUs): boolean {
    const sessions = this.#sessions;
    while (this.#closingCount < this.#closing.length) {
      const session = sessions.take(watermarkUs);
      if (session === NONE) return true;
      if (session === BUSY) return false;
      this.#closing[this.#closingCount++] = session;
    }
    return false;
  }

  /** Begins to write the sessions that were taken: those whose aggregates are in the state of the first. */
  #begin(): void {
    const sessions = this.#sessions;
    const shelf = sessions.shelfOf(this.#closing[0]!);
    let count = 0;
    for (let i = 0; i < this.#closingCount; i++) {
      const session = this.#closing[i]!;
      if (sessions.shelfOf(session) !== shelf) continue;
      this.#closing[i] = this.#closing[count]!;
      this.#closing[count++] = session;
    }
    this.#writingCount = count;
    for (let i = 0; i < count; i++) {
      const session = this.#closing[i]!;
      this.#closingRecords[i] = sessions.recordOf(session);
      this.#starts[i] = sessions.startUs(session);
      this.#ends[i] = sessions.endUs(session);
    }
    const [records, startsUs, endsUs] = [this.#closingRecords, this.#starts, this.#ends];
    this.#groups.writer.begin({
      state: this.#records.stateOf(shelf),
      sessions: { records, startsUs, endsUs, count },
      startUs: 0,
      endUs: 0,
      lastIngestUs: this.#lastIngestUs,
    });
  }

  #forget(): void {
    const written = this.#writingCount;
    for (let i = 0; i < written; i++) this.#sessions.close(this.#closing[i]!);
    this.#closing.copyWithin(0, written, this.#closingCount);
    this.#closingCount -= written;
  }
}

/** Rows by the shelf that the records of their sessions are on. */
class ShelvedRows {
  readonly rows: Uint32Array;
  readonly records: Int32Array;
  readonly #sort: PositionSort;
  readonly #buckets: Int32Array;
  readonly #found: number[] = [];

  constructor({ memory, rowCapacity }: KernelContext) {
    this.rows = memory.rows(rowCapacity);
    this.records = memory.words(rowCapacity);
    this.#sort = new PositionSort(rowCapacity);
    this.#buckets = new Int32Array(rowCapacity);
  }

  /** Sorts positions `from .. to`, to the front. */
  sort(
    rows: Uint32Array,
    records: Int32Array,
    shelves: Int32Array,
    from: number,
    to: number,
  ): void {
    this.#found.length = 0;
    for (let i = from; i < to; i++) {
      let bucket = this.#found.indexOf(shelves[i]!);
      if (bucket < 0) bucket = this.#found.push(shelves[i]!) - 1;
      this.#buckets[i - from] = bucket;
    }
    const { order } = this.#sort;
    this.#sort.sort(this.#buckets, to - from, this.#found.length);
    for (let i = 0; i < to - from; i++) {
      this.rows[i] = rows[from + order[i]!]!;
      this.records[i] = records[from + order[i]!]!;
    }
  }

  /** Calls `visit` with each shelf and where its rows are. */
  each(visit: (shelf: number, from: number, to: number) => void): void {
    let from = 0;
    this.#found.forEach((shelf, bucket) => {
      const to = this.#sort.endOf(bucket);
      visit(shelf, from, to);
      from = to;
    });
  }
}
