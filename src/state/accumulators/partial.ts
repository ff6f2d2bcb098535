/**
 * Partial aggregates as columns: the cells of a record that another task's record is to take in.
 *
 * ```
 *   each input     its count, or its nulls  int64
 *   each of its    sum of integers          low and high half, int64 each
 *   aggregates     sum of floats            sum and error, float64 each
 *                  least, greatest          of its own type; bools int32
 *   MIN, MAX of strings                     of its own type, null where there is none
 * ```
 *
 * None is null but the last: where no value was counted, the others hold what changes nothing.
 *
 * @module
 */

import type { DataType } from '../../core/types.ts';
import { FLOAT64, INT32, INT64 } from '../../core/types.ts';
import type { FusedInput, FusedOp } from '../kernel/shape.ts';
import type { RecordPlan } from './plan.ts';
import type { AggregateSpec } from './spec.ts';

/** A column of partial aggregates. */
export interface PartialColumn {
  readonly type: DataType;
  /** The cell that it is read from and goes to. */
  readonly cell: number;
  /** How it is taken in; `undefined`: as the values of aggregate number `aggregate`. */
  readonly op: FusedOp['kind'] | undefined;
  readonly aggregate: number;
}

/** No aggregate in particular: the column is of cells that several may share. */
const SHARED = -1;

/**
 * The partial aggregates of a record. Pure: the same columns for the same keys and aggregates.
 *
 * @returns `undefined` where there is an aggregate that no cells stand for, as those of distinct values
 */
export function partialColumns(
  { placements, inputs }: RecordPlan,
  specs: readonly AggregateSpec[],
): readonly PartialColumn[] | undefined {
  if (placements.some(({ kind }) => kind !== 'fused' && kind !== 'view')) return undefined;
  const columns = inputs.flatMap((input) => [
    ...(input.countCell === undefined ? [] : [shared(INT64, input.countCell, 'add')]),
    ...input.ops.flatMap((op) => columnsOf(op, input)),
  ]);
  placements.forEach((placement, aggregate) => {
    if (placement.kind !== 'view') return;
    const type = specs[aggregate]!.argument!;
    columns.push({ type, cell: placement.cell, op: undefined, aggregate });
  });
  return columns;
}

function columnsOf({ kind, cell }: FusedOp, { storage }: FusedInput): PartialColumn[] {
  switch (kind) {
    case 'exactSum':
      return [shared(INT64, cell, 'addLow'), shared(INT64, cell + 1, 'add')];
    case 'floatSum':
    case 'squareSum':
    case 'otherSum':
    case 'productSum':
      return [shared(FLOAT64, cell, 'floatSum'), shared(FLOAT64, cell + 1, 'addFloat')];
    case 'and':
    case 'or':
    case 'xor':
      return [shared(INT64, cell, kind)];
    default:
      return [shared(EXTREME_TYPES[storage as keyof typeof EXTREME_TYPES], cell, kind)];
  }
}

/** By storage of the argument. */
const EXTREME_TYPES = { bits: INT32, i32: INT32, i64: INT64, f64: FLOAT64 } as const;

function shared(type: DataType, cell: number, op: FusedOp['kind']): PartialColumn {
  return { type, cell, op, aggregate: SHARED };
}

/** What a kernel does that is fed with partial aggregates: input i is the i-th column. */
export function partialInputs(columns: readonly PartialColumn[]): readonly FusedInput[] {
  return columns.flatMap(({ type, cell, op }, input): FusedInput[] => {
    if (op === undefined) return [];
    const storage = type.kind === 'float64' ? 'f64' : type.kind === 'int32' ? 'i32' : 'i64';
    const ops = [{ kind: op, cell }];
    return [{ input, storage, hasFilter: false, countCell: undefined, countsMissing: false, ops }];
  });
}
