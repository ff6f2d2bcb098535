/** What `heartbeat` does. @module */

import type { Batch } from '../../core/batch.ts';
import { appendRows } from '../../core/gather.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { HeartbeatConfig } from './spec.ts';

const OUT = 0;

/** Makes the kernel of a `heartbeat`. */
export function createHeartbeatKernel(plan: OperatorPlan, _context: KernelContext): Kernel {
  return new HeartbeatKernel(plan.config as HeartbeatConfig);
}

class HeartbeatKernel implements Kernel {
  readonly #config: HeartbeatConfig;
  /** The last multiple that rows have reached. */
  #toldUs: TimeUs = -Infinity;
  #nowUs: TimeUs = -Infinity;
  /** When the last row came, by the clock; `-Infinity`: none has. */
  #heardUs: TimeUs = -Infinity;
  /** The batch at work, and the position in its selection of the next row. */
  #batch: Batch | undefined;
  #next = 0;
  /** A row that is to be written next; `undefined`: none. */
  #timerUs: TimeUs | undefined;
  #hasEnded = false;

  constructor(config: HeartbeatConfig) {
    this.#config = config;
  }

  onClock(nowUs: TimeUs): void {
    this.#nowUs = nowUs;
  }

  dueUs(): TimeUs {
    const { everyUs, slackUs } = this.#config;
    const isWaiting = slackUs !== undefined && this.#heardUs !== -Infinity && !this.#hasEnded;
    return isWaiting ? this.#heardUs + everyUs + slackUs : Infinity;
  }

  /** Nothing was heard for long. */
  onDue(out: Outbox): Progress {
    this.#heardUs = this.#nowUs;
    const multipleUs = this.#multiple(this.#nowUs);
    if (multipleUs <= this.#toldUs) return 'done';
    this.#toldUs = multipleUs;
    this.#timerUs = multipleUs;
    return this.resume(out);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    this.#heardUs = this.#nowUs;
    if (this.#firstCrossing(batch, 0) === batch.selected) {
      out.offer(OUT, batch);
      return 'done';
    }
    this.#batch = batch;
    this.#next = 0;
    return this.resume(out);
  }

  onEnd(): Progress {
    this.#hasEnded = true;
    return 'done';
  }

  resume(out: Outbox): Progress {
    while (this.#timerUs !== undefined || this.#batch !== undefined) {
      const target = out.claim(OUT);
      if (target === undefined) return 'blocked';
      out.commit(OUT, this.#fill(target));
    }
    return 'done';
  }

  state(io: StateIo): undefined {
    io.section('heartbeat', 1);
    this.#toldUs = io.float(this.#toldUs);
    this.#nowUs = io.float(this.#nowUs);
    this.#heardUs = io.float(this.#heardUs);
    this.#hasEnded = io.flag(this.#hasEnded);
  }

  /** Writes rows and timers until nothing is left or `target` is full; true when it is full. */
  #fill(target: Batch): boolean {
    for (;;) {
      if (this.#timerUs !== undefined) {
        if (!this.#writeTimer(target, this.#timerUs)) return true;
        this.#timerUs = undefined;
      }
      const batch = this.#batch;
      if (batch === undefined) return false;
      const end = this.#firstCrossing(batch, this.#next);
      while (this.#next < end) {
        const copied = appendRows(target, batch, batch.selection, this.#next, end);
        // A row that came in fits a slot.
        if (copied <= 0) return true;
        this.#next += copied;
      }
      if (end === batch.selected) {
        this.#batch = undefined;
        return false;
      }
      this.#toldUs = this.#multiple(this.#timeOf(batch, batch.selection[end]!));
      this.#timerUs = this.#toldUs;
    }
  }

  /** Position of the first row at or behind `from` that reaches another multiple. */
  #firstCrossing(batch: Batch, from: number): number {
    const { selection, selected } = batch;
    const { everyUs } = this.#config;
    for (let i = from; i < selected; i++) {
      const timeUs = this.#timeOf(batch, selection[i]!);
      if (timeUs < this.#toldUs + everyUs || timeUs === -Infinity) continue;
      if (this.#toldUs !== -Infinity) return i;
      // Time begins with the first row: it has passed nothing.
      this.#toldUs = this.#multiple(timeUs);
    }
    return selected;
  }

  #timeOf(batch: Batch, row: number): TimeUs {
    const column = batch.columns[this.#config.field]!;
    return column.isNull(row) ? -Infinity : column.getI64AsNumber(row);
  }

  #multiple(timeUs: TimeUs): TimeUs {
    const { everyUs } = this.#config;
    return Math.floor(timeUs / everyUs) * everyUs;
  }

  #writeTimer(target: Batch, timeUs: TimeUs): boolean {
    const at = target.rowCount;
    if (at === target.rowCapacity) return false;
    for (const [c, column] of target.columns.entries()) {
      if (c !== this.#config.field) {
        column.setNull(at);
        continue;
      }
      column.setPresent(at);
      column.setI64FromNumber(at, timeUs);
    }
    if (target.hasTime) {
      target.setTimeUs(at, timeUs);
      target.setLateBy(at, 0);
    }
    if (this.#nowUs !== -Infinity) target.ingestTimeUs = Math.min(target.ingestTimeUs, this.#nowUs);
    target.setRowCount(at + 1);
    return true;
  }
}
