/** Operators that go by event time and by the clock. @module */

import type { Batch } from '../../../core/batch.ts';
import type { Clock } from '../../../core/clock.ts';
import { invariant } from '../../../core/invariant.ts';
import { goOn, tellEnd, tellWatermark } from '../../../core/kernel-calls.ts';
import type { Kernel, Outbox, Progress } from '../../../core/operator.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { TickingKernel } from './ticking-kernel.ts';

type Clocked = Kernel & Required<Pick<Kernel, 'onClock'>>;

/** Tells a kernel the time before it is called, and calls it when what it waits for, if anything, is due. */
export class ToldTime implements TickingKernel {
  readonly #kernel: Clocked;
  readonly #clock: Clock;
  /** The latest time that was told: the clock may be set back. */
  #nowUs: TimeUs = -Infinity;

  constructor(kernel: Kernel, clock: Clock) {
    const { dueUs, onClock, onDue } = kernel;
    invariant(onClock !== undefined, 'a kernel that knows no time is told the time');
    invariant(
      (dueUs === undefined) === (onDue === undefined),
      'what a kernel waits for is told it',
    );
    this.#kernel = kernel as Clocked;
    this.#clock = clock;
  }

  dueInMs(): number {
    const dueUs = this.#dueUs();
    return dueUs === Infinity ? Infinity : Math.max(0, (dueUs - this.#readClock()) / 1000);
  }

  tick(out: Outbox): Progress {
    const nowUs = this.#tell();
    return this.#dueUs() > nowUs ? 'done' : this.#kernel.onDue!(out);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    this.#tell();
    return this.#kernel.onBatch(port, batch, out);
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#tell();
    return tellWatermark(this.#kernel, port, watermarkUs, out);
  }

  onEnd(port: number, out: Outbox): Progress {
    this.#tell();
    return tellEnd(this.#kernel, port, out);
  }

  resume(out: Outbox): Progress {
    this.#tell();
    return goOn(this.#kernel, out);
  }

  #dueUs(): TimeUs {
    return this.#kernel.dueUs?.() ?? Infinity;
  }

  #tell(): TimeUs {
    const nowUs = this.#readClock();
    this.#kernel.onClock(nowUs);
    return nowUs;
  }

  #readClock(): TimeUs {
    this.#nowUs = Math.max(this.#nowUs, this.#clock.nowUs());
    return this.#nowUs;
  }
}
