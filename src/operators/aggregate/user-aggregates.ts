/** Loading aggregates of the topology's author. @module */

import { MillraceError } from '../../core/errors.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import { loadObject } from '../../modules/load-function.ts';
import type { MakeUserAccumulator, UserAggregate } from '../../state/index.ts';
import type { AggregatePlanConfig } from './config.ts';
import { UserAccumulator } from './user-accumulator.ts';
import type { UserFunctions } from './user-functions.ts';

/**
 * Loads the aggregates of a plan that modules export.
 *
 * @returns what makes their accumulators *
 * @throws MillraceError `ERR_USER_CODE` where one is not there, or lacks a function
 */
export async function loadUserAggregates(
  plan: OperatorPlan,
  { node, baseDirectory }: KernelContext,
): Promise<MakeUserAccumulator> {
  const { aggregates, keys } = plan.config as AggregatePlanConfig;
  const loaded = new Map<number, UserFunctions>();
  for (const [number, { user }] of aggregates.entries()) {
    if (user === undefined) continue;
    const found = await loadObject(node, baseDirectory, user.module, user.export);
    for (const name of NEEDED) checkFunction(node, user, found, name);
    if (user.retracts) checkFunction(node, user, found, 'retract');
    loaded.set(number, found as unknown as UserFunctions);
  }
  return (arena, aggregate, cell) =>
    new UserAccumulator(
      node,
      aggregates[aggregate]!.user!,
      loaded.get(aggregate)!,
      keys,
      arena,
      cell,
    );
}

const NEEDED = ['init', 'add', 'merge', 'result'] as const;

function checkFunction(
  node: string,
  user: UserAggregate,
  found: Readonly<Record<string, unknown>>,
  name: string,
): void {
  if (typeof found[name] === 'function') return;
  throw new MillraceError(
    'ERR_USER_CODE',
    `module ${user.module}: '${user.export}' has no function '${name}', which aggregate ` +
      `'${user.name}' needs`,
    { node },
  );
}
