/**
 * Runs a pipeline of many rows and prints what a row costs, decade by decade; `steady-state.test.ts` starts
 * it with V8's trace of the collector.
 *
 * node --trace-gc test/stress/steady-run.ts ROWS WORKERS
 */
import { setTimeout } from 'node:timers/promises';
import { Interruptions } from '../../bench/steady/interruptions.ts';
import { Millrace } from '../../src/index.ts';

/** What it prints as its last line, as JSON. */
export interface SteadyRun {
  /** Of each decade but the first, which holds the warm-up: CPU time of all threads but the host's. */
  readonly decades: readonly { readonly rows: number; readonly nsPerRow: number }[];
  /** Milliseconds since the process began, when the last decade began and when the run ended. */
  readonly steadyFromMs: number;
  readonly endedMs: number;
  /** Resident memory at both times. */
  readonly rssBytes: readonly [number, number];
  readonly rowsOut: number;
  /** The longest that other work kept a thread waiting in the last decade, of one that never collects. */
  readonly interruptedMs: number;
}

const FIRST_DECADE_ROWS = 1e5;

function pipeline(rows: number): object {
  return {
    version: 1,
    name: 'steady',
    sources: {
      ticks: {
        connector: 'generator',
        count: rows,
        schema: { ts: 'timestamp', id: 'int32', price: 'float64' },
        fields: {
          ts: { time: { start: '2026-01-01T00:00:00Z', step: '1ms' } },
          id: { sequence: { start: 0, step: 1 } },
          price: { uniform: [0, 100] },
        },
        time: { field: 'ts' },
      },
    },
    operators: {
      kept: { type: 'filter', input: 'ticks', where: 'price < 90' },
      keyed: { type: 'map', input: 'kept', select: { key: 'id % 1000', value: 'price * 0.5' } },
      sums: {
        type: 'aggregate',
        input: 'keyed',
        groupBy: ['key'],
        window: { type: 'tumbling', size: '10s' },
        select: { n: 'COUNT(*)', total: 'SUM(value)' },
      },
    },
    sinks: { out: { input: 'sums', connector: 'discard' } },
  };
}

/** CPU time of all threads but this one. */
function workersCpuUs(): number {
  const all = process.cpuUsage();
  const own = process.threadCpuUsage();
  return all.user + all.system - own.user - own.system;
}

async function run(rows: number, workers: number): Promise<SteadyRun> {
  const engine = await Millrace.start(pipeline(rows), { workers });
  const admitted = (): number => engine.stats().sources['ticks']!.admitted;
  const decades: { rows: number; nsPerRow: number }[] = [];
  let steadyFromMs = 0;
  let rssBytes = 0;
  const interruptions = new Interruptions();
  let before = { rows: 0, cpuUs: workersCpuUs() };
  for (let end = FIRST_DECADE_ROWS; end <= rows; end *= 10) {
    if (end === rows) {
      steadyFromMs = performance.now();
      rssBytes = process.memoryUsage.rss();
    }
    while (admitted() < end) {
      await setTimeout(end > 1e6 ? 20 : 1);
      if (end === rows) interruptions.sample();
    }
    const done = admitted();
    const cpuUs = workersCpuUs();
    if (end > FIRST_DECADE_ROWS) {
      const nsPerRow = ((cpuUs - before.cpuUs) * 1000) / (done - before.rows);
      decades.push({ rows: end, nsPerRow });
    }
    before = { rows: done, cpuUs };
  }
  const endedMs = performance.now();
  const endRssBytes = process.memoryUsage.rss();
  const { sinks } = await engine.completed;
  const rowsOut = sinks['out']!.rows;
  await engine.stop();
  return {
    decades,
    steadyFromMs,
    endedMs,
    rssBytes: [rssBytes, endRssBytes],
    rowsOut,
    interruptedMs: interruptions.longestMs(),
  };
}

const [rows, workers] = process.argv.slice(2).map(Number) as [number, number];
process.stdout.write(`\n${JSON.stringify(await run(rows, workers))}\n`);
