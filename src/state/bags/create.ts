/** From the plan of a bag to its accumulator. @module */

import { invariant } from '../../core/invariant.ts';
import type { AggregateSpec } from '../accumulators/spec.ts';
import type { Arena } from '../arena.ts';
import type { BagReader } from './bag-accumulator.ts';
import { BagAccumulator, ResultBytes } from './bag-accumulator.ts';
import { Bags } from './bags.ts';
import type { Inner } from './read-through.ts';
import { readThrough } from './read-through.ts';
import { layoutBag } from './layout.ts';
import { ListWriter } from './list-writer.ts';
import type { BagPlan } from './plan.ts';
import {
  readBits,
  readContinuous,
  readCount,
  readDiscrete,
  readFirst,
  readJoined,
  readList,
  readMode,
} from './readers.ts';

/**
 * Makes the accumulator of an aggregate.
 *
 * @param inner - what adds its distinct values up
 */
export function createBagAccumulator(
  arena: Arena,
  cell: number,
  plan: BagPlan,
  spec: AggregateSpec,
  inner: Inner | undefined,
): BagAccumulator {
  const bags = new Bags(arena, layoutBag(plan.fields), plan);
  const results = new ResultBytes(arena);
  const reader =
    inner === undefined ? readerOf(bags, spec, results) : readThrough(bags, inner, spec.argument!);
  return new BagAccumulator(bags, cell, reader, results);
}

function readerOf(bags: Bags, spec: AggregateSpec, results: ResultBytes): BagReader {
  const { kind, argument, parameter, isDistinct } = spec;
  const list = (most: number): BagReader =>
    readList(bags, { once: isDistinct, most }, results, new ListWriter(bags, argument!));
  switch (kind) {
    case 'percentile_cont':
      return readContinuous(bags, Number(parameter), isDistinct);
    case 'percentile_disc':
      return readDiscrete(bags, Number(parameter), isDistinct);
    case 'mode':
      return readMode(bags);
    case 'top_k':
      return list(Number(parameter));
    case 'array_agg':
      return list(Infinity);
    case 'string_agg': {
      const separator = new TextEncoder().encode(String(parameter));
      return readJoined(bags, isDistinct, separator, results, new ListWriter(bags, argument!));
    }
    case 'bit_and':
    case 'bit_or':
      return readBits(bags, kind);
    case 'count':
      return readCount;
    case 'first':
    case 'last':
    case 'min':
    case 'max':
    case 'bool_and':
    case 'bool_or':
      return readFirst(bags);
    default:
      invariant(false, `${kind} keeps no bag`);
  }
}
