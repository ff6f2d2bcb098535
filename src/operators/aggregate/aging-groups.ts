/**
 * Groups of which those are forgotten that got no row for the longest time, half of all at once.
 *
 * Groups are in two states: rows go to the young one, and a group that begins there takes over what the old
 * one has of it. When the young one takes nearly half of what there may be, what is left of the old one is
 * forgotten, and the young one is the old one from then on.
 *
 * @module
 */

import type { KernelCounters } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { GroupState } from '../../state/index.ts';
import type { Groups } from './groups.ts';

/** Of the state's limit: the young groups, if a batch more of them, and of the old ones, has room beside; and at least. */
const YOUNG_SHARE = 7 / 16;
const LEAST_SHARE = 1 / 8;
/** What a group may take beside its record, as far as it can be foretold. */
const BESIDE_BYTES = 64;

/** The groups of one task. */
export class AgingGroups {
  /** Where the groups of the last rows are. */
  young: GroupState;
  readonly #groups: Groups;
  readonly #counters: KernelCounters;
  /** Kept records while others are looked up. */
  readonly #records: Int32Array;
  readonly #targets: Int32Array;
  readonly #sources: Int32Array;
  #old: GroupState | undefined;
  /** What the old groups take, and how many of them have moved. */
  #oldBytes = 0;
  #moved = 0;
  readonly #mostBytes: number;

  constructor(groups: Groups, counters: KernelCounters, rowCapacity: number) {
    this.#groups = groups;
    this.#counters = counters;
    this.#records = new Int32Array(rowCapacity);
    this.#targets = new Int32Array(rowCapacity);
    this.#sources = new Int32Array(rowCapacity);
    this.young = groups.states.acquire();
    const { cells, arena } = groups.states;
    const batchBytes = rowCapacity * (cells * 8 + BESIDE_BYTES);
    this.#mostBytes = Math.max(
      arena.limitBytes * LEAST_SHARE,
      Math.min(arena.limitBytes * YOUNG_SHARE, arena.limitBytes / 2 - batchBytes),
    );
  }

  /** Groups that are known, for messages. */
  get count(): number {
    return this.young.table.count + (this.#old?.table.count ?? 0) - this.#moved;
  }

  /** Finds or makes the records of rows that are bound, in {@link young}; by position, until the next call. */
  assign(count: number): Int32Array {
    const { states } = this.#groups;
    const records = this.#groups.assign(this.young, 0, count);
    const { freshCount } = this.young.table;
    if (this.#old === undefined || freshCount === 0) return records;
    const { fresh } = states;
    const kept = this.#records;
    kept.set(records.subarray(0, count));
    states.lookUp(this.#old, 0, count);
    let moved = 0;
    for (let i = 0; i < freshCount; i++) {
      const position = fresh[i]!;
      const source = records[position]!;
      if (source === 0) continue;
      this.#sources[moved] = source;
      this.#targets[moved++] = kept[position]!;
    }
    states.mergeRecords(this.young, this.#targets, this.#sources, moved);
    this.#moved += moved;
    return kept;
  }

  /** Forgets old groups where there are too many; records are others then. */
  age(): void {
    const { states } = this.#groups;
    if (states.arena.usedBytes - this.#oldBytes < this.#mostBytes) return;
    if (this.#old !== undefined) {
      const evicted = this.#old.table.count - this.#moved;
      if (evicted > 0) this.#counters.addEvicted?.(evicted);
      states.release(this.#old);
    }
    this.#old = this.young;
    this.#moved = 0;
    this.#oldBytes = states.arena.usedBytes;
    this.young = states.acquire();
  }

  *state(io: StateIo): Steps {
    const { states } = this.#groups;
    yield* states.stateOf(io, this.young);
    this.#oldBytes = io.float(this.#oldBytes);
    this.#moved = io.int(this.#moved);
    if (io.flag(this.#old !== undefined)) this.#old = yield* states.stateOf(io, this.#old);
  }
}
