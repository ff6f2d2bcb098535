/** Runs a trace through the engine: one source, one operator, and a sink that sees when rows are done. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type EngineStats,
  Millrace,
  MillraceError,
  type SourceCounts,
} from '../../../../src/index.ts';
import { WARM_UP_MS, warmUpRows } from './arrivals.ts';
import { namedTrace, type TraceName } from './named-trace.ts';

/** What decides who is let in; `none`: all are, and wait. */
export type Subject = 'millrace' | 'random' | 'drop-tail' | 'codel' | 'none';

const POLICIES: Readonly<Record<Exclude<Subject, 'none'>, string>> = {
  millrace: 'value',
  random: 'random',
  'drop-tail': 'dropTail',
  codel: 'codel',
};

/** What to run. */
export interface EngineRun extends TraceName {
  readonly subject: Subject;
  readonly sloMs: number;
  /** Of two workers only this one, 0 or 1, has to work. */
  readonly only?: number;
  /** All rows are due at once. */
  readonly isClosedLoop?: boolean;
  /** Rows come before the trace does, while code is compiled. */
  readonly hasWarmUp: boolean;
  /** What the engine takes for a row besides its work. */
  readonly overheadMs: number;
}

/** What became of the rows of the trace at one worker. */
export interface WorkerLog {
  /** By row: when it was done, in milliseconds since the beginning; `NaN`: never. */
  readonly doneMs: Float64Array;
  /** By row: for how long the thread had waited for a core before, as far as it stood still. */
  readonly preemptedMs: Float64Array;
}

/** What came of it. */
export interface EngineOutcome {
  /** By row of the trace: when it was done with, in milliseconds since the beginning; `NaN`: never. */
  readonly doneMs: Float64Array;
  /** By worker, in the order in which rows come to them. */
  readonly logs: readonly WorkerLog[];
  readonly counts: SourceCounts;
  /** When the last row of the warm-up was done, on the same scale; `-Infinity`: there was none. */
  readonly warmUpDoneMs: number;
  /** Rows of the trace, and of the warm-up before. */
  readonly offeredRows: number;
  readonly samples: readonly Sample[];
  /** Rows done in a millisecond, in the second half of them. */
  readonly rowsPerMs: number;
  /** Rows of the trace that were done. */
  readonly doneRows: number;
  /** All rows that came out. */
  readonly deliveredRows: number;
  /** It came to its end; otherwise it was stopped with rows waiting. */
  readonly hasCompleted: boolean;
}

/** What the engine said of itself at a moment. */
export interface Sample {
  readonly ms: number;
  readonly stats: EngineStats;
}

const SAMPLE_MS = 10;
/** How long rows that are all due at once may take, over what they should. */
const CLOSED_LOOP_PATIENCE = 30;

/** Runs a trace; whoever waits for no end is stopped soon after the last row was offered. */
export async function runEngine(run: EngineRun): Promise<EngineOutcome> {
  const { subject, sloMs, durationMs, hasWarmUp, isClosedLoop = false } = run;
  const warmUpMs = hasWarmUp ? WARM_UP_MS : 0;
  const trace = namedTrace(run);
  const engine = await Millrace.start(document(run, trace.secondMs !== undefined), {
    workers: trace.secondMs === undefined ? 2 : 3,
    baseDirectory: fileURLToPath(new URL('./', import.meta.url)),
  });
  const logs = (trace.secondMs === undefined ? [0] : [0, 1]).map(() => ({
    doneMs: new Float64Array(trace.values.length).fill(Number.NaN),
    preemptedMs: new Float64Array(trace.values.length),
  }));
  const { doneMs } = logs.at(-1)!;
  const samples: Sample[] = [];
  const delivered: Delivered = { rows: 0, warmUpDoneMs: -Infinity };
  try {
    let hasEnded = false;
    const ended = readAll(engine, logs, delivered).then(() => (hasEnded = true));
    const mostMs = isClosedLoop
      ? CLOSED_LOOP_PATIENCE * durationMs
      : warmUpMs + durationMs + 2 * sloMs;
    let startMs = Infinity;
    while (!hasEnded && Date.now() - startMs < mostMs) {
      await Promise.race([ended, sleep(SAMPLE_MS)]);
      const stats = engine.stats();
      if (startMs === Infinity && stats.sources['offered']!.offered > 0) startMs = Date.now();
      if (startMs < Infinity) samples.push({ ms: Date.now() - startMs - warmUpMs, stats });
    }
    if (subject !== 'none') await ended;
    const hasCompleted = hasEnded;
    // The last rows may have come before the last counts were told.
    if (hasCompleted) await engine.completed;
    const counts = engine.stats().sources['offered']!;
    if (!hasCompleted) await engine.stop();
    await ended;
    const times = doneMs.filter((ms) => !Number.isNaN(ms)).sort();
    const warmUp = hasWarmUp ? warmUpRows(run.rowsPerMs) : 0;
    return {
      doneMs,
      logs,
      warmUpDoneMs: delivered.warmUpDoneMs,
      counts,
      offeredRows: doneMs.length + warmUp,
      samples,
      rowsPerMs: steadyRate(times),
      doneRows: times.length,
      deliveredRows: delivered.rows,
      hasCompleted,
    };
  } finally {
    await engine.stop();
  }
}

/** Rows done in a millisecond after the first half, which is as good as it gets. */
function steadyRate(times: Float64Array): number {
  const from = times.length >> 1;
  return (times.length - 1 - from) / (times.at(-1)! - times[from]!);
}

/** What has come out. */
interface Delivered {
  rows: number;
  warmUpDoneMs: number;
}

/** Until the end, or until the engine is stopped. */
async function readAll(
  engine: Millrace,
  logs: readonly WorkerLog[],
  delivered: Delivered,
): Promise<void> {
  const names = logs.length === 1 ? [done] : [first, done];
  try {
    for await (const batch of engine.output('done')) {
      const rows = batch.column('row') as Int32Array;
      logs.forEach(({ doneMs, preemptedMs }, n) => {
        const [times, waits] = Object.keys(names[n]!).map((name) => batch.column(name));
        for (let i = 0; i < rows.length; i++) {
          if (rows[i]! < 0) continue;
          doneMs[rows[i]!] = times![i] as number;
          preemptedMs[rows[i]!] = waits![i] as number;
        }
      });
      const last = rows.lastIndexOf(-1);
      if (last >= 0) delivered.warmUpDoneMs = batch.column('doneMs')[last] as number;
      delivered.rows += rows.length;
    }
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ERR_USAGE') throw error;
  }
}

/** @param hasSecond - rows go on to another worker */
function document(run: EngineRun, hasSecond: boolean): object {
  const {
    subject,
    sloMs,
    workload,
    durationMs,
    rowsPerMs,
    seed,
    overheadMs,
    hasWarmUp,
    only,
    isClosedLoop = false,
  } = run;
  const arrivals = { workload, durationMs, rowsPerMs, seed, overheadMs, hasWarmUp, isClosedLoop };
  const admission =
    subject === 'none'
      ? { onOverload: 'block' }
      : {
          value: 'value',
          class: 'lane',
          slo: `${sloMs}ms`,
          onOverload: 'shed',
          policy: POLICIES[subject],
        };
  const schema = {
    row: 'int32',
    value: 'float64',
    lane: 'int32',
    workMs: 'float64',
    secondMs: 'float64',
    startMs: 'float64',
    durationMs: 'float64',
    workload: 'int32',
  };
  return {
    version: 1,
    name: 'overload',
    sources: {
      offered: {
        connector: 'module',
        module: './arrivals.ts',
        export: 'open',
        options: { ...arrivals, ...(only === undefined ? {} : { only }) },
        schema,
        admission,
      },
    },
    ...(hasSecond ? twoWorkers(schema) : oneWorker),
  };
}

const operator = { type: 'module', module: './work.ts' };
const row = { row: 'int32' };
/** When a worker was done, and what it waited for a core: of the last worker and of the one before. */
const done = { doneMs: 'float64', preemptedMs: 'float64' };
const first = { firstMs: 'float64', firstPreemptedMs: 'float64' };

/** One worker that works on rows. */
const oneWorker = {
  operators: {
    work: { ...operator, input: 'offered', export: 'work', schema: { ...row, ...done } },
  },
  sinks: { done: { connector: 'embedded', input: 'work' } },
  engine: { workers: 2, placement: { pin: { offered: 0, work: 1, done: 1 } } },
};

/** Two of them, one behind the other. */
function twoWorkers(schema: object): object {
  return {
    operators: {
      first: {
        ...operator,
        input: 'offered',
        export: 'workFirst',
        schema: { ...schema, ...first },
      },
      work: {
        ...operator,
        input: 'first',
        export: 'workSecond',
        schema: { ...row, ...done, ...first },
      },
    },
    sinks: { done: { connector: 'embedded', input: 'work' } },
    engine: { workers: 3, placement: { pin: { offered: 0, first: 1, work: 2, done: 2 } } },
  };
}
