/** The motion of a throttle: a bucket that the clock fills, and out of which each row takes one. @module */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import { appendRows, TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { ThrottleConfig } from './spec.ts';

const OUT = 0;
const US_PER_SECOND = 1_000_000;

/** Makes the kernel of a throttle. */
export function createThrottleKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new ThrottleKernel(plan, context);
}

class ThrottleKernel implements Kernel {
  readonly #context: KernelContext;
  readonly #dropsWhenFull: boolean;
  /** The share of this task. */
  readonly #rowsPerUs: number;
  readonly #most: number;
  /** Rows that may go now. */
  #tokens: number;
  #nowUs: TimeUs = NaN;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { rate, burst, dropsWhenFull } = plan.config as ThrottleConfig;
    this.#context = context;
    this.#dropsWhenFull = dropsWhenFull;
    this.#rowsPerUs = rate / US_PER_SECOND / context.instances;
    this.#most = rate === Infinity ? Infinity : Math.max(1, burst / context.instances);
    this.#tokens = this.#most;
  }

  onClock(nowUs: TimeUs): void {
    if (nowUs > this.#nowUs && this.#most !== Infinity) {
      const more = (nowUs - this.#nowUs) * this.#rowsPerUs;
      this.#tokens = Math.min(this.#most, this.#tokens + more);
    }
    this.#nowUs = nowUs;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const allowed = Math.min(batch.selected, Math.floor(this.#tokens));
    const given = this.#dropsWhenFull ? this.#append(batch, allowed, out) : allowed;
    const dropped = batch.selected - given;
    if (!this.#dropsWhenFull && given > 0) {
      batch.selected = given;
      out.offer(OUT, batch);
    }
    if (this.#most !== Infinity) this.#tokens -= given;
    if (dropped > 0) this.#context.counters.addEvicted?.(dropped);
    return 'done';
  }

  /** The clock of a task that goes on is another one. */
  state(io: StateIo): undefined {
    io.section('throttle', 1);
    this.#tokens = io.float(this.#tokens);
    this.#nowUs = io.float(this.#nowUs);
  }

  /** Copies rows as long as there is room; returns how many. */
  #append(batch: Batch, allowed: number, out: Outbox): number {
    let next = 0;
    while (next < allowed) {
      const target = out.claim(OUT);
      if (target === undefined) return next;
      const added = appendRows(target, batch, batch.selection, next, allowed);
      if (added === TUPLE_TOO_LARGE) throw this.#tooLarge(target);
      next += added;
      out.commit(OUT, next < allowed);
    }
    return next;
  }

  #tooLarge({ heap }: Batch): MillraceError {
    const { node } = this.#context;
    const message = `a row of '${node}' has more than ${heap.capacityBytes} bytes of long values`;
    return new MillraceError('ERR_LIMIT_EXCEEDED', message, { node });
  }
}
