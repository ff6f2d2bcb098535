/**
 * Records of aggregates that belong to no table: taken, added to, merged and given back one by one.
 *
 * Only of aggregates that lie in a record as a whole, see {@link liesInRecord}.
 *
 * @module
 */

import type { KernelMemory } from '../core/memory.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import type { Accumulator } from './accumulators/accumulator.ts';
import { createAccumulators } from './accumulators/create.ts';
import { planRecord } from './accumulators/plan.ts';
import type { AggregateSpec } from './accumulators/spec.ts';
import type { Arena } from './arena.ts';
import { BlockPool } from './block-pool.ts';
import type { KernelInput } from './kernel/group-kernel.ts';
import { GroupKernel } from './kernel/group-kernel.ts';

/** Whether all there is of these aggregates lies in cells that the kernel keeps. */
export function liesInRecord(aggregates: readonly AggregateSpec[]): boolean {
  return planRecord([], aggregates).placements.every(({ kind }) => kind === 'fused');
}

/** Cells of a record of these aggregates with so many of the user's own. Pure. */
export function paneRecordCells(aggregates: readonly AggregateSpec[], ownCells: number): number {
  const { layout } = planRecord([], aggregates);
  layout.reserve(ownCells);
  return layout.cells;
}

/** Makes, fills and merges records. */
export class PaneRecords {
  /** By aggregate. */
  readonly accumulators: readonly Accumulator[];
  /** The first of the user's cells within a record; zeros in a new one. */
  readonly ownCell: number;
  readonly #kernel: GroupKernel;
  readonly #pool: BlockPool;

  /** @param rowCapacity - most rows of a batch */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    aggregates: readonly AggregateSpec[],
    ownCells: number,
    rowCapacity: number,
  ) {
    const plan = planRecord([], aggregates);
    const { layout, inputs } = plan;
    this.ownCell = layout.reserve(ownCells);
    this.#kernel = new GroupKernel(memory, arena, layout, inputs, rowCapacity);
    this.#pool = new BlockPool(arena, layout.template.slice(0, 2 * layout.cells));
    const set = createAccumulators(memory, arena, plan, aggregates, rowCapacity, undefined);
    this.accumulators = set.accumulators;
  }

  /** A record that no row was added to. */
  take(): number {
    return this.#pool.take();
  }

  /** Takes a record back. */
  release(record: number): void {
    this.#pool.release(record);
  }

  /** Which records there are is the caller's. */
  *state(io: StateIo): Steps {
    yield* this.#pool.state(io);
  }

  /** Where the caller says which record each row of {@link add} goes to. */
  get targets(): Int32Array {
    return this.#kernel.records;
  }

  /** Says what the aggregates of `rows[0 .. count)` are fed with, by input. */
  bind(inputs: readonly KernelInput[], rows: Uint32Array, count: number): void {
    this.#kernel.bindInputs(inputs, rows, 0, count);
  }

  /** Adds `rows[0 .. count)`, some of those that were bound, to {@link targets}. */
  add(rows: Uint32Array, count: number): void {
    this.#kernel.bindRows(rows, 0, count);
    this.#kernel.update(0, count);
  }

  /** Adds records to others, pair by pair, in this order. Both lists lie in memory. */
  merge(targets: Int32Array, sources: Int32Array, count: number): void {
    this.#kernel.merge(targets, sources, count);
  }
}
