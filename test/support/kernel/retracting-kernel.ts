/** An aggregate of all rows that takes rows back: what operators on changes do. @module */

import type { Batch } from '../../../src/core/batch.ts';
import type {
  Kernel,
  KernelContext,
  KernelFactory,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../src/core/operator.ts';
import type { Steps } from '../../../src/core/state-io.ts';
import type { AggregatePlanConfig } from '../../../src/operators/aggregate/config.ts';
import type { MakeUserAccumulator } from '../../../src/state/index.ts';
import { Groups } from '../../../src/operators/aggregate/groups.ts';

/**
 * Makes kernels that add rows and, where a bool column is true, take them back.
 *
 * @param minus - position of that column
 * @param load - loads aggregates of modules, where there are some
 */
export function createRetractingKernel(
  minus: number,
  load?: (plan: OperatorPlan, context: KernelContext) => Promise<MakeUserAccumulator>,
): KernelFactory {
  return async (plan, context): Promise<Kernel> => {
    const config: AggregatePlanConfig = {
      ...(plan.config as AggregatePlanConfig),
      retracts: true,
      ...(load === undefined ? {} : { makeUser: await load(plan, context) }),
    };
    const groups = new Groups({ ...plan, config }, context, () => 'groups');
    const state = groups.states.acquire();
    let isWriting = false;
    const resume = (out: Outbox): Progress => {
      groups.budget.begin();
      if (isWriting) {
        const progress = groups.writer.write(out);
        if (progress !== 'done') return progress;
        isWriting = false;
        groups.states.release(state);
      }
      return 'done';
    };
    return {
      onBatch(_port: number, batch: Batch): Progress {
        const count = groups.evaluate(batch, batch.selection, batch.selected);
        const { rows } = groups;
        groups.bind(rows, count);
        const isBack = (position: number): boolean =>
          batch.columns[minus]!.getBool(rows[position]!);
        for (let from = 0, to = 0; from < count; from = to) {
          while (to < count && isBack(to) === isBack(from)) to++;
          if (isBack(from)) groups.retract(state, rows, from, to);
          else groups.add(state, rows, from, to);
        }
        groups.release();
        return 'done';
      },
      onWatermark: () => 'done',
      onEnd(_port: number, out: Outbox): Progress {
        groups.writer.begin({ state, startUs: 0, endUs: 0, lastIngestUs: -Infinity });
        isWriting = true;
        return resume(out);
      },
      resume,
      *state(io): Steps {
        yield* groups.state(io);
        yield* groups.states.stateOf(io, state);
      },
    };
  };
}
