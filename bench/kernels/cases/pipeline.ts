/**
 * Question: how much more does a whole pipeline cost than its kernels?
 *
 * generator → filter → map → keyed tumbling window → output, on one worker, as in `bench/pipeline`.
 * `millrace` is the engine: CPU time of the process, worker and host. It is started once and runs on
 * through all rounds, warmed up like every other subject; between its turns nobody takes results, so
 * that it stands still. How fast a start is, `bench/start` measures. `kernels` is the sum of the
 * generator's, the filter's, the map's and the aggregate's time alone on one thread, per row of the
 * source; stamping event time, metrics, the loop and the sink are not in it.
 *
 * Each subject compares its groups, the rows in them and the sum of all sums with arithmetic; the
 * answer is 1 if they are right.
 *
 * @module
 */

import { setTimeout } from 'node:timers/promises';
import type { Batch } from '../../../src/core/batch.ts';
import { tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { OperatorPlan } from '../../../src/core/operator.ts';
import { Millrace, type OutputBatch } from '../../../src/index.ts';
import { pipelineTopology } from '../../pipeline/millrace.ts';
import { expectedAnswer, KEYS, START_MS, WINDOW_MS } from '../../pipeline/workload.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import {
  allocateBatches,
  ChainingOutbox,
  CountingOutbox,
  makeKernel,
  openGenerator,
  planTopology,
  workerMemory,
} from '../millrace.ts';
import { type Answer, type KernelSubject, loopSubject } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';
import { complete, threadCpuNs } from '../../shared/one-kernel.ts';

/** Batches of a stretch: event times are stamped between stretches, outside the time. */
const STRETCH = 64;

/** Sums over result rows. */
interface Found {
  groups: number;
  rows: number;
  total: number;
}

function addResults(plan: OperatorPlan, { columns, selected }: Batch, found: Found): void {
  const { schema } = plan.outputs[0]!.stream;
  const [n, total] = ['n', 'total'].map(
    (name) => columns[schema.findIndex((field) => field.name === name)]!,
  );
  found.groups += selected;
  for (let row = 0; row < selected; row++) {
    found.rows += n!.getI64AsNumber(row);
    found.total += total!.f64[row]!;
  }
}

/** 1 if what was found is what arithmetic says of the first `rows` rows. */
function verdict({ groups, rows, total }: Found, sourceRows: number): Answer {
  const expected = expectedAnswer(sourceRows);
  const isClose = Math.abs(total - expected.total) <= 1e-9 * expected.total;
  return [groups === expected.groups && rows === expected.rows && isClose ? 1 : 0];
}

/** The generator alone, then filter, map and aggregate, each calling the next. */
async function kernelsSubject(): Promise<KernelSubject> {
  const memory = workerMemory();
  const { plans, sources } = planTopology(pipelineTopology(Number.MAX_SAFE_INTEGER));
  const source = await openGenerator(sources.get('ticks')!, memory);
  const { stream } = sources.get('ticks')!.outputs[0]!;
  const batches = allocateBatches(memory, stream, STRETCH);
  const [kept, keyed, sums] = ['kept', 'keyed', 'sums'].map((name) => plans.get(name)!);
  const out = new CountingOutbox(sums!, memory);
  const last = await makeKernel('sums', sums!, memory);
  const middle = await makeKernel('keyed', keyed!, memory);
  const first = await makeKernel('kept', kept!, memory);
  const toLast = new ChainingOutbox(keyed!, memory, last, out);
  const toMiddle = new ChainingOutbox(kept!, memory, middle, toLast);
  const found: Found = { groups: 0, rows: 0, total: 0 };
  out.take = (batch) => addResults(sums!, batch, found);
  let made = 0;
  const stretch = (): number => {
    const startNs = threadCpuNs();
    for (const batch of batches) {
      batch.reset();
      source.read(batch);
    }
    const madeNs = threadCpuNs();
    for (const [b, batch] of batches.entries()) stamp(batch, made + b * BATCH_ROWS);
    made += STRETCH * BATCH_ROWS;
    const stampedNs = threadCpuNs();
    for (const batch of batches) {
      first.onBatch(0, batch, toMiddle);
      complete(last, out, tellWatermark(last, 0, batch.maxTimeUs, out));
    }
    return madeNs - startNs + (threadCpuNs() - stampedNs);
  };
  return {
    name: 'kernels',
    rows: STRETCH * BATCH_ROWS,
    isCompiledLate: true,
    run: (passes) => {
      let ns = 0;
      for (let i = 0; i < passes; i++) ns += stretch();
      return ns;
    },
    answer: () => {
      complete(last, out, tellWatermark(last, 0, Infinity, out));
      return verdict(found, made);
    },
  };
}

/** A millisecond a row, as the generator says in its column. */
function stamp(batch: Batch, firstRow: number): void {
  for (let row = 0; row < BATCH_ROWS; row++) {
    batch.setTimeUs(row, (START_MS + firstRow + row) * 1000);
  }
}

/** The engine, started once; between passes it stands still, since nobody takes its results. */
class EngineRun {
  readonly #engine: Millrace;
  readonly #results: AsyncIterator<OutputBatch>;
  readonly #found: Found = { groups: 0, rows: 0, total: 0 };

  private constructor(engine: Millrace) {
    this.#engine = engine;
    this.#results = engine.output('out')[Symbol.asyncIterator]();
  }

  /** Threads have started and rows have come when it resolves. */
  static async start(): Promise<EngineRun> {
    const topology = pipelineTopology(Number.MAX_SAFE_INTEGER);
    const run = new EngineRun(await Millrace.start(topology, { workers: 1 }));
    while ((await run.#rest()) === 0);
    return run;
  }

  /** Takes the results of about so many rows; CPU time of the process, as if it had been just those. */
  async take(rows: number): Promise<number> {
    const before = await this.#rest();
    const start = process.cpuUsage();
    const groups = this.#found.groups + (rows / WINDOW_MS) * GROUPS_PER_WINDOW;
    while (this.#found.groups < groups && (await this.#next()));
    const after = await this.#rest();
    const { user, system } = process.cpuUsage(start);
    return ((user + system) * 1000 * rows) / (after - before);
  }

  /** Rows that have come so far, once no more come. */
  async #rest(): Promise<number> {
    for (let rows = -1; ;) {
      const { admitted } = this.#engine.stats().sources['ticks']!;
      if (admitted === rows) return rows;
      rows = admitted;
      await setTimeout(REST_MS);
    }
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#results.next();
    if (done === true) return false;
    const counts = value.column('n') as BigInt64Array;
    const totals = value.column('total') as Float64Array;
    this.#found.groups += value.rowCount;
    for (let i = 0; i < value.rowCount; i++) {
      this.#found.rows += Number(counts[i]);
      this.#found.total += totals[i]!;
    }
    return true;
  }

  /** Ends the source, and compares all results with arithmetic. */
  async finish(): Promise<Answer> {
    const drained = this.#engine.drain();
    while (await this.#next());
    const summary = await drained;
    return verdict(this.#found, summary.sources['ticks']!.admitted);
  }
}

/** Longer than a worker keeps its counts to itself. */
const REST_MS = 3;

/** Seven of ten rows are kept, so seven of ten keys are there in each window. */
const GROUPS_PER_WINDOW = 0.7 * KEYS;

/** @param rows - of one pass */
async function engineSubject(rows: number): Promise<KernelSubject> {
  const run = await EngineRun.start();
  return {
    name: 'millrace',
    rows,
    isCompiledLate: true,
    run: (passes) => run.take(passes * rows),
    answer: () => run.finish(),
  };
}

/** The same by hand, for this query alone: typed arrays by key, fired by time. */
function plainSubject(): KernelSubject {
  const counts = new Int32Array(KEYS);
  const totals = new Float64Array(KEYS);
  const found: Found = { groups: 0, rows: 0, total: 0 };
  const fire = (): void => {
    for (let key = 0; key < KEYS; key++) {
      if (counts[key] === 0) continue;
      found.groups++;
      found.rows += counts[key]!;
      found.total += totals[key]!;
    }
    counts.fill(0);
    totals.fill(0);
  };
  const rows = 10 * WINDOW_MS;
  let made = 0;
  const pass = (): void => {
    for (const to = made + rows; made < to; made++) {
      if (made % WINDOW_MS === 0) fire();
      if (made % 10 >= 7) continue;
      const key = made % KEYS;
      counts[key]!++;
      totals[key]! += made * 0.5;
    }
  };
  return loopSubject('javascript', rows, pass, () => {
    fire();
    return verdict(found, made);
  });
}

/** One pipeline. */
export const pipelineCases: readonly KernelCase[] = [
  {
    name: 'pipeline filter-map-window',
    prepare: async ({ scale }: Workshop): Promise<PreparedCase> => ({
      expected: [1],
      subjects: [await engineSubject(scale.pipelineRows), await kernelsSubject(), plainSubject()],
    }),
  },
];
