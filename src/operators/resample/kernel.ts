/** The motion of a resample: rows wait in order of time until all values near them are known. @module */

import type { Batch } from '../../core/batch.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import { storageOf } from '../../core/types.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { HeldBlocks } from '../../state/index.ts';
import {
  EMPTY_HEAP,
  GroupCells,
  HeldRows,
  NO_RECORD,
  OrderKeys,
  RecordHeaps,
} from '../../state/index.ts';
import { GroupList, NO_GROUP } from '../held/group-list.ts';
import { HeldOutput } from '../held/held-output.ts';
import { allocateHeld } from '../held/held-state.ts';
import { HeldWatermark } from '../held/held-watermark.ts';
import { LateRows } from '../held/late-rows.ts';
import { NO_POINTS, Points, ROWS } from './points.ts';
import type { ResampleConfig } from './spec.ts';
import { Input, Port } from './spec.ts';

/** Chunks of rows that leave in one call. */
const MOST_CHUNKS = 8;
/** Old points and keys are looked for when there are twice as many as were left, and so many. */
const FEWEST_POINTS = 4096;
const FEWEST_KEYS = 4096;
/** Keys looked through in one call. */
const MOST_KEYS = 4096;

/** Makes the kernel of a resample. */
export function createResampleKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new ResampleKernel(plan, context);
}

class ResampleKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #config: ResampleConfig;
  readonly #counters: KernelCounters;
  /** How far behind a row its values may come. */
  readonly #reachUs: DurationUs;
  readonly #groups: GroupCells;
  readonly #points: Points;
  readonly #rows: HeldRows;
  readonly #keys: OrderKeys;
  readonly #heaps: RecordHeaps;
  readonly #heap: number;
  readonly #out: HeldOutput;
  readonly #watermark = new HeldWatermark();
  readonly #watermarks = new WatermarkMerge(2);
  readonly #late: LateRows;
  readonly #kept: Uint32Array;
  /** All keys, and their words. */
  readonly #known: GroupList;
  readonly #words: Int32Array;
  /** The next key to be looked through for old points. */
  #swept = NO_GROUP;
  #nextPoints = FEWEST_POINTS;
  #nextKeys = FEWEST_KEYS;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as ResampleConfig;
    const { memory, rowCapacity } = context;
    const [{ schema }, values] = plan.inputs as [
      OperatorPlan['inputs'][number],
      OperatorPlan['inputs'][number],
    ];
    const advice = 'a smaller "within", or fewer keys';
    const what = 'rows and values near them';
    const { arena, blocks } = allocateHeld(context, 'resample', what, advice);
    this.#blocks = blocks;
    const types = config.values.map(({ column }) => values.schema[column]!.type);
    this.#config = config;
    this.#counters = context.counters;
    this.#reachUs = config.method === 'previous' ? 0 : config.withinUs;
    this.#groups = new GroupCells(memory, arena, {
      keys: config.keys[0].map((column) => ({ column, type: schema[column]!.type })),
      initial: NO_POINTS,
      rowCapacity,
    });
    this.#known = new GroupList(arena, this.#groups);
    this.#words = arena.words;
    this.#points = new Points(config, types, arena, blocks, context);
    const columns = schema.map(({ type }) => storageOf(type));
    this.#rows = new HeldRows(memory, blocks, { columns, hasTime: true, rowCapacity });
    this.#keys = new OrderKeys(undefined, columns, rowCapacity);
    this.#heaps = new RecordHeaps(this.#rows, this.#keys, undefined);
    const only = { keys: [], initial: EMPTY_HEAP, rowCapacity: 1 };
    this.#heap = new GroupCells(memory, arena, only).words[0]!;
    const parts = [{ rows: this.#rows, positions: schema.map((_, c) => c) }];
    const computed = config.values.map((_, v) => ({ position: schema.length + v }));
    this.#out = new HeldOutput(plan, context, Port.OUT, parts, computed);
    this.#late = new LateRows(context);
    this.#kept = new Uint32Array(rowCapacity);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const count = this.#takeOutLate(port, batch, out);
    const kept = this.#kept;
    this.#groups.assign(batch, kept, count, this.#config.keys[port]);
    this.#note(count);
    if (port === Input.ROWS) this.#keepRows(batch, count);
    else this.#points.add(batch, kept, count, this.#groups.words);
    return this.resume(out);
  }

  /** Lists the rows that are not late. */
  #takeOutLate(port: number, batch: Batch, out: Outbox): number {
    const { selection, selected } = batch;
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const lateByUs = batch.lateByUs(row);
      if (lateByUs === 0) this.#kept[count++] = row;
      else if (port === Input.ROWS) this.#late.add(row, lateByUs);
      else this.#counters.addLate(1);
    }
    if (port === Input.ROWS) this.#late.offer(Port.LATE, batch, out);
    return count;
  }

  /** Takes note of keys that are new. @hot */
  #note(count: number): void {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      const group = this.#groups.words[i]!;
      if (words[group + ROWS]! >= 0) continue;
      words[group + ROWS] = 0;
      this.#known.add(group);
    }
  }

  #keepRows(batch: Batch, count: number): void {
    const rows = this.#rows;
    rows.hold(batch, this.#kept, count);
    this.#keys.read(batch, this.#kept, count);
    this.#out.noteIngest(batch.ingestTimeUs);
    for (let i = 0; i < count; i++) {
      const record = rows.records[i]!;
      const group = this.#groups.words[i]!;
      this.#words[group + ROWS]!++;
      rows.setNext(record, group);
      rows.setTag(record, this.#watermark.hold());
      this.#heaps.push(this.#heap, i, record);
    }
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (this.#watermarks.update(port, watermarkUs)) {
      this.#watermark.raise(this.#watermarks.mergedUs);
    }
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    for (let left = MOST_CHUNKS; ; left--) {
      if (!this.#flush(out)) return 'blocked';
      if (left === 0) return 'yielded';
      this.#release();
      if (this.#out.count === 0) break;
    }
    const watermarkUs = this.#watermark.take();
    if (watermarkUs !== undefined) out.watermark(watermarkUs);
    return this.#forgetPoints() ? 'done' : 'yielded';
  }

  *state(io: StateIo): Steps {
    io.section('resample', 1);
    yield* this.#blocks.state(io);
    yield* this.#groups.state(io);
    this.#points.state(io);
    this.#rows.state(io);
    this.#heaps.state(io);
    this.#out.state(io);
    yield* this.#watermark.state(io);
    this.#watermarks.state(io);
    this.#known.state(io);
    this.#nextPoints = io.int(this.#nextPoints);
    this.#nextKeys = io.int(this.#nextKeys);
  }

  #flush(out: Outbox): boolean {
    const { count } = this.#out;
    if (count === 0) return true;
    if (!this.#out.flush(out)) return false;
    const records = this.#out.records[0]!;
    for (let i = 0; i < count; i++) this.#watermark.letGo(this.#rows.tag(records[i]!));
    this.#out.letGo(0);
    this.#out.reset();
    return true;
  }

  /** Gives rows their values, up to the first for which one may still come, or that one may still come before. */
  #release(): void {
    const heaps = this.#heaps;
    const rows = this.#rows;
    const output = this.#out;
    // Rows are looked at in order of time, so that points can be forgotten.
    const boundUs = Math.min(
      this.#watermarks.inputUs(Input.ROWS),
      this.#watermarks.inputUs(Input.VALUES) - this.#reachUs,
    );
    while (!output.isFull) {
      const record = heaps.least(this.#heap);
      if (record === NO_RECORD) return;
      const timeUs = rows.timeUs(record);
      if (!(timeUs < boundUs)) return;
      heaps.pop(this.#heap);
      const group = rows.next(record);
      this.#words[group + ROWS]!--;
      this.#points.find(group, timeUs, this.#config.withinUs);
      const at = output.count;
      for (let v = 0; v < this.#config.values.length; v++) {
        const value = this.#points.valueAt(v, timeUs);
        output.present[v]![at] = value === undefined ? 0 : 1;
        output.values[v]![at] = value ?? 0;
      }
      output.addRecord(record);
    }
  }

  /** Forgets points and keys that no row needs any more, if there are many; false: there is more to do. */
  #forgetPoints(): boolean {
    const points = this.#points;
    const groups = this.#groups;
    if (this.#swept === NO_GROUP) {
      if (points.count < this.#nextPoints && groups.count < this.#nextKeys) return true;
      this.#swept = this.#known.first;
    }
    const least = this.#heaps.least(this.#heap);
    const leastUs = least === NO_RECORD ? Infinity : this.#rows.timeUs(least);
    const rowsUs = this.#watermarks.inputUs(Input.ROWS);
    // An input that is idle may go on where it was.
    const boundUs = rowsUs === Infinity ? -Infinity : Math.min(rowsUs, leastUs);
    for (let count = 0; count < MOST_KEYS && this.#swept !== NO_GROUP; count++) {
      const group = this.#swept;
      this.#swept = this.#known.behind(group);
      points.forget(group, boundUs);
      if (!groups.canForget || !points.isEmpty(group) || this.#words[group + ROWS] !== 0) continue;
      this.#known.remove(group);
      groups.remove(group);
    }
    if (this.#swept !== NO_GROUP) return false;
    this.#nextPoints = Math.max(FEWEST_POINTS, 2 * points.count);
    this.#nextKeys = Math.max(FEWEST_KEYS, 2 * groups.count);
    return true;
  }
}
