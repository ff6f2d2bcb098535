/** Compiles, once, what the threads of a plan will run. @module */

import type { CompiledModules } from '../../core/memory.ts';
import { addOperatorModules } from '../../operators/modules.ts';
import { ModuleList } from '../../wasm/index.ts';
import type { PhysicalPlan } from '../../workers/protocol.ts';

/** The modules of all operators of a plan. */
export function compileModules({ tasks }: PhysicalPlan): CompiledModules {
  const list = new ModuleList();
  for (const { role, instance } of tasks) {
    // All tasks of a node run the same code.
    if (role.type === 'operator' && instance === 0) addOperatorModules(role.plan, list);
  }
  return list.modules;
}
