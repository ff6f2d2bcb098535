/** What `delay` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { HeldBatches } from './held-batches.ts';
import type { DelayConfig } from './spec.ts';

const OUT = 0;
/** Rows that are burnt for in one call: it must return in about a millisecond. */
const STEPS_PER_CALL = 1_000_000;

/** Makes the kernel of a `delay`. */
export function createDelayKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new DelayKernel(plan, context);
}

class DelayKernel implements Kernel {
  readonly #config: DelayConfig;
  readonly #held: HeldBatches;
  #nowUs: TimeUs = -Infinity;
  /** The batch at work: rows that are burnt for, and rows that are held. */
  #batch: Batch | undefined;
  #burnt = 0;
  #taken = 0;
  /** A watermark that found no room; `undefined`: none. */
  #watermarkUs: TimeUs | undefined;
  #hasEnded = false;
  #state = 0x9e37_79b9;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { rowCapacity, slotHeapBytes, memory, stateLimitBytes } = context;
    this.#config = plan.config as DelayConfig;
    const stream = plan.inputs[0]!;
    this.#held = new HeldBatches(stream, rowCapacity, slotHeapBytes, memory, stateLimitBytes);
  }

  onClock(nowUs: TimeUs): void {
    this.#nowUs = nowUs;
  }

  dueUs(): TimeUs {
    return this.#held.dueUs;
  }

  onDue(out: Outbox): Progress {
    return this.resume(out);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#burnt = 0;
    this.#taken = 0;
    return this.resume(out);
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#hasEnded = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const progress = this.#letGo(out);
    if (progress !== 'done') return progress;
    const batch = this.#batch;
    if (batch !== undefined) {
      if (!this.#burn(batch)) return 'yielded';
      if (this.#config.forUs === 0) out.offer(OUT, batch);
      else this.#taken = this.#held.add(batch, this.#taken, this.#nowUs + this.#config.forUs);
      if (this.#config.forUs !== 0 && this.#taken < batch.selected) return 'yielded';
      this.#batch = undefined;
    }
    return this.#takeWatermark(out) ? 'done' : 'yielded';
  }

  *state(io: StateIo): Steps {
    io.section('delay', 1);
    yield* this.#held.state(io);
    this.#nowUs = io.float(this.#nowUs);
    this.#hasEnded = io.flag(this.#hasEnded);
    this.#state = io.int(this.#state);
  }

  #takeWatermark(out: Outbox): boolean {
    const watermarkUs = this.#watermarkUs;
    if (watermarkUs === undefined) return true;
    const { forUs } = this.#config;
    if (forUs === 0 || this.#held.isEmpty) out.watermark(watermarkUs);
    else if (!this.#held.addWatermark(watermarkUs, this.#nowUs + forUs)) return false;
    this.#watermarkUs = undefined;
    return true;
  }

  /** Hands on what is due. */
  #letGo(out: Outbox): Progress {
    const held = this.#held;
    if (this.#hasEnded) held.release();
    const { first } = held;
    if (first === undefined || first.dueUs > this.#nowUs) return 'done';
    if (first.batch.rowCount > 0) out.offer(OUT, first.batch);
    if (first.watermarkUs !== -Infinity) out.watermark(first.watermarkUs);
    held.shift();
    return 'yielded';
  }

  /** Burns time for rows; true when it has for all. */
  #burn(batch: Batch): boolean {
    const { churn } = this.#config;
    if (churn === 0) return true;
    const rows = Math.min(batch.selected - this.#burnt, Math.ceil(STEPS_PER_CALL / churn));
    this.#state = burn(this.#state, rows * churn);
    this.#burnt += rows;
    return this.#burnt >= batch.selected;
  }
}

/** @hot Steps of Marsaglia's xorshift. */
function burn(state: number, steps: number): number {
  let next = state;
  for (let i = 0; i < steps; i++) {
    next ^= next << 13;
    next ^= next >>> 17;
    next ^= next << 5;
  }
  return next;
}
