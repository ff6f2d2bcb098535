/** What `random_drop` does. @module */

import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { hashRows } from '../../state/index.ts';
import { type Choose, type Chooser, DropKernel, dropBound, mix32 } from '../drop-kernel.ts';
import type { RandomDropConfig } from './spec.ts';

/** Makes the kernel of a `random_drop`. */
export function createRandomDropKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as RandomDropConfig;
  const choose =
    config.groupBy.length > 0
      ? byColumns(config, context)
      : eachByItself(config, mix32(config.seed ^ mix32(context.instance)));
  return new DropKernel(plan, context, choose);
}

/** Marsaglia's xorshift over 32 bits; a state of 0 would stay 0. */
function eachByItself({ rate }: RandomDropConfig, seed: number): Chooser {
  const bound = dropBound(rate);
  let state = seed === 0 ? 0x9e37_79b9 : seed;
  const choose: Choose = ({ selection, selected }, kept) => {
    let count = 0;
    for (let i = 0; i < selected; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
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

function byColumns({ rate, seed, groupBy }: RandomDropConfig, context: KernelContext): Choose {
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
