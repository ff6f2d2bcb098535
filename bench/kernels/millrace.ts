/** Millrace's own part: kernels as a worker makes and calls them, from a topology's plans. @module */

import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox } from '../../src/core/operator.ts';
import type { StreamType } from '../../src/core/schema.ts';
import { generatorSource } from '../../src/connectors/generator/source.ts';
import type { Source } from '../../src/core/connector.ts';
import type { LogicalNode } from '../../src/engine/plan/logical-plan.ts';
import { loadTopology } from '../../src/engine/load.ts';
import { chainProgram } from '../../src/operators/chain/chain.ts';
import * as deferred from '../../src/operators/chain/deferred.ts';
import { createChain, createKernel, createTail } from '../../src/operators/kernels.ts';
import { BATCH_ROWS } from './workshop.ts';
import { kernelContext } from '../shared/one-kernel.ts';

/** A source's columns as a topology declares them; `time` names the column with event time. */
export interface StreamDocument {
  readonly schema: Readonly<Record<string, string>>;
  readonly time?: string;
}

const STATE_LIMIT_BYTES = 4 * 2 ** 30;
const SLOT_HEAP_BYTES = 1 << 20;

/**
 * Plans operators as the engine does.
 *
 * @param operators - as in a topology
 */
export function planOperators(
  sources: Readonly<Record<string, StreamDocument>>,
  operators: Readonly<Record<string, object>>,
): Map<string, OperatorPlan> {
  const names = Object.keys(operators);
  const document = {
    version: 1,
    name: 'bench',
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, { schema, time }]) => [
        name,
        { connector: 'embedded', schema, ...(time === undefined ? {} : { time: { field: time } }) },
      ]),
    ),
    operators,
    sinks: { out: { connector: 'embedded', input: names.at(-1) } },
  };
  return planTopology(document).plans;
}

/** A source with its columns. */
type PlannedSource = Extract<LogicalNode, { readonly type: 'source' }>;

/** The plans of a topology's operators, and its sources, by name. */
export function planTopology(document: object): {
  plans: Map<string, OperatorPlan>;
  sources: Map<string, PlannedSource>;
} {
  const plans = new Map<string, OperatorPlan>();
  const sources = new Map<string, PlannedSource>();
  for (const node of loadTopology(document).logical.nodes) {
    if (node.type === 'operator') plans.set(node.name, node.plan);
    if (node.type === 'source') sources.set(node.name, node);
  }
  return { plans, sources };
}

/** Opens a generator. Its first column is its event time. */
export async function openGenerator(
  { name, node, outputs }: PlannedSource,
  memory: KernelMemory,
): Promise<Source> {
  const never = (): never => {
    throw new Error('nothing here is refused, and nobody waits');
  };
  return await generatorSource.open(node, {
    node: name,
    instance: 0,
    instances: 1,
    nextPart: never,
    stream: outputs[0]!.stream,
    timeColumn: 0,
    clock: { monotonicMs: never, nowUs: never },
    baseDirectory: '/',
    rowCapacity: BATCH_ROWS,
    memory,
    reject: never,
    canReject: () => true,
    wake: never,
    wakeAfter: never,
  });
}

/** A worker's memory, larger than any; pages that nobody touches cost nothing. */
export function workerMemory(): KernelMemory {
  return KernelMemory.create(2 * 2 ** 30);
}

/** Makes the kernel of one task, alone on its worker but for what `given` says. */
export async function makeKernel(
  name: string,
  plan: OperatorPlan,
  memory: KernelMemory,
  given: Partial<KernelContext> = {},
): Promise<Kernel> {
  return await createKernel(plan, { ...contextOf(name, memory), ...given });
}

/** Makes the one kernel of operators in a row. */
export async function makeChain(
  plans: ReadonlyMap<string, OperatorPlan>,
  memory: KernelMemory,
): Promise<Kernel> {
  const members = [...plans].map(([name, plan]) => ({ plan, context: contextOf(name, memory) }));
  const program = chainProgram([...plans.values()]);
  const counts = { rowsIn() {}, rowsOut() {}, watermark() {} };
  return await createChain(program, members, await createTail(members), counts, () => deferred);
}

function contextOf(node: string, memory: KernelMemory): KernelContext {
  const given = { node, slotHeapBytes: SLOT_HEAP_BYTES, stateLimitBytes: STATE_LIMIT_BYTES };
  return kernelContext(memory, BATCH_ROWS, given);
}

/** Empty batches in a worker's memory. */
export function allocateBatches(
  memory: KernelMemory,
  stream: StreamType,
  count: number,
  heapBytes = 0,
  rows = BATCH_ROWS,
): Batch[] {
  const layout = layoutBatch(stream, rows, heapBytes);
  return Array.from({ length: count }, () => {
    const batch = Batch.allocate(layout, memory);
    batch.reset();
    return batch;
  });
}

/** Takes everything at once, and gives each batch to `take` if there is one. */
export class CountingOutbox implements Outbox {
  /** Rows handed on. */
  rows = 0;
  /** Called with every batch, and the rows of its selection that are new. */
  take: ((batch: Batch, port: number) => void) | undefined;
  readonly #slots: readonly Batch[];

  constructor(plan: OperatorPlan, memory: KernelMemory) {
    this.#slots = plan.outputs.map(
      ({ stream }) => allocateBatches(memory, stream, 1, SLOT_HEAP_BYTES)[0]!,
    );
  }

  offer(port: number, batch: Batch): void {
    this.rows += batch.selected;
    this.take?.(batch, port);
  }

  claim(port: number): Batch {
    return this.#slots[port]!;
  }

  commit(port: number): void {
    const slot = this.#slots[port]!;
    this.rows += slot.rowCount;
    this.take?.(slot, port);
    slot.reset();
  }

  watermark(): void {}
}

/** Hands batches on to a kernel, as a task on the same worker gets them. */
export class ChainingOutbox implements Outbox {
  readonly #kernel: Kernel;
  readonly #out: Outbox;
  readonly #slot: Batch;

  constructor(plan: OperatorPlan, memory: KernelMemory, kernel: Kernel, out: Outbox) {
    this.#kernel = kernel;
    this.#out = out;
    this.#slot = allocateBatches(memory, plan.outputs[0]!.stream, 1, SLOT_HEAP_BYTES)[0]!;
  }

  offer(_port: number, batch: Batch): void {
    if (batch.selected > 0) this.#kernel.onBatch(0, batch, this.#out);
  }

  claim(): Batch {
    return this.#slot;
  }

  commit(): void {
    this.offer(0, this.#slot);
    this.#slot.reset();
  }

  watermark(watermarkUs: number): void {
    tellWatermark(this.#kernel, 0, watermarkUs, this.#out);
  }
}
