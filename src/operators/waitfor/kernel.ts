/**
 * The motion of a waitfor: for each key the rows that wait, linked by their records.
 *
 * ```
 *  group   │ before │ behind │ first row │ last row │
 * ```
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BatchPredicate } from '../../expr/index.ts';
import { compilePredicate, RowErrors } from '../../expr/index.ts';
import type { Arena, HeldBlocks, HeldRows } from '../../state/index.ts';
import { GroupCells, NO_RECORD } from '../../state/index.ts';
import { GroupList, LIST_WORDS, NO_GROUP } from '../held/group-list.ts';
import { allocateHeld } from '../held/held-state.ts';
import { WaitingRows } from '../held/waiting-rows.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns } from '../row-text.ts';
import type { WaitforConfig } from './spec.ts';
import { Input, Port } from './spec.ts';

/** Words of a group behind those of the list. */
const FIRST = LIST_WORDS;
const LAST = FIRST + 1;
/** Chunks of rows that leave in one call. */
const MOST_CHUNKS = 8;
/** Groups that are looked at in one call: some hundred µs. */
const MOST_GROUPS = 8192;

/** Makes the kernel of a waitfor. */
export function createWaitforKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new WaitforKernel(plan, context);
}

class WaitforKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #config: WaitforConfig;
  readonly #counters: KernelCounters;
  readonly #schema: Schema;
  readonly #hasTime: boolean;
  readonly #arena: Arena;
  readonly #waiting: WaitingRows;
  readonly #rows: HeldRows;
  readonly #groups: GroupCells;
  readonly #pending: GroupList;
  readonly #where: BatchPredicate | undefined;
  readonly #errors: RowErrors;
  readonly #failures: RowFailures;
  readonly #watermarks = new WatermarkMerge(2);
  /** Signals of the batch at work: times by position, the next one, and their end. */
  readonly #signals: Uint32Array;
  readonly #times: Float64Array;
  #at = 0;
  #count = 0;
  /** Rows before have waited too long, and no row is left of a time before `#leastUs`. */
  #expiredUs: TimeUs = -Infinity;
  #leastUs: TimeUs = Infinity;
  /** The group whose rows are being looked at; those before it are done. */
  #walk = NO_GROUP;
  #isWalking = false;
  #hasNoSignals = false;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as WaitforConfig;
    const { memory, rowCapacity } = context;
    const [rows, signals] = plan.inputs;
    const advice = 'give it a "timeout", or raise the limit of its state';
    const { arena, blocks } = allocateHeld(context, 'waitfor', 'rows that wait', advice);
    this.#blocks = blocks;
    this.#config = config;
    this.#counters = context.counters;
    this.#schema = signals!.schema;
    this.#hasTime = plan.outputs[Port.OUT]!.stream.hasTime;
    this.#arena = arena;
    this.#waiting = new WaitingRows(plan, context, blocks, 2);
    this.#rows = this.#waiting.rows;
    this.#groups = new GroupCells(memory, arena, {
      keys: config.keys[0].map((column) => ({ column, type: rows!.schema[column]!.type })),
      initial: [0, 0, NO_RECORD, NO_RECORD],
      rowCapacity,
    });
    this.#pending = new GroupList(arena, this.#groups);
    this.#where = config.where && compilePredicate(config.where, context);
    this.#errors = new RowErrors(rowCapacity);
    this.#failures = new RowFailures(plan, context);
    this.#signals = memory.rows(rowCapacity);
    this.#times = new Float64Array(rowCapacity);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    if (port === Input.ROWS) this.#keep(batch);
    else this.#takeSignals(batch);
    return this.resume(out);
  }

  #keep(batch: Batch): void {
    const { selection, selected } = batch;
    const { words } = this.#arena;
    const rows = this.#rows;
    this.#groups.assign(batch, selection, selected, this.#config.keys[Input.ROWS]);
    this.#waiting.keep(batch, selection, selected);
    if (this.#hasTime && batch.minTimeUs < this.#leastUs) this.#leastUs = batch.minTimeUs;
    for (let i = 0; i < selected; i++) {
      const group = this.#groups.words[i]!;
      const record = rows.records[i]!;
      rows.setNext(record, NO_RECORD);
      if (words[group + FIRST] === NO_RECORD) {
        words[group + FIRST] = record;
        this.#pending.add(group);
      } else rows.setNext(words[group + LAST]!, record);
      words[group + LAST] = record;
    }
    if (this.#hasNoSignals) this.#beginWalk();
  }

  #takeSignals(batch: Batch): void {
    const signals = this.#signals;
    const { selection, selected } = batch;
    let count = selected;
    if (this.#where === undefined) signals.set(selection.subarray(0, selected));
    else count = this.#where.select(batch, selection, selected, signals, this.#errors);
    if (this.#errors.count > 0) {
      const named = nameColumns(this.#schema, batch.columns);
      count = this.#failures.drop(this.#errors, signals, count, 'where', named);
    }
    this.#groups.assign(batch, signals, count, this.#config.keys[Input.SIGNALS]);
    if (this.#hasTime) {
      // A late one is of no use to rows that its source had given up by then.
      for (let i = 0; i < count; i++) {
        this.#times[i] = batch.timeUs(signals[i]!) + batch.lateByUs(signals[i]!);
      }
    }
    this.#at = 0;
    this.#count = count;
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (this.#watermarks.update(port, watermarkUs)) this.#waiting.raise(this.#watermarks.mergedUs);
    // Only signals say that none will come; one that is silent may only be idle.
    if (port === Input.SIGNALS && watermarkUs < Infinity) {
      this.#expiredUs = watermarkUs - this.#config.timeoutUs;
      if (this.#leastUs < this.#expiredUs) this.#beginWalk();
    }
    return this.resume(out);
  }

  onEnd(port: number, out: Outbox): Progress {
    if (port === Input.SIGNALS) {
      this.#hasNoSignals = true;
      this.#beginWalk();
    }
    return this.resume(out);
  }

  #beginWalk(): void {
    this.#isWalking = true;
    this.#walk = this.#pending.first;
    this.#leastUs = Infinity;
  }

  resume(out: Outbox): Progress {
    const waiting = this.#waiting;
    let groups = MOST_GROUPS;
    for (let left = MOST_CHUNKS; ; left--) {
      if (!waiting.flush(out)) return 'blocked';
      if (left === 0 || groups <= 0) return 'yielded';
      this.#answerSignals();
      groups -= this.#expire(groups);
      if (groups <= 0) continue;
      if (!waiting.isFull) break;
    }
    if (!waiting.flush(out) || !this.#failures.flush(out)) return 'blocked';
    if (!this.#pending.tidy()) return 'yielded';
    waiting.passWatermark(out);
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('waitfor', 1);
    yield* this.#blocks.state(io);
    yield* this.#waiting.state(io);
    yield* this.#groups.state(io);
    this.#pending.state(io);
    this.#watermarks.state(io);
    this.#expiredUs = io.float(this.#expiredUs);
    this.#leastUs = io.float(this.#leastUs);
    this.#hasNoSignals = io.flag(this.#hasNoSignals);
  }

  /** Lets the rows go that signals are for. */
  #answerSignals(): void {
    const { words } = this.#arena;
    const { timeoutUs } = this.#config;
    for (; this.#at < this.#count; this.#at++) {
      const group = this.#groups.words[this.#at]!;
      while (words[group + FIRST] !== NO_RECORD) {
        if (this.#waiting.isFull) return;
        const record = words[group + FIRST]!;
        const isInTime =
          !this.#hasTime || this.#times[this.#at]! - this.#rows.timeUs(record) <= timeoutUs;
        this.#leave(group, isInTime ? Port.OUT : Port.LATE);
      }
    }
  }

  /** Gives rows up that have waited too long, of some of the groups; returns how many were looked at. */
  #expire(most: number): number {
    const { words } = this.#arena;
    let count = 0;
    for (; this.#isWalking && count < most; count++) {
      const group = this.#walk;
      if (group === NO_GROUP) {
        this.#isWalking = false;
        break;
      }
      const behind = this.#pending.behind(group);
      while (words[group + FIRST] !== NO_RECORD) {
        const timeUs = this.#rows.timeUs(words[group + FIRST]!);
        if (!this.#hasNoSignals && !(timeUs < this.#expiredUs)) {
          this.#leastUs = Math.min(this.#leastUs, timeUs);
          break;
        }
        if (this.#waiting.isFull) return count;
        this.#leave(group, Port.LATE);
      }
      this.#walk = behind;
    }
    return count;
  }

  /** Lets the first row of a group go. */
  #leave(group: number, port: number): void {
    const { words } = this.#arena;
    const record = words[group + FIRST]!;
    words[group + FIRST] = this.#rows.next(record);
    if (words[group + FIRST] === NO_RECORD) this.#pending.remove(group);
    this.#waiting.release(record, port);
    if (port === Port.LATE) this.#counters.addLate(1);
  }
}
