/** What operators are made of, and how they change: for updates. @module */

import type { KernelMemory } from '../../../core/memory.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../../core/operator.ts';
import type { ChainCounts } from '../../../operators/kernels.ts';
import type { TaskMetrics } from '../task-metrics.ts';
import type { OperatorTask } from '../tasks/operator-task.ts';

/** A task of an operator, and what its kernel was made of. */
export interface WiredOperator {
  /** The task that calls the kernel: of a chain, that of its first operator. */
  readonly task: OperatorTask;
  readonly metrics: TaskMetrics;
  /** The kernel as it was made at the start; of a chain, that of all. */
  readonly kernel: Kernel;
  /** The context in which a kernel is made that puts its columns into a memory. */
  readonly contextIn: (memory: KernelMemory) => KernelContext;
  readonly memory: KernelMemory;
  readonly chain: WiredChain | undefined;
}

/** Operators that are one kernel. */
export interface WiredChain {
  /** Their tasks, upstream first. */
  readonly tasks: readonly number[];
  /** Their plans, as they now are. */
  readonly plans: OperatorPlan[];
  readonly tail: Kernel | undefined;
  readonly counts: ChainCounts;
}

/** A change of one task. */
export interface PreparedChange {
  /** Whether it can be made now. */
  canMake(): boolean;
  make(): void;
  /** It will not be made. */
  forget(): void;
}
