/** Windows that go by the clock: rows are stamped when they arrive, the clock is the watermark. @module */

import { Batch } from '../../../core/batch.ts';
import type { Clock } from '../../../core/clock.ts';
import { invariant } from '../../../core/invariant.ts';
import { goOn, tellEnd, tellWatermark } from '../../../core/kernel-calls.ts';
import type { Kernel, Outbox, Progress } from '../../../core/operator.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { TickingKernel } from './ticking-kernel.ts';

/**
 * Hands the time in to a kernel with windows of processing time, which reads no clock itself.
 *
 * A batch is of the moment in which it arrives; so no row is ever late. What the input says of event
 * time is passed over. The kernel gets a watermark when the clock has reached the end of a window
 * with rows, by {@link tick}, and at the end of the input.
 */
export class ProcessingTime implements TickingKernel {
  readonly #kernel: Kernel;
  readonly #clock: Clock;
  readonly #stamped: Batch;
  readonly #timeWords: Int32Array;
  /** The latest time that was handed in: the clock may be set back. */
  #nowUs: TimeUs = -Infinity;
  /** The port that has ended, while its windows are being closed; -1: none. */
  #endingPort = -1;

  constructor(kernel: Kernel, clock: Clock, rowCapacity: number) {
    invariant(kernel.dueUs !== undefined, 'a kernel without windows goes by the clock');
    this.#kernel = kernel;
    this.#clock = clock;
    this.#timeWords = new Int32Array(2 * rowCapacity);
    this.#stamped = Batch.view(rowCapacity, true);
  }

  dueInMs(): number {
    const dueUs = this.#kernel.dueUs!();
    return dueUs === Infinity ? Infinity : Math.max(0, (dueUs - this.#readClock()) / 1000);
  }

  /** Closes the windows whose end the clock has reached. */
  tick(out: Outbox): Progress {
    const nowUs = this.#readClock();
    return this.#kernel.dueUs!() > nowUs ? 'done' : tellWatermark(this.#kernel, 0, nowUs, out);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const stamped = this.#stamped;
    stamped.shareColumns(batch);
    // Times of its own: those of the batch belong to the batch.
    stamped.timeWords = this.#timeWords;
    stamped.lateCount = 0;
    const nowUs = this.#readClock();
    stamped.minTimeUs = nowUs;
    stamped.maxTimeUs = nowUs;
    this.#stamp(batch.rowCount, nowUs);
    return this.#kernel.onBatch(port, stamped, out);
  }

  /** All rows get the same time: their words are written without a look at which are selected. @hot */
  #stamp(rows: number, nowUs: TimeUs): void {
    const words = this.#timeWords;
    const low = nowUs | 0;
    const high = Math.floor(nowUs / 4294967296);
    for (let row = 0; row < rows; row++) {
      words[2 * row] = low;
      words[2 * row + 1] = high;
    }
  }

  /** The watermark of the input is one of event time. */
  onWatermark(): Progress {
    return 'done';
  }

  onEnd(port: number, out: Outbox): Progress {
    this.#endingPort = port;
    return this.#end(tellWatermark(this.#kernel, port, Infinity, out), out);
  }

  resume(out: Outbox): Progress {
    return this.#end(goOn(this.#kernel, out), out);
  }

  /** Goes on with the end of the input, once its windows are closed. */
  #end(progress: Progress, out: Outbox): Progress {
    if (progress !== 'done' || this.#endingPort < 0) return progress;
    const port = this.#endingPort;
    this.#endingPort = -1;
    return tellEnd(this.#kernel, port, out);
  }

  #readClock(): TimeUs {
    this.#nowUs = Math.max(this.#nowUs, this.#clock.nowUs());
    return this.#nowUs;
  }
}
