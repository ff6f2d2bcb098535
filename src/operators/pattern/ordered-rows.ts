/**
 * Rows of all inputs that wait for their turn, in order of event time: a heap for each input.
 *
 * While a row waits, the words of its record are its group and its events; afterwards its rank and how
 * many hold it. A row is let go when none does.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { HeldBlocks } from '../../state/index.ts';
import {
  EMPTY_HEAP,
  GroupCells,
  HeldRows,
  NO_RECORD,
  OrderKeys,
  RecordHeaps,
  RecordOrder,
} from '../../state/index.ts';
import { recordNumber } from '../held/record-number.ts';
import type { PatternConfig } from './config.ts';

/** Rows by input. */
export class OrderedRows {
  /** By input. */
  readonly inputs: readonly HeldRows[];
  readonly #kept: readonly (readonly number[])[];
  readonly #keys: readonly OrderKeys[];
  readonly #heaps: readonly RecordHeaps[];
  /** By input: the heap, and the time of its least row. */
  readonly #firsts: readonly number[];
  readonly #leastUs: Float64Array;
  /** By input: what reads the column that orders rows of one time, and that of its least row. */
  readonly #orderOf: readonly ((record: number) => number)[] | undefined;
  readonly #leastOrder: Float64Array;
  #largestUs: TimeUs = -Infinity;
  #port = 0;
  #nextUs: TimeUs = Infinity;

  constructor(plan: OperatorPlan, context: KernelContext, blocks: HeldBlocks) {
    const { kept, skip, orderBy } = plan.config as PatternConfig;
    const { memory, rowCapacity } = context;
    this.#kept = kept;
    const storages = kept.map((columns, i) =>
      columns.map((column) => storageOf(plan.inputs[i]!.schema[column]!.type)),
    );
    this.inputs = storages.map(
      (columns) => new HeldRows(memory, blocks, { columns, hasTime: true, rowCapacity }),
    );
    this.#keys = storages.map((columns) => new OrderKeys(undefined, columns, rowCapacity));
    this.#heaps = this.inputs.map((rows, i) => {
      // Where it matters which of several rows comes first, it must not be the order of arrival.
      const order = orderBy === undefined ? [] : [orderBy[i]!];
      if (skip !== 'none') order.push(...storages[i]!.keys());
      if (order.length === 0) return new RecordHeaps(rows, this.#keys[i]!, undefined);
      this.#keys[i]!.isExact = false;
      const keys = order.map((column) => ({ column, direction: 1 }) as const);
      return new RecordHeaps(
        rows,
        this.#keys[i]!,
        new RecordOrder(blocks.arena, rows.layout, keys),
      );
    });
    this.#orderOf =
      orderBy === undefined
        ? undefined
        : this.inputs.map((rows, i) => recordNumber(rows, orderBy[i]));
    this.#leastOrder = new Float64Array(kept.length);
    const initial = this.inputs.flatMap(() => EMPTY_HEAP);
    const words = { keys: [], initial, rowCapacity: 1 };
    const [first] = new GroupCells(memory, blocks.arena, words).words;
    this.#firsts = this.inputs.map((_, i) => first! + i * EMPTY_HEAP.length);
    this.#leastUs = new Float64Array(kept.length).fill(Infinity);
  }

  /**
   * Keeps rows `rows[0 .. count)` of a batch.
   *
   * @param masks - by row
   * @param groups - by position
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  keep(
    port: number,
    batch: Batch,
    rows: Uint32Array,
    count: number,
    masks: Int32Array,
    groups: Int32Array,
  ): void {
    if (count === 0) return;
    const held = this.inputs[port]!;
    const heaps = this.#heaps[port]!;
    const heap = this.#firsts[port]!;
    const columns = this.#kept[port]!.map((column) => batch.columns[column]!);
    held.hold(batch, rows, count, columns);
    this.#keys[port]!.read(batch, rows, count);
    const { records } = held;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      const timeUs = held.timeUs(record);
      if (timeUs > this.#largestUs) this.#largestUs = timeUs;
      held.setNext(record, groups[i]!);
      held.setTag(record, masks[rows[i]!]!);
      heaps.push(heap, i, record);
    }
    this.#noteLeast(port, heaps.least(heap));
  }

  /** The input of the row that comes next; of several at one time, the first input. */
  get port(): number {
    return this.#port;
  }

  /** Its time; Infinity: no row waits. */
  get leastUs(): TimeUs {
    return this.#nextUs;
  }

  /** What orders it among rows of its time; 0 where nothing does. */
  get leastOrder(): number {
    return this.#leastOrder[this.#port]!;
  }

  /** @hot */
  #noteLeast(port: number, record: number): void {
    this.#leastUs[port] = record === NO_RECORD ? Infinity : this.inputs[port]!.timeUs(record);
    const orderOf = this.#orderOf;
    if (orderOf !== undefined && record !== NO_RECORD) {
      const order = orderOf[port]!(record);
      // What is no number comes last, and is all one.
      this.#leastOrder[port] = Number.isNaN(order) ? Infinity : order;
    }
    this.#findNext();
  }

  /** @hot */
  #findNext(): void {
    const least = this.#leastUs;
    const order = this.#leastOrder;
    let port = 0;
    for (let i = 1; i < least.length; i++) {
      if (least[i]! > least[port]!) continue;
      if (least[i]! < least[port]! || order[i]! < order[port]!) port = i;
    }
    this.#port = port;
    this.#nextUs = least[port]!;
  }

  /** The largest time of a row so far. */
  get largestUs(): TimeUs {
    return this.#largestUs;
  }

  /** Takes the next row; there is one. @hot */
  pop(): number {
    const port = this.#port;
    const heaps = this.#heaps[port]!;
    const heap = this.#firsts[port]!;
    const record = heaps.pop(heap);
    this.#noteLeast(port, heaps.least(heap));
    return record;
  }

  state(io: StateIo): void {
    this.#largestUs = io.float(this.#largestUs);
    for (let i = 0; i < this.inputs.length; i++) {
      this.inputs[i]!.state(io);
      this.#heaps[i]!.state(io);
      this.#leastUs[i] = io.float(this.#leastUs[i]!);
      this.#leastOrder[i] = io.float(this.#leastOrder[i]!);
    }
    this.#findNext();
  }
}
