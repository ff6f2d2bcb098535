/** Makes new kernels for operators that run. @module */

import { invariant } from '../../../core/invariant.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { Kernel, OperatorPlan } from '../../../core/operator.ts';
import {
  createChain,
  createKernel,
  hasParameters,
  withoutParameters,
} from '../../../operators/kernels.ts';
import type { UpdatedTask } from '../../protocol.ts';
import { loadDeferred } from '../load-deferred.ts';
import type { OperatorTask } from '../tasks/operator-task.ts';
import type { PreparedChange, WiredChain, WiredOperator } from './wired-operator.ts';

/** The operators of a worker. */
export class UpdatableOperators {
  readonly #operators: ReadonlyMap<number, WiredOperator>;
  /** Memory of kernels that were made since the start, by the task that calls them. */
  readonly #lent = new Map<OperatorTask, KernelMemory>();

  /** @param operators - by task */
  constructor(operators: ReadonlyMap<number, WiredOperator>) {
    this.#operators = operators;
  }

  /**
   * Makes all that a change needs.
   *
   * @throws MillraceError when a kernel cannot be made: a file that is not there, rows that are bad
   */
  async prepare({ task, plan, isNew, program }: UpdatedTask): Promise<PreparedChange> {
    const wired = this.#operators.get(task);
    invariant(wired !== undefined, `task ${task} is an operator of this worker`);
    if (!isNew) return changeValues(wired, plan);
    const memory = wired.memory.lend();
    try {
      const kernel =
        wired.chain === undefined
          ? await createKernel(withoutParameters(plan), wired.contextIn(memory))
          : await this.#chainOf(wired.chain, task, plan, program, memory);
      return this.#changeKernel(wired, task, plan, kernel, memory);
    } catch (error) {
      memory.giveBack();
      throw error;
    }
  }

  #chainOf(
    { tasks, plans, tail, counts }: WiredChain,
    changed: number,
    changedPlan: OperatorPlan,
    program: unknown,
    memory: KernelMemory,
  ): Promise<Kernel> {
    const members = tasks.map((task, member) => ({
      plan: task === changed ? changedPlan : plans[member]!,
      context: this.#operators.get(task)!.contextIn(memory),
    }));
    return createChain(program, members, tail, counts, loadDeferred);
  }

  #changeKernel(
    { task: operator, kernel: first, chain }: WiredOperator,
    task: number,
    plan: OperatorPlan,
    kernel: Kernel,
    memory: KernelMemory,
  ): PreparedChange {
    return {
      canMake: () => operator.isBetweenCalls(),
      make: () => {
        if (chain !== undefined) chain.plans[chain.tasks.indexOf(task)] = plan;
        if (hasParameters(first)) {
          first.replace(kernel);
          if (plan.parameters?.control === undefined) first.setValues(plan.parameters!.values);
        } else {
          operator.replace(kernel);
        }
        this.#lent.get(operator)?.giveBack();
        this.#lent.set(operator, memory);
      },
      forget: () => memory.giveBack(),
    };
  }
}

/** The kernel stays as it is. */
function changeValues(
  { task, kernel }: WiredOperator,
  { parameters }: OperatorPlan,
): PreparedChange {
  invariant(hasParameters(kernel) && parameters !== undefined, 'the operator has parameters');
  return {
    canMake: () => task.isBetweenCalls(),
    make: () => kernel.setValues(parameters.values),
    forget: () => undefined,
  };
}
