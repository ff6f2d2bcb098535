/** Compiles, once, what the threads of a plan will run. @module */

import { addRunKernels } from '../../connectors/generator/run-kernels.ts';
import type { CompiledModules } from '../../core/memory.ts';
import { addChainModules, addOperatorModules } from '../../operators/modules.ts';
import { ModuleList } from '../../wasm/index.ts';
import { addGateModules } from './gate-program.ts';
import type { TypedExpr } from '../../expr/index.ts';
import type { GateProgram } from '../../workers/protocol-admission.ts';
import type { PhysicalPlan } from '../../workers/protocol.ts';

/** The modules of all operators of a plan, and of generators. */
export function compileModules({ tasks, chains, admission }: PhysicalPlan): CompiledModules {
  const list = new ModuleList();
  const chained = new Set(chains.flatMap((chain) => chain.tasks));
  for (const chain of chains) {
    const last = tasks[chain.tasks.at(-1)!]!;
    if (last.instance === 0 && last.role.type === 'operator') {
      addChainModules(chain.program, last.role.plan, list);
    }
  }
  for (const { id, role, instance } of tasks) {
    // All tasks of a node run the same code.
    if (!chained.has(id) && role.type === 'operator' && instance === 0)
      addOperatorModules(role.plan, list);
  }
  for (const { program } of admission?.gates ?? []) {
    addGateModules(program as GateProgram<TypedExpr>, list);
  }
  const isGenerated = tasks.some(
    ({ role }) => role.type === 'source' && role.connector === 'generator',
  );
  if (isGenerated) addRunKernels(list);
  return list.modules;
}
