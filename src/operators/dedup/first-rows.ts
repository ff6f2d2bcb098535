/**
 * Keeping first rows: a shorter selection of each batch. Of a key its time is known, of the row that was
 * kept; at any distance, where keys are forgotten at the limit, the number of its last row in place of that.
 *
 * @module
 */

import { Batch } from '../../core/batch.ts';
import type {
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { Arena, HeldBlocks } from '../../state/index.ts';
import { GroupCells } from '../../state/index.ts';
import { allocateHeld } from '../held/held-state.ts';
import { LateRows } from '../held/late-rows.ts';
import { KeyEviction } from '../held/key-eviction.ts';
import { KeySweep } from '../held/key-sweep.ts';
import type { PartingKernel } from '../spill/parts/parting.ts';
import type { DedupConfig } from './spec.ts';
import { Port } from './spec.ts';

/** A key of which no row was kept: -Infinity, as words. */
const NEVER: readonly number[] = [0, 0xfff0_0000 | 0];
/** The time of rows that have none. */
const SOME_TIME_US = 0;

/** The kernel of a dedup that keeps first rows. */
export class FirstRows implements PartingKernel {
  readonly #blocks: HeldBlocks;
  readonly #arena: Arena;
  readonly #groups: GroupCells;
  readonly #sweep: KeySweep;
  readonly #keys: readonly number[];
  /** Infinity: any distance. */
  readonly #withinUs: DurationUs;
  readonly #view: Batch;
  readonly #selection: Uint32Array;
  readonly #late: LateRows;
  #watermarkUs: TimeUs = -Infinity;
  readonly #counters: KernelCounters;
  /** `undefined`: at the limit the run fails. */
  readonly #eviction: KeyEviction | undefined;
  /** Rows so far. */
  #seen = 0;
  #isForgetting = false;
  /** While keys are being forgotten: those that have not been seen since, though they are worth knowing. */
  #evictedUntil = -Infinity;
  #evicted = 0;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { keys, withinUs, evicts = false } = plan.config as DedupConfig;
    const { memory, rowCapacity } = context;
    const { schema, hasTime } = plan.inputs[0]!;
    const advice = 'bound it by "within", or spread it over more tasks';
    const { arena, blocks } = allocateHeld(
      context,
      'dedup',
      'the keys of rows that have left',
      advice,
    );
    this.#blocks = blocks;
    this.#arena = arena;
    this.#keys = keys;
    this.#withinUs = withinUs ?? Infinity;
    this.#groups = new GroupCells(memory, arena, {
      keys: keys.map((column) => ({ column, type: schema[column]!.type })),
      initial: NEVER,
      rowCapacity,
    });
    this.#sweep = new KeySweep(this.#groups);
    this.#view = Batch.view(rowCapacity, hasTime);
    this.#selection = memory.rows(rowCapacity);
    this.#late = new LateRows(context);
    this.#counters = context.counters;
    this.#eviction = evicts ? new KeyEviction(arena, this.#groups) : undefined;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { selection, selected } = batch;
    this.#groups.assign(batch, selection, selected, this.#keys);
    const view = this.#view;
    view.shareColumns(batch);
    view.selection = this.#selection;
    view.selected = this.#select(batch);
    this.#late.offer(Port.LATE, batch, out);
    out.offer(Port.OUT, view);
    return this.resume(out);
  }

  #select(batch: Batch): number {
    if (this.#withinUs < Infinity) return this.#selectApart(batch);
    return this.#eviction === undefined ? this.#selectNew(batch) : this.#selectUnseen(batch);
  }

  /** @hot */
  #selectUnseen({ selection, selected }: Batch): number {
    const { floats } = this.#arena;
    const { words } = this.#groups;
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const at = words[i]! >>> 1;
      if (floats[at] === -Infinity) this.#selection[count++] = selection[i]!;
      floats[at] = this.#seen++;
    }
    return count;
  }

  /** @hot */
  #selectNew({ selection, selected }: Batch): number {
    const { floats } = this.#arena;
    const { words } = this.#groups;
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const at = words[i]! >>> 1;
      if (floats[at] === SOME_TIME_US) continue;
      floats[at] = SOME_TIME_US;
      this.#selection[count++] = selection[i]!;
    }
    return count;
  }

  /** @hot */
  #selectApart(batch: Batch): number {
    const { selection, selected } = batch;
    const { floats } = this.#arena;
    const { words } = this.#groups;
    const withinUs = this.#withinUs;
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const timeUs = batch.timeUs(row);
      const lateByUs = batch.lateByUs(row);
      const at = words[i]! >>> 1;
      // What is known of its key may have been forgotten.
      if (lateByUs > withinUs) this.#late.add(row, lateByUs);
      else if (timeUs - floats[at]! > withinUs) {
        floats[at] = timeUs;
        this.#selection[count++] = row;
      }
    }
    return count;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (watermarkUs < Infinity) this.#watermarkUs = watermarkUs;
    out.watermark(watermarkUs);
    return 'done';
  }

  /** Forgets keys. A row that comes now is at most `within` behind the watermark, or late. */
  resume(_out: Outbox): Progress {
    if (!this.#isForgetting && !this.#beginForgetting()) return 'done';
    const { floats } = this.#arena;
    const boundUs = this.#withinUs < Infinity ? this.#watermarkUs - 2 * this.#withinUs : -Infinity;
    const evictedUntil = this.#evictedUntil;
    const isDone = this.#sweep.step(
      (group) => {
        const age = floats[group >>> 1]!;
        if (age < boundUs || age > evictedUntil) return age >= boundUs;
        if (age > -Infinity) this.#evicted++;
        return false;
      },
      () => undefined,
    );
    if (!isDone) return 'yielded';
    this.#isForgetting = false;
    if (this.#evicted > 0) this.#counters.addEvicted?.(this.#evicted);
    this.#evicted = 0;
    return 'done';
  }

  /** Whether there are keys to be forgotten. */
  #beginForgetting(): boolean {
    const isFull = this.#eviction?.isDue === true;
    if (!isFull && (this.#withinUs === Infinity || !this.#sweep.isDue)) return false;
    this.#evictedUntil = isFull ? this.#eviction.bound() : -Infinity;
    this.#isForgetting = true;
    return true;
  }

  *keepOnly(keeps: (hash: number) => boolean): Steps {
    const groups = this.#groups;
    const isKept = (group: number): boolean => keeps(groups.hashOf(group));
    while (!this.#sweep.step(isKept, () => undefined)) yield;
  }

  *state(io: StateIo): Steps {
    const version = io.section('dedup of first rows', 2);
    yield* this.#blocks.state(io);
    yield* this.#groups.state(io);
    this.#sweep.state(io);
    this.#watermarkUs = io.float(this.#watermarkUs);
    if (version > 1) this.#seen = io.float(this.#seen);
  }
}
