/**
 * An operator whose expressions read parameters: its kernel gets them as columns behind those of the
 * input.
 *
 * A change of event time holds for rows of its time and later. So a row waits until the watermark of
 * the control stream is beyond its time: then no change can come any more that would hold for it. Rows,
 * and the watermarks between them, leave in the order in which they came.
 *
 * @module
 */

import { Batch } from '../../core/batch.ts';
import { invariant } from '../../core/invariant.ts';
import { MillraceError } from '../../core/errors.ts';
import { goOn, tellEnd, tellWatermark } from '../../core/kernel-calls.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  ParameterPlan,
  Progress,
} from '../../core/operator.ts';
import type { ParameterValue } from '../../core/topology/model/parameters.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { readValue } from '../../expr/index.ts';
import { HeldRows } from './held-rows.ts';
import { ParameterHistory } from './history.ts';
import { NarrowOutbox } from './narrow-outbox.ts';
import { lookUpTime, ParameterColumn } from './parameter-column.ts';

const ROWS = 0;
const CONTROL = 1;

/** A kernel and the parameters that it reads. */
export class ParameterKernel implements Kernel {
  readonly dueUs?: () => TimeUs;
  readonly onClock?: (nowUs: TimeUs) => void;
  readonly onDue?: (out: Outbox) => Progress;
  readonly #control: ParameterPlan['control'];
  readonly #counters: KernelCounters;
  readonly #histories: readonly ParameterHistory[];
  readonly #columns: readonly ParameterColumn[];
  readonly #width: number;
  readonly #wide: Batch;
  readonly #out: NarrowOutbox;
  readonly #held: HeldRows;
  readonly #limitBytes: number;
  readonly #isByTime: boolean;
  #kernel: Kernel;
  /** What the kernel inside was called for is unfinished. */
  #isBusy = false;
  /** All changes are known whose times are before this. */
  #knownUs: TimeUs = -Infinity;
  /** A watermark that goes behind the rows at work; -∞: none. */
  #behindUs: TimeUs = -Infinity;
  #hasEnded = false;
  #wasEndTold = false;

  /** @param kernel - sees only the input of the rows */
  constructor(kernel: Kernel, plan: OperatorPlan, context: KernelContext) {
    invariant(plan.parameters !== undefined, 'there are parameters');
    const { fields, values, control } = plan.parameters;
    const { rowCapacity, memory, slotHeapBytes, stateLimitBytes } = context;
    const [stream] = plan.inputs as [OperatorPlan['inputs'][number]];
    this.#kernel = kernel;
    this.#control = control;
    this.#isByTime = control?.effect === 'event';
    this.#counters = context.counters;
    this.#histories = values.map((value) => new ParameterHistory(value));
    this.#columns = fields.map(({ type }) => new ParameterColumn(type, rowCapacity, memory));
    this.#width = stream.schema.length;
    this.#wide = Batch.view(rowCapacity, stream.hasTime);
    this.#out = new NarrowOutbox(plan, rowCapacity);
    this.#held = new HeldRows(stream, rowCapacity, slotHeapBytes, stateLimitBytes);
    this.#limitBytes = stateLimitBytes;
    if (kernel.dueUs !== undefined) this.dueUs = () => this.#kernel.dueUs!();
    if (kernel.onClock !== undefined) this.onClock = (nowUs) => this.#kernel.onClock!(nowUs);
    if (kernel.onDue !== undefined) {
      this.onDue = (out) => this.#note(this.#kernel.onDue!(this.#out.over(out)));
    }
  }

  /** Sets the parameters, between two calls. Not for those that a control stream changes. */
  setValues(values: readonly ParameterValue[]): void {
    values.forEach((value, p) => this.#setNow(p, value));
  }

  /** Puts another kernel inside, between two calls: for those that keep nothing. */
  replace(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    if (port === CONTROL) {
      this.#takeChanges(batch);
      return 'done';
    }
    if (batch.selected === 0) return 'done';
    if (!this.#isByTime) return this.#run(batch, out);
    const toUs = this.#latestUs(batch);
    if (this.#held.isEmpty && toUs < this.#knownUs) return this.#run(batch, out);
    this.#held.add(batch, batch.minTimeUs, toUs);
    return this.#letGo(out);
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (port === CONTROL) {
      if (!this.#isByTime) return 'done';
      this.#knownUs = watermarkUs;
      return this.#letGo(out);
    }
    if (!this.#held.isEmpty) {
      this.#held.addWatermark(watermarkUs);
      return this.#letGo(out);
    }
    return this.#pass(watermarkUs, out);
  }

  onEnd(port: number, out: Outbox): Progress {
    if (port === ROWS) this.#hasEnded = true;
    else this.#knownUs = Infinity;
    return this.#letGo(out);
  }

  resume(out: Outbox): Progress {
    if (this.#isBusy) {
      const progress = this.#note(goOn(this.#kernel, this.#out.over(out)));
      if (progress !== 'done') return progress;
    }
    return this.#letGo(out);
  }

  *state(io: StateIo): Steps {
    io.section('parameters', 1);
    this.#knownUs = io.float(this.#knownUs);
    this.#hasEnded = io.flag(this.#hasEnded);
    this.#wasEndTold = io.flag(this.#wasEndTold);
    for (const history of this.#histories) yield* history.state(io);
    yield* this.#held.state(io);
    const steps = this.#kernel.state?.(io);
    if (steps !== undefined) yield* steps;
  }

  /** Lets the next rows go that may; there may be more to do. */
  #letGo(out: Outbox): Progress {
    if (this.#behindUs !== -Infinity) {
      const watermarkUs = this.#behindUs;
      this.#behindUs = -Infinity;
      const progress = this.#pass(watermarkUs, out);
      return progress === 'done' ? 'yielded' : progress;
    }
    const held = this.#held.take(this.#knownUs);
    if (held !== undefined) {
      this.#behindUs = held.watermarkUs;
      const progress = this.#run(held.batch, out);
      return progress === 'done' ? 'yielded' : progress;
    }
    if (!this.#hasEnded || this.#wasEndTold || !this.#held.isEmpty) return 'done';
    this.#wasEndTold = true;
    return this.#note(tellEnd(this.#kernel, ROWS, this.#out.over(out)));
  }

  #note(progress: Progress): Progress {
    this.#isBusy = progress !== 'done';
    return progress;
  }

  #run(batch: Batch, out: Outbox): Progress {
    const wide = this.#wide;
    wide.shareColumns(batch);
    for (let p = 0; p < this.#columns.length; p++) {
      const column = this.#columns[p]!;
      this.#fill(column, this.#histories[p]!, batch);
      wide.columns[this.#width + p] = column.column;
    }
    return this.#note(this.#kernel.onBatch(ROWS, wide, this.#out.over(out)));
  }

  #fill(column: ParameterColumn, history: ParameterHistory, batch: Batch): void {
    if (!this.#isByTime) {
      column.fill(history.value(0));
      return;
    }
    const first = history.at(batch.minTimeUs);
    const isOne = batch.lateCount === 0 && first === history.at(batch.maxTimeUs);
    if (isOne) column.fill(history.value(first));
    else column.fillByTime(batch, history, this.#control!.historyUs);
  }

  /** A watermark of the rows: what held long before it is forgotten. */
  #pass(watermarkUs: TimeUs, out: Outbox): Progress {
    if (this.#isByTime && watermarkUs !== -Infinity) {
      // Changes to come may be older than what is known, but not for rows that are.
      const sinceUs = Math.min(watermarkUs, this.#knownUs) - this.#control!.historyUs;
      for (const history of this.#histories) history.forget(sinceUs);
    }
    return this.#note(tellWatermark(this.#kernel, ROWS, watermarkUs, this.#out.over(out)));
  }

  /** The greatest time by which parameters of the rows are looked up. */
  #latestUs(batch: Batch): TimeUs {
    let latestUs = batch.maxTimeUs;
    if (batch.lateCount === 0) return latestUs;
    const { historyUs } = this.#control!;
    for (let i = 0; i < batch.selected; i++) {
      latestUs = Math.max(latestUs, lookUpTime(batch, batch.selection[i]!, historyUs));
    }
    return latestUs;
  }

  #takeChanges(batch: Batch): void {
    let late = 0;
    for (let i = 0; i < batch.selected; i++) {
      const row = batch.selection[i]!;
      if (this.#isByTime && batch.lateByUs(row) > 0) late++;
      else this.#takeChange(batch, row);
    }
    if (late > 0) this.#counters.addLate(late);
  }

  /** A null leaves a parameter as it is. */
  #takeChange(batch: Batch, row: number): void {
    const { columns } = this.#control!;
    let bytes = 0;
    for (let p = 0; p < columns.length; p++) {
      const value = readValue(batch.columns[columns[p]!]!, row) as ParameterValue;
      const history = this.#histories[p]!;
      if (value !== null && this.#isByTime) history.add(batch.timeUs(row), value);
      else if (value !== null) this.#setNow(p, value);
      bytes += history.bytes;
    }
    if (bytes <= this.#limitBytes) return;
    const message = `changes of parameters take more than ${this.#limitBytes} bytes`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', message);
  }

  #setNow(p: number, value: ParameterValue): void {
    const history = this.#histories[p]!;
    history.add(-Infinity, value);
    history.forget(-Infinity);
  }
}
