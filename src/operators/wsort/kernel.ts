/** The motion of a wsort: one heap, from which rows leave up to a bound. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { storageOf } from '../../core/types.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { HeldBlocks, HeldRows } from '../../state/index.ts';
import { GroupCells, OrderKeys, RecordHeaps, RecordOrder, EMPTY_HEAP } from '../../state/index.ts';
import { allocateHeld } from '../held/held-state.ts';
import { LateRows } from '../held/late-rows.ts';
import { WaitingRows } from '../held/waiting-rows.ts';
import type { WsortConfig } from './spec.ts';
import { Port } from './spec.ts';

/** Makes the kernel of a wsort. */
export function createWsortKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new WsortKernel(plan, context);
}

class WsortKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #hasTime: boolean;
  readonly #timeoutUs: DurationUs;
  readonly #waiting: WaitingRows;
  readonly #rows: HeldRows;
  readonly #keys: OrderKeys;
  readonly #heaps: RecordHeaps;
  readonly #heap: number;
  readonly #late: LateRows;
  /** Rows of a batch that are not late. */
  readonly #kept: Uint32Array;
  /** Positions of the batch at work: the next one, and their end. */
  #at = 0;
  #count = 0;
  /** Rows below leave: by the watermark, and by the largest time seen. */
  #watermarkUs: TimeUs = -Infinity;
  #expiredUs: TimeUs = -Infinity;
  #isEnding = false;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { orderBy, timeoutUs } = plan.config as WsortConfig;
    const { memory, rowCapacity } = context;
    const { schema, hasTime } = plan.inputs[0]!;
    const advice = 'less lateness of the source, or a "timeout"';
    const { arena, blocks } = allocateHeld(
      context,
      'wsort',
      'rows that wait for their turn',
      advice,
    );
    this.#blocks = blocks;
    this.#hasTime = hasTime;
    this.#timeoutUs = timeoutUs;
    this.#waiting = new WaitingRows(plan, context, blocks);
    this.#rows = this.#waiting.rows;
    const columns = schema.map(({ type }) => storageOf(type));
    this.#keys = new OrderKeys(hasTime ? undefined : orderBy, columns, rowCapacity);
    if (hasTime && orderBy.length > 0) this.#keys.isExact = false;
    const order = new RecordOrder(arena, this.#rows.layout, orderBy);
    this.#heaps = new RecordHeaps(this.#rows, this.#keys, order);
    const only = { keys: [], initial: EMPTY_HEAP, rowCapacity };
    this.#heap = new GroupCells(memory, arena, only).words[0]!;
    this.#late = new LateRows(context);
    this.#kept = new Uint32Array(rowCapacity);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const count = this.#takeOutLate(batch, out);
    this.#keys.read(batch, this.#kept, count);
    this.#waiting.keep(batch, this.#kept, count);
    this.#at = 0;
    this.#count = count;
    return this.resume(out);
  }

  /** Lists the rows that are not late; hands on the others. */
  #takeOutLate(batch: Batch, out: Outbox): number {
    const { selection, selected } = batch;
    const kept = this.#kept;
    const timeoutUs = this.#timeoutUs;
    if (!this.#hasTime || (batch.lateCount === 0 && timeoutUs === Infinity)) {
      for (let i = 0; i < selected; i++) kept[i] = selection[i]!;
      return selected;
    }
    let count = 0;
    let expiredUs = this.#expiredUs;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const timeUs = batch.timeUs(row);
      const lateByUs = batch.lateByUs(row);
      if (lateByUs > 0) this.#late.add(row, lateByUs);
      else if (timeUs < expiredUs) this.#late.add(row, expiredUs - timeUs);
      else kept[count++] = row;
      expiredUs = Math.max(expiredUs, timeUs - timeoutUs);
    }
    this.#expiredUs = expiredUs;
    this.#late.offer(Port.LATE, batch, out);
    return count;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    this.#waiting.raise(watermarkUs);
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#isEnding = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    this.#insert();
    return this.#waiting.handOn(out, this.#release);
  }

  *state(io: StateIo): Steps {
    io.section('wsort', 1);
    yield* this.#blocks.state(io);
    yield* this.#waiting.state(io);
    this.#heaps.state(io);
    this.#watermarkUs = io.float(this.#watermarkUs);
    this.#expiredUs = io.float(this.#expiredUs);
    this.#isEnding = io.flag(this.#isEnding);
  }

  /** Inserts the rows of a batch. @hot */
  #insert(): void {
    const { records } = this.#rows;
    for (; this.#at < this.#count; this.#at++) {
      this.#heaps.push(this.#heap, this.#at, records[this.#at]!);
    }
  }

  /** Has rows leave that need not wait any more. */
  readonly #release = (): void => {
    const heaps = this.#heaps;
    const rows = this.#rows;
    const boundUs = this.#hasTime ? Math.max(this.#watermarkUs, this.#expiredUs) : -Infinity;
    while (!this.#waiting.isFull && heaps.count(this.#heap) > 0) {
      if (!this.#isEnding && !(rows.timeUs(heaps.least(this.#heap)) < boundUs)) return;
      this.#waiting.release(heaps.pop(this.#heap));
    }
  };
}
