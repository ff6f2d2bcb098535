/** An operator changes when nothing refers to its kernel, and the memory of kernels is used again. */

import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { KernelMemory } from '../../../src/core/memory.ts';
import type { Kernel, OperatorPlan, Progress } from '../../../src/core/operator.ts';
import type { ThreadControl } from '../../../src/ringbuf/index.ts';
import type { TaskOutbox } from '../../../src/workers/thread/outbox.ts';
import { PortWatermarks } from '../../../src/workers/thread/port-watermarks.ts';
import type { TaskMetrics } from '../../../src/workers/thread/task-metrics.ts';
import { OperatorTask } from '../../../src/workers/thread/tasks/operator-task.ts';
import { UpdatableOperators } from '../../../src/workers/thread/updates/updatable-operators.ts';
import { soundPlan } from '../../support/kernel/documents.ts';
import { testContext } from '../../support/kernel/run-kernel.ts';
import { schemaOf } from '../operators/aggregate-nodes.ts';

const IN = { name: 'in', schema: schemaOf({ x: 'float64' }), hasTime: false };
const planOf = (v: string): OperatorPlan => soundPlan({ type: 'map', select: { v } }, [IN]);

/** A task whose output, and whose kernel, stand still at will. */
function taskOf(kernel: Kernel): { task: OperatorTask; settle: (isSettled: boolean) => void } {
  let isOpen = true;
  const outbox = { isSettled: () => isOpen } as unknown as TaskOutbox;
  const task = new OperatorTask({
    id: 0,
    node: 'tested',
    kernel,
    outbox,
    watermarks: new PortWatermarks([0], 1),
    metrics: { take: () => undefined } as unknown as TaskMetrics,
    control: { enter: () => undefined } as unknown as ThreadControl,
  });
  return { task, settle: (isSettled) => void (isOpen = isSettled) };
}

describe('a change waits', () => {
  const memory = KernelMemory.create(4 * 1024 * 1024);
  const { context } = testContext({ rowCapacity: 64 });

  function operators(kernel: Kernel): {
    operators: UpdatableOperators;
    task: OperatorTask;
    settle: (isSettled: boolean) => void;
  } {
    const { task, settle } = taskOf(kernel);
    const metrics = {} as TaskMetrics;
    const contextIn = (lent: KernelMemory): typeof context => ({ ...context, memory: lent });
    const wired = { task, metrics, kernel, contextIn, memory, chain: undefined };
    return { operators: new UpdatableOperators(new Map([[0, wired]])), task, settle };
  }
  const updated = (v: string): Parameters<UpdatableOperators['prepare']>[0] => {
    return { task: 0, plan: planOf(v), isNew: true, program: undefined };
  };

  test('while rows of the kernel are on their way', async () => {
    const { operators: updatable, settle } = operators({ onBatch: () => 'done' });
    const change = await updatable.prepare(updated('x + 1'));
    settle(false);
    expect(change.canMake()).toBe(false);
    settle(true);
    expect(change.canMake()).toBe(true);
  });

  test('while the kernel has not finished', async () => {
    let progress: Progress = 'blocked';
    const kernel: Kernel = { onBatch: () => progress, resume: () => progress };
    const { operators: updatable, task } = operators(kernel);
    const change = await updatable.prepare(updated('x + 2'));
    task.accept(0, { selected: 1 } as Batch);
    expect(change.canMake()).toBe(false);
    progress = 'done';
    task.pump();
    expect(change.canMake()).toBe(true);
  });

  test('and the memory of kernels that were replaced, or never used, has a bound', async () => {
    const { operators: updatable } = operators({ onBatch: () => 'done' });
    const change = async (i: number): Promise<void> => {
      const made = await updatable.prepare(updated(`x + ${i % 10}`));
      if (i % 3 === 0) made.forget();
      else made.make();
    };
    for (let i = 0; i < 10; i++) await change(i);
    const before = memory.usedBytes;
    for (let i = 0; i < 60; i++) await change(i);
    expect(memory.usedBytes).toBe(before);
  });
});
