/**
 * What an aggregate remembers of one window (or part of one): a table of groups and, for distinct
 * aggregates, tables of pairs. Windows that have closed give theirs to those that open.
 *
 * @module
 */

import { identitySelection } from '../core/batch.ts';
import { Column } from '../core/column.ts';
import { invariant } from '../core/invariant.ts';
import type { DataType } from '../core/types.ts';
import { storageOf } from '../core/types.ts';
import type { Accumulator, GroupState } from './accumulators/accumulator.ts';
import type { AggregateSpec } from './accumulators/create.ts';
import { createAccumulators, recordCells } from './accumulators/create.ts';
import type { Arena } from './arena.ts';
import { GroupTable } from './group-table.ts';
import { RecordLayout } from './record-layout.ts';

/** Makes, recycles and merges the states of one aggregate; all share an arena and a layout. */
export class GroupStates {
  readonly arena: Arena;
  readonly accumulators: readonly Accumulator[];
  readonly #layout: RecordLayout;
  readonly #pairLayouts: readonly RecordLayout[];
  readonly #idle: GroupState[] = [];
  readonly #rowCapacity: number;
  readonly #keys: readonly Column[];
  readonly #sources: Int32Array;
  readonly #targets: Int32Array;
  readonly #hashes: Int32Array;

  /**
   * @param keys - types of the key columns
   * @param rowCapacity - most rows of a batch
   */
  constructor(
    arena: Arena,
    keys: readonly DataType[],
    aggregates: readonly AggregateSpec[],
    rowCapacity: number,
  ) {
    this.arena = arena;
    this.#layout = new RecordLayout(keys.map(storageOf));
    const set = createAccumulators(arena, this.#layout, aggregates, rowCapacity);
    invariant(this.#layout.cells === recordCells(keys, aggregates), 'cells of a record');
    this.accumulators = set.accumulators;
    this.#pairLayouts = set.pairLayouts;
    this.#rowCapacity = rowCapacity;
    this.#keys = keys.map((type) => Column.allocate(type, rowCapacity));
    this.#sources = new Int32Array(rowCapacity);
    this.#targets = new Int32Array(rowCapacity);
    this.#hashes = new Int32Array(rowCapacity);
  }

  /** An empty state. */
  acquire(): GroupState {
    return (
      this.#idle.pop() ?? {
        table: new GroupTable(this.arena, this.#layout),
        pairs: this.#pairLayouts.map((layout) => new GroupTable(this.arena, layout)),
      }
    );
  }

  /** Takes a state back and its memory with it. */
  release(state: GroupState): void {
    state.table.clear();
    for (const table of state.pairs) table.clear();
    this.#idle.push(state);
  }

  /**
   * Adds all groups of `source` to `target`.
   *
   * Long strings are borrowed, so `source` must live as long as `target`, which takes no rows.
   */
  merge(target: GroupState, source: GroupState): void {
    const { table } = source;
    const keys = this.#keys;
    for (let from = 0; from < table.count; from += this.#rowCapacity) {
      const count = Math.min(table.count - from, this.#rowCapacity);
      table.listRecords(from, count, this.#sources);
      for (let k = 0; k < keys.length; k++) table.readKey(k, this.#sources, count, keys[k]!);
      table.readHashes(this.#sources, count, this.#hashes);
      const rows = identitySelection(this.#rowCapacity);
      target.table.assign(keys, this.#hashes, rows, 0, count, this.#targets);
      for (const accumulator of this.accumulators) {
        accumulator.merge(this.#targets, this.#sources, count);
      }
    }
    for (const accumulator of this.accumulators) accumulator.finishMerge(target, source);
  }
}
