/**
 * Results of groups of which some are on disk: first of those in memory, then a partition at a time of
 * those that are read back.
 *
 * A partition that has no room either is parted once more: its groups that had room are written out, and the
 * partitions of the rest take its place. Each takes some groups off, so it comes to an end for any number.
 *
 * Of several states (slices of a window) a group may be in the memory of one and among the rows of another.
 * Then all is gone through by partition: the groups in memory that belong to it are added up, without a
 * change to them, and the rows on top.
 *
 * @module
 */

import type { KernelContext, Outbox, Progress } from '../../../core/operator.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { GroupState } from '../../../state/index.ts';
import type { SpilledRun } from '../../spill/spilled-rows.ts';
import { PARTITIONS, partitionOf } from '../../spill/spilled-rows.ts';
import type { SpilledGroups } from './spilled-groups.ts';

/** To read a piece takes about as long as to write so many groups. */
const PIECE_GROUPS = 512;
/** To look at so many groups of other partitions takes as long as to merge one. */
const SKIPPED_GROUPS = 8;

/** Of the state's limit: with less in use all of it has room once more. */
const ROOMY_SHARE = 3 / 8;
/** In place of a partition. */
const ALL = -1;

/** What is written out. */
export interface WrittenStates {
  /** One at least. */
  readonly states: readonly GroupState[];
  /** Whether they are needed again, as they are. */
  readonly keeps: boolean;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  readonly lastIngestUs: TimeUs;
}

/** A part of what is to be written. */
interface Part {
  /** Groups in memory that are added up; none where there was one state. */
  readonly states: readonly GroupState[];
  readonly runs: readonly SpilledRun[];
  readonly partition: number;
}

/** Writes one set of states after the other. */
export class ReadBack {
  readonly #spilled: SpilledGroups;
  readonly #records: Int32Array;
  #written: WrittenStates | undefined;
  /** Results of this state are being written; with no part, it is one of those that were given. */
  #writing: GroupState | undefined;
  #parts: Part[] = [];
  #part: Part | undefined;
  /** Groups of the part at hand. */
  #state: GroupState | undefined;
  /** Which of the part's states and runs is at hand, and how far it has been gone through. */
  #source = 0;
  #at = 0;

  constructor(spilled: SpilledGroups, { memory, rowCapacity }: KernelContext) {
    this.#spilled = spilled;
    this.#records = memory.words(rowCapacity);
  }

  /** Begins with states of which some may have rows on disk. */
  begin(written: WrittenStates): void {
    this.#written = written;
    const { states } = written;
    const runs = states.flatMap((state) => this.#spilled.runOf(state) ?? []);
    const isOne = states.length === 1;
    this.#parts = isOne ? partsOf([], runs) : this.#partsOfSeveral(states, runs);
    if (isOne) this.#beginWriting(states[0]!);
  }

  /** What has room besides is added up at once. */
  #partsOfSeveral(states: readonly GroupState[], runs: readonly SpilledRun[]): Part[] {
    const { usedBytes, limitBytes } = this.#spilled.groups.states.arena;
    const isSmall = runs.length === 0 && usedBytes < limitBytes * ROOMY_SHARE;
    return isSmall ? [{ states, runs, partition: ALL }] : partsOf(states, runs);
  }

  #beginWriting(state: GroupState): void {
    const { startUs, endUs, lastIngestUs } = this.#written!;
    this.#writing = state;
    this.#spilled.groups.writer.begin({ state, startUs, endUs, lastIngestUs });
  }

  /** Goes on; `done` when all groups were written. */
  run(out: Outbox): Progress {
    const { writer, budget } = this.#spilled.groups;
    for (;;) {
      if (this.#writing !== undefined) {
        const progress = writer.write(out);
        if (progress !== 'done') return progress;
        this.#endWriting(this.#writing);
      }
      if (budget.isSpent) return 'yielded';
      if (this.#part === undefined && !this.#next()) break;
      if (!this.#merge() || !this.#read()) return 'yielded';
      this.#beginWriting(this.#state!);
    }
    this.#written = undefined;
    return 'done';
  }

  /** Goes to the next part; false: there is none. */
  #next(): boolean {
    this.#part = this.#parts.pop();
    if (this.#part === undefined) return false;
    this.#state = this.#spilled.acquire();
    this.#source = 0;
    this.#at = 0;
    return true;
  }

  #endWriting(state: GroupState): void {
    const spilled = this.#spilled;
    this.#writing = undefined;
    if (this.#part === undefined) {
      // What is read back takes the room of those that were in memory.
      if (!this.#written!.keeps) spilled.groups.states.empty(state);
      return;
    }
    const run = spilled.takeRun(state);
    if (run !== undefined) this.#parts.push(...partsOf([], [run]));
    spilled.release(state);
    this.#part = undefined;
    this.#state = undefined;
  }

  /** Adds up what is in memory; false: there is more to do than a call should. */
  #merge(): boolean {
    const { states, partition } = this.#part!;
    const { budget } = this.#spilled.groups;
    while (this.#source < states.length) {
      if (budget.isSpent) return false;
      const state = states[this.#source]!;
      if (this.#at < state.table.count) this.#mergeSome(state, partition);
      else this.#goTo(this.#source + 1);
    }
    return true;
  }

  #goTo(source: number): void {
    this.#source = source;
    this.#at = 0;
  }

  #mergeSome({ table }: GroupState, partition: number): void {
    const { states, budget } = this.#spilled.groups;
    const { words } = states.arena;
    const records = this.#records;
    const listed = Math.min(table.count - this.#at, records.length);
    table.listRecords(this.#at, listed, records);
    let count = 0;
    for (let i = 0; i < listed; i++) {
      const record = records[i]!;
      const isHere = partition === ALL || partitionOf(words[2 * record]!, 0) === partition;
      if (isHere) records[count++] = record;
    }
    for (let from = 0; from < count;) from += this.#mergeAffordable(from, count);
    this.#at += listed;
    budget.take(count + Math.ceil(listed / SKIPPED_GROUPS));
    budget.takeValues(states.values);
  }

  /** Groups with many values beside their records go one by one. */
  #mergeAffordable(from: number, to: number): number {
    const { states } = this.#spilled.groups;
    const rest = this.#records.subarray(from, to);
    const count = states.affordable(rest, to - from);
    states.mergeCopies(this.#state!, rest, count);
    return count;
  }

  /** Reads rows back; false: there is more to do than a call should. */
  #read(): boolean {
    const { states, runs, partition } = this.#part!;
    const spilled = this.#spilled;
    const { budget } = spilled.groups;
    const isOwn = states.length === 0 && this.#isFirst(runs);
    const keeps = this.#written!.keeps && (states.length > 0 || isOwn);
    for (;;) {
      const run = runs[this.#source - states.length];
      if (run === undefined) return true;
      if (budget.isSpent) return false;
      const batch = spilled.rowsOnDisk.read(run, partition, this.#at++, keeps);
      if (batch === undefined) {
        if (!keeps) spilled.rowsOnDisk.forget(run, partition);
        this.#goTo(this.#source + 1);
        continue;
      }
      budget.take(PIECE_GROUPS + batch.selected);
      const count = spilled.evaluate(batch, batch.selection, batch.selected);
      const { rows } = spilled;
      spilled.bind(rows, count);
      spilled.addBack(this.#state!, run.level + 1, rows, 0, count);
      spilled.releaseBatch();
    }
  }

  /** Whether these are rows of a state that was given, and not of a partition of it. */
  #isFirst(runs: readonly SpilledRun[]): boolean {
    return runs.every(({ level }) => level === 0);
  }
}

/** All partitions of some runs, of which the first is taken last. */
function partsOf(states: readonly GroupState[], runs: readonly SpilledRun[]): Part[] {
  const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ states, runs, partition }));
  if (states.length > 0) return all;
  return all.filter(({ partition }) => runs.some((run) => run.partitions[partition]!.length > 0));
}
