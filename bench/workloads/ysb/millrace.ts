/** The benchmark's topology, run by the engine. @module */

import { fileURLToPath } from 'node:url';
import { Millrace, type Override } from '../../../src/index.ts';
import type { Counts } from './oracle.ts';
import { WINDOW_US } from './tuples.ts';

export const TOPOLOGY = fileURLToPath(new URL('./topology.json', import.meta.url));

/** One run. */
export interface Run {
  readonly counts: Counts;
  readonly seconds: number;
}

/** A change of the document. */
function set(pointer: string, value: unknown): Override {
  return { pointer, valueText: JSON.stringify(value) };
}

/** Runs `events` tuples as fast as they go; the start of threads is not counted. */
export async function runMillrace(events: number, startUs: number, workers: number): Promise<Run> {
  const overrides = [
    set('/sources/tuples/options/events', events),
    set('/sources/tuples/options/startUs', startUs),
    set('/sources/tuples/parallel', workers),
  ];
  const engine = await Millrace.start(TOPOLOGY, { workers, overrides });
  try {
    let startedMs = performance.now();
    while (engine.stats().sources['tuples']!.admitted === 0) {
      startedMs = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const counts = await collect(engine);
    await engine.completed;
    return { counts, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    await engine.stop();
  }
}

/** Reads all results. */
export async function collect(engine: Millrace): Promise<Counts> {
  const counts = new Map<string, number>();
  for await (const batch of engine.output('out')) {
    for (const row of batch) {
      const window = ((row['window_start'] as number) * 1000) / WINDOW_US;
      const key = `${window} ${row['campaign'] as number}`;
      // A window that came twice must not look right.
      counts.set(key, (counts.get(key) ?? 0) + Number(row['views']));
    }
  }
  return counts;
}
