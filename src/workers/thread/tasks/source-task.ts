/** A source at work: reads rows into its output, stamps event time, raises the watermark. @module */

import { performance } from 'node:perf_hooks';
import type { Batch } from '../../../core/batch.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Source, SourceProgress } from '../../../core/connector.ts';
import { asMillraceError, MillraceError } from '../../../core/errors.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import { BoundedDisorder } from '../../../core/time.ts';
import type { TimeUs } from '../../../core/units.ts';
import { StopMode, type ThreadControl } from '../../../ringbuf/index.ts';
import { runsUserCode, type SourceRole, TaskMetric, TaskState } from '../../protocol.ts';
import type { Ingress } from '../admission/ingress.ts';
import type { Head } from '../flow.ts';
import type { TaskOutbox } from '../outbox.ts';
import type { TaskMetrics } from '../task-metrics.ts';
import { EventTimeStamp } from './event-time.ts';
import type { Pacing } from './pacing.ts';

/** What a task of a source is made of. */
export interface SourceTaskParts {
  readonly id: number;
  readonly node: string;
  readonly role: SourceRole;
  readonly outbox: TaskOutbox;
  readonly metrics: TaskMetrics;
  readonly control: ThreadControl;
  readonly clock: Clock;
  readonly pacing: Pacing;
  /** Where kernels find the rows. */
  readonly memory: KernelMemory;
  /** The gate that rows pass; `undefined`: they go straight to the outbox. */
  readonly ingress: Ingress | undefined;
}

const OUT = 0;
/** How often rows on disk are thought of while none come. */
export const REPLAY_LOOK_MS = 2;

/** What all sources share: event time, idleness, the end. */
export class SourceStream {
  readonly #parts: SourceTaskParts;
  readonly #disorder: BoundedDisorder;
  /** `undefined`: the stream has no event time. */
  readonly #stamp: EventTimeStamp | undefined;
  #lastRowMs: number;
  #isIdle = false;

  constructor(parts: SourceTaskParts) {
    this.#parts = parts;
    const { latenessUs, timeColumn } = parts.role;
    this.#disorder = new BoundedDisorder(latenessUs);
    if (timeColumn >= 0) {
      this.#stamp = new EventTimeStamp(timeColumn, this.#disorder, parts.memory);
    }
    this.#lastRowMs = parts.clock.monotonicMs();
  }

  /** Stamps and counts the rows `[from, rowCount)`, before they are handed on. */
  admit(batch: Batch, from: number): void {
    const { role, metrics, clock } = this.#parts;
    const rows = batch.rowCount - from;
    if (rows === 0) return;
    if (this.#stamp?.stamp(batch, from) === false) {
      // Connectors of ours have refused such rows; a source of the user's is told.
      const code = runsUserCode(role) ? 'ERR_USER_CODE' : 'ERR_INTERNAL';
      const message = 'a row has no event time between the years 1684 and 2255';
      throw new MillraceError(code, message, { node: this.#parts.node });
    }
    const nowUs = clock.nowUs();
    if (nowUs < batch.ingestTimeUs) batch.ingestTimeUs = nowUs;
    metrics.add(TaskMetric.ROWS_IN, rows);
    metrics.add(TaskMetric.BATCHES, 1);
    if (this.#isIdle) metrics.set(TaskMetric.STATE, TaskState.ACTIVE);
    this.#isIdle = false;
    if (role.idleAfterUs !== undefined) this.#lastRowMs = clock.monotonicMs();
  }

  /** The watermark of all rows that have come. */
  get watermarkUs(): TimeUs {
    return this.#parts.role.timeColumn < 0 ? -Infinity : this.#disorder.watermarkUs;
  }

  /** Passes the watermark on, behind the rows. */
  raise(): void {
    this.#tell(this.watermarkUs);
  }

  /** Passes it on again: fewer rows are on disk. */
  release(): void {
    this.#tell(this.#isIdle ? Infinity : this.watermarkUs);
  }

  /** Lets go of the watermark when no row has come for `idleAfter`. */
  checkIdle(): void {
    const { idleAfterUs } = this.#parts.role;
    if (idleAfterUs === undefined || this.#isIdle) return;
    if (this.#parts.clock.monotonicMs() - this.#lastRowMs < idleAfterUs / 1000) return;
    this.#isIdle = true;
    this.#parts.metrics.set(TaskMetric.STATE, TaskState.IDLE);
    this.#tell(Infinity);
  }

  /** Puts idleness off. */
  stayActive(): void {
    if (this.#parts.role.idleAfterUs !== undefined)
      this.#lastRowMs = this.#parts.clock.monotonicMs();
  }

  /** How long until {@link checkIdle} is due; `Infinity` if never. */
  idleInMs(): number {
    const { idleAfterUs } = this.#parts.role;
    if (idleAfterUs === undefined || this.#isIdle) return Infinity;
    const passedMs = this.#parts.clock.monotonicMs() - this.#lastRowMs;
    return Math.max(0, idleAfterUs / 1000 - passedMs);
  }

  end(): void {
    this.#parts.metrics.set(TaskMetric.STATE, TaskState.ENDED);
    this.#tell(Infinity);
    this.#parts.outbox.end();
  }

  #tell(unheldUs: TimeUs): void {
    const watermarkUs = Math.min(unheldUs, this.#parts.ingress?.holdUs() ?? Infinity);
    this.#parts.metrics.set(TaskMetric.WATERMARK, watermarkUs);
    this.#parts.pacing.announce(watermarkUs);
    this.#parts.outbox.watermark(watermarkUs);
  }
}

/** A head that a worker asks for rows and, when idle, how long it may sleep. */
export interface SourceHead extends Head {
  /** How long the worker may sleep before it must call `run` again. */
  sleepMs(): number;
  close(): void | Promise<void>;
}

/** A connector's source, read when there is room. */
export class SourceTask implements SourceHead {
  readonly #parts: SourceTaskParts;
  readonly #source: Source;
  readonly #stream: SourceStream;
  readonly #sharesParts: () => boolean;
  #isWaiting = false;
  /** When a source that waits is to be read again, by the monotonic clock. */
  #wakeAtMs = Infinity;
  /** It could not be read, whatever its time: somebody will ring. */
  #isHeldUp = false;
  /** It has given its last row. */
  #isAtEnd = false;
  #hasEnded = false;

  /** @param sharesParts - whether it takes parts that others of its name would take otherwise */
  constructor(parts: SourceTaskParts, source: Source, sharesParts = (): boolean => false) {
    this.#parts = parts;
    this.#source = source;
    this.#sharesParts = sharesParts;
    this.#stream = new SourceStream(parts);
  }

  /** From the source's own callback: there may be rows again. */
  wake(): void {
    this.wakeAfter(0);
    this.#parts.control.bell.ring();
  }

  /** From the source's `read`: there may be rows again by then. */
  wakeAfter(delayMs: number): void {
    this.#wakeAtMs = this.#parts.clock.monotonicMs() + Math.max(0, delayMs);
  }

  hasEnded(): boolean {
    return this.#hasEnded;
  }

  sharesParts(): boolean {
    return this.#sharesParts();
  }

  sleepMs(): number {
    if (this.#hasEnded) return Infinity;
    const { ingress } = this.#parts;
    const idleInMs = ingress?.hasSpilled === true ? REPLAY_LOOK_MS : this.#stream.idleInMs();
    if (!this.#isWaiting || this.#isHeldUp || this.#wakeAtMs === Infinity) return idleInMs;
    return Math.min(idleInMs, Math.max(0, this.#wakeAtMs - this.#parts.clock.monotonicMs()));
  }

  run(deadlineMs: number): boolean {
    let moved = false;
    // Since when it has been at the next batch.
    let sinceMs = Number.NaN;
    this.#isHeldUp = true;
    while (!this.#hasEnded && this.#isSettled()) {
      if (this.#replay()) {
        moved = true;
        sinceMs = Number.NaN;
        continue;
      }
      if (this.#isAtEnd || this.#parts.control.stopMode() === StopMode.DRAIN) {
        this.#isHeldUp = false;
        this.#isWaiting = true;
        if (this.#hasSpilled()) break;
        this.#finish();
        return true;
      }
      if (!this.#parts.pacing.mayRead()) {
        // It has rows and may not give them: that is not idleness.
        this.#stream.stayActive();
        break;
      }
      this.#isHeldUp = false;
      if (this.#isWaiting) {
        const nowMs = this.#parts.clock.monotonicMs();
        if (nowMs < this.#wakeAtMs) {
          this.#stream.checkIdle();
          break;
        }
        sinceMs = nowMs;
      }
      if (!this.#read(deadlineMs)) break;
      moved = true;
      this.#isHeldUp = true;
      const nowMs = performance.now();
      this.#parts.ingress?.note(nowMs - sinceMs);
      sinceMs = nowMs;
      if (nowMs >= deadlineMs) break;
    }
    return moved;
  }

  close(): void | Promise<void> {
    this.#parts.ingress?.close();
    return this.#source.close();
  }

  #hasSpilled(): boolean {
    return this.#parts.ingress?.hasSpilled === true;
  }

  /** Hands on rows that were on disk; false when there are none, or too much waits. */
  #replay(): boolean {
    if (this.#parts.ingress?.replay(this.#stream.watermarkUs) !== true) return false;
    this.#stream.release();
    return true;
  }

  /** Whether everything has gone on that was read; a gate has dead letters of its own. */
  #isSettled(): boolean {
    const { ingress, outbox } = this.#parts;
    return ingress === undefined ? outbox.isSettled() : ingress.isSettled();
  }

  /** One batch; false when nothing moved. */
  #read(deadlineMs: number): boolean {
    const { outbox, ingress, control, id, metrics } = this.#parts;
    const batch = ingress === undefined ? outbox.claim(OUT) : ingress.claim();
    if (batch === undefined) return false;
    control.enter(id);
    this.#wakeAtMs = Infinity;
    const from = batch.rowCount;
    const rejectedBefore = metrics.values[TaskMetric.REJECTED]!;
    const progress = this.#fill(batch, deadlineMs);
    const rows = batch.rowCount - from;
    this.#stream.admit(batch, from);
    // Rows that were there and none added: the next row does not fit.
    const isFull = rows === 0 && from > 0 && progress === 'more';
    if (ingress === undefined) outbox.commit(OUT, isFull);
    else ingress.offer(batch);
    if (rows > 0) this.#stream.raise();
    this.#isWaiting = progress === 'wait';
    if (this.#isWaiting) ingress?.renew();
    // What is behind the last rows, a dead letter, may have to wait.
    this.#isAtEnd = progress === 'end';
    const isDone = ingress === undefined || (ingress.isSettled() && !this.#hasSpilled());
    if (this.#isAtEnd && isDone) this.#finish();
    const isRefusing = metrics.values[TaskMetric.REJECTED]! > rejectedBefore;
    return rows > 0 || isFull || isRefusing || progress !== 'wait';
  }

  /**
   * Reads until there is no room for as many rows as the last read gave: a batch costs those behind as
   * much if its rows are few. A source that has to look for its rows is read for as long as a head
   * may run, no longer.
   */
  #fill(batch: Batch, deadlineMs: number): SourceProgress {
    const { control, metrics, node } = this.#parts;
    const rejected = metrics.values[TaskMetric.REJECTED];
    for (;;) {
      const before = batch.rowCount;
      let progress;
      try {
        progress = this.#source.read(batch);
      } catch (error) {
        throw asMillraceError(error, 'ERR_INTERNAL', node);
      }
      const rows = batch.rowCount - before;
      if (progress !== 'more' || rows === 0 || batch.rowCount + rows > batch.rowCapacity) {
        return progress;
      }
      // A column that is shown may change with the next read; a row that was refused waits in a port.
      if (batch.isShowing || metrics.values[TaskMetric.REJECTED] !== rejected) return progress;
      if (control.stopMode() !== StopMode.RUN || performance.now() >= deadlineMs) return progress;
    }
  }

  #finish(): void {
    this.#hasEnded = true;
    this.#stream.end();
  }
}
