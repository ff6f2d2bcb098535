/**
 * Question: how much more does a whole pipeline cost than its kernels?
 *
 * generator → filter → map → keyed tumbling window → output, on one worker, as in `bench/pipeline`.
 * `millrace` is the engine: CPU time of the process, worker and host, from when a third of the rows
 * has come until the end, so that neither start nor warm-up counts. `kernels` is the sum of the
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
import type { OperatorPlan } from '../../../src/core/operator.ts';
import { Millrace } from '../../../src/index.ts';
import { pipelineTopology } from '../../pipeline/millrace.ts';
import { expectedAnswer, KEYS, START_MS, WINDOW_MS } from '../../pipeline/workload.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import {
  allocateBatches,
  ChainingOutbox,
  complete,
  CountingOutbox,
  makeKernel,
  openGenerator,
  planTopology,
  workerMemory,
} from '../millrace.ts';
import { type Answer, type KernelSubject, loopSubject, threadCpuNs } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';

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
      complete(last, out, last.onWatermark(0, batch.maxTimeUs, out));
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
      complete(last, out, last.onWatermark(0, Infinity, out));
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

/** How much of a run is warm-up. */
const WARM_SHARE = 1 / 3;

/** The engine, started anew in each pass. */
function engineSubject(rows: number): KernelSubject {
  const measured = Math.ceil(rows * (1 - WARM_SHARE));
  let answer: Answer = [1];
  const once = async (): Promise<number> => {
    const engine = await Millrace.start(pipelineTopology(rows), { workers: 1 });
    const found: Found = { groups: 0, rows: 0, total: 0 };
    const results = collect(engine, found);
    const admitted = (): number => engine.stats().sources['ticks']!.admitted;
    while (admitted() < rows * WARM_SHARE) await setTimeout(1);
    const before = admitted();
    const start = process.cpuUsage();
    await results;
    await engine.completed;
    const { user, system } = process.cpuUsage(start);
    await engine.stop();
    if (verdict(found, rows)[0] !== 1) answer = [0];
    // Per row, as if all of `measured` had passed while the clock ran.
    return ((user + system) * 1000 * measured) / Math.max(1, rows - before);
  };
  return {
    name: 'millrace',
    rows: measured,
    run: async (passes) => {
      let ns = 0;
      for (let i = 0; i < passes; i++) ns += await once();
      return ns;
    },
    answer: () => answer,
  };
}

async function collect(engine: Millrace, found: Found): Promise<void> {
  for await (const batch of engine.output('out')) {
    const counts = batch.column('n') as BigInt64Array;
    const totals = batch.column('total') as Float64Array;
    found.groups += batch.rowCount;
    for (let i = 0; i < batch.rowCount; i++) {
      found.rows += Number(counts[i]);
      found.total += totals[i]!;
    }
  }
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
      subjects: [engineSubject(scale.pipelineRows), await kernelsSubject(), plainSubject()],
    }),
  },
];
