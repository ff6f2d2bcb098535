/** Compiles, once, what the threads of a plan will run. @module */

import { addRunKernels } from '../../connectors/generator/run-kernels.ts';
import type { CompiledModules } from '../../core/memory.ts';
import type { OperatorPlan } from '../../core/operator.ts';
import { addChainModules, addOperatorModules } from '../../operators/modules.ts';
import { ModuleList } from '../../wasm/index.ts';
import type { PhysicalPlan } from '../../workers/protocol.ts';

/** The modules of all operators of a plan, and of generators. */
export function compileModules({ tasks, chains }: PhysicalPlan): CompiledModules {
  const list = new ModuleList();
  const plansOf = (chain: readonly number[]): readonly OperatorPlan[] =>
    chain.flatMap((id) => {
      const { role } = tasks[id]!;
      return role.type === 'operator' ? [role.plan] : [];
    });
  const chained = new Set(chains.flat());
  for (const chain of chains) {
    if (tasks[chain[0]!]!.instance === 0) addChainModules(plansOf(chain), list);
  }
  for (const { id, role, instance } of tasks) {
    // All tasks of a node run the same code.
    if (!chained.has(id) && role.type === 'operator' && instance === 0)
      addOperatorModules(role.plan, list);
  }
  const isGenerated = tasks.some(
    ({ role }) => role.type === 'source' && role.connector === 'generator',
  );
  if (isGenerated) addRunKernels(list);
  return list.modules;
}
