/** What `random_drop` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import { hashRows } from '../../state/index.ts';
import { type Choose, type Chooser, DropKernel, dropBound, mix32 } from '../drop-kernel.ts';
import type { RandomDropConfig } from './spec.ts';

/** Makes the kernel of a `random_drop`. */
export function createRandomDropKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as RandomDropConfig;
  const seed = mix32(config.seed ^ mix32(context.instance));
  const isGrouped = config.groupBy.length > 0;
  let choose: Choose | Chooser;
  if (config.rate === undefined) {
    choose = byRates(config.column!, isGrouped ? hashed(config, context) : drawn(seed));
  } else {
    choose = isGrouped ? byColumns(config.rate, config, context) : eachByItself(config.rate, seed);
  }
  return new DropKernel(plan, context, choose);
}

/** Draws of 32 bits for the selected rows, in their order. */
interface Draws {
  begin(batch: Batch): (i: number) => number;
  state?(io: StateIo): void;
}

/** Each row has a rate of its own: null is 0. */
function byRates(column: number, draws: Draws): Chooser {
  const choose: Choose = (batch, kept) => {
    const { columns, selection, selected } = batch;
    const rates = columns[column]!;
    const draw = draws.begin(batch);
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      kept[count] = row;
      const bound = rates.isNull(row) ? 0 : dropBound(rates.f64[row]!);
      // A rate that is no number drops nothing.
      count += draw(i) < bound ? 0 : 1;
    }
    return count;
  };
  return { choose, state: (io) => draws.state?.(io) };
}

function drawn(seed: number): Draws {
  let state = firstState(seed);
  const draw = (): number => {
    state = xorshift(state);
    return state >>> 0;
  };
  return {
    begin: () => draw,
    state(io) {
      state = io.int(state);
    },
  };
}

function hashed({ seed, groupBy }: RandomDropConfig, context: KernelContext): Draws {
  const hashes = context.memory.words(context.rowCapacity);
  const salt = mix32(seed);
  const draw = (i: number): number => mix32(hashes[i]! ^ salt) >>> 0;
  return {
    begin({ columns, selection, selected }) {
      const keys = groupBy.map((c) => columns[c]!);
      hashRows(keys, selection, 0, selected, hashes);
      return draw;
    },
  };
}

/** A state of 0 would stay 0. */
function firstState(seed: number): number {
  return seed === 0 ? 0x9e37_79b9 : seed;
}

/** Marsaglia's xorshift over 32 bits. */
function xorshift(before: number): number {
  let state = before;
  state ^= state << 13;
  state ^= state >>> 17;
  return state ^ (state << 5);
}

function eachByItself(rate: number, seed: number): Chooser {
  const bound = dropBound(rate);
  let state = firstState(seed);
  const choose: Choose = ({ selection, selected }, kept) => {
    let count = 0;
    for (let i = 0; i < selected; i++) {
      state = xorshift(state);
      kept[count] = selection[i]!;
      count += state >>> 0 >= bound ? 1 : 0;
    }
    return count;
  };
  return {
    choose,
    state(io) {
      state = io.int(state);
    },
  };
}

function byColumns(
  rate: number,
  { seed, groupBy }: RandomDropConfig,
  context: KernelContext,
): Choose {
  const bound = dropBound(rate);
  const hashes = context.memory.words(context.rowCapacity);
  const salt = mix32(seed);
  return ({ columns, selection, selected }, kept) => {
    const keys = groupBy.map((c) => columns[c]!);
    hashRows(keys, selection, 0, selected, hashes);
    let count = 0;
    for (let i = 0; i < selected; i++) {
      kept[count] = selection[i]!;
      count += mix32(hashes[i]! ^ salt) >>> 0 >= bound ? 1 : 0;
    }
    return count;
  };
}
