/** The motion of a bsort: a heap for each group. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Arena, HeldBlocks, HeldRows } from '../../state/index.ts';
import {
  GroupCells,
  HEAP_WORDS,
  NO_RECORD,
  OrderKeys,
  RecordHeaps,
  RecordOrder,
  EMPTY_HEAP,
} from '../../state/index.ts';
import { GROUP_LIVES, GroupExpiry, NO_GROUP_EXPIRES } from '../held/group-expiry.ts';
import { allocateHeld } from '../held/held-state.ts';
import { WaitingRows } from '../held/waiting-rows.ts';
import { recordNumber } from '../held/record-number.ts';
import type { BsortConfig } from './spec.ts';

/** Words of a group: a heap, its number, the last value in the order and the last time, as floats. */
const NUMBER_AT = HEAP_WORDS;
const LAST_AT = NUMBER_AT + 1;
const MARK_AT = LAST_AT + 2;
const LEAST_FLOAT = [0, 0xfff0_0000 | 0] as const;
const LARGEST_FLOAT = [0, 0x7ff0_0000] as const;
/** Groups that are looked at in one call: some hundred µs. */
const MOST_GROUPS = 8192;

/** Makes the kernel of a bsort. */
export function createBsortKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new BsortKernel(plan, context);
}

class BsortKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #arena: Arena;
  readonly #waiting: WaitingRows;
  readonly #rows: HeldRows;
  readonly #groups: GroupCells;
  readonly #keys: OrderKeys;
  readonly #heaps: RecordHeaps;
  readonly #slack: number;
  /** In range mode: the distance, the value of a record, and the sign of the order. */
  readonly #span: number;
  readonly #valueOf: ((record: number) => number) | undefined;
  readonly #sign: number;
  /** Positions of the batch at work: the next one, and their end. */
  #at = 0;
  #count = 0;
  /** The group whose rows are too far apart; 0: none. */
  #shrinking = 0;
  readonly #expiry: GroupExpiry;
  /** Groups that live no longer than until then leave; the one whose rows are leaving, 0: none. */
  #passedUs: TimeUs = -Infinity;
  #leaving = 0;
  /** Groups may have expired that were not looked at. */
  #hasMore = false;
  #isEnding = false;
  /** While ending: the next group, and those listed. */
  #ended = 0;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { orderBy, groupBy, slack, span, ttlUs } = plan.config as BsortConfig;
    const { memory, rowCapacity } = context;
    const { schema } = plan.inputs[0]!;
    const advice = 'a smaller buffer, or fewer distinct keys of "groupBy"';
    const { arena, blocks } = allocateHeld(
      context,
      'bsort',
      'rows that wait for their turn',
      advice,
    );
    this.#blocks = blocks;
    const columns = schema.map(({ type }) => storageOf(type));
    this.#arena = arena;
    this.#waiting = new WaitingRows(plan, context, blocks);
    this.#rows = this.#waiting.rows;
    this.#sign = orderBy?.[0]?.direction ?? 1;
    const last = this.#sign > 0 ? LEAST_FLOAT : LARGEST_FLOAT;
    this.#groups = new GroupCells(memory, arena, {
      keys: groupBy.map((column) => ({ column, type: schema[column]!.type })),
      initial: [...EMPTY_HEAP, ...last, ...LEAST_FLOAT],
      rowCapacity,
    });
    this.#keys = new OrderKeys(orderBy, columns, rowCapacity);
    const order = orderBy && new RecordOrder(arena, this.#rows.layout, orderBy);
    this.#heaps = new RecordHeaps(this.#rows, this.#keys, order);
    const expiryWords = { unit: 1, number: NUMBER_AT, mark: MARK_AT };
    this.#expiry = new GroupExpiry(ttlUs ?? Infinity, arena, expiryWords);
    this.#slack = slack ?? 0;
    this.#span = span;
    this.#valueOf =
      slack === undefined ? recordNumber(this.#rows, orderBy?.[0]?.column) : undefined;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { selection, selected } = batch;
    this.#groups.assign(batch, selection, selected);
    this.#keys.read(batch, selection, selected);
    this.#waiting.keep(batch, selection, selected);
    this.#at = 0;
    this.#count = selected;
    return this.resume(out);
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#waiting.raise(watermarkUs);
    // An input that is idle may go on where it was.
    if (watermarkUs < Infinity) this.#passedUs = watermarkUs;
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#isEnding = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const progress = this.#waiting.handOn(out, this.#release);
    return progress === 'done' && this.#hasMore ? 'yielded' : progress;
  }

  /** Has the rows of groups leave that have expired, and forgets these; false: there is more to do. */
  #expire(watermarkUs: TimeUs): boolean {
    for (let looked = 0; looked < MOST_GROUPS; looked++) {
      if (this.#leaving === 0) {
        const group = this.#expiry.take(watermarkUs);
        if (group === NO_GROUP_EXPIRES) return true;
        if (group === GROUP_LIVES) continue;
        this.#leaving = group;
      }
      if (!this.#empty(this.#leaving)) return true;
      this.#expiry.forget(this.#leaving);
      if (this.#groups.canForget) this.#groups.remove(this.#leaving);
      this.#leaving = 0;
    }
    return false;
  }

  /** Has all rows of a group leave, which begins anew; false: no more can leave before a flush. */
  #empty(group: number): boolean {
    const waiting = this.#waiting;
    while (this.#heaps.count(group) > 0) {
      if (waiting.isFull) return false;
      waiting.release(this.#heaps.pop(group));
    }
    this.#heaps.clear(group);
    const { floats } = this.#arena;
    floats[(group + LAST_AT) >>> 1] = -Infinity * this.#sign;
    floats[(group + MARK_AT) >>> 1] = -Infinity;
    return true;
  }

  /** A row is about to come for a group, which begins anew if it has expired; false: see {@link #empty}. */
  #touch(group: number, record: number): boolean {
    const rows = this.#rows;
    const markUs = rows.timeUs(record) + rows.lateByUs(record);
    if (markUs >= this.#expiry.expiryUs(group) && !this.#empty(group)) return false;
    this.#expiry.touch(group, markUs);
    return !this.#waiting.isFull;
  }

  *state(io: StateIo): Steps {
    io.section('bsort', 1);
    yield* this.#blocks.state(io);
    yield* this.#waiting.state(io);
    yield* this.#groups.state(io);
    this.#heaps.state(io);
    yield* this.#expiry.state(io);
    this.#passedUs = io.float(this.#passedUs);
    this.#isEnding = io.flag(this.#isEnding);
    this.#ended = io.int(this.#ended);
  }

  /** Has rows leave: those of full buffers, of groups that have expired, at the end all. */
  readonly #release = (): void => {
    if (this.#valueOf === undefined) this.#insert();
    else this.#insertInRange(this.#valueOf);
    this.#hasMore = false;
    if (this.#at < this.#count || this.#shrinking !== 0) return;
    if (this.#expiry.isOn)
      this.#hasMore = !this.#expire(this.#isEnding ? Infinity : this.#passedUs);
    else if (this.#isEnding) this.#end();
  };

  /** Inserts rows, each of which makes one leave where the buffer is full. @hot */
  #insert(): void {
    const waiting = this.#waiting;
    const heaps = this.#heaps;
    const { records } = this.#rows;
    const { words } = this.#groups;
    const goesByTime = this.#expiry.isOn;
    while (this.#at < this.#count && !waiting.isFull) {
      const at = this.#at;
      const heap = words[at]!;
      if (goesByTime && !this.#touch(heap, records[at]!)) return;
      this.#at++;
      if (heaps.count(heap) < this.#slack) heaps.push(heap, at, records[at]!);
      else if (this.#slack === 0) waiting.release(records[at]!);
      else waiting.release(heaps.exchange(heap, at, records[at]!));
    }
  }

  /** Inserts rows, each of which may make many leave. */
  #insertInRange(valueOf: (record: number) => number): void {
    const waiting = this.#waiting;
    const { floats } = this.#arena;
    const { records } = this.#rows;
    for (;;) {
      if (this.#shrinking !== 0) this.#shrink(this.#shrinking, valueOf);
      if (waiting.isFull || this.#at === this.#count) return;
      const at = this.#at;
      const record = records[at]!;
      const group = this.#groups.words[at]!;
      if (this.#expiry.isOn && !this.#touch(group, record)) return;
      this.#at++;
      const last = (group + LAST_AT) >>> 1;
      const value = valueOf(record);
      if ((value - floats[last]!) * this.#sign > 0) floats[last] = value;
      this.#heaps.push(group, at, record);
      this.#shrinking = group;
    }
  }

  /** Has rows of a group leave whose values lie too far before the last one. */
  #shrink(group: number, valueOf: (record: number) => number): void {
    const waiting = this.#waiting;
    const last = this.#arena.floats[(group + LAST_AT) >>> 1]!;
    while (!waiting.isFull) {
      const least = this.#heaps.least(group);
      if (least === NO_RECORD || !((last - valueOf(least)) * this.#sign > this.#span)) {
        this.#shrinking = 0;
        return;
      }
      waiting.release(this.#heaps.pop(group));
    }
  }

  /** Has all rows leave, group by group. */
  #end(): void {
    const groups = this.#groups;
    while (this.#ended < groups.count) {
      const count = Math.min(groups.count - this.#ended, groups.mostListed);
      const listed = groups.list(this.#ended, count);
      for (let g = 0; g < count; g++, this.#ended++) {
        while (this.#heaps.count(listed[g]!) > 0) {
          if (this.#waiting.isFull) return;
          this.#waiting.release(this.#heaps.pop(listed[g]!));
        }
      }
    }
  }
}
