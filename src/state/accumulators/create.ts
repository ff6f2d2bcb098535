/** From an aggregate's description to its accumulator. @module */

import { invariant } from '../../core/invariant.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { RecordLayout } from '../record-layout.ts';
import type { Accumulator } from './accumulator.ts';
import { CountAccumulator } from './count.ts';
import { DistinctAccumulator, pairLayout } from './distinct.ts';
import { ExactSumAccumulator } from './exact-sum.ts';
import { ViewExtremeAccumulator } from './extreme-view.ts';
import { ExtremeAccumulator } from './extreme.ts';
import { FloatSumAccumulator } from './float-sum.ts';

/** The aggregate functions. */
export type AggregateKind = 'count' | 'sum' | 'avg' | 'min' | 'max';

/** An aggregate, as plain data. */
export interface AggregateSpec {
  readonly kind: AggregateKind;
  /** Type of the argument; `undefined` for `COUNT(*)`. */
  readonly argument: DataType | undefined;
  /** Whether a value counts once in each group. Without effect on `min` and `max`. */
  readonly isDistinct: boolean;
}

/** Accumulators of a table, and the layouts of their tables of pairs. */
export interface AccumulatorSet {
  readonly accumulators: readonly Accumulator[];
  readonly pairLayouts: readonly RecordLayout[];
}

/** Cells of a record with these keys and aggregates. Pure: nothing is allocated. */
export function recordCells(keys: readonly DataType[], specs: readonly AggregateSpec[]): number {
  let cells = 1;
  for (const type of keys) cells += storageOf(type) === 'view' ? 2 : 1;
  for (const { kind, argument, isDistinct } of specs) {
    if (isDistinct && kind !== 'min' && kind !== 'max') cells++;
    if (kind === 'count') cells += 1;
    else if (kind === 'min' || kind === 'max') cells += storageOf(argument!) === 'view' ? 3 : 2;
    else cells += argument!.kind === 'float64' ? 3 : 4;
  }
  return cells;
}

/**
 * Makes the accumulators of a table and reserves their cells in its layout.
 *
 * @param rowCapacity - most rows of a batch, and most records of a merge
 */
export function createAccumulators(
  arena: Arena,
  layout: RecordLayout,
  specs: readonly AggregateSpec[],
  rowCapacity: number,
): AccumulatorSet {
  const pairLayouts: RecordLayout[] = [];
  const accumulators = specs.map((spec) => {
    const inner = createPlain(arena, layout, spec);
    const { argument, isDistinct, kind } = spec;
    if (!isDistinct || argument === undefined || kind === 'min' || kind === 'max') return inner;
    const index = pairLayouts.push(pairLayout(argument)) - 1;
    return new DistinctAccumulator(arena, layout, argument, index, rowCapacity, inner);
  });
  return { accumulators, pairLayouts };
}

function createPlain(arena: Arena, layout: RecordLayout, spec: AggregateSpec): Accumulator {
  const { kind, argument } = spec;
  if (kind === 'count') return new CountAccumulator(arena, layout);
  invariant(argument !== undefined, `${kind} without an argument`);
  const storage = storageOf(argument);
  switch (kind) {
    case 'min':
    case 'max':
      return storage === 'view'
        ? new ViewExtremeAccumulator(arena, layout, kind)
        : new ExtremeAccumulator(arena, layout, storage, kind);
    default:
      return argument.kind === 'float64'
        ? new FloatSumAccumulator(arena, layout, kind)
        : new ExactSumAccumulator(arena, layout, argument, kind);
  }
}
