/** What changing an operator means for a plan that runs: checked like a new topology. @module */

import { isDeepStrictEqual } from 'node:util';
import type { CompiledModules } from '../../core/memory.ts';
import type { OperatorPlan } from '../../core/operator.ts';
import { describeSchema } from '../../core/schema.ts';
import { addChainModules, addOperatorModules } from '../../operators/modules.ts';
import { chainProgram, updatableProperties } from '../../operators/specs.ts';
import { ModuleList } from '../../wasm/index.ts';
import type { PhysicalPlan, TaskPlan, UpdatedTask } from '../../workers/protocol.ts';
import { compileTopology, type LoadedTopology, loadTopology } from '../load.ts';
import { asLiteral, patchDocument, updateError } from './patch-document.ts';

/** A change of an operator, ready for the workers. */
export interface PlannedUpdate {
  /** The topology with the change. */
  readonly loaded: LoadedTopology;
  readonly plan: PhysicalPlan;
  readonly tasks: readonly UpdatedTask[];
  readonly modules: CompiledModules;
}

/**
 * Checks a change of one operator against a plan that runs.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` with the places of what is wrong, or of what cannot change
 * while it runs; `ERR_USAGE` when there is no such operator
 */
export function planUpdate(
  loaded: LoadedTopology,
  plan: PhysicalPlan,
  name: string,
  patch: unknown,
): PlannedUpdate {
  const { document, changed } = patchDocument(loaded.document, name, patch);
  const { baseDirectory, workers } = loaded;
  const next = {
    ...loadTopology(asLiteral(document) as object, { baseDirectory, workers, env: {} }),
    document,
  };
  const isNew = checkProperties(loaded, name, changed);
  const compiled = compileTopology(next, { files: true });
  checkGroups(name, plan, compiled);
  const list = new ModuleList();
  const tasks = plan.tasks.flatMap((task): UpdatedTask[] => {
    const { role, id } = task;
    if (task.node !== name || role.type !== 'operator') return [];
    const updated = compiled.tasks[id]?.role;
    if (updated?.type !== 'operator') throw updateError(name, [], CHANGED_SHAPE);
    checkPlan(name, changed, role.plan, updated.plan);
    // What comes behind an exchange of the parts of an operator reads no parameters.
    if (!isNew && updated.plan.parameters === undefined) return [];
    const program = isNew ? addCode(plan, task, updated.plan, list) : undefined;
    return [{ task: id, plan: updated.plan, isNew, program }];
  });
  return { loaded: next, plan: withPlans(plan, tasks), tasks, modules: list.modules };
}

/** @throws MillraceError `ERR_TOPOLOGY_INVALID` when sources would have to know groups by something else */
function checkGroups(name: string, before: PhysicalPlan, after: PhysicalPlan): void {
  const keysOf = ({ admission }: PhysicalPlan): object[] =>
    (admission?.gates ?? []).map(({ program, units }) => ({ keys: program.keys, units }));
  if (isDeepStrictEqual(keysOf(before), keysOf(after))) return;
  const message = `whole groups of a source are shed ("windows": "subset"), and the change would make them others`;
  throw updateError(name, [], message);
}

const CHANGED_SHAPE = 'the change would need other tasks';

/**
 * Whether the operator's kernels are to be made anew: not if parameters alone change.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` for properties that cannot change
 */
function checkProperties(
  { topology }: LoadedTopology,
  name: string,
  changed: readonly string[],
): boolean {
  const node = topology.operators.find((operator) => operator.name === name)!;
  const { type, parameters, control } = node;
  const properties = updatableProperties(type);
  const known = parameters === undefined ? properties : [...properties, 'parameters'];
  const wrong = changed.find((property) => !known.includes(property));
  if (wrong !== undefined || known.length === 0) {
    const found = wrong ?? 'type';
    const list = known.map((property) => `'${property}'`).join(', ');
    const expected = known.length === 0 ? 'nothing of it can' : `${list} can`;
    const message = `'${found}' of '${type}' cannot change while it runs; ${expected}`;
    throw updateError(name, [found], message);
  }
  if (changed.includes('parameters') && control !== undefined) {
    const message = 'a control stream changes the parameters: send it a row instead';
    throw updateError(name, ['parameters'], message);
  }
  return properties.length > 0 && !(changed.length === 1 && changed[0] === 'parameters');
}

/** @throws MillraceError `ERR_TOPOLOGY_INVALID` when the streams around the operator would change */
function checkPlan(
  name: string,
  changed: readonly string[],
  before: OperatorPlan,
  after: OperatorPlan,
): void {
  const at = changed.length === 1 ? [changed[0]!] : [];
  before.outputs.forEach(({ name: port, stream }, p) => {
    const other = after.outputs[p];
    if (other?.name === port && isDeepStrictEqual(other.stream, stream)) return;
    const [had, has] = [stream, other?.stream].map((found) =>
      found === undefined ? 'nothing' : describeSchema(found.schema),
    );
    const message = `output '${port}' cannot change while it runs: it is ${had}, and would be ${has}`;
    throw updateError(name, at, message);
  });
  const fixed = (plan: OperatorPlan): object => ({
    ...plan,
    config: undefined,
    note: undefined,
    stages: undefined,
    parameters: plan.parameters && { ...plan.parameters, values: [] },
  });
  if (!isDeepStrictEqual(fixed(before), fixed(after))) throw updateError(name, at, CHANGED_SHAPE);
}

/** Compiles what a task will run; what its chain computes then, if it is in one that kernels cover. */
function addCode(
  { chains, tasks }: PhysicalPlan,
  { id }: TaskPlan,
  updated: OperatorPlan,
  list: ModuleList,
): unknown {
  const chain = chains.find((known) => known.tasks.includes(id));
  if (chain === undefined) {
    addOperatorModules(updated, list);
    return undefined;
  }
  const plans = chain.tasks.map((task) => (task === id ? updated : planOf(tasks[task]!)));
  const program = chainProgram(plans);
  if (program !== undefined) addChainModules(program, plans.at(-1)!, list);
  return program;
}

function planOf({ role }: TaskPlan): OperatorPlan {
  if (role.type !== 'operator') throw new Error('a chain is made of operators');
  return role.plan;
}

function withPlans(plan: PhysicalPlan, updates: readonly UpdatedTask[]): PhysicalPlan {
  const byTask = new Map(updates.map((update) => [update.task, update]));
  const tasks = plan.tasks.map((task): TaskPlan => {
    const update = byTask.get(task.id);
    if (update === undefined || task.role.type !== 'operator') return task;
    return { ...task, role: { ...task.role, plan: update.plan } };
  });
  const chains = plan.chains.map((chain) => {
    const update = updates.find(({ task, isNew }) => isNew && chain.tasks.includes(task));
    return update === undefined ? chain : { ...chain, program: update.program };
  });
  return { ...plan, tasks, chains };
}
