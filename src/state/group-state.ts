/**
 * What an aggregate remembers of one window (or part of one): a table of groups and, for distinct
 * aggregates, tables of pairs. Windows that have closed give theirs to those that open.
 *
 * @module
 */

import { identitySelection } from '../core/batch.ts';
import { Column, Heap } from '../core/column.ts';
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
  /** The arena's bytes by another name: what lies in them is copied, not borrowed. */
  readonly #lent: Heap;

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
    const { buffer, byteOffset, length } = arena.bytes;
    this.#lent = new Heap(new Uint8Array(buffer, byteOffset, length));
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
    this.#add(target, source, undefined);
  }

  /** As {@link merge}, but copies long strings: `source` may go, and `target` may take rows. */
  absorb(target: GroupState, source: GroupState): void {
    this.#add(target, source, this.#lent);
  }

  /** @param lent - see {@link Accumulator.finishMerge} */
  #add(target: GroupState, source: GroupState, lent: Heap | undefined): void {
    const { table } = source;
    for (let from = 0; from < table.count; from += this.#rowCapacity) {
      const count = Math.min(table.count - from, this.#rowCapacity);
      table.listRecords(from, count, this.#sources);
      this.#assign(target, source, this.#sources, count, lent);
      for (const accumulator of this.accumulators) {
        accumulator.merge(this.#targets, this.#sources, count);
        if (lent !== undefined) accumulator.own?.(target, this.#targets, count);
      }
    }
    for (const accumulator of this.accumulators) accumulator.finishMerge(target, source, lent);
  }

  /**
   * Replaces records of `source` by those of the same groups in `target`, which has them.
   *
   * @param records - `records[0 .. count)`, at most as many as a batch has rows
   */
  find(target: GroupState, source: GroupState, records: Int32Array, count: number): void {
    this.#assign(target, source, records, count, undefined);
    for (let i = 0; i < count; i++) records[i] = this.#targets[i]!;
  }

  /** Finds or makes in `target` the groups of `sources`, for `#targets`. */
  #assign(
    target: GroupState,
    source: GroupState,
    sources: Int32Array,
    count: number,
    lent: Heap | undefined,
  ): void {
    const { table } = source;
    const keys = this.#keys;
    for (let k = 0; k < keys.length; k++) {
      table.readKey(k, sources, count, keys[k]!);
      if (lent !== undefined) keys[k]!.heap = lent;
    }
    table.readHashes(sources, count, this.#hashes);
    const rows = identitySelection(this.#rowCapacity);
    target.table.assign(keys, this.#hashes, rows, 0, count, this.#targets);
  }
}
