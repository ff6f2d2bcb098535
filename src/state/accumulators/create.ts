/** From the plan of a record to its accumulators. @module */

import type { KernelMemory } from '../../core/memory.ts';
import { invariant } from '../../core/invariant.ts';
import { storageOf } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { Accumulator, Cells, ScriptedAccumulator, ValueAccumulator } from './accumulator.ts';
import { CountAccumulator } from './count.ts';
import { DistinctPairs, MOST_SHARING } from '../distinct/distinct-pairs.ts';
import { DistinctAccumulator } from '../distinct/distinct.ts';
import { ExactSumAccumulator } from './exact-sum.ts';
import { ViewExtremeAccumulator } from './extreme-view.ts';
import { ExtremeAccumulator } from './extreme.ts';
import { FloatSumAccumulator } from './float-sum.ts';
import { BitAccumulator } from './bits.ts';
import { MomentAccumulator } from './moments.ts';
import type { InnerCells, RecordPlan } from './plan.ts';
import type { RecordLayout } from '../record-layout.ts';
import type { Inner } from '../bags/read-through.ts';
import type { AggregateSpec } from './spec.ts';
import { DistinctSketchAccumulator } from '../sketches/distinct-sketch.ts';
import { QuantileSketchAccumulator } from '../sketches/quantile-sketch.ts';
import { createBagAccumulator } from '../bags/create.ts';
import { extremeOf } from './plan.ts';
import { ProductAccumulator } from './product.ts';

/** An accumulator that the kernel does not keep, and the aggregate that it is. */
export interface Scripted {
  readonly aggregate: number;
  readonly accumulator: ScriptedAccumulator;
  /** The table that adds rows for all who share it, if it says so. */
  readonly pairs?: DistinctPairs;
}

/**
 * Makes the accumulator of an aggregate of the topology's author.
 *
 * @param aggregate - its number
 * @param cell - for its use, in the group's record
 */
export type MakeUserAccumulator = (
  arena: Arena,
  aggregate: number,
  cell: number,
) => ScriptedAccumulator;

/** Accumulators of a table, and the tables of pairs of distinct ones. */
export interface AccumulatorSet {
  /** By aggregate. */
  readonly accumulators: readonly Accumulator[];
  readonly scripted: readonly Scripted[];
  readonly pairs: readonly DistinctPairs[];
}

/**
 * Makes the accumulators of a table.
 *
 * @param rowCapacity - most rows of a batch, and most records of a merge
 * @param makeUser - makes those of the topology's author
 */
export function createAccumulators(
  memory: KernelMemory,
  arena: Arena,
  { layout, placements }: RecordPlan,
  specs: readonly AggregateSpec[],
  rowCapacity: number,
  makeUser: MakeUserAccumulator | undefined,
): AccumulatorSet {
  const tables = new PairTables(memory, arena, placements, specs, rowCapacity);
  const scripted: Scripted[] = [];
  const accumulators = specs.map((spec, aggregate): Accumulator => {
    const placement = placements[aggregate]!;
    if (placement.kind === 'fused') return createPlain(arena, placement.cells, spec);
    let accumulator: ScriptedAccumulator;
    if (placement.kind === 'view') {
      accumulator = new ViewExtremeAccumulator(arena, placement.cell, extremeOf(spec.kind)!);
    } else if (placement.kind === 'product') {
      accumulator = new ProductAccumulator(arena, placement.cells);
    } else if (placement.kind === 'user') {
      accumulator = makeUser!(arena, aggregate, placement.cell);
    } else if (placement.kind === 'sketch') {
      accumulator = createSketch(memory, arena, placement.cell, spec, rowCapacity);
    } else if (placement.kind === 'bag') {
      accumulator = createBagAccumulator(
        arena,
        placement.cell,
        placement.bag,
        spec,
        placement.inner && innerOf(arena, layout, placement.inner, spec),
      );
    } else {
      const { forwardCell } = placement;
      const inner = createPlain(arena, placement.cells, spec) as ValueAccumulator;
      const pairs = tables.tableOf(spec);
      const { count: countCell } = placement.cells;
      const sharer = { countCell, hasFilter: spec.isFiltered, input: spec.input };
      const counted = spec.kind === 'count' ? sharer : undefined;
      accumulator = new DistinctAccumulator(arena, pairs, forwardCell, inner, counted);
      scripted.push({ aggregate, accumulator, pairs });
      return accumulator;
    }
    scripted.push({ aggregate, accumulator });
    return accumulator;
  });
  for (const pairs of tables.all) pairs.complete(memory);
  return { accumulators, scripted, pairs: tables.all };
}

/** The tables of pairs: one for each argument of distinct aggregates. */
class PairTables {
  readonly all: DistinctPairs[] = [];
  readonly #make: (spec: AggregateSpec) => DistinctPairs;
  /** By argument: the last table. */
  readonly #tables = new Map<number, DistinctPairs>();

  constructor(
    memory: KernelMemory,
    arena: Arena,
    placements: RecordPlan['placements'],
    specs: readonly AggregateSpec[],
    rowCapacity: number,
  ) {
    this.#make = ({ argument, values }) => {
      const isSharing = (spec: AggregateSpec, i: number): boolean =>
        placements[i]!.kind === 'distinct' && spec.values === values;
      const sharing = values === undefined ? 1 : specs.filter(isSharing).length;
      const index = this.all.length;
      const pairs = new DistinctPairs(memory, arena, argument!, index, sharing, rowCapacity);
      this.all.push(pairs);
      return pairs;
    };
  }

  /** The table of an aggregate. */
  tableOf(spec: AggregateSpec): DistinctPairs {
    const { values } = spec;
    if (values === undefined) return this.#make(spec);
    let table = this.#tables.get(values);
    if (table === undefined || table.sharers === MOST_SHARING) {
      table = this.#make(spec);
      this.#tables.set(values, table);
    }
    return table;
  }
}

/** What adds the distinct values of a bag up. */
function innerOf(
  arena: Arena,
  layout: RecordLayout,
  { cells, end }: InnerCells,
  spec: AggregateSpec,
): Inner {
  const initial = layout.template.slice(2 * cells.count, 2 * end);
  const accumulator = createPlain(arena, cells, spec) as ValueAccumulator;
  return { accumulator, cell: cells.count, initial };
}

function createSketch(
  memory: KernelMemory,
  arena: Arena,
  cell: number,
  { kind, argument, parameter, accuracy }: AggregateSpec,
  rowCapacity: number,
): ScriptedAccumulator {
  return kind === 'approx_percentile'
    ? new QuantileSketchAccumulator(arena, cell, Number(parameter), accuracy!)
    : new DistinctSketchAccumulator(memory, arena, cell, argument!, rowCapacity);
}

function createPlain(arena: Arena, cells: Cells, { kind, argument }: AggregateSpec): Accumulator {
  if (kind === 'count') return new CountAccumulator(arena, cells);
  invariant(argument !== undefined, `${kind} without an argument`);
  switch (kind) {
    case 'var_samp':
    case 'covar_samp':
      return new MomentAccumulator(arena, cells, 'sample');
    case 'var_pop':
    case 'covar_pop':
      return new MomentAccumulator(arena, cells, 'population');
    case 'bit_and':
    case 'bit_or':
    case 'bit_xor':
      return new BitAccumulator(arena, cells);
    case 'product':
      return new ProductAccumulator(arena, cells);
    case 'sum':
    case 'avg':
      return argument.kind === 'float64'
        ? new FloatSumAccumulator(arena, cells, kind)
        : new ExactSumAccumulator(arena, cells, argument, kind);
    default: {
      const storage = storageOf(argument);
      invariant(storage !== 'view', 'a view has no fixed width');
      return new ExtremeAccumulator(arena, storage, cells);
    }
  }
}
