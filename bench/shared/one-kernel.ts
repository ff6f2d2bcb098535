/** A kernel by itself, as benchmarks run it. @module */

import process from 'node:process';
import { goOn } from '../../src/core/kernel-calls.ts';
import type { KernelMemory } from '../../src/core/memory.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../src/core/operator.ts';
import type { StreamType } from '../../src/core/schema.ts';
import type { AggregateOperator } from '../../src/core/topology/model.ts';
import { aggregateSpec } from '../../src/operators/aggregate/spec.ts';

const STATE_LIMIT_BYTES = 2 ** 30;

/** What the only task of a worker gets, but for what `given` says. */
export function kernelContext(
  memory: KernelMemory,
  rowCapacity: number,
  given: Partial<KernelContext> = {},
): KernelContext {
  return {
    node: 'bench',
    instance: 0,
    instances: 1,
    rowCapacity,
    counters: { addLate: () => {}, addErrors: () => {}, addEvicted: () => {} },
    baseDirectory: '/',
    memory,
    slotHeapBytes: 0,
    readTable: () => Promise.reject(new Error('there is no table')),
    shared: (_name, create) => create(),
    stateLimitBytes: STATE_LIMIT_BYTES,
    ...given,
  };
}

/**
 * The plan of an aggregate by column `k`, over the whole input but for what `given` says.
 *
 * @param select - name → expression
 */
export function planAggregate(
  stream: StreamType,
  select: Readonly<Record<string, string>>,
  given: Partial<AggregateOperator> = {},
): OperatorPlan {
  const node: AggregateOperator = {
    section: 'operators',
    type: 'aggregate',
    name: 'bench',
    inputs: [],
    onError: 'stop',
    parallel: 1,
    groupBy: [{ kind: 'column', name: 'k', pointer: '' }],
    window: undefined,
    emit: { kind: 'end' },
    aggregates: [],
    select: Object.entries(select).map(([name, text]) => ({ name, text, pointer: '' })),
    ...given,
  };
  return aggregateSpec.plan(node, [{ name: 'in', stream }], refuse)!;
}

/** Reports a mistake in what a benchmark has written. */
export function refuse(path: readonly (string | number)[], message: string): never {
  throw new Error(`${path.join('.')}: ${message}`);
}

/** Goes on until a call is done. */
export function complete(kernel: Kernel, out: Outbox, progress: Progress): void {
  let state = progress;
  while (state !== 'done') state = goOn(kernel, out);
}

/**
 * CPU time of this thread so far. The kernel brings a running thread's account up to date only when
 * the process's is asked for.
 */
export function threadCpuNs(): number {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1000;
}

/** The same in milliseconds. */
export function threadCpuMs(): number {
  return threadCpuNs() / 1e6;
}
