/** Which aggregates keep their values in bags, and how. Pure. @module */

import type { AggregateSpec } from '../accumulators/spec.ts';
import { storageOf } from '../../core/types.ts';
import type { BagBound } from './bags.ts';
import type { BagFieldPlan } from './layout.ts';

/** A bag of values. */
export interface BagPlan extends BagBound {
  /** Keys of the order, then the value. */
  readonly fields: readonly BagFieldPlan[];
}

/**
 * How an aggregate keeps its values in a bag; `undefined`: it does not.
 *
 * @param retracts - whether rows are taken back: extremes and counts of distinct values have bags then
 */
export function bagPlanOf(spec: AggregateSpec, retracts: boolean): BagPlan | undefined {
  const { kind, argument, isDistinct, others = [], isDescending = false, parameter } = spec;
  if (argument === undefined) return undefined;
  const value = (isReversed: boolean): BagFieldPlan => ({
    storage: storageOf(argument),
    mayBeNull: false,
    isDescending: isReversed,
  });
  const ordered = (isReversed: boolean): BagFieldPlan[] => [
    ...others.map((other) => ({
      storage: storageOf(other.type),
      mayBeNull: other.isTime !== true,
      isDescending: (other.isDescending ?? false) !== isReversed,
    })),
    value(isReversed),
  ];
  const all = { most: Infinity, isDistinct };
  const first = { most: retracts ? Infinity : 1, isDistinct: true };
  switch (kind) {
    case 'first':
      return { fields: ordered(false), ...first };
    case 'last':
      return { fields: ordered(true), ...first };
    case 'top_k':
      return { fields: [value(true)], most: retracts ? Infinity : Number(parameter), isDistinct };
    case 'array_agg':
    case 'string_agg':
      return { fields: isDistinct ? [value(isDescending)] : ordered(false), ...all };
    case 'percentile_cont':
    case 'percentile_disc':
    case 'mode':
      return { fields: [value(isDescending)], ...all };
    default:
      return retracts ? changingPlanOf(spec, value) : undefined;
  }
}

function changingPlanOf(
  { kind, isDistinct }: AggregateSpec,
  value: (isReversed: boolean) => BagFieldPlan,
): BagPlan | undefined {
  const distinct = { most: Infinity, isDistinct: true };
  switch (kind) {
    case 'min':
    case 'bool_and':
    case 'bit_and':
    case 'bit_or':
      return { fields: [value(false)], ...distinct };
    case 'max':
    case 'bool_or':
      return { fields: [value(true)], ...distinct };
    case 'count':
    case 'sum':
    case 'avg':
    case 'var_samp':
    case 'var_pop':
    case 'bit_xor':
    case 'product':
      return isDistinct ? { fields: [value(false)], ...distinct } : undefined;
    default:
      return undefined;
  }
}
