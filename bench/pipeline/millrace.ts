/** The pipeline on Millrace: a generator, a filter, a map, a keyed tumbling window, an output. @module */

import { Millrace } from '../../src/index.ts';
import { type Answer, KEYS, type PipelineRun, WINDOW_MS } from './workload.ts';

/** The pipeline over so many rows. */
export function pipelineTopology(rows: number): object {
  return {
    version: 1,
    name: 'pipeline',
    sources: {
      ticks: {
        connector: 'generator',
        count: rows,
        schema: { ts: 'timestamp', id: 'int32' },
        fields: {
          ts: { time: { start: '2026-01-01T00:00:00Z', step: '1ms' } },
          id: { sequence: { start: 0, step: 1 } },
        },
        time: { field: 'ts' },
      },
    },
    operators: {
      kept: { type: 'filter', input: 'ticks', where: 'MOD(id, 10) < 7' },
      keyed: {
        type: 'map',
        input: 'kept',
        select: { key: `MOD(id, ${KEYS})`, value: 'CAST(id AS DOUBLE) * 0.5' },
      },
      sums: {
        type: 'aggregate',
        input: 'keyed',
        groupBy: ['key'],
        window: { type: 'tumbling', size: `${WINDOW_MS}ms` },
        select: { n: 'COUNT(*)', total: 'SUM(value)' },
      },
    },
    sinks: { out: { input: 'sums', connector: 'embedded' } },
  };
}

/** Runs `rows` rows on `workers` threads; the start of threads and the compiling are not counted. */
export async function runMillrace(rows: number, workers: number): Promise<PipelineRun> {
  const engine = await Millrace.start(pipelineTopology(rows), { workers });
  const answer: Answer = { groups: 0, rows: 0, total: 0 };
  let startedMs = performance.now();
  try {
    // The clock starts when rows flow: threads take some 100 ms to start, once.
    while (engine.stats().sources['ticks']!.admitted === 0) {
      startedMs = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for await (const batch of engine.output('out')) {
      const counts = batch.column('n') as BigInt64Array;
      const totals = batch.column('total') as Float64Array;
      answer.groups += batch.rowCount;
      for (let i = 0; i < batch.rowCount; i++) {
        answer.rows += Number(counts[i]);
        answer.total += totals[i]!;
      }
    }
    await engine.completed;
    return { answer, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    await engine.stop();
  }
}
