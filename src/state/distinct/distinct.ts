/**
 * Aggregates over distinct values: `COUNT(DISTINCT x)` and its kin.
 *
 * A second table has a record for each pair of group and value; only a row that is the first of its
 * pair goes on to the aggregate. Two tables are merged by sending all pairs of one through the other,
 * see `distinct-pairs.ts`.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type {
  GivenRows,
  GroupState,
  ScriptedAccumulator,
  ValueAccumulator,
} from '../accumulators/accumulator.ts';
import type { CountSharer } from './distinct-counts.ts';
import type { DistinctPairs } from './distinct-pairs.ts';

/** Lets each value of a group through once. */
export class DistinctAccumulator implements ScriptedAccumulator {
  readonly #arena: Arena;
  readonly #pairs: DistinctPairs;
  /** Its bit in pairs. */
  readonly #bit: number;
  readonly #inner: ValueAccumulator;
  /** Where a record says, during a merge, which record it was merged into. */
  readonly #forwardCell: number;

  /**
   * @param forwardCell - a cell of the group's record for its use
   * @param sharer - what it is, if it is a count
   */
  constructor(
    arena: Arena,
    pairs: DistinctPairs,
    forwardCell: number,
    inner: ValueAccumulator,
    sharer: CountSharer | undefined,
  ) {
    this.#arena = arena;
    this.#pairs = pairs;
    this.#bit = pairs.share(forwardCell, inner, sharer);
    this.#inner = inner;
    this.#forwardCell = forwardCell;
  }

  update(state: GroupState, given: GivenRows): void {
    const pairs = this.#pairs;
    const count = pairs.add(state, given, this.#bit);
    if (count > 0) this.#inner.add(pairs.freshRecords, given.column!, pairs.freshRows, count);
  }

  merge(_target: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    const words = this.#arena.words;
    for (let i = 0; i < count; i++) words[2 * (sources[i]! + this.#forwardCell)] = targets[i]!;
  }

  /** Values are copied in any case. */
  own(): void {}

  read(records: Int32Array, count: number, target: Column, failed: Uint8Array): number {
    return this.#inner.read(records, count, target, failed);
  }
}
