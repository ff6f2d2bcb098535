/**
 * What an aggregate keeps for a group, and how it is read.
 *
 * An accumulator owns some cells of every record of a table. It has no state of its own besides:
 * everything lies in the records, so one accumulator serves the tables of all windows. Most are
 * updated by the code of a group kernel; the others bring their own.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { BlockStore } from '../blocks/block-store.ts';
import type { GroupTable } from '../group-table.ts';

/** The tables of one window. */
export interface GroupState {
  readonly table: GroupTable;
  /** Tables of groups and values, one for each argument of distinct aggregates. */
  readonly pairs: readonly GroupTable[];
  /** Where what is of varying size lies. */
  readonly blocks: BlockStore;
}

/** Where an accumulator's cells lie in a record. */
export interface Cells {
  /** The first of those that hold its value. */
  readonly value: number;
  /** The one that counts rows, which several accumulators share. */
  readonly count: number;
  /** One that counts those of them that do not count here, being null; `undefined`: all do. */
  readonly missing?: number;
  /** Sum of squares, of variances; sums of the other argument and of products, of covariances. */
  readonly squares?: number;
  readonly others?: number;
  readonly products?: number;
}

/** One aggregate over records. */
export interface Accumulator {
  /**
   * Writes the aggregates of `records[0 .. count)` to rows `0 .. count` of `target`, which has no
   * nulls and room enough.
   *
   * @param failed - gets a 1 at each row whose result does not fit its type
   * @param state - whose records they are
   * @returns how many rows failed
   */
  read(
    records: Int32Array,
    count: number,
    target: Column,
    failed: Uint8Array,
    state?: GroupState,
  ): number;
}

/** One that can be fed with values without a kernel. */
export interface ValueAccumulator extends Accumulator {
  /** Adds the values of `rows[0 .. count)`, none null, to `records[0 .. count)`. */
  add(records: Int32Array, column: Column, rows: Uint32Array, count: number): void;
}

/** Rows that count: `rows[from .. to)` of a column, none null, for `records[from .. to)`. */
export interface GivenRows {
  /** The same for all aggregates that are told of the same rows; no other rows have it. */
  readonly call: number;
  readonly column: Column | undefined;
  /** The record of each row, by position. */
  readonly records: Int32Array;
  /** Rows of `column`, by position. */
  readonly rows: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** One that the group kernel does not keep. */
export interface ScriptedAccumulator extends Accumulator {
  /**
   * Adds rows.
   *
   * @param others - columns of the aggregate's `others`
   */
  update(state: GroupState, given: GivenRows, others: readonly Column[]): void;

  /** Takes rows back; only where the plan says that rows may be. */
  retract?(state: GroupState, given: GivenRows, others: readonly Column[]): void;

  /**
   * Adds records of one table to records of `target`, pair by pair. Long strings are borrowed: the
   * source must live as long as the target is read, and the target takes no rows.
   */
  merge(target: GroupState, targets: Int32Array, sources: Int32Array, count: number): void;

  /** Copies what records of `state` borrowed in a merge. */
  own(state: GroupState, records: Int32Array, count: number): void;

  /** How many values a record has, where to read or merge it takes as long as those are many. */
  workOf?(record: number): number;

  /** What it has beside its records and blocks: in all states together, and in one. */
  state?(io: StateIo): Steps;
  stateOf?(io: StateIo, state: GroupState): Steps;

  /** Called before a state is emptied: results that were read of it are not needed any more. */
  release?(state: GroupState): void;
}
