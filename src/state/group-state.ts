/**
 * What an aggregate remembers of one window (or part of one): a table of groups and, for distinct
 * aggregates, tables of pairs. Windows that have closed give theirs to those that open.
 *
 * @module
 */

import type { Column } from '../core/column.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import type { DataType } from '../core/types.ts';
import type { Accumulator, GroupState } from './accumulators/accumulator.ts';
import type { AccumulatorSet, MakeUserAccumulator, Scripted } from './accumulators/create.ts';
import { createAccumulators } from './accumulators/create.ts';
import type { PartialColumn } from './accumulators/partial.ts';
import { partialColumns, partialInputs } from './accumulators/partial.ts';
import type { AggregateSpec } from './accumulators/spec.ts';
import { planRecord, recordCells } from './accumulators/plan.ts';
import type { Arena } from './arena.ts';
import { BlockStore } from './blocks/block-store.ts';
import { BlankRecords } from './blank-records.ts';
import { GroupTable } from './group-table.ts';
import type { KernelInput } from './kernel/group-kernel.ts';
import { GroupKernel } from './kernel/group-kernel.ts';
import { readCells } from './keys.ts';
import { LooseRecords } from './loose-records.ts';

/** Least and greatest strings never fail. */
const NO_FAILURES = new Uint8Array(0);

/** Values that are read or merged at once. */
const MOST_VALUES = 8192;

/** Where a record that was merged says into which: in place of its hash. */
const FORWARD_WORD = 0;

/** Makes, recycles, fills and merges the states of one aggregate; all share an arena and a layout. */
export class GroupStates {
  readonly arena: Arena;
  /** By aggregate. */
  readonly accumulators: readonly Accumulator[];
  /** Those that have to be updated beside {@link add}. */
  readonly scripted: readonly Scripted[];
  /** Cells of a record in front of its aggregates. */
  readonly keyCells: number;
  readonly #kernel: GroupKernel;
  /** Tables of distinct values. */
  readonly pairs: AccumulatorSet['pairs'];
  readonly #idle: GroupState[] = [];
  readonly #rowCapacity: number;
  readonly #hasKeys: boolean;
  readonly #blank: BlankRecords;
  readonly #partials: readonly PartialColumn[] | undefined;
  readonly #sources: Int32Array;
  readonly #targets: Int32Array;
  #values = 0;
  /** Has one record, for {@link addCells}. */
  #added: GroupState | undefined;

  /**
   * @param keys - types of the key columns
   * @param rowCapacity - most rows of a batch
   * @param isFedPartials - its inputs are the {@link partialColumns} of these aggregates
   * @param makeUser - makes the accumulators of the topology's author, if there are any
   * @param looksUp - whether there is {@link lookUp}
   * @param retracts - whether rows are taken back, which no aggregate may refuse: see `canRetract`
   */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    keys: readonly DataType[],
    aggregates: readonly AggregateSpec[],
    rowCapacity: number,
    isFedPartials = false,
    retracts = false,
    makeUser?: MakeUserAccumulator,
    looksUp = false,
  ) {
    const plan = planRecord(keys, aggregates, retracts);
    const set = createAccumulators(memory, arena, plan, aggregates, rowCapacity, makeUser);
    this.arena = arena;
    this.keyCells = recordCells(keys, []);
    this.accumulators = set.accumulators;
    this.scripted = set.scripted;
    this.#partials = partialColumns(plan, aggregates);
    const { layout, inputs } = plan;
    this.#kernel = isFedPartials
      ? new GroupKernel(
          memory,
          arena,
          layout,
          partialInputs(this.#partials!),
          rowCapacity,
          inputs,
          false,
          looksUp,
        )
      : new GroupKernel(memory, arena, layout, inputs, rowCapacity, undefined, retracts, looksUp);
    this.pairs = set.pairs;
    this.#blank = new BlankRecords(arena, layout, rowCapacity);
    this.#rowCapacity = rowCapacity;
    this.#hasKeys = keys.length > 0;
    this.#sources = memory.words(rowCapacity);
    this.#targets = memory.words(rowCapacity);
  }

  /** The record of the row at each position, after {@link assign}, and {@link add} with scripted ones. */
  get records(): Int32Array {
    return this.#kernel.records;
  }

  /** An empty state. */
  acquire(): GroupState {
    return (
      this.#idle.pop() ?? {
        table: new GroupTable(this.#kernel),
        pairs: this.pairs.map(({ kernel }) => new GroupTable(kernel)),
        blocks: new BlockStore(this.arena),
      }
    );
  }

  /** Whether a state has no groups. */
  isEmpty({ table }: GroupState): boolean {
    return table.count === 0;
  }

  /** Takes a state back and its memory with it. */
  release(state: GroupState): void {
    this.empty(state);
    this.#idle.push(state);
  }

  /** Forgets all groups of a state, and takes its memory back. */
  empty(state: GroupState): void {
    for (const { accumulator } of this.scripted) accumulator.release?.(state);
    state.table.clear();
    for (const table of state.pairs) table.clear();
    state.blocks.clear();
  }

  /** The arena and what all states have in common; the states that are in use follow, by {@link stateOf}. */
  *state(io: StateIo): Steps {
    io.section('group states', 1);
    yield* this.arena.state(io);
    yield* this.#kernel.headers.state(io);
    for (const { kernel } of this.pairs) yield* kernel.headers.state(io);
    yield* this.#blank.state(io);
    for (const { accumulator } of this.scripted) {
      if (accumulator.state !== undefined) yield* accumulator.state(io);
    }
    if (io.flag(this.#added !== undefined)) this.#added = yield* this.stateOf(io, this.#added);
  }

  /**
   * A state that was acquired.
   *
   * @param state - `undefined`: one to be read, which is acquired
   */
  *stateOf(io: StateIo, state: GroupState | undefined): Steps<GroupState> {
    const result = state ?? this.acquire();
    yield* result.table.state(io);
    for (const table of result.pairs) yield* table.state(io);
    yield* result.blocks.state(io);
    for (const { accumulator } of this.scripted) {
      if (accumulator.stateOf !== undefined) yield* accumulator.stateOf(io, result);
    }
    return result;
  }

  /**
   * Says which rows the next calls of {@link add} mean, `rows[0 .. count)`.
   *
   * @param keys - the key columns; floats are canonical
   * @param inputs - what the aggregates are fed with, by input
   */
  bind(
    keys: readonly Column[],
    inputs: readonly KernelInput[],
    rows: Uint32Array,
    count: number,
  ): void {
    const kernel = this.#kernel;
    kernel.bindKeys(keys, rows, 0, count);
    kernel.bindInputs(inputs, rows, 0, count);
    if (this.#hasKeys) kernel.hashLater(0, count);
  }

  /** The same for rows whose records are known: only {@link update} may follow. */
  bindInputs(inputs: readonly KernelInput[], rows: Uint32Array, count: number): void {
    this.#kernel.bindInputs(inputs, rows, 0, count);
  }

  /** Records that no table has, for {@link update} and {@link mergeRecord}. */
  looseRecords(): LooseRecords {
    return new LooseRecords(this.arena, this.#kernel.layout);
  }

  /** Adds one record to another, of `target`, whose own it becomes; the source may go. */
  mergeRecord(target: GroupState, record: number, source: number): void {
    this.#targets[0] = record;
    this.#sources[0] = source;
    this.#kernel.merge(this.#targets, this.#sources, 1);
    for (const { accumulator } of this.scripted) {
      accumulator.merge(target, this.#targets, this.#sources, 1);
      accumulator.own(target, this.#targets, 1);
    }
  }

  /** Adds the rows at positions `from .. to` of those bound to the groups of a state. */
  add(state: GroupState, from: number, to: number): void {
    if (this.#hasKeys && this.scripted.length === 0) {
      state.table.add(from, to);
      return;
    }
    this.assign(state, from, to);
    this.#kernel.update(from, to);
  }

  /**
   * Takes the rows at positions `from .. to` of those bound back from the groups of a state, as if they
   * had not been added; a group without rows stays, with a count of zero. Only of states that retract.
   */
  retract(state: GroupState, from: number, to: number): void {
    this.assign(state, from, to);
    this.#kernel.retract(from, to);
  }

  /** Finds or makes the {@link records} of rows that were bound. */
  assign(state: GroupState, from: number, to: number): void {
    if (this.#hasKeys) state.table.assign(from, to);
    else this.records.fill(this.onlyRecord(state), from, to);
  }

  /** Positions that got a new record in the last {@link assign}, as many as its table says. */
  get fresh(): Int32Array {
    return this.#kernel.fresh;
  }

  /** Hash of the row at each position, after {@link bind}. */
  get hashes(): Int32Array {
    return this.#kernel.hashes;
  }

  /** Finds the {@link records} of rows that were bound; 0: there is none, and none is made. */
  lookUp({ table }: GroupState, from: number, to: number): void {
    table.lookUp(from, to);
  }

  /** Says again which rows were bound, after an {@link update}. */
  bindRows(rows: Uint32Array, count: number): void {
    this.#kernel.bindRows(rows, 0, count);
  }

  /** Adds some of the rows that were bound, in another order, to their records. */
  update(records: Int32Array, rows: Uint32Array, from: number, to: number): void {
    const kernel = this.#kernel;
    kernel.bindRows(rows, from, to);
    kernel.records.set(records.subarray(from, to), from);
    kernel.update(from, to);
  }

  /** Takes some of the rows that were bound back from their records, in another order. */
  takeBack(records: Int32Array, rows: Uint32Array, from: number, to: number): void {
    const kernel = this.#kernel;
    kernel.bindRows(rows, from, to);
    kernel.records.set(records.subarray(from, to), from);
    kernel.retract(from, to);
  }

  /** The record of the one group there is without keys; made if need be. */
  onlyRecord({ table }: GroupState): number {
    const kernel = this.#kernel;
    if (table.count === 0) {
      kernel.hashes[0] = 0;
      table.assign(0, 1);
    }
    table.listRecords(0, 1, this.#sources);
    return this.#sources[0]!;
  }

  /** Cells of a record. */
  get cells(): number {
    return this.#kernel.layout.cells;
  }

  /**
   * Adds aggregates that were computed elsewhere to the one group there is without keys.
   *
   * @param words - of a record: its cells, of which the first is not looked at
   */
  addCells(state: GroupState, words: Int32Array): void {
    this.#added ??= this.acquire();
    const source = this.onlyRecord(this.#added);
    const target = this.onlyRecord(state);
    const { words: arena } = this.arena;
    for (let i = 2; i < words.length; i++) arena[2 * source + i] = words[i]!;
    this.#sources[0] = source;
    this.#targets[0] = target;
    this.#kernel.merge(this.#targets, this.#sources, 1);
  }

  /**
   * Records that no row was added to, and that no table has; keys and hash are garbage. Valid until
   * the next call.
   *
   * @param count - at most as many as a batch has rows
   * @returns the first cell of each
   */
  blankRecords(count: number): Int32Array {
    return this.#blank.take(count);
  }

  /**
   * Writes the partial aggregates of `records[0 .. count)` to rows `0 .. count` of `targets`, a column
   * each. Long strings are not copied.
   */
  readPartials(
    { table }: GroupState,
    records: Int32Array,
    count: number,
    targets: readonly Column[],
  ): void {
    this.#partials!.forEach(({ cell, op, aggregate }, p) => {
      const target = targets[p]!;
      target.clearNulls();
      target.heap = table.heap;
      if (op !== undefined) readCells(this.arena, cell, records, count, target);
      else this.accumulators[aggregate]!.read(records, count, target, NO_FAILURES);
    });
  }

  /** Values beside the records that the last {@link affordable} or {@link mergeSome} meant. */
  get values(): number {
    return this.#values;
  }

  /**
   * How many of `records[0 .. count)`, one at least, are read or merged in well below a millisecond,
   * which their values beside the records take too.
   */
  affordable(records: Int32Array, count: number): number {
    const { scripted } = this;
    this.#values = 0;
    if (scripted.every(({ accumulator }) => accumulator.workOf === undefined)) return count;
    for (let i = 0; i < count; i++) {
      let values = 0;
      for (let s = 0; s < scripted.length; s++) {
        values += scripted[s]!.accumulator.workOf?.(records[i]!) ?? 0;
      }
      if (i > 0 && this.#values + values > MOST_VALUES) return i;
      this.#values += values;
    }
    return count;
  }

  /**
   * Adds the next groups of `source` to `target`, about as many as a batch has rows;
   * their distinct values are left to {@link mergePairs}.
   *
   * @param from - how many were added before
   * @param copies - whether long strings are copied, and `source` is used up but for {@link follow} and
   * its keys; if they are borrowed, it must live as long as `target`, which takes no rows
   * @returns how many have been added; all, when it is the count of the source's groups
   */
  mergeSome(target: GroupState, source: GroupState, from: number, copies: boolean): number {
    const { table } = source;
    const [sources, targets] = [this.#sources, this.#targets];
    let count = Math.min(table.count - from, this.#rowCapacity);
    this.#values = 0;
    if (count > 0) {
      table.listRecords(from, count, sources);
      count = this.affordable(sources, count);
      target.table.assignRecords(sources, count, targets, copies);
      this.#kernel.merge(targets, sources, count);
    }
    for (const { accumulator } of this.scripted) {
      accumulator.merge(target, targets, sources, count);
      if (copies) accumulator.own(target, targets, count);
    }
    if (copies) {
      const { words } = this.arena;
      for (let i = 0; i < count; i++) words[2 * sources[i]! + FORWARD_WORD] = targets[i]!;
    }
    return from + count;
  }

  /**
   * Adds groups to `target` that stay as they are, and may be of any state without distinct values;
   * long strings are copied.
   *
   * @param sources - their records, in memory, `[0 .. count)`
   */
  mergeCopies(target: GroupState, sources: Int32Array, count: number): void {
    const targets = this.#targets;
    target.table.assignRecords(sources, count, targets, true);
    this.#kernel.merge(targets, sources, count);
    for (const { accumulator } of this.scripted) {
      accumulator.merge(target, targets, sources, count);
      accumulator.own(target, targets, count);
    }
  }

  /** Adds records of other states, which stay as they are, to some of `target`; pairs, without distinct values. */
  mergeRecords(target: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    if (count === 0) return;
    this.#targets.set(targets.subarray(0, count));
    this.#sources.set(sources.subarray(0, count));
    this.#kernel.merge(this.#targets, this.#sources, count);
    for (const { accumulator } of this.scripted) {
      accumulator.merge(target, this.#targets, this.#sources, count);
      accumulator.own(target, this.#targets, count);
    }
  }

  /** How many distinct values a state's groups have beside them. */
  pairsOf(state: GroupState): number {
    return state.pairs.reduce((sum, { count }) => sum + count, 0);
  }

  /**
   * Adds the next distinct values of `source` to `target`, after all its groups, about as many as a
   * batch has rows.
   *
   * @param from - how many were added before
   * @returns how many have been added; all, when it is {@link pairsOf} the source
   */
  mergePairs(target: GroupState, source: GroupState, from: number): number {
    let before = 0;
    for (const pairs of this.pairs) {
      const count = pairs.countOf(source);
      if (from < before + count) return before + pairs.mergeSome(target, source, from - before);
      before += count;
    }
    return from;
  }

  /**
   * Finds or makes records for the next groups of `source` in `target`: `records[0 .. count)`, where
   * {@link mergeAssigned} then adds them. Long strings of keys are copied.
   *
   * @param from - how many were added before
   * @param records - in memory
   * @returns how many these are, about as many as a batch has rows
   */
  assignSome(target: GroupState, source: GroupState, from: number, records: Int32Array): number {
    const count = Math.min(source.table.count - from, this.#rowCapacity);
    source.table.listRecords(from, count, this.#sources);
    target.table.assignRecords(this.#sources, count, records, true);
    return count;
  }

  /**
   * Adds groups of `source` to the records that were found for them. What does not lie in records, as
   * distinct values do not, is left out.
   */
  mergeAssigned(target: GroupState, records: Int32Array, count: number): void {
    this.#kernel.merge(records, this.#sources, count);
    for (const { accumulator } of this.scripted) {
      accumulator.merge(target, records, this.#sources, count);
      accumulator.own(target, records, count);
    }
  }

  /**
   * Replaces records of a state that was merged with `copies` by those that they were merged into.
   *
   * @param records - `records[0 .. count)`
   */
  follow(records: Int32Array, count: number): void {
    const { words } = this.arena;
    for (let i = 0; i < count; i++) records[i] = words[2 * records[i]! + FORWARD_WORD]!;
  }
}
