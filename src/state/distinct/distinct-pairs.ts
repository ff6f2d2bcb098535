/**
 * The values that groups have seen: a record for each pair of group and value.
 *
 * Several aggregates of one argument, with a filter each, share a table. A record then has a bit for
 * each of them; and the rows of a batch that several let through are looked up for the first one.
 * Where all are counts, they are counted in one go: see `distinct-counts.ts`.
 *
 * @module
 */

import { identitySelection } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { DataType } from '../../core/types.ts';
import { INT32, storageOf } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { GroupTable } from '../group-table.ts';
import { GroupKernel } from '../kernel/group-kernel.ts';
import { canonicalFloats } from '../keys.ts';
import { RecordLayout } from '../record-layout.ts';
import type { GivenRows, GroupState, ValueAccumulator } from '../accumulators/accumulator.ts';
import type { KernelInput } from '../kernel/group-kernel.ts';
import { BITS_WORD } from './count-code.ts';
import type { CountSharer } from './distinct-counts.ts';
import { DistinctCounts } from './distinct-counts.ts';

/** Most aggregates that share a table: bits of a word. */
export const MOST_SHARING = 32;

/** Tables of pairs, one in each state. */
export class DistinctPairs {
  readonly kernel: GroupKernel;
  /** Rows that were new in the last {@link add}, and the records of their groups. */
  readonly freshRows: Uint32Array;
  readonly freshRecords: Int32Array;
  readonly #arena: Arena;
  /** Which of a state's tables of pairs is this one's. */
  readonly index: number;
  /** Whether records have bits: several aggregates share the table, or all of them are counts. */
  #hasBits: boolean;
  /** What each aggregate is, where it is a count. */
  readonly #sharers: (CountSharer | undefined)[] = [];
  #counts: DistinctCounts | undefined;
  readonly #rowCapacity: number;
  /** The aggregates that share it, by bit. */
  readonly #inners: ValueAccumulator[] = [];
  /** The cell of a group's record that says, during a merge, which record it was merged into. */
  #forwardCell = 0;
  /** Key columns of pairs that are merged; of rows, groups only. */
  readonly #groups: Column;
  readonly #values: Column;
  readonly #floats: Column | undefined;
  readonly #identity: Uint32Array;
  /** Rows to be looked up. */
  readonly #rows: Uint32Array;
  /** Of pairs that are merged. */
  readonly #bits: Int32Array;
  /** By row: its pair, and the call in which it was found. */
  readonly #pairs: Int32Array;
  readonly #calls: Float64Array;

  /**
   * @param index - position of its table in `GroupState.pairs`
   * @param sharing - how many aggregates share it
   */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    argument: DataType,
    index: number,
    sharing: number,
    rowCapacity: number,
  ) {
    const layout = new RecordLayout(['i32', storageOf(argument)]);
    this.#hasBits = sharing > 1;
    this.kernel = new GroupKernel(memory, arena, layout, [], rowCapacity);
    this.#arena = arena;
    this.index = index;
    this.#rowCapacity = rowCapacity;
    this.#groups = Column.allocate(INT32, rowCapacity, memory);
    this.#values = Column.allocate(argument, rowCapacity, memory);
    this.#floats =
      argument.kind === 'float64' ? Column.allocate(argument, rowCapacity, memory) : undefined;
    this.#identity = identitySelection(rowCapacity);
    this.#rows = memory.rows(rowCapacity);
    this.freshRows = new Uint32Array(rowCapacity);
    this.freshRecords = new Int32Array(rowCapacity);
    this.#bits = new Int32Array(rowCapacity);
    this.#pairs = new Int32Array(rowCapacity);
    this.#calls = new Float64Array(rowCapacity);
  }

  /** How many share it. */
  get sharers(): number {
    return this.#inners.length;
  }

  /**
   * Takes an aggregate in.
   *
   * @param forwardCell - a cell of groups' records that says, during a merge, where they went
   * @param inner - what new values go to in a merge
   * @param sharer - what it is, if it is a count
   * @returns its bit
   */
  share(forwardCell: number, inner: ValueAccumulator, sharer: CountSharer | undefined): number {
    this.#forwardCell = forwardCell;
    this.#sharers.push(sharer);
    return 1 << (this.#inners.push(inner) - 1);
  }

  /** Says that all aggregates have been taken in. */
  complete(memory: KernelMemory): void {
    const counts = this.#sharers.filter((sharer) => sharer !== undefined);
    if (counts.length < this.#sharers.length) return;
    this.#hasBits = true;
    const { records } = this.kernel;
    this.#counts = new DistinctCounts(
      memory,
      this.#arena,
      counts,
      this.#rowCapacity,
      this.#groups,
      records,
    );
  }

  /**
   * Adds `rows[from .. to)` to all aggregates.
   *
   * @param records - of their groups, by position
   * @param inputs - of the aggregate
   * @returns false if the aggregates have to be told one by one
   */
  addAll(
    state: GroupState,
    records: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
    inputs: readonly KernelInput[],
  ): boolean {
    const counts = this.#counts;
    const argument = counts?.argumentOf(inputs);
    if (counts === undefined || argument === undefined) return false;
    const count = counts.choose(argument, inputs, records, rows, from, to);
    if (count === 0) return true;
    const { kernel } = this;
    const chosen = counts.rows;
    kernel.bindKeys([this.#groups, this.#canonical(argument, chosen, 0, count)], chosen, 0, count);
    kernel.hash(0, count);
    this.#tableOf(state).add(0, count);
    counts.mark(count);
    return true;
  }

  /**
   * Adds rows; those that an aggregate sees for the first time are {@link freshRows}.
   *
   * @param bit - the aggregate's
   * @returns how many those are
   */
  add(state: GroupState, given: GivenRows, bit: number): number {
    const { records, rows, from, to } = given;
    if (!this.#hasBits) {
      const groups = this.#groups.words;
      for (let i = from; i < to; i++) groups[rows[i]!] = records[i]!;
      return this.#assign(this.#tableOf(state), given.column!, records, rows, from, to);
    }
    this.#find(state, given);
    return this.#mark(records, rows, from, to, bit);
  }

  /** Finds the pairs of the rows that were not found before in this call. */
  #find(state: GroupState, { call, column, records, rows, from, to }: GivenRows): void {
    const [calls, unknown] = [this.#calls, this.#rows];
    const groups = this.#groups.words;
    let count = 0;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      if (calls[row] === call) continue;
      calls[row] = call;
      groups[row] = records[i]!;
      unknown[count++] = row;
    }
    if (count === 0) return;
    const { kernel } = this;
    kernel.bindKeys([this.#groups, this.#canonical(column!, unknown, 0, count)], unknown, 0, count);
    kernel.hash(0, count);
    this.#tableOf(state).assign(0, count);
    for (let i = 0; i < count; i++) this.#pairs[unknown[i]!] = kernel.records[i]!;
  }

  /** Sets a bit of the pairs of rows; rows that had it not are fresh. */
  #mark(records: Int32Array, rows: Uint32Array, from: number, to: number, bit: number): number {
    const { words } = this.#arena;
    let count = 0;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const at = 2 * this.#pairs[row]! + BITS_WORD;
      const bits = words[at]!;
      if ((bits & bit) !== 0) continue;
      words[at] = bits | bit;
      this.freshRows[count] = row;
      this.freshRecords[count++] = records[i]!;
    }
    return count;
  }

  /** Finds or makes pairs, whose groups' column is written; rows that made one are fresh. */
  #assign(
    table: GroupTable,
    column: Column,
    records: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
  ): number {
    const { kernel } = this;
    kernel.bindKeys([this.#groups, this.#canonical(column, rows, from, to)], rows, from, to);
    kernel.hash(from, to);
    table.assign(from, to);
    const count = table.freshCount;
    for (let f = 0; f < count; f++) {
      const i = kernel.fresh[f]!;
      this.freshRows[f] = rows[i]!;
      this.freshRecords[f] = records[i]!;
    }
    return count;
  }

  #canonical(column: Column, rows: Uint32Array, from: number, to: number): Column {
    if (this.#floats === undefined) return column;
    canonicalFloats(column, this.#floats, rows, from, to);
    return this.#floats;
  }

  /** How many pairs a state has. */
  countOf(state: GroupState): number {
    return this.#tableOf(state).count;
  }

  /**
   * Adds the next pairs of `source` to `target`, and those that are new there to the aggregates; after
   * the groups of `source`.
   *
   * @param from - how many were added before
   * @returns how many have been added
   */
  mergeSome(target: GroupState, source: GroupState, from: number): number {
    const { kernel } = this;
    const table = this.#tableOf(source);
    const words = this.#arena.words;
    const targets = this.#groups.words;
    const pairs = kernel.records;
    const listed = Math.min(table.count - from, this.#rowCapacity);
    table.listRecords(from, listed, pairs);
    table.readKey(0, pairs, listed, this.#groups);
    const count = this.#keepMerged(pairs, listed);
    table.readKey(0, pairs, count, this.#groups);
    table.readKey(1, pairs, count, this.#values);
    for (let i = 0; i < count; i++) {
      this.#bits[i] = words[2 * pairs[i]! + BITS_WORD]!;
      targets[i] = words[2 * (targets[i]! + this.#forwardCell)]!;
    }
    const rows = this.#identity;
    const fresh = this.#assign(this.#tableOf(target), this.#values, targets, rows, 0, count);
    if (!this.#hasBits) this.#give(0, fresh);
    else if (this.#counts !== undefined) this.#counts.markMerged(targets, this.#bits, count);
    else this.#mergeBits(targets, count);
    return from + listed;
  }

  /** Puts those pairs in front whose groups, which were read, are merged into others; how many they are. */
  #keepMerged(pairs: Int32Array, count: number): number {
    const { words } = this.#arena;
    const groups = this.#groups.words;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (words[2 * (groups[i]! + this.#forwardCell)]! !== 0) pairs[kept++] = pairs[i]!;
    }
    return kept;
  }

  /** Sets bits of the pairs that were found, and gives each aggregate those that had its bit not. */
  #mergeBits(targets: Int32Array, count: number): void {
    const { words } = this.#arena;
    for (let s = 0; s < this.#inners.length; s++) {
      const bit = 1 << s;
      let fresh = 0;
      for (let i = 0; i < count; i++) {
        const at = 2 * this.kernel.records[i]! + BITS_WORD;
        if ((this.#bits[i]! & ~words[at]! & bit) === 0) continue;
        words[at] = words[at]! | bit;
        this.freshRows[fresh] = i;
        this.freshRecords[fresh++] = targets[i]!;
      }
      this.#give(s, fresh);
    }
  }

  #give(sharer: number, fresh: number): void {
    if (fresh === 0) return;
    this.#inners[sharer]!.add(this.freshRecords, this.#values, this.freshRows, fresh);
  }

  #tableOf(state: GroupState): GroupTable {
    return state.pairs[this.index]!;
  }
}
