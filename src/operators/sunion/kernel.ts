/** The motion of a sunion: a heap for each input, from which rows leave by whole buckets. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import { storageOf } from '../../core/types.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { HeldBlocks, HeldRows } from '../../state/index.ts';
import { EMPTY_HEAP, GroupCells, OrderKeys, RecordHeaps, RecordOrder } from '../../state/index.ts';
import { allocateHeld } from '../held/held-state.ts';
import { LateRows } from '../held/late-rows.ts';
import { WaitingRows } from '../held/waiting-rows.ts';
import { Boundaries } from './boundaries.ts';
import { Port, type SunionConfig } from './spec.ts';

/** Makes the kernel of a sunion. */
export function createSunionKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new SunionKernel(plan, context);
}

class SunionKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #intervalUs: DurationUs;
  readonly #waiting: WaitingRows;
  readonly #rows: HeldRows;
  readonly #keys: OrderKeys;
  readonly #heaps: RecordHeaps;
  /** By input: rows by time, those of one time by their values. */
  readonly #heapOf: readonly number[];
  readonly #late: LateRows;
  readonly #boundaries: Boundaries;
  readonly #watermarks: WatermarkMerge;
  /** Rows of a batch that are not late. */
  readonly #kept: Uint32Array;
  /** Rows before this may leave; what was passed on of it. */
  #boundUs: TimeUs = -Infinity;
  #passedUs: TimeUs = -Infinity;
  /** Buckets up to here have left: what comes for them is late, whatever else is said of it. */
  #closedUs: TimeUs = -Infinity;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { intervalUs } = plan.config as SunionConfig;
    const { memory, rowCapacity } = context;
    const { schema } = plan.inputs[0]!;
    const advice = 'shorter buckets, or let an input that is silent be idle ("idleAfter")';
    const what = 'rows of buckets that are not complete';
    const { arena, blocks } = allocateHeld(context, 'sunion', what, advice);
    this.#blocks = blocks;
    this.#intervalUs = intervalUs;
    this.#waiting = new WaitingRows(plan, context, blocks);
    this.#rows = this.#waiting.rows;
    const columns = schema.map(({ type }) => storageOf(type));
    this.#keys = new OrderKeys(undefined, columns, rowCapacity);
    this.#keys.isExact = false;
    const values = schema.map((_, column) => ({ column, direction: 1 }) as const);
    const order = new RecordOrder(arena, this.#rows.layout, values);
    this.#heaps = new RecordHeaps(this.#rows, this.#keys, order);
    const initial = plan.inputs.flatMap(() => EMPTY_HEAP);
    const [first] = new GroupCells(memory, arena, { keys: [], initial, rowCapacity }).words;
    this.#heapOf = plan.inputs.map((_, input) => first! + input * EMPTY_HEAP.length);
    this.#late = new LateRows(context);
    this.#boundaries = new Boundaries(intervalUs);
    this.#watermarks = new WatermarkMerge(plan.inputs.length);
    this.#kept = new Uint32Array(rowCapacity);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const count = this.#takeOutLate(batch, out);
    this.#keys.read(batch, this.#kept, count);
    this.#waiting.keep(batch, this.#kept, count);
    const { records } = this.#rows;
    for (let i = 0; i < count; i++) this.#heaps.push(this.#heapOf[port]!, i, records[i]!);
    return 'done';
  }

  /** Lists the rows that are not late; hands on the others. */
  #takeOutLate(batch: Batch, out: Outbox): number {
    const { selection, selected } = batch;
    const kept = this.#kept;
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const timeUs = batch.timeUs(row);
      const lateByUs = batch.lateByUs(row);
      const endUs = this.#endOf(timeUs);
      const isLate = lateByUs > 0 && timeUs + lateByUs >= endUs;
      if (isLate || timeUs < this.#closedUs) {
        this.#late.add(row, Math.max(lateByUs, this.#closedUs - timeUs));
      } else kept[count++] = row;
    }
    this.#late.offer(Port.LATE, batch, out);
    return count;
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (this.#watermarks.update(port, watermarkUs)) {
      this.#boundUs = this.#startOf(this.#watermarks.mergedUs);
    }
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const progress = this.#waiting.handOn(out, this.#release);
    if (progress !== 'done') return progress;
    if (!this.#boundaries.flush(out)) return 'blocked';
    if (Number.isFinite(this.#boundUs)) this.#closedUs = Math.max(this.#closedUs, this.#boundUs);
    if (this.#boundUs !== this.#passedUs) {
      this.#passedUs = this.#boundUs;
      out.watermark(this.#boundUs);
    }
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('sunion', 1);
    yield* this.#blocks.state(io);
    yield* this.#waiting.state(io);
    this.#heaps.state(io);
    this.#watermarks.state(io);
    this.#boundUs = io.float(this.#boundUs);
    this.#passedUs = io.float(this.#passedUs);
    this.#closedUs = io.float(this.#closedUs);
  }

  /** Has rows leave whose buckets are complete. */
  readonly #release = (): void => {
    while (!this.#waiting.isFull) {
      const input = this.#firstInput();
      if (input < 0) return;
      const record = this.#heaps.pop(this.#heapOf[input]!);
      const startUs = this.#startOf(this.#rows.timeUs(record));
      this.#boundaries.count(startUs);
      this.#closedUs = Math.max(this.#closedUs, startUs + this.#intervalUs);
      this.#waiting.release(record);
    }
  };

  /** The input whose row is the next to leave; -1: none may. @hot */
  #firstInput(): number {
    const heaps = this.#heaps;
    let firstUs = this.#boundUs;
    let first = -1;
    for (let input = 0; input < this.#heapOf.length; input++) {
      const heap = this.#heapOf[input]!;
      if (heaps.count(heap) === 0) continue;
      const timeUs = this.#rows.timeUs(heaps.least(heap));
      if (timeUs < firstUs) {
        firstUs = timeUs;
        first = input;
      }
    }
    return first;
  }

  #startOf(timeUs: TimeUs): TimeUs {
    return Math.floor(timeUs / this.#intervalUs) * this.#intervalUs;
  }

  #endOf(timeUs: TimeUs): TimeUs {
    return this.#startOf(timeUs) + this.#intervalUs;
  }
}
