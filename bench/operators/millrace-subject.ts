/** Millrace in the benchmark of operators: kernels as a worker makes them. @module */

import { fileURLToPath } from 'node:url';
import type { Batch } from '../../src/core/batch.ts';
import { tellEnd, tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import {
  normalizeOperator,
  type OperatorDocument,
} from '../../src/core/topology/operators/index.ts';
import { FLOAT64, INT32 } from '../../src/core/types.ts';
import { readValue } from '../../src/expr/index.ts';
import { planOperator } from '../../src/operators/specs.ts';
import {
  allocateBatches,
  ChainingOutbox,
  CountingOutbox,
  makeKernel,
} from '../kernels/millrace.ts';
import { type Answer, type KernelSubject } from '../kernels/subject.ts';
import type { BareOperator, OperatorCase } from './case.ts';
import { BatchFeed, type Extent, streamsOf } from './feed.ts';
import { ANSWER_PASSES } from './plain-subject.ts';
import { Tally } from './tally.ts';
import { complete, threadCpuNs } from '../shared/one-kernel.ts';

const MEMORY_BYTES = 2 ** 30;
/** Where the modules of cases are. */
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

type Input = ReturnType<typeof streamsOf>[number];

/** The plan of an operator as a document writes it. */
function planOf(bare: BareOperator, inputs: readonly Input[], given: OperatorCase): OperatorPlan {
  const names = inputs.map(({ name }) => name);
  const reads = names.length === 1 ? { input: names[0] } : { inputs: names };
  const node = normalizeOperator('measured', { ...reads, ...bare } as OperatorDocument);
  const plan = planOperator(
    node,
    inputs,
    (path, message) => {
      throw new Error(`${given.name}: ${path.join('/')}: ${message}`);
    },
    given.tables ?? [],
  );
  if (plan === undefined) throw new Error(`${given.name}: no plan`);
  return plan;
}

/** A kernel with its input and its output. */
export class OperatorRun {
  readonly feed: BatchFeed;
  readonly #kernel: Kernel;
  readonly #out: Outbox;
  readonly #counting: CountingOutbox;
  readonly #schemas: readonly Schema[];

  private constructor(feed: BatchFeed, kernel: Kernel, out: Outbox, last: LastOutput) {
    this.feed = feed;
    this.#kernel = kernel;
    this.#out = out;
    this.#counting = last.out;
    this.#schemas = last.plan.outputs.map(({ stream }) => stream.schema);
    kernel.onClock?.(0);
  }

  static async open(given: OperatorCase, extent: Extent): Promise<OperatorRun> {
    const memory = KernelMemory.create(MEMORY_BYTES);
    const feed = new BatchFeed(given, extent, memory);
    const context = sharedContext(given, memory);
    const open = async (plan: OperatorPlan): Promise<Kernel> =>
      await makeKernel('measured', plan, memory, context);
    const inputs = streamsOf(given);
    if (given.setup !== undefined) {
      const plan = planOf(given.setup, inputs, given);
      const filler = await open(plan);
      const nowhere = new CountingOutbox(plan, memory);
      for (const batch of feed.batches)
        complete(filler, nowhere, filler.onBatch(0, batch, nowhere));
    }
    const plans: OperatorPlan[] = [];
    for (const bare of given.operators) {
      const before = plans.at(-1);
      const reads =
        before === undefined ? inputs : [{ name: 'rows', stream: before.outputs[0]!.stream }];
      plans.push(planOf(bare, reads, given));
    }
    const kernels = await Promise.all(plans.map(open));
    const last = { plan: plans.at(-1)!, out: new CountingOutbox(plans.at(-1)!, memory) };
    let out: Outbox = last.out;
    for (let i = plans.length - 2; i >= 0; i--) {
      out = new ChainingOutbox(plans[i]!, memory, kernels[i + 1]!, out);
    }
    return new OperatorRun(feed, kernels[0]!, out, last);
  }

  pass(): void {
    const { batches, rows } = this.feed;
    const kernel = this.#kernel;
    const out = this.#out;
    for (let b = 0; b < batches.length; b++) {
      complete(kernel, out, kernel.onBatch(b % rows.ports, batches[b]!, out));
      const raised = rows.raisedPorts(b);
      for (let i = 0; i < raised.length; i++) {
        complete(kernel, out, tellWatermark(kernel, raised[i]!, rows.watermarkUs(b), out));
      }
    }
  }

  end(): void {
    for (let port = 0; port < this.feed.rows.ports; port++) {
      complete(this.#kernel, this.#out, tellWatermark(this.#kernel, port, Infinity, this.#out));
      complete(this.#kernel, this.#out, tellEnd(this.#kernel, port, this.#out));
    }
  }

  /** Results go to a tally from now on. */
  tell(tally: Tally, mainOnly: boolean): void {
    this.#counting.take = ({ columns, selection, selected }: Batch, port) => {
      if (mainOnly && port > 0) return;
      const schema = this.#schemas[port]!;
      for (let i = 0; i < selected; i++) {
        const row = selection[i]!;
        tally.add(
          Object.fromEntries(schema.map(({ name }, c) => [name, readValue(columns[c]!, row)])),
        );
      }
    };
  }
}

interface LastOutput {
  readonly plan: OperatorPlan;
  readonly out: CountingOutbox;
}

/** What the kernels of a case have in common. */
function sharedContext({ file }: OperatorCase, memory: KernelMemory): Partial<KernelContext> {
  const shared = new Map<string, unknown>();
  return {
    baseDirectory: FOLDER,
    shared: <Item>(name: string, create: () => Item): Item => {
      if (!shared.has(name)) shared.set(name, create());
      return shared.get(name) as Item;
    },
    ...(file === undefined ? {} : { readTable: () => Promise.resolve(tableOf(file, memory)) }),
  };
}

/** The rows of a file; the first column is of type int32, the others of float64. */
function tableOf(file: Readonly<Record<string, readonly number[]>>, memory: KernelMemory): Batch {
  const columns = Object.entries(file);
  const schema = columns.map(([name], c) => ({ name, type: c === 0 ? INT32 : FLOAT64 }));
  const stream = { schema, hasTime: false };
  const rows = columns[0]![1].length;
  const batch = allocateBatches(memory, stream, 1, 0, Math.ceil(rows / 64) * 64)[0]!;
  for (const [c, [, values]] of columns.entries()) {
    const column = batch.columns[c]!;
    (c === 0 ? column.words : column.f64).set(values);
  }
  batch.setRowCount(rows);
  return batch;
}

/** A kernel that runs on and on; its answer is that of a fresh one. */
export async function millraceSubject(given: OperatorCase, extent: Extent): Promise<KernelSubject> {
  const bench = await OperatorRun.open(given, extent);
  const run = (passes: number): number => {
    let ns = 0;
    for (let i = 0; i < passes; i++) {
      const start = threadCpuNs();
      bench.pass();
      ns += threadCpuNs() - start;
      bench.feed.advance();
    }
    return ns;
  };
  const answer = async (): Promise<Answer> => {
    const fresh = await OperatorRun.open(given, extent);
    const tally = new Tally(given.isOrdered ?? false);
    fresh.tell(tally, given.mainOnly ?? false);
    for (let i = 0; i < ANSWER_PASSES; i++) {
      if (i > 0) fresh.feed.advance();
      fresh.pass();
    }
    fresh.end();
    return tally.answer;
  };
  return {
    name: 'millrace',
    rows: extent.batches * extent.batchRows,
    isCompiledLate: true,
    run,
    answer,
  };
}
