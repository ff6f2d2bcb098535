/**
 * Latency at a constant rate: from when a tuple was due to when its campaign's count has it.
 *
 * The loop is open: a tuple is due whatever became of those before it. What is measured is a sink
 * behind the aggregate on the same stream: it gets a batch when the aggregate is done with it, and
 * takes the age of the batch's oldest tuple for all of them. Tuples of the warm-up are left out.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Millrace } from '../../../src/index.ts';
import { collect, TOPOLOGY } from './millrace.ts';
import type { Counts } from './oracle.ts';

/** Tuples a second. */
export const RATE = 1_000_000;
/** From the call to the first tuple: threads start meanwhile. */
export const LEAD_MS = 1000;

/** What was measured. */
export interface LatencyRun {
  readonly latencyUs: Readonly<Record<'p50' | 'p99' | 'p999' | 'p9999' | 'max', number>>;
  /** Views that were measured. */
  readonly events: number;
  readonly counts: Counts;
  readonly startUs: number;
}

/** Runs tuples at {@link RATE} for so long; the first `warmUpSeconds` are not measured. */
export async function runAtRate(
  seconds: number,
  warmUpSeconds: number,
  workers: number,
): Promise<LatencyRun> {
  const startUs = (Date.now() + LEAD_MS) * 1000;
  const measuredFrom = new Date(startUs / 1000 + warmUpSeconds * 1000).toISOString();
  const document = JSON.parse(readFileSync(TOPOLOGY, 'utf8')) as Record<string, Nodes>;
  const { sources, operators, sinks } = document;
  Object.assign(sources!['tuples']!, {
    options: { events: seconds * RATE, startUs, isPaced: true },
    parallel: 1,
  });
  Object.assign(operators!['projected']!['select'] as object, { event_time: 'event_time' });
  operators!['measured'] = {
    type: 'filter',
    input: 'joined',
    where: `event_time >= TIMESTAMP '${measuredFrom}'`,
  };
  sinks!['seen'] = { connector: 'discard', input: 'measured' };
  const engine = await Millrace.start(document, {
    workers,
    baseDirectory: path.dirname(TOPOLOGY),
  });
  try {
    const counts = await collect(engine);
    await engine.completed;
    const { latencyUs, rowsIn } = engine.stats().tasks.find(({ node }) => node === 'seen')!;
    return { latencyUs: latencyUs!, events: rowsIn, counts, startUs };
  } finally {
    await engine.stop();
  }
}

type Nodes = Record<string, Record<string, unknown>>;
