/** Runs a kernel over a script of rows, watermarks and ends. @module */

import { testMemory } from '../memory.ts';
import type { Batch } from '../../../src/core/batch.ts';
import { goOn, tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { ColumnMemory } from '../../../src/core/memory.ts';
import type {
  Kernel,
  KernelContext,
  KernelFactory,
  OperatorPlan,
  Progress,
} from '../../../src/core/operator.ts';
import { readTable } from '../../../src/workers/thread/read-table.ts';
import { systemClock } from '../../../src/workers/thread/system-clock.ts';
import type { Remembering } from '../../../src/state/index.ts';
import { finish, readSnapshot, writeSnapshot } from '../../../src/state/index.ts';
import { allocateBatch, fillBatch, poisonBatch } from './rows.ts';
import type { TestRow } from './rows.ts';
import { MemorySpill } from './memory-spill.ts';
import { TestOutbox } from './test-outbox.ts';

/** One thing that happens to a kernel. Ends, with a watermark of `Infinity` before, come by themselves. */
export type Step =
  | { readonly port: number; readonly row: TestRow }
  | { readonly port: number; readonly watermarkUs: number };

/** A step, or the clock comes to a time, for kernels that are told it; it begins at 0. */
export type ClockedStep = Step | { readonly clockUs: number };

/** How a script is played. */
export interface RunOptions {
  readonly rowCapacity: number;
  /** How many rows the next batch may have; as many as there are when left out. */
  readonly batchRows?: () => number;
  /** Puts garbage between the rows, and batches without selected rows between batches. */
  readonly gaps?: boolean;
  /** The outbox refuses every other claim. */
  readonly refuses?: boolean;
  readonly outputHeapBytes?: number;
  readonly stateLimitBytes?: number;
  readonly slotHeapBytes?: number;
  readonly baseDirectory?: string;
  /** Which of its node's tasks the kernel is; 0 when left out. */
  readonly instance?: number;
  /** What kernels of one worker have in common; its own when left out. */
  readonly shared?: Map<string, unknown>;
  /**
   * After which calls the kernel is thrown away, and another goes on with what it remembered; after
   * none when left out.
   */
  readonly renews?: () => boolean;
  /** Gets the store of each kernel that asks for one. */
  readonly spills?: MemorySpill[];
  /** Batches lie in the worker's memory, as they mostly do; else each in memory of its own. */
  readonly inMemory?: boolean;
}

/** What a run gave. */
export interface RunResult {
  readonly out: TestOutbox;
  readonly late: number;
  readonly errors: number;
  readonly evicted: number;
  /** Rows of state that went to disk, and that were read back. */
  readonly spilled: number;
  readonly restored: number;
}

const INPUT_HEAP_BYTES = 64 * 1024;
const MOST_RESUMES = 100_000;

/** The context of a test, and the counts the kernel keeps. */
export function testContext(options: RunOptions): { context: KernelContext; counts: number[] } {
  const counts = [0, 0, 0, 0, 0];
  const shared = options.shared ?? new Map<string, unknown>();
  const context: KernelContext = {
    node: 'tested',
    instance: options.instance ?? 0,
    instances: 1,
    rowCapacity: options.rowCapacity,
    counters: {
      addLate: (rows) => void (counts[0]! += rows),
      addErrors: (rows) => void (counts[1]! += rows),
      addEvicted: (rows) => void (counts[2]! += rows),
      addSpilled: (rows) => void (counts[3]! += rows),
      addRestored: (rows) => void (counts[4]! += rows),
    },
    baseDirectory: options.baseDirectory ?? '/nowhere',
    slotHeapBytes: options.slotHeapBytes ?? 256 * 1024,
    stateLimitBytes: options.stateLimitBytes ?? 64 * 1024 * 1024,
    memory: testMemory(),
    shared: <Item>(name: string, create: () => Item): Item => {
      if (!shared.has(name)) shared.set(name, create());
      return shared.get(name) as Item;
    },
    openSpillStore: () => {
      const store = new MemorySpill();
      options.spills?.push(store);
      return Promise.resolve(store);
    },
    readTable: (table) =>
      readTable(table, {
        node: 'tested',
        clock: systemClock,
        baseDirectory: context.baseDirectory,
        limitBytes: context.stateLimitBytes,
        memory: context.memory,
        beat: () => undefined,
      }),
  };
  return { context, counts };
}

/** Plays a script to a fresh kernel, then ends all inputs in order. */
export async function runKernel(
  create: KernelFactory,
  plan: OperatorPlan,
  script: readonly ClockedStep[],
  options: RunOptions,
): Promise<RunResult> {
  const { context, counts } = testContext(options);
  const make = async (): Promise<Kernel> => {
    const { counters } = context;
    return create(structuredClone(plan), { ...testContext(options).context, counters });
  };
  const kernel = await create(structuredClone(plan), context);
  const out = new TestOutbox(plan.outputs, {
    rowCapacity: options.rowCapacity,
    ...(options.outputHeapBytes === undefined ? {} : { heapBytes: options.outputHeapBytes }),
    refuses: options.refuses ?? false,
    memory: options.inMemory === true ? context.memory : undefined,
  });
  await play(new Subject(kernel, make), out, plan, script, options, context.memory);
  return {
    out,
    late: counts[0]!,
    errors: counts[1]!,
    evicted: counts[2]!,
    spilled: counts[3]!,
    restored: counts[4]!,
  };
}

/**
 * Where the variable MILLRACE_TEST_RENEWS is a number, kernels of all tests are renewed now and then: so
 * whatever is tested is tested with that as well.
 */
const renewsAnyway = ((seed: number) => {
  let state = seed;
  return seed === 0 ? undefined : () => (state = (Math.imul(state, 48271) >>> 0) % 65521) % 4 === 0;
})(Number(process.env['MILLRACE_TEST_RENEWS'] ?? 0));

/** Replaces the kernel after calls 4, 8, 16 and so on; after none where it is not on. */
export function nowAndThen(isOn: boolean): () => boolean {
  let calls = 0;
  return () => isOn && ++calls >= 4 && (calls & (calls - 1)) === 0;
}

/** The kernel of now. */
class Subject {
  readonly #make: () => Promise<Kernel>;
  kernel: Kernel;

  constructor(kernel: Kernel, make: () => Promise<Kernel>) {
    this.kernel = kernel;
    this.#make = make;
  }

  /** Another kernel goes on with what this one remembers. */
  async renew(): Promise<void> {
    this.kernel = copyState(this.kernel, await this.#make());
  }
}

/** Reads into one what another remembers; the first is returned. */
export function copyState<Owner extends Remembering>(source: Remembering, target: Owner): Owner {
  const chunks: Uint8Array[] = [];
  finish(writeSnapshot(source, 'tested', (bytes) => void chunks.push(bytes.slice())));
  finish(readSnapshot(target, 'tested', chunksSource(chunks)));
  return target;
}

/** Gives what is in chunks, as a file would. */
export function chunksSource(chunks: readonly Uint8Array[]): (target: Uint8Array) => number {
  let chunk = 0;
  let at = 0;
  return (target) => {
    while (chunk < chunks.length && at === chunks[chunk]!.length) {
      chunk++;
      at = 0;
    }
    const part = (chunks[chunk] ?? new Uint8Array(0)).subarray(at, at + target.length);
    target.set(part);
    at += part.length;
    return part.length;
  };
}

async function play(
  subject: Subject,
  out: TestOutbox,
  plan: OperatorPlan,
  script: readonly ClockedStep[],
  options: RunOptions,
  memory: ColumnMemory,
): Promise<void> {
  // Two per port in turns: a kernel that keeps a batch finds it overwritten, not filled anew.
  const allocate = () =>
    plan.inputs.map((stream) =>
      allocateBatch(
        stream,
        options.rowCapacity,
        INPUT_HEAP_BYTES,
        options.inMemory === true ? memory : undefined,
      ),
    );
  const batches = [allocate(), allocate()] as const;
  let nowUs = 0;
  subject.kernel.onClock?.(nowUs);
  const renew = async (): Promise<void> => {
    if ((options.renews ?? renewsAnyway)?.() !== true) return;
    await subject.renew();
    subject.kernel.onClock?.(nowUs);
  };
  let sent = 0;
  const send = (port: number, rows: readonly TestRow[]): void => {
    const { kernel } = subject;
    const batch = (sent++ % 2 === 0 ? batches[0] : batches[1])[port]!;
    fillBatch(batch, rows, options.gaps === true ? rows.map((_, i) => 2 * i + 1) : undefined);
    complete(kernel, out, () => kernel.onBatch(port, batch, out));
    poisonBatch(batch);
    if (options.gaps === true) sendNothing(kernel, out, port, batch);
  };
  const mostRows = options.gaps === true ? options.rowCapacity / 2 : options.rowCapacity;
  for (let at = 0; at < script.length;) {
    const step = script[at]!;
    const { kernel } = subject;
    if ('clockUs' in step) {
      nowUs = step.clockUs;
      kernel.onClock?.(step.clockUs);
      while ((kernel.dueUs?.() ?? Infinity) <= step.clockUs)
        complete(kernel, out, () => kernel.onDue!(out));
      at++;
      await renew();
      continue;
    }
    if ('watermarkUs' in step) {
      complete(kernel, out, () => tellWatermark(kernel, step.port, step.watermarkUs, out));
      at++;
      await renew();
      continue;
    }
    const wanted = Math.min(options.batchRows?.() ?? Infinity, mostRows);
    const rows: TestRow[] = [];
    while (rows.length < wanted && at < script.length) {
      const next = script[at]!;
      if (!('row' in next) || next.port !== step.port) break;
      rows.push(next.row);
      at++;
    }
    send(step.port, rows);
    await renew();
  }
  for (let port = 0; port < plan.inputs.length; port++) {
    const { kernel } = subject;
    complete(kernel, out, () => tellWatermark(kernel, port, Infinity, out));
    await renew();
    const last = subject.kernel;
    complete(last, out, () => tellEnd(last, port, out));
    await renew();
  }
}

/** A batch of rows of which none is selected. */
function sendNothing(kernel: Kernel, out: TestOutbox, port: number, batch: Batch): void {
  fillBatch(batch, [{ values: batch.columns.map(() => null), timeUs: 5 }], [1]);
  batch.selected = 0;
  complete(kernel, out, () => kernel.onBatch(port, batch, out));
}

/** Calls a kernel until it says `done`. */
export function complete(kernel: Kernel, out: TestOutbox, call: () => Progress): void {
  out.beginCall();
  let progress = call();
  out.endCall(progress);
  for (let resumes = 0; progress !== 'done'; resumes++) {
    if (resumes > MOST_RESUMES) throw new Error('the kernel is blocked forever');
    out.beginCall();
    progress = goOn(kernel, out);
    out.endCall(progress);
  }
}
