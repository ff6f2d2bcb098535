/**
 * The motion of a lock: for each key the rows that wait, linked by their records.
 *
 * ```
 *  group   │ before │ behind │ first row │ last row │ locked │ – │
 * ```
 *
 * Groups that are in the list have a row that may pass.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Arena, HeldBlocks, HeldRows } from '../../state/index.ts';
import { GroupCells, NO_RECORD } from '../../state/index.ts';
import { GroupList, LIST_WORDS, NO_GROUP } from '../held/group-list.ts';
import { allocateHeld } from '../held/held-state.ts';
import { KeySweep } from '../held/key-sweep.ts';
import { WaitingRows } from '../held/waiting-rows.ts';
import { locksetOf } from './lockset.ts';
import type { LockConfig } from './spec.ts';
import { Port } from './spec.ts';

/** Words of a group behind those of the list. */
const FIRST = LIST_WORDS;
const LAST = FIRST + 1;
const LOCKED = LAST + 1;
/** Times that rows pass in one call. */
const MOST_TURNS = 64;
const NONE = -1;

/** Makes the kernel of a lock. */
export function createLockKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new LockKernel(plan, context);
}

class LockKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #arena: Arena;
  readonly #waiting: WaitingRows;
  readonly #rows: HeldRows;
  readonly #groups: GroupCells;
  readonly #ready: GroupList;
  readonly #sweep: KeySweep;
  /** Rows have passed since the unlocks behind were last known to have had all of them. */
  #isPassing = false;
  /** While ending: the next key. */
  #ended = NONE;
  #isEnding = false;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as LockConfig;
    const { memory, rowCapacity } = context;
    const { schema } = plan.inputs[0]!;
    const advice = 'see whether all rows reach its unlock, or raise the limit of its state';
    const { arena, blocks } = allocateHeld(context, 'lock', 'rows that wait', advice);
    this.#blocks = blocks;
    this.#arena = arena;
    this.#waiting = new WaitingRows(plan, context, blocks, 2);
    this.#rows = this.#waiting.rows;
    this.#groups = new GroupCells(memory, arena, {
      keys: config.keys.map((column) => ({ column, type: schema[column]!.type })),
      initial: [0, 0, NO_RECORD, NO_RECORD, 0, 0],
      rowCapacity,
    });
    this.#ready = new GroupList(arena, this.#groups);
    this.#sweep = new KeySweep(this.#groups);
    locksetOf(config.lockset, context).unlock = (batch, keys) => this.#unlock(batch, keys);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { selection, selected } = batch;
    const { words } = this.#arena;
    const rows = this.#rows;
    this.#groups.assign(batch, selection, selected);
    this.#waiting.keep(batch, selection, selected);
    for (let i = 0; i < selected; i++) {
      const group = this.#groups.words[i]!;
      const record = rows.records[i]!;
      rows.setNext(record, NO_RECORD);
      if (words[group + FIRST] === NO_RECORD) {
        words[group + FIRST] = record;
        if (words[group + LOCKED] === 0) this.#ready.add(group);
      } else rows.setNext(words[group + LAST]!, record);
      words[group + LAST] = record;
    }
    return this.resume(out);
  }

  /** Called by an unlock of the same lock set, perhaps while rows of this kernel are being handed on. */
  #unlock(batch: Batch, keys: readonly number[]): void {
    const { selection, selected } = batch;
    const { words } = this.#arena;
    this.#groups.assign(batch, selection, selected, keys);
    for (let i = 0; i < selected; i++) {
      const group = this.#groups.words[i]!;
      if (words[group + LOCKED] === 0) continue;
      words[group + LOCKED] = 0;
      if (words[group + FIRST] !== NO_RECORD) this.#ready.add(group);
    }
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#waiting.raise(watermarkUs);
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#isEnding = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const waiting = this.#waiting;
    for (let left = MOST_TURNS; ; left--) {
      if (!waiting.flush(out)) return 'blocked';
      if (left === 0) return 'yielded';
      if (this.#pass()) this.#isPassing = true;
      else if (this.#isPassing && waiting.count > 0) {
        // What has passed may still be on its way: this is called again when it has arrived.
        this.#isPassing = false;
        return 'yielded';
      } else if (!this.#isEnding || !this.#giveUp()) break;
    }
    this.#isPassing = false;
    waiting.passWatermark(out);
    this.#forgetKeys();
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('lock', 1);
    yield* this.#blocks.state(io);
    yield* this.#waiting.state(io);
    yield* this.#groups.state(io);
    this.#ready.state(io);
    this.#sweep.state(io);
    this.#ended = io.int(this.#ended);
    this.#isEnding = io.flag(this.#isEnding);
  }

  /** Lets a row of each key pass that is not locked; false when there is none. */
  #pass(): boolean {
    const { words } = this.#arena;
    const ready = this.#ready;
    let isAny = false;
    while (ready.first !== NO_GROUP && !this.#waiting.isFull) {
      const group = ready.first;
      ready.remove(group);
      words[group + LOCKED] = 1;
      this.#take(group, Port.OUT);
      isAny = true;
    }
    return isAny;
  }

  #take(group: number, port: number): void {
    const { words } = this.#arena;
    const record = words[group + FIRST]!;
    words[group + FIRST] = this.#rows.next(record);
    this.#waiting.release(record, port);
  }

  /** At the end nothing unlocks the keys that are still locked: what waits for them leaves; false when nothing does. */
  #giveUp(): boolean {
    const { words } = this.#arena;
    const groups = this.#groups;
    if (this.#waiting.count === 0) return false;
    if (this.#ended === NONE) this.#ended = 0;
    while (this.#ended < groups.count && !this.#waiting.isFull) {
      const count = Math.min(groups.count - this.#ended, groups.mostListed);
      const listed = groups.list(this.#ended, count);
      for (let g = 0; g < count; g++) {
        const group = listed[g]!;
        while (words[group + FIRST] !== NO_RECORD && !this.#waiting.isFull) {
          this.#take(group, Port.WAITING);
        }
        if (this.#waiting.isFull) return true;
        this.#ended++;
      }
    }
    return true;
  }

  /** In one go: a key must not be unlocked while keys are moved. */
  #forgetKeys(): void {
    const { words } = this.#arena;
    if (!this.#sweep.isDue || this.#ready.first !== NO_GROUP) return;
    const keeps = (group: number): boolean =>
      words[group + LOCKED] !== 0 || words[group + FIRST] !== NO_RECORD;
    while (!this.#sweep.step(keeps, () => undefined));
  }
}
