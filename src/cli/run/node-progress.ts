/** What the nodes of a run have done so far, summed over their tasks. Pure. @module */

import type { EngineStats, SourceCounts, TaskStats } from '../../index.ts';

/** One node at one moment. */
export interface NodeProgress {
  readonly name: string;
  readonly kind: 'source' | 'operator' | 'sink';
  /** For a source: rows offered. */
  readonly rowsIn: number;
  /** For a source: rows admitted; for a sink: rows taken. */
  readonly rowsOut: number;
  readonly late: number;
  readonly evicted: number;
  readonly spilledBytes: number;
  /** Bytes of memory that its state takes. */
  readonly stateBytes: number;
  /** Rows on which an expression failed. */
  readonly errors: number;
  readonly batches: number;
  /** The ledger, of a source. */
  readonly source: SourceCounts | undefined;
  /** As {@link EngineStats} has it, of the task that is furthest behind. */
  readonly watermarkMs: number | null;
  /** Of a sink: percentiles of the task that is slowest at each; else `null`. */
  readonly latencyUs: TaskStats['latencyUs'];
  /** How full the fullest ring into the node is, from 0 to 1; `undefined` without a ring. */
  readonly fill: number | undefined;
}

/** All nodes at one moment. */
export interface RunProgress {
  readonly elapsedMs: number;
  readonly nodes: readonly NodeProgress[];
}

/** Sums up what the tasks of each node count; nodes in the order of the plan. */
export function progressOf(stats: EngineStats): RunProgress {
  const nodes = new Map<string, NodeProgress>();
  for (const task of stats.tasks) {
    const sum = nodes.get(task.node);
    nodes.set(task.node, {
      name: task.node,
      kind: task.kind,
      // What goes from the local stage of a node to the final one is neither its input nor its output.
      rowsIn: (sum?.rowsIn ?? 0) + (task.stage === 'final' ? 0 : task.rowsIn),
      rowsOut: (sum?.rowsOut ?? 0) + (task.stage === 'local' ? 0 : task.rowsOut),
      ...addUp(sum, task),
      source: task.kind === 'source' ? stats.sources[task.node] : undefined,
      watermarkMs:
        sum === undefined ? task.watermarkMs : earlier(sum.watermarkMs, task.watermarkMs),
      latencyUs: slower(sum?.latencyUs ?? null, task.latencyUs),
      fill: fillOf(stats, task.node),
    });
  }
  return { elapsedMs: stats.elapsedMs, nodes: [...nodes.values()] };
}

/** What is the same for all tasks. */
type Counts = Pick<
  TaskStats,
  'late' | 'evicted' | 'spilledBytes' | 'stateBytes' | 'errors' | 'batches'
>;

function addUp(sum: Counts | undefined, task: Counts): Counts {
  const { late, evicted, spilledBytes, stateBytes, errors, batches } = task;
  if (sum === undefined) return { late, evicted, spilledBytes, stateBytes, errors, batches };
  return {
    late: sum.late + late,
    evicted: sum.evicted + evicted,
    spilledBytes: sum.spilledBytes + spilledBytes,
    stateBytes: sum.stateBytes + stateBytes,
    errors: sum.errors + errors,
    batches: sum.batches + batches,
  };
}

/** Rows that a source did not let in, or on which an operator failed. */
export function lostRows({ source, errors }: NodeProgress): number {
  if (source === undefined) return errors;
  return source.shed + source.rejected + source.expired;
}

/** The rows by which a node's rate is told: what a sink took, what came in elsewhere. */
export function ratedRows({ kind, rowsIn, rowsOut }: NodeProgress): number {
  return kind === 'sink' ? rowsOut : rowsIn;
}

/**
 * How far a node is behind the source that is furthest in event time, in milliseconds; `undefined`
 * without event time, and when nothing more comes.
 */
export function watermarkLagMs(node: NodeProgress, { nodes }: RunProgress): number | undefined {
  const known = nodes.flatMap(({ watermarkMs }) =>
    watermarkMs !== null && Number.isFinite(watermarkMs) ? [watermarkMs] : [],
  );
  if (node.watermarkMs === null || !Number.isFinite(node.watermarkMs)) return undefined;
  return Math.max(...known) - node.watermarkMs;
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b);
}

function slower(a: TaskStats['latencyUs'], b: TaskStats['latencyUs']): TaskStats['latencyUs'] {
  if (a === null || b === null) return a ?? b;
  return {
    p50: Math.max(a.p50, b.p50),
    p99: Math.max(a.p99, b.p99),
    p999: Math.max(a.p999, b.p999),
    p9999: Math.max(a.p9999, b.p9999),
    max: Math.max(a.max, b.max),
  };
}

function fillOf(stats: EngineStats, node: string): number | undefined {
  const fills = stats.rings
    .filter((ring) => ring.to.includes(node))
    .map((ring) => ring.usedSlots / ring.slots);
  return fills.length === 0 ? undefined : Math.max(...fills);
}

/**
 * Rates over the last moments. Kept here and not taken from the engine, whose rates are those since
 * anybody last asked.
 */
export class RateWindow {
  readonly #spanMs: number;
  #samples: RunProgress[] = [];

  /** @param spanMs - how long a row counts for the rate */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Adds a moment; of those too old, one is kept to measure from. */
  add(progress: RunProgress): void {
    this.#samples.push(progress);
    const oldest = progress.elapsedMs - this.#spanMs;
    while (this.#samples.length > 2 && this.#samples[1]!.elapsedMs <= oldest) this.#samples.shift();
  }

  /** Rows per second of a node. */
  rate(name: string): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || first === last) return 0;
    const rows = rowsOf(last, name) - rowsOf(first, name);
    return rows / ((last.elapsedMs - first.elapsedMs) / 1000);
  }
}

function rowsOf({ nodes }: RunProgress, name: string): number {
  const node = nodes.find((candidate) => candidate.name === name);
  return node === undefined ? 0 : ratedRows(node);
}
