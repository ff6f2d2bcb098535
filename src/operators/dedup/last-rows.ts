/**
 * Keeping last rows: of each key the newest row so far.
 *
 * ```
 *  group   │ row, 0: none │ – │ time of the newest row: float64 │
 * ```
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { Change, CHANGE_FIELD } from '../../core/changes.ts';
import { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { STRING, storageOf } from '../../core/types.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { Arena, HeldBlocks } from '../../state/index.ts';
import {
  GroupCells,
  HEAP_WORDS,
  HeldRows,
  NO_RECORD,
  OrderKeys,
  RecordHeaps,
  EMPTY_HEAP,
} from '../../state/index.ts';
import { HeldOutput } from '../held/held-output.ts';
import { allocateHeld } from '../held/held-state.ts';
import { HeldWatermark } from '../held/held-watermark.ts';
import { LateRows } from '../held/late-rows.ts';
import { KeySweep } from '../held/key-sweep.ts';
import type { DedupConfig } from './spec.ts';
import { Port } from './spec.ts';

const NEWEST = 2;
/** Chunks of rows that leave in one call. */
const MOST_CHUNKS = 8;

/** The kernel of a dedup that keeps last rows. */
export class LastRows implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #config: DedupConfig;
  readonly #hasTime: boolean;
  readonly #withinUs: DurationUs;
  readonly #arena: Arena;
  readonly #groups: GroupCells;
  readonly #sweep: KeySweep;
  readonly #rows: HeldRows;
  readonly #out: HeldOutput;
  readonly #late: LateRows;
  readonly #kept: Uint32Array;
  readonly #watermark = new HeldWatermark();
  /** Records of the kinds of changes. */
  readonly #changes: readonly [insert: number, before: number, after: number];
  /** Groups by the time at which they were put there, each once; the other heap is for a sweep. */
  readonly #heaps: RecordHeaps;
  #heap: number;
  #otherHeap: number;
  /** Rows to be forgotten when what was added to the output is flushed. */
  readonly #gone: number[] = [];
  #at = 0;
  #count = 0;
  #watermarkUs: TimeUs = -Infinity;
  /** While ending: the next group. */
  #ended = -1;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as DedupConfig;
    const { memory, rowCapacity } = context;
    const { schema, hasTime } = plan.inputs[0]!;
    const advice = 'bound it by "within", or spread it over more tasks';
    const { arena, blocks } = allocateHeld(context, 'dedup', 'the last rows of keys', advice);
    this.#blocks = blocks;
    const columns = schema.map(({ type }) => storageOf(type));
    this.#config = config;
    this.#hasTime = hasTime;
    this.#withinUs = config.withinUs ?? Infinity;
    this.#arena = arena;
    this.#rows = new HeldRows(memory, blocks, { columns, hasTime, rowCapacity });
    this.#groups = new GroupCells(memory, arena, {
      keys: config.keys.map((column) => ({ column, type: schema[column]!.type })),
      initial: [NO_RECORD, 0, 0, 0],
      rowCapacity,
    });
    this.#sweep = new KeySweep(this.#groups);
    const parts = [{ rows: this.#rows, positions: schema.map((_, c) => c) }];
    this.#changes = [0, 0, 0];
    if (config.givesChanges) {
      const kinds = { columns: [storageOf(CHANGE_FIELD.type)], hasTime: false, rowCapacity };
      const rows = new HeldRows(memory, blocks, kinds);
      this.#changes = holdChanges(rows, context);
      parts.push({ rows, positions: [schema.length] });
    }
    this.#out = new HeldOutput(plan, context, Port.OUT, parts);
    this.#late = new LateRows(context);
    this.#kept = new Uint32Array(rowCapacity);
    const heaps = { keys: [], initial: [...EMPTY_HEAP, ...EMPTY_HEAP], rowCapacity: 1 };
    this.#heap = new GroupCells(memory, arena, heaps).words[0]!;
    this.#otherHeap = this.#heap + HEAP_WORDS + 1;
    this.#heaps = new RecordHeaps(this.#rows, new OrderKeys(undefined, columns, 1), undefined);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const count = this.#takeOutLate(batch, out);
    const kept = this.#kept;
    this.#groups.assign(batch, kept, count, this.#config.keys);
    this.#rows.hold(batch, kept, count);
    this.#out.noteIngest(batch.ingestTimeUs);
    if (!this.#config.givesChanges) {
      for (let i = 0; i < count; i++)
        this.#rows.setTag(this.#rows.records[i]!, this.#watermark.hold());
    }
    this.#at = 0;
    this.#count = count;
    return this.resume(out);
  }

  /** Lists the rows that are not late; hands on the others. */
  #takeOutLate(batch: Batch, out: Outbox): number {
    const { selection, selected } = batch;
    const mayBeLate = this.#withinUs < Infinity && batch.lateCount !== 0;
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const lateByUs = mayBeLate ? batch.lateByUs(row) : 0;
      if (lateByUs > 0) this.#late.add(row, lateByUs);
      else this.#kept[count++] = row;
    }
    this.#late.offer(Port.LATE, batch, out);
    return count;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    this.#watermark.raise(watermarkUs);
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#ended = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    for (let left = MOST_CHUNKS; ; left--) {
      if (!this.#flush(out)) return 'blocked';
      if (left === 0) return 'yielded';
      if (this.#at === this.#count && this.#isSweepDue() && !this.#stepSweep()) return 'yielded';
      this.#take();
      this.#close();
      this.#end();
      if (this.#out.count === 0) break;
    }
    const watermarkUs = this.#watermark.take();
    if (watermarkUs !== undefined) out.watermark(watermarkUs);
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('dedup of last rows', 1);
    yield* this.#blocks.state(io);
    this.#rows.state(io);
    yield* this.#groups.state(io);
    this.#sweep.state(io);
    this.#out.state(io);
    yield* this.#watermark.state(io);
    this.#heaps.state(io);
    this.#heap = io.int(this.#heap);
    this.#otherHeap = io.int(this.#otherHeap);
    this.#watermarkUs = io.float(this.#watermarkUs);
    this.#ended = io.int(this.#ended);
  }

  #flush(out: Outbox): boolean {
    if (!this.#out.flush(out)) return false;
    this.#out.reset();
    for (const record of this.#gone) this.#forget(record);
    this.#gone.length = 0;
    return true;
  }

  #forget(record: number): void {
    if (!this.#config.givesChanges) this.#watermark.letGo(this.#rows.tag(record));
    this.#rows.letGo(record);
  }

  /** Room for a row taken back and its new version. */
  get #isFull(): boolean {
    return this.#out.count + 2 > this.#kept.length;
  }

  /** Takes the rows of a batch. */
  #take(): void {
    const { words, floats } = this.#arena;
    for (; this.#at < this.#count && !this.#isFull; this.#at++) {
      const group = this.#groups.words[this.#at]!;
      const record = this.#rows.records[this.#at]!;
      const timeUs = this.#hasTime ? this.#rows.timeUs(record) : 0;
      const before = words[group]!;
      const newestUs = floats[(group + NEWEST) >>> 1]!;
      if (before === NO_RECORD) this.#begin(group, timeUs);
      else if (timeUs < newestUs) {
        this.#forget(record);
        continue;
      } else if (timeUs - newestUs > this.#withinUs) this.#leave(before);
      else {
        this.#replace(group, before, record);
        continue;
      }
      this.#put(group, record, timeUs);
      if (this.#config.givesChanges) this.#add(record, this.#changes[0], timeUs, record);
    }
  }

  /** A key has its first row. */
  #begin(group: number, timeUs: TimeUs): void {
    if (this.#withinUs < Infinity) this.#pushHeap(this.#heap, group, timeUs);
  }

  #pushHeap(heap: number, group: number, timeUs: TimeUs): void {
    this.#heaps.pushKey(heap, Math.floor(timeUs / 4294967296), timeUs | 0, group);
  }

  #put(group: number, record: number, timeUs: TimeUs): void {
    this.#arena.words[group] = record;
    this.#arena.floats[(group + NEWEST) >>> 1] = timeUs;
  }

  /** A newer row of the same run. */
  #replace(group: number, before: number, record: number): void {
    const timeUs = this.#hasTime ? this.#rows.timeUs(record) : 0;
    this.#put(group, record, timeUs);
    if (!this.#config.givesChanges) {
      this.#forget(before);
      return;
    }
    this.#add(before, this.#changes[1], timeUs, record);
    this.#add(record, this.#changes[2], timeUs, record);
    this.#gone.push(before);
  }

  /** The last row of a run leaves, or is forgotten where it has left before. */
  #leave(record: number): void {
    if (!this.#config.givesChanges) {
      this.#out.records[0]![this.#out.count] = record;
      this.#out.add(this.#rows.timeUs(record), this.#rows.lateByUs(record));
    }
    this.#gone.push(record);
  }

  #add(record: number, change: number, timeUs: TimeUs, version: number): void {
    const { count } = this.#out;
    this.#out.records[0]![count] = record;
    this.#out.records[1]![count] = change;
    this.#out.add(timeUs, this.#rows.lateByUs(version));
  }

  /** Closes runs that no row can belong to any more. */
  #close(): void {
    const { words, floats } = this.#arena;
    const heaps = this.#heaps;
    if (this.#at < this.#count) return;
    const boundUs = this.#watermarkUs - this.#withinUs;
    while (!this.#isFull && heaps.count(this.#heap) > 0) {
      const timeUs = heaps.leastHigh(this.#heap) * 4294967296 + (heaps.leastLow(this.#heap) >>> 0);
      if (!(timeUs < boundUs)) return;
      const group = heaps.pop(this.#heap);
      const newestUs = floats[(group + NEWEST) >>> 1]!;
      if (newestUs < boundUs) {
        this.#leave(words[group]!);
        words[group] = NO_RECORD;
      } else this.#pushHeap(this.#heap, group, newestUs);
    }
  }

  /** All rows that are left leave. */
  #end(): void {
    const { words } = this.#arena;
    const groups = this.#groups;
    if (this.#ended < 0 || this.#config.givesChanges) return;
    while (this.#ended < groups.count && !this.#isFull) {
      const count = Math.min(groups.count - this.#ended, groups.mostListed);
      const listed = groups.list(this.#ended, count);
      for (let g = 0; g < count && !this.#isFull; g++, this.#ended++) {
        const record = words[listed[g]!]!;
        if (record !== NO_RECORD) this.#leave(record);
        words[listed[g]!] = NO_RECORD;
      }
    }
  }

  #isSweepDue(): boolean {
    return this.#withinUs < Infinity && this.#ended < 0 && this.#sweep.isDue;
  }

  #stepSweep(): boolean {
    const { words, floats } = this.#arena;
    const isDone = this.#sweep.step(
      (group) => words[group] !== NO_RECORD,
      (group) => this.#pushHeap(this.#otherHeap, group, floats[(group + NEWEST) >>> 1]!),
    );
    if (!isDone) return false;
    this.#heaps.clear(this.#heap);
    [this.#heap, this.#otherHeap] = [this.#otherHeap, this.#heap];
    return true;
  }
}

/** Keeps a row for each kind of change. */
function holdChanges(
  rows: HeldRows,
  { memory }: KernelContext,
): [insert: number, before: number, after: number] {
  const column = Column.allocate(STRING, 4, memory);
  const kinds = [Change.INSERT, Change.UPDATE_BEFORE, Change.UPDATE_AFTER];
  kinds.forEach((kind, i) => {
    const bytes = new TextEncoder().encode(kind);
    column.setView(i, bytes, 0, bytes.length);
  });
  rows.holdColumns([column], Uint32Array.of(0, 1, 2), 3);
  return [rows.records[0]!, rows.records[1]!, rows.records[2]!];
}
