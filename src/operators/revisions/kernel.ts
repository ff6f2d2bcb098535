/**
 * The motion of an operator whose results are revised: rows of the last while are kept, and when one of
 * them is taken back, or another comes late, the rows are replayed.
 *
 * ```
 *   rows ──▶ waiting ──▶ log of the last while ──▶ live kernel ──▶ results that may be revised ──▶ out
 *                            │   when they leave it                     ▲
 *                            └──▶ base kernel ── copy, on a revision ───┘ what differs
 * ```
 *
 * The base kernel has had the rows that cannot be revised any more, in order of event time. A revision
 * has a new kernel begin where that one is, and go through the rows of the log as they are now. What it
 * gives is compared with what was given; the difference is handed on, and the new kernel is the live one.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { isRetraction } from '../../core/changes.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import { WatermarkMerge } from '../../core/time.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { LateRows } from '../held/late-rows.ts';
import { CapturedRows } from './captured-rows.ts';
import { ChangeWriter } from './change-writer.ts';
import type { RevisionConfig } from './plan.ts';
import { copyState, RowFeed } from './replayed-kernel.ts';
import type { Given } from './results.ts';
import { Results } from './results.ts';
import { RowBytes } from './row-bytes.ts';
import type { KeptRow } from './row-log.ts';
import { bytesOfRow, RowLog, stateOfRows } from './row-log.ts';

/** Makes a kernel of the operator itself. */
export type MakeKernel = (context: KernelContext) => Kernel;

const NO_COUNTERS: KernelCounters = { addLate: () => undefined, addErrors: () => undefined };
/** The base moves on when it is behind by this part of what is kept. */
const BASE_STEPS = 8;

/** An operator whose results are revised by replay. */
export class RevisedKernel implements Kernel {
  readonly #config: RevisionConfig;
  readonly #plan: OperatorPlan;
  readonly #context: KernelContext;
  readonly #make: MakeKernel;
  readonly #bytes: readonly RowBytes[];
  readonly #feed: RowFeed;
  readonly #captured: CapturedRows;
  readonly #writer: ChangeWriter;
  readonly #late: LateRows;
  readonly #latePort: number;
  readonly #watermarks: WatermarkMerge;
  readonly #base: Kernel;
  /** Memory of the live kernel, and that of the next one. */
  readonly #lent: [KernelMemory, KernelMemory];
  #live: Kernel;
  readonly #log = new RowLog();
  #results = new Results();
  #waiting: KeptRow[] = [];
  #waitingBytes = 0;
  /** Rows before this have been given to the live kernel, and to the base. */
  #liveUs: TimeUs = -Infinity;
  #baseUs: TimeUs = -Infinity;
  #latestUs: TimeUs = -Infinity;
  #ended = 0;
  #hasEnded = false;
  /** What is to be done before anything else. */
  #work: Steps | undefined;
  #out!: Outbox;

  constructor(plan: OperatorPlan, context: KernelContext, make: MakeKernel) {
    const config = plan.config as RevisionConfig;
    this.#config = config;
    this.#plan = plan;
    this.#context = context;
    this.#make = make;
    this.#bytes = plan.inputs.map(({ schema, change }, port) => new RowBytes(port, schema, change));
    this.#feed = new RowFeed(config.inner, context);
    this.#captured = new CapturedRows(config.inner, context);
    this.#writer = new ChangeWriter(plan, context);
    this.#late = new LateRows(context);
    this.#latePort = plan.outputs.findIndex(({ name }) => name === 'late');
    this.#watermarks = new WatermarkMerge(plan.inputs.length);
    this.#base = make(context);
    this.#lent = [context.memory.lend(), context.memory.lend()];
    this.#live = this.#makeLive();
  }

  /** A kernel that counts nothing, in the memory that is free. */
  #makeLive(): Kernel {
    return this.#make({ ...this.#context, memory: this.#lent[0], counters: NO_COUNTERS });
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const { change } = this.#plan.inputs[port]!;
    const bytes = this.#bytes[port]!;
    for (let i = 0; i < batch.selected; i++) {
      const row = batch.selection[i]!;
      const lateByUs = batch.lateByUs(row);
      const timeUs = batch.timeUs(row);
      if (lateByUs > this.#config.keepUs || timeUs < this.#baseUs) {
        this.#late.add(row, lateByUs);
        continue;
      }
      const isBack = change !== undefined && isRetraction(batch.columns[change]!, row);
      const kept = { port, timeUs, text: bytes.write(batch.columns, row), isBack };
      this.#waiting.push(kept);
      this.#waitingBytes += bytesOfRow(kept);
      if (timeUs > this.#latestUs) this.#latestUs = timeUs;
    }
    this.#writer.noteIngest(batch.ingestTimeUs);
    this.#checkLimit();
    this.#late.offer(this.#latePort, batch, out);
    return 'done';
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (!this.#watermarks.update(port, watermarkUs)) return 'done';
    this.#work = this.#revise(this.#watermarks.mergedUs);
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    if (++this.#ended < this.#plan.inputs.length || this.#hasEnded) return 'done';
    this.#hasEnded = true;
    this.#work = this.#end();
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    this.#out = out;
    if (this.#work?.next().done === true) this.#work = undefined;
    if (this.#work === undefined) return 'done';
    return this.#writer.isBlocked ? 'blocked' : 'yielded';
  }

  *state(io: StateIo): Steps {
    io.section('revisions', 1);
    this.#watermarks.state(io);
    this.#writer.state(io);
    this.#liveUs = io.float(this.#liveUs);
    this.#baseUs = io.float(this.#baseUs);
    this.#latestUs = io.float(this.#latestUs);
    this.#captured.watermarkUs = io.float(this.#captured.watermarkUs);
    this.#ended = io.int(this.#ended);
    this.#hasEnded = io.flag(this.#hasEnded);
    this.#waiting = yield* stateOfRows(io, this.#waiting);
    this.#waitingBytes = bytesOfAll(this.#waiting);
    yield* this.#log.state(io);
    yield* this.#results.state(io);
    for (const kernel of [this.#base, this.#live]) {
      const steps = kernel.state?.(io);
      if (steps !== undefined) yield* steps;
    }
  }

  /** Takes what came before a watermark into account, and hands on what follows from it. */
  *#revise(watermarkUs: TimeUs): Steps {
    const due = this.#takeDue(watermarkUs);
    const { added, hasTaken, missed } = yield* this.#log.apply(due);
    if (missed > 0) this.#context.counters.addLate(missed);
    this.#checkLimit();
    const [first] = added;
    const isRevised = hasTaken || (first !== undefined && first.timeUs < this.#liveUs);
    const given = isRevised
      ? yield* this.#replay(watermarkUs)
      : yield* this.#goOn(added, watermarkUs);
    this.#liveUs = watermarkUs;
    this.#checkLimit();
    yield* this.#handOn(given);
    this.#writer.watermark(this.#captured.watermarkUs, this.#out);
    yield* this.#moveBase(Math.min(watermarkUs, this.#latestUs) - this.#config.keepUs);
  }

  #takeDue(watermarkUs: TimeUs): KeptRow[] {
    const due: KeptRow[] = [];
    const rest: KeptRow[] = [];
    for (const row of this.#waiting) (row.timeUs < watermarkUs ? due : rest).push(row);
    this.#waiting = rest;
    this.#waitingBytes = bytesOfAll(rest);
    return due;
  }

  /** Nothing is revised: the live kernel goes on. */
  *#goOn(added: readonly KeptRow[], watermarkUs: TimeUs): Steps<Given[]> {
    const given: Given[] = [];
    const out = this.#captured.for((port, timeUs, text) => {
      this.#results.add(port, timeUs, text);
      given.push({ port, timeUs, text, isBack: false });
    });
    yield* this.#feed.give(this.#live, added, 0, added.length, watermarkUs, out);
    return given;
  }

  /** Another kernel goes from the base through the rows that are left. */
  *#replay(watermarkUs: TimeUs): Steps<Given[]> {
    this.#lent.reverse();
    this.#lent[0].giveBack();
    const kernel = this.#makeLive();
    yield* copyState(this.#base, kernel, this.#context.node);
    const results = new Results();
    const { rows } = this.#log;
    const out = this.#captured.for((port, timeUs, text) => results.add(port, timeUs, text));
    yield* this.#feed.give(kernel, rows, 0, rows.length, watermarkUs, out);
    const difference = yield* this.#results.differenceTo(results);
    this.#live = kernel;
    this.#results = results;
    return difference;
  }

  *#handOn(given: readonly Given[]): Steps {
    for (let next = 0; next < given.length;) {
      next = this.#writer.write(given, next, this.#out);
      yield;
    }
  }

  /** Rows before a time cannot be revised any more, nor what follows from them alone. */
  *#moveBase(toUs: TimeUs): Steps {
    const { rows } = this.#log;
    const count = this.#log.countBefore(toUs);
    const isFar = toUs - this.#baseUs >= this.#config.keepUs / BASE_STEPS;
    if (!isFar && count < this.#context.rowCapacity) return;
    const out = this.#captured;
    const { watermarkUs } = out;
    out.for((_port, timeUs, text) => this.#results.remove(timeUs, text));
    yield* this.#feed.give(this.#base, rows, 0, count, toUs, out);
    out.watermarkUs = watermarkUs;
    this.#baseUs = toUs;
    this.#log.forget(count);
  }

  *#end(): Steps {
    const given: Given[] = [];
    const out = this.#captured.for((port, timeUs, text) => {
      given.push({ port, timeUs, text, isBack: false });
    });
    yield* this.#feed.end(this.#live, out);
    yield* this.#handOn(given);
  }

  /** @throws MillraceError `ERR_LIMIT_EXCEEDED` */
  #checkLimit(): void {
    const { node, stateLimitBytes } = this.#context;
    if (this.#waitingBytes + this.#log.bytes + this.#results.bytes <= stateLimitBytes) return;
    const message = `'${node}' keeps rows for revisions, and more would exceed the limit of its state`;
    const advice = `${stateLimitBytes} bytes: a shorter 'keep', or more tasks`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', `${message}, ${advice}`, { node });
  }
}

function bytesOfAll(rows: readonly KeptRow[]): number {
  return rows.reduce((sum, row) => sum + bytesOfRow(row), 0);
}
