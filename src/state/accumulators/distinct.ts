/**
 * Aggregates over distinct values: `COUNT(DISTINCT x)` and its kin.
 *
 * A second table has a record for each pair of group and value; only a row that made one goes on to
 * the aggregate. Two tables are merged by sending all pairs of one through the other.
 *
 * @module
 */

import { identitySelection } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import { INT32, storageOf } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { GroupTable } from '../group-table.ts';
import type { GroupKernel } from '../kernel/group-kernel.ts';
import { canonicalFloats } from '../keys.ts';
import { RecordLayout } from '../record-layout.ts';
import type {
  GivenRows,
  GroupState,
  ScriptedAccumulator,
  ValueAccumulator,
} from './accumulator.ts';

/** The layout of the table of pairs: the group's record, the value. */
export function pairLayout(argument: DataType): RecordLayout {
  return new RecordLayout(['i32', storageOf(argument)]);
}

/** Lets each value of a group through once. */
export class DistinctAccumulator implements ScriptedAccumulator {
  readonly #arena: Arena;
  readonly #inner: ValueAccumulator;
  /** Which of a state's tables of pairs is this one's. */
  readonly #index: number;
  /** Where a record says, during a merge, which record it was merged into. */
  readonly #forwardCell: number;
  readonly #rowCapacity: number;
  /** Key columns of the pairs: groups, values. */
  readonly #groups: Column;
  readonly #values: Column;
  readonly #floats: Column;
  readonly #kernel: GroupKernel;
  readonly #freshRows: Uint32Array;
  readonly #freshRecords: Int32Array;
  readonly #identity: Uint32Array;
  readonly #isFloat: boolean;

  /**
   * @param forwardCell - a cell of the group's record for its use
   * @param index - position of its table in `GroupState.pairs`
   * @param kernel - that of those tables
   */
  constructor(
    memory: KernelMemory,
    kernel: GroupKernel,
    argument: DataType,
    index: number,
    forwardCell: number,
    inner: ValueAccumulator,
  ) {
    const { arena, rowCapacity } = kernel;
    this.#arena = arena;
    this.#inner = inner;
    this.#index = index;
    this.#forwardCell = forwardCell;
    this.#rowCapacity = rowCapacity;
    this.#kernel = kernel;
    this.#groups = Column.allocate(INT32, rowCapacity, memory);
    this.#values = Column.allocate(argument, rowCapacity, memory);
    this.#isFloat = argument.kind === 'float64';
    this.#floats = this.#isFloat ? Column.allocate(argument, rowCapacity, memory) : this.#values;
    this.#freshRows = new Uint32Array(rowCapacity);
    this.#freshRecords = new Int32Array(rowCapacity);
    this.#identity = identitySelection(rowCapacity);
  }

  update(state: GroupState, { records, column, rows, from, to }: GivenRows): void {
    const groups = this.#groups.words;
    for (let i = from; i < to; i++) groups[rows[i]!] = records[i]!;
    let values = column!;
    if (this.#isFloat) {
      canonicalFloats(values, this.#floats, rows, from, to);
      values = this.#floats;
    }
    this.#add(state, records, values, rows, from, to);
  }

  /** Adds pairs; the groups' column is written already. */
  #add(
    state: GroupState,
    records: Int32Array,
    values: Column,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    const kernel = this.#kernel;
    const table = this.#tableOf(state);
    kernel.bindKeys([this.#groups, values], rows, from, to);
    kernel.hash(from, to);
    table.assign(from, to);
    const count = table.freshCount;
    if (count === 0) return;
    for (let f = 0; f < count; f++) {
      const i = kernel.fresh[f]!;
      this.#freshRows[f] = rows[i]!;
      this.#freshRecords[f] = records[i]!;
    }
    this.#inner.add(this.#freshRecords, values, this.#freshRows, count);
  }

  merge(_target: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    const words = this.#arena.words;
    for (let i = 0; i < count; i++) words[2 * (sources[i]! + this.#forwardCell)] = targets[i]!;
  }

  /** Values are copied in any case. */
  own(): void {}

  finishMerge(target: GroupState, source: GroupState): void {
    const table = this.#tableOf(source);
    const words = this.#arena.words;
    const targets = this.#groups.words;
    const pairs = this.#kernel.records;
    for (let from = 0; from < table.count; from += this.#rowCapacity) {
      const count = Math.min(table.count - from, this.#rowCapacity);
      table.listRecords(from, count, pairs);
      table.readKey(0, pairs, count, this.#groups);
      table.readKey(1, pairs, count, this.#values);
      for (let i = 0; i < count; i++) targets[i] = words[2 * (targets[i]! + this.#forwardCell)]!;
      this.#add(target, targets, this.#values, this.#identity, 0, count);
    }
  }

  #tableOf(state: GroupState): GroupTable {
    return state.pairs[this.#index]!;
  }

  read(records: Int32Array, count: number, target: Column, failed: Uint8Array): number {
    return this.#inner.read(records, count, target, failed);
  }
}
