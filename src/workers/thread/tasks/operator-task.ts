/** A kernel at work: keeps the order of its calls and what they left unfinished. @module */

import type { Batch } from '../../../core/batch.ts';
import { asMillraceError } from '../../../core/errors.ts';
import { goOn, tellEnd, tellWatermark } from '../../../core/kernel-calls.ts';
import type { Kernel } from '../../../core/operator.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { ThreadControl } from '../../../ringbuf/index.ts';
import { TaskMetric } from '../../protocol.ts';
import type { Target, Timed } from '../flow.ts';
import type { TaskOutbox } from '../outbox.ts';
import type { PortWatermarks } from '../port-watermarks.ts';
import type { TaskMetrics } from '../task-metrics.ts';
import { isTicking, type TickingKernel } from './ticking-kernel.ts';

/** What a task of an operator is made of. */
export interface OperatorTaskParts {
  readonly id: number;
  readonly node: string;
  readonly kernel: Kernel;
  readonly outbox: TaskOutbox;
  readonly watermarks: PortWatermarks;
  readonly metrics: TaskMetrics;
  readonly control: ThreadControl;
  /** It takes rows while its outputs are full, see `OperatorPlan`. */
  readonly queues?: boolean;
}

/** One operator placed on this worker. */
export class OperatorTask implements Target, Timed {
  readonly #parts: OperatorTaskParts;
  #kernel: Kernel;
  /** The kernel, if it goes by the clock. */
  readonly #time: TickingKernel | undefined;
  readonly #outbox: TaskOutbox;
  readonly #watermarks: PortWatermarks;
  readonly #queues: boolean;
  /** The kernel has unfinished work. */
  #isUnfinished = false;
  /** A kernel call is on the stack: it may reach this task's signals, never its rows. */
  #isRunning = false;
  /** Watermarks or ends came that the kernel has not been told. */
  #hasSignals = false;
  readonly #endTold: Uint8Array;
  #hasEnded = false;

  constructor(parts: OperatorTaskParts) {
    this.#parts = parts;
    this.#kernel = parts.kernel;
    this.#time = isTicking(parts.kernel) ? parts.kernel : undefined;
    this.#outbox = parts.outbox;
    this.#watermarks = parts.watermarks;
    this.#queues = parts.queues === true;
    this.#endTold = new Uint8Array(parts.watermarks.ports);
  }

  canAccept(): boolean {
    return !this.#isUnfinished && !this.#isRunning && !this.#hasSignals && this.#mayCall();
  }

  accept(channel: number, batch: Batch): void {
    this.#parts.metrics.take(channel, batch.selected);
    this.#begin();
    try {
      const port = this.#watermarks.portOf(channel);
      this.#isUnfinished = this.#kernel.onBatch(port, batch, this.#outbox) !== 'done';
    } catch (error) {
      throw asMillraceError(error, 'ERR_INTERNAL', this.#parts.node);
    } finally {
      this.#isRunning = false;
    }
  }

  acceptWatermark(channel: number, watermarkUs: TimeUs): void {
    this.#watermarks.update(channel, watermarkUs);
    this.#parts.metrics.takeWatermark(channel, watermarkUs);
    this.#hasSignals = true;
    this.#tellSignals();
  }

  acceptEnd(channel: number): void {
    this.#watermarks.close(channel);
    this.#parts.metrics.takeWatermark(channel, Infinity);
    this.#hasSignals = true;
    this.#tellSignals();
  }

  isIdle(): boolean {
    return !this.#isUnfinished && !this.#hasSignals;
  }

  /** Whether nobody refers to anything of the kernel: it could be another. */
  isBetweenCalls(): boolean {
    return !this.#isUnfinished && !this.#isRunning && this.#outbox.isSettled();
  }

  /** Goes on with another kernel, between calls, that gives the same streams. */
  replace(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  /** While it cannot go on, what it waits for wakes the worker. */
  sleepMs(): number {
    return this.#time === undefined || this.#hasEnded || !this.canAccept()
      ? Infinity
      : this.#time.dueInMs();
  }

  tick(): boolean {
    if (this.sleepMs() > 0) return false;
    this.#begin();
    try {
      this.#isUnfinished = this.#time!.tick(this.#outbox) !== 'done';
    } catch (error) {
      throw asMillraceError(error, 'ERR_INTERNAL', this.#parts.node);
    } finally {
      this.#isRunning = false;
    }
    return true;
  }

  hasEnded(): boolean {
    return this.#hasEnded;
  }

  pump(): boolean {
    let moved = false;
    if (this.#isUnfinished && this.#outbox.isSettled()) {
      this.#begin();
      try {
        const progress = goOn(this.#kernel, this.#outbox);
        this.#isUnfinished = progress !== 'done';
        // What it waits for rings the bell: until then the worker may sleep.
        moved = progress !== 'waiting';
      } catch (error) {
        throw asMillraceError(error, 'ERR_INTERNAL', this.#parts.node);
      } finally {
        this.#isRunning = false;
      }
    }
    return this.#tellSignals() || moved;
  }

  /** Whether outputs let it be called for something new. */
  #mayCall(): boolean {
    return this.#queues || this.#outbox.isSettled();
  }

  #begin(): void {
    this.#isRunning = true;
    this.#parts.control.enter(this.#parts.id);
  }

  /** Tells the kernel of watermarks and ends, as far as it and its outputs are free. */
  #tellSignals(): boolean {
    let moved = false;
    while (this.#hasSignals && !this.#isRunning && !this.#isUnfinished && this.#mayCall()) {
      this.#begin();
      try {
        if (!this.#tellNext()) this.#hasSignals = false;
      } catch (error) {
        throw asMillraceError(error, 'ERR_INTERNAL', this.#parts.node);
      } finally {
        this.#isRunning = false;
      }
      moved = true;
    }
    return moved;
  }

  /** One signal; false when none was left. */
  #tellNext(): boolean {
    const changed = this.#watermarks.changedPort();
    if (changed >= 0) {
      const watermarkUs = this.#watermarks.deliver(changed);
      this.#parts.metrics.set(TaskMetric.WATERMARK, this.#watermarks.leastUs());
      this.#isUnfinished =
        tellWatermark(this.#kernel, changed, watermarkUs, this.#outbox) !== 'done';
      return true;
    }
    for (let port = 0; port < this.#endTold.length; port++) {
      if (this.#endTold[port] === 1 || !this.#watermarks.isClosed(port)) continue;
      this.#endTold[port] = 1;
      this.#isUnfinished = tellEnd(this.#kernel, port, this.#outbox) !== 'done';
      return true;
    }
    if (!this.#hasEnded && this.#endTold.every((told) => told === 1)) {
      this.#hasEnded = true;
      this.#outbox.end();
    }
    return false;
  }
}
