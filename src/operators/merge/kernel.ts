/**
 * The motion of a merge: for each group and input a list of rows that wait.
 *
 * ```
 *  group   │ before │ behind │ input 0: first row │ last row │ value of the first: high, low │ largest value: high, low │
 *                            │ input 1: …
 * ```
 *
 * Rows of a list are linked by their records, groups with rows that wait by their words. In the order of
 * event time, what is known of a group without such rows is nothing worth knowing once the watermarks
 * have passed it.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { HeldBlocks, HeldRows } from '../../state/index.ts';
import {
  compareOrderKeys,
  GroupCells,
  NO_RECORD,
  OrderKeys,
  RecordKey,
} from '../../state/index.ts';
import { GroupList, LIST_WORDS, NO_GROUP } from '../held/group-list.ts';
import { allocateHeld } from '../held/held-state.ts';
import { KeySweep } from '../held/key-sweep.ts';
import { WaitingRows } from '../held/waiting-rows.ts';
import type { MergeConfig } from './spec.ts';

/** Words of an input in a group, behind those of the list. */
const FIRST = LIST_WORDS;
const LAST = FIRST + 1;
const HIGH = FIRST + 2;
const LOW = FIRST + 3;
const LARGEST_HIGH = FIRST + 4;
const LARGEST_LOW = FIRST + 5;
const INPUT_WORDS = 6;

const LEAST = -(2 ** 31);
const LARGEST = 2 ** 31 - 1;
/** Chunks of rows that leave in one call. */
const MOST_CHUNKS = 8;
/** Groups that are looked at in one call: some hundred µs. */
const MOST_GROUPS = 8192;
const NONE = -1;

/** Makes the kernel of a merge. */
export function createMergeKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new MergeKernel(plan, context);
}

class MergeKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #inputs: number;
  readonly #goesByTime: boolean;
  readonly #words: Int32Array;
  readonly #waiting: WaitingRows;
  readonly #rows: HeldRows;
  readonly #groups: GroupCells;
  readonly #keys: OrderKeys;
  readonly #key: RecordKey;
  readonly #watermarks: WatermarkMerge;
  /** By input: values that come are not below; whether none are waited for. */
  readonly #boundHigh: Int32Array;
  readonly #boundLow: Int32Array;
  readonly #isFree: Uint8Array;
  /** Positions of the batch at work whose groups are to be looked at. */
  #at = 0;
  #count = 0;
  /** Groups with rows that wait. */
  readonly #pending: GroupList;
  readonly #sweep: KeySweep;
  readonly #keeps = (group: number): boolean => this.#isWorthKnowing(group);
  readonly #keep = (group: number): void => {
    if (this.#hasRows(group)) this.#pending.add(group);
  };
  /** The next group to be looked at because a bound has risen; `NO_GROUP`: that is done. */
  #walk = NO_GROUP;
  #isSweeping = false;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { orderBy, groupBy } = plan.config as MergeConfig;
    const { memory, rowCapacity } = context;
    const { schema } = plan.inputs[0]!;
    const inputs = plan.inputs.length;
    const advice =
      'let an input that is silent be idle ("idleAfter"), or raise the limit of its state';
    const what = 'rows that wait for other inputs';
    const { arena, blocks } = allocateHeld(context, 'merge', what, advice);
    this.#blocks = blocks;
    this.#inputs = inputs;
    this.#goesByTime = orderBy === undefined;
    this.#words = arena.words;
    this.#waiting = new WaitingRows(plan, context, blocks);
    this.#rows = this.#waiting.rows;
    this.#groups = new GroupCells(memory, arena, {
      keys: groupBy.map((column) => ({ column, type: schema[column]!.type })),
      initial: [0, 0, ...plan.inputs.flatMap(() => [NO_RECORD, NO_RECORD, LEAST, 0, LEAST, 0])],
      rowCapacity,
    });
    this.#pending = new GroupList(arena, this.#groups);
    this.#sweep = new KeySweep(this.#groups);
    const columns = schema.map(({ type }) => storageOf(type));
    this.#keys = new OrderKeys(orderBy && [orderBy], columns, rowCapacity);
    this.#key = new RecordKey(this.#rows, orderBy);
    this.#watermarks = new WatermarkMerge(inputs);
    this.#boundHigh = new Int32Array(inputs).fill(LEAST);
    this.#boundLow = new Int32Array(inputs);
    this.#isFree = new Uint8Array(inputs);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const { selection, selected } = batch;
    this.#groups.assign(batch, selection, selected);
    this.#keys.read(batch, selection, selected);
    this.#waiting.keep(batch, selection, selected);
    this.#append(port, selected);
    this.#at = 0;
    this.#count = selected;
    return this.resume(out);
  }

  /** Puts the rows of a batch behind those that wait. @hot */
  #append(port: number, count: number): void {
    const words = this.#words;
    const rows = this.#rows;
    const { high, low } = this.#keys;
    for (let i = 0; i < count; i++) {
      const record = rows.records[i]!;
      const group = this.#groups.words[i]!;
      const input = group + INPUT_WORDS * port;
      rows.setNext(record, NO_RECORD);
      if (!this.#hasRows(group)) this.#pending.add(group);
      const largestHigh = words[input + LARGEST_HIGH]!;
      const largestLow = words[input + LARGEST_LOW]!;
      if (compareOrderKeys(high[i]!, low[i]!, largestHigh, largestLow) > 0) {
        words[input + LARGEST_HIGH] = high[i]!;
        words[input + LARGEST_LOW] = low[i]!;
      }
      if (words[input + FIRST] === NO_RECORD) {
        words[input + FIRST] = record;
        words[input + HIGH] = words[input + LARGEST_HIGH]!;
        words[input + LOW] = words[input + LARGEST_LOW]!;
      } else rows.setNext(words[input + LAST]!, record);
      words[input + LAST] = record;
    }
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    const wasFree = this.#isFree[port];
    this.#isFree[port] = watermarkUs === Infinity ? 1 : 0;
    if (this.#goesByTime && Number.isFinite(watermarkUs)) {
      this.#key.setTime(watermarkUs);
      this.#boundHigh[port] = this.#key.high;
      this.#boundLow[port] = this.#key.low;
    }
    if (this.#goesByTime || this.#isFree[port] !== wasFree) this.#walk = this.#pending.first;
    if (this.#watermarks.update(port, watermarkUs)) this.#waiting.raise(this.#watermarks.mergedUs);
    return this.resume(out);
  }

  onEnd(port: number, out: Outbox): Progress {
    this.#isFree[port] = 1;
    this.#boundHigh[port] = LARGEST;
    this.#walk = this.#pending.first;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const waiting = this.#waiting;
    let groups = MOST_GROUPS;
    for (let left = MOST_CHUNKS; ; left--) {
      if (!waiting.flush(out)) return 'blocked';
      this.#lookAtBatch();
      groups -= this.#lookAtAll(groups);
      if (left <= 0 || groups <= 0) return 'yielded';
      if (!waiting.isFull) break;
    }
    if (!waiting.flush(out)) return 'blocked';
    waiting.passWatermark(out);
    return this.#forget() ? 'done' : 'yielded';
  }

  /** Forgets groups, if there are many; false: there is more to do. */
  #forget(): boolean {
    if (!this.#goesByTime || !this.#groups.canForget || !this.#sweep.isDue) return true;
    if (!this.#isSweeping) this.#pending.clear();
    this.#isSweeping = !this.#sweep.step(this.#keeps, this.#keep);
    return !this.#isSweeping;
  }

  /** Whether a group has rows that wait, or an input has had one that its watermark has not passed. */
  #isWorthKnowing(group: number): boolean {
    const words = this.#words;
    if (this.#hasRows(group)) return true;
    for (let port = 0; port < this.#inputs; port++) {
      const input = group + INPUT_WORDS * port;
      const [high, low] = [words[input + LARGEST_HIGH]!, words[input + LARGEST_LOW]!];
      if (compareOrderKeys(high, low, this.#boundHigh[port]!, this.#boundLow[port]!) > 0) {
        return true;
      }
    }
    return false;
  }

  /** @hot */
  #hasRows(group: number): boolean {
    for (let port = 0; port < this.#inputs; port++) {
      if (this.#words[group + INPUT_WORDS * port + FIRST] !== NO_RECORD) return true;
    }
    return false;
  }

  *state(io: StateIo): Steps {
    io.section('merge', 1);
    yield* this.#blocks.state(io);
    yield* this.#waiting.state(io);
    yield* this.#groups.state(io);
    this.#pending.state(io);
    this.#sweep.state(io);
    this.#watermarks.state(io);
    for (let port = 0; port < this.#inputs; port++) {
      this.#boundHigh[port] = io.int(this.#boundHigh[port]!);
      this.#boundLow[port] = io.int(this.#boundLow[port]!);
      this.#isFree[port] = io.int(this.#isFree[port]!);
    }
  }

  /** Lets rows go from the groups that got some. */
  #lookAtBatch(): void {
    const { words } = this.#groups;
    for (; this.#at < this.#count; this.#at++) {
      const group = words[this.#at]!;
      if (this.#at + 1 < this.#count && words[this.#at + 1] === group) continue;
      if (!this.#release(group)) return;
    }
  }

  /** Lets rows go from some of the groups, after a bound has risen; returns how many were looked at. */
  #lookAtAll(most: number): number {
    let count = 0;
    while (this.#walk !== NO_GROUP && count < most && !this.#waiting.isFull) {
      const group = this.#walk;
      const behind = this.#pending.behind(group);
      if (!this.#release(group)) break;
      this.#walk = behind;
      count++;
    }
    return count;
  }

  /** Lets rows of a group go that need not wait any more; false when no more can leave before a flush. */
  #release(group: number): boolean {
    const words = this.#words;
    for (;;) {
      const port = this.#leastInput(group);
      if (port === NONE || !this.#isNext(group, port)) return true;
      if (this.#waiting.isFull) return false;
      const input = group + INPUT_WORDS * port;
      const record = words[input + FIRST]!;
      const next = this.#rows.next(record);
      words[input + FIRST] = next;
      if (next !== NO_RECORD) this.#raiseFirst(input, next);
      else if (!this.#hasRows(group)) this.#pending.remove(group);
      this.#waiting.release(record);
    }
  }

  /** The input with the least first row, of equal ones the first; `NONE`: no row waits. @hot */
  #leastInput(group: number): number {
    const words = this.#words;
    let least = NONE;
    let at = 0;
    for (let port = 0; port < this.#inputs; port++) {
      const input = group + INPUT_WORDS * port;
      if (words[input + FIRST] === NO_RECORD) continue;
      if (
        least === NONE ||
        compareOrderKeys(
          words[input + HIGH]!,
          words[input + LOW]!,
          words[at + HIGH]!,
          words[at + LOW]!,
        ) < 0
      ) {
        least = port;
        at = input;
      }
    }
    return least;
  }

  /** Whether inputs without rows can have none before the first row of an input. @hot */
  #isNext(group: number, least: number): boolean {
    const words = this.#words;
    const at = group + INPUT_WORDS * least;
    const high = words[at + HIGH]!;
    const low = words[at + LOW]!;
    for (let port = 0; port < this.#inputs; port++) {
      const input = group + INPUT_WORDS * port;
      if (words[input + FIRST] !== NO_RECORD || this.#isFree[port] === 1) continue;
      // A row that comes with an equal value belongs behind those of inputs before its own.
      const most = least < port ? 0 : -1;
      if (
        compareOrderKeys(high, low, words[input + LARGEST_HIGH]!, words[input + LARGEST_LOW]!) >
          most &&
        compareOrderKeys(high, low, this.#boundHigh[port]!, this.#boundLow[port]!) > most
      ) {
        return false;
      }
    }
    return true;
  }

  /** A row has become the first of its input: it counts as no less than the one before it. */
  #raiseFirst(input: number, record: number): void {
    const words = this.#words;
    const key = this.#key;
    key.read(record);
    if (compareOrderKeys(key.high, key.low, words[input + HIGH]!, words[input + LOW]!) <= 0) return;
    words[input + HIGH] = key.high;
    words[input + LOW] = key.low;
  }
}
