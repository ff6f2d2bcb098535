/**
 * Groups of which there are more than the state has room for: from then on the rows of new groups go to
 * disk, as they are. Groups that are in memory go on there.
 *
 * So a group is in one of both places, whole, and nothing has to be taken apart to be written, nor put
 * together when it is read: any aggregate can be spilled. Once rows of a state are on disk it gets no new
 * groups in memory.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import type { KernelContext } from '../../../core/operator.ts';
import type { SpillStore } from '../../../core/spill-store.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { GroupState } from '../../../state/index.ts';
import { SpilledRows, SpilledRun } from '../../spill/spilled-rows.ts';
import type { AggregatePlanConfig } from '../config.ts';
import type { Groups } from '../groups.ts';
import type { StateKeeper } from '../open-slices.ts';
import { spilledColumns } from './spilled-columns.ts';

/** Of the state's limit, what is left free for groups that are read back, and pages of it at least. */
const FREE_SHARE = 1 / 4;
const FREE_PAGES = 16;
/** The same for rows of groups that were read back, and for values that groups have beside their records. */
const READING_SHARE = 1 / 16;
const READING_PAGES = 6;

/** What adding a row may take, as far as it can be foretold; and rows that are added without a look. */
const RECORDS_PER_ROW = 2;
const VALUES_PER_ROW_BYTES = 512;
const FEWEST_ROWS = 16;

/** The groups of one task, in memory and on disk; the states are kept like {@link StateKeeper} says. */
export class SpilledGroups implements StateKeeper {
  readonly groups: Groups;
  readonly rowsOnDisk: SpilledRows;
  readonly #runs = new Map<GroupState, SpilledRun>();
  readonly #fullBytes: number;
  readonly #readingBytes: number;
  /** Rows that are added before it is looked whether there is room. */
  readonly #rowsAtOnce: number;
  readonly #rowsBackAtOnce: number;
  /** What was evaluated last, and how many of its rows were bound. */
  #batch: Batch | undefined;
  #bound = 0;
  readonly #known: Uint32Array;
  readonly #knownRecords: Int32Array;
  readonly #missing: Uint32Array;
  readonly #missingHashes: Int32Array;
  #missingCount = 0;

  constructor(
    groups: Groups,
    config: AggregatePlanConfig,
    store: SpillStore,
    context: KernelContext,
  ) {
    const { memory, rowCapacity } = context;
    this.groups = groups;
    this.rowsOnDisk = new SpilledRows(spilledColumns(config), store, context);
    const { states } = groups;
    const { limitBytes, pageCells } = states.arena;
    const pageBytes = pageCells * 8;
    this.#fullBytes = limitBytes - Math.max(limitBytes * FREE_SHARE, FREE_PAGES * pageBytes);
    this.#readingBytes =
      limitBytes - Math.max(limitBytes * READING_SHARE, READING_PAGES * pageBytes);
    // What a row may take: its group's record, slots for more of them, some values beside it.
    const rowBytes = RECORDS_PER_ROW * states.cells * 8 + VALUES_PER_ROW_BYTES;
    const rowsIn = (bytes: number): number =>
      Math.min(Math.max(Math.floor(bytes / rowBytes), FEWEST_ROWS), rowCapacity);
    this.#rowsAtOnce = rowsIn(limitBytes - this.#fullBytes);
    this.#rowsBackAtOnce = rowsIn(limitBytes - this.#readingBytes);
    this.#known = memory.rows(rowCapacity);
    this.#knownRecords = memory.words(rowCapacity);
    this.#missing = memory.rows(rowCapacity);
    this.#missingHashes = new Int32Array(rowCapacity);
  }

  evaluate(batch: Batch, rows: Uint32Array, count: number): number {
    this.#batch = batch;
    return this.groups.evaluate(batch, rows, count);
  }

  get rows(): Uint32Array {
    return this.groups.rows;
  }

  bind(rows: Uint32Array, count: number): void {
    this.#bound = count;
    this.groups.bind(rows, count);
  }

  /** Adds rows that came in. */
  add(state: GroupState, rows: Uint32Array, from: number, to: number): void {
    for (let start = from, end = from; start < to; start = end) {
      end = Math.min(start + this.#rowsAtOnce, to);
      const run = this.#runs.get(state);
      const isFull = this.groups.states.arena.usedBytes > this.#fullBytes;
      if (run === undefined && !isFull) this.groups.add(state, rows, start, end);
      else this.#addKnown(state, run ?? this.#begin(state, 0), rows, start, end);
    }
  }

  /**
   * Adds rows of a partition that is read back. Of a state without groups some are taken in any case, so
   * that there is an end to it.
   */
  addBack(state: GroupState, level: number, rows: Uint32Array, from: number, to: number): void {
    const { states } = this.groups;
    for (let start = from, end = from; start < to; start = end) {
      end = Math.min(start + this.#rowsBackAtOnce, to);
      const run = this.#runs.get(state);
      const isFull = states.arena.usedBytes > this.#readingBytes && !states.isEmpty(state);
      if (run === undefined && !isFull) this.groups.add(state, rows, start, end);
      else this.#addKnown(state, run ?? this.#begin(state, level), rows, start, end);
    }
  }

  #begin(state: GroupState, level: number): SpilledRun {
    const run = new SpilledRun(level);
    this.#runs.set(state, run);
    return run;
  }

  /** Adds the rows of groups that are in memory; the others go to disk. */
  #addKnown(state: GroupState, run: SpilledRun, rows: Uint32Array, from: number, to: number): void {
    const { states } = this.groups;
    states.lookUp(state, from, to);
    const known = this.#part(rows, from, to);
    if (known > 0) {
      this.groups.update(state, this.#knownRecords, this.#known, 0, known);
      states.bindRows(rows, this.#bound);
    }
    const { rowsOnDisk } = this;
    rowsOnDisk.add(run, this.#batch!, this.#missing, this.#missingHashes, this.#missingCount);
  }

  /** Parts rows by whether their groups are in memory; how many are. @hot */
  #part(rows: Uint32Array, from: number, to: number): number {
    const { records, hashes } = this.groups.states;
    let known = 0;
    let missing = 0;
    for (let i = from; i < to; i++) {
      const record = records[i]!;
      if (record === 0) {
        this.#missing[missing] = rows[i]!;
        this.#missingHashes[missing++] = hashes[i]!;
      } else {
        this.#known[known] = rows[i]!;
        this.#knownRecords[known++] = record;
      }
    }
    this.#missingCount = missing;
    return known;
  }

  /** Lets go of the batch. */
  releaseBatch(): void {
    this.#batch = undefined;
    this.groups.release();
  }

  /** The rows of a state that are on disk, all of them written; `undefined`: there are none. */
  runOf(state: GroupState): SpilledRun | undefined {
    const run = this.#runs.get(state);
    if (run !== undefined) this.rowsOnDisk.flush();
    return run;
  }

  /** Takes the run of a state, whose other groups are done with. */
  takeRun(state: GroupState): SpilledRun | undefined {
    const run = this.runOf(state);
    this.#runs.delete(state);
    return run;
  }

  acquire(): GroupState {
    return this.groups.states.acquire();
  }

  release(state: GroupState): void {
    const run = this.takeRun(state);
    if (run !== undefined) this.rowsOnDisk.release(run);
    this.groups.states.release(state);
  }

  isEmpty(state: GroupState): boolean {
    return this.groups.states.isEmpty(state) && !this.#runs.has(state);
  }

  *stateOf(io: StateIo, state: GroupState | undefined): Steps<GroupState> {
    const result = yield* this.groups.states.stateOf(io, state);
    const run = this.runOf(result);
    if (!io.flag(run !== undefined)) return result;
    this.#runs.set(result, yield* this.rowsOnDisk.stateOf(io, run));
    return result;
  }
}
