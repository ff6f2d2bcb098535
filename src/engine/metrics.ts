/** Reading what the tasks of a running engine count. @module */

import type { Stage } from '../core/operator.ts';
import { type Latencies, LatencyReader } from '../metrics/latency-histogram.ts';
import { heldSlots, SeqlockReader } from '../ringbuf/index.ts';
import {
  HOST,
  type PhysicalPlan,
  type SharedLayout,
  TaskMetric,
  type TaskPlan,
} from '../workers/protocol.ts';
import { AdmissionHistory, type AdmissionStats, SAMPLE_MS } from './admission-history.ts';
import { AdmissionReader, type DroppedLate, type WorkerPriceStats } from './admission-stats.ts';
import { EdgeReader, type EdgeStats, lagOf, milliseconds, type StreamState } from './edge-stats.ts';

export type { EdgeStats, StreamState, TaskWork };
import { LostValue, type TaskWork } from './lost-value.ts';

/** Ledger of one source: `offered = admitted + shed + rejected + expired + spilled`. */
export interface SourceCounts {
  readonly offered: number;
  readonly admitted: number;
  readonly shed: number;
  readonly rejected: number;
  readonly expired: number;
  readonly spilled: number;
  /**
   * Admitted rows that came from disk though an earlier run had begun to hand them on: what it did with them before it
   * ended nobody knows, no other rows were worked on twice. Left out where there are none.
   */
  readonly replayedTwice?: number;
}

/** Counts of one operator, over all its tasks. */
export interface OperatorCounts {
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Rows too late for any window, dropped or sent to `NODE.late`. */
  readonly late: number;
  /** Rows on which an expression failed, skipped or sent to `NODE.errors`. */
  readonly errors: number;
  /** Rows of state that were forgotten at its limit; left out where there are none. */
  readonly evicted?: number;
  /** Rows of state that went to disk (`onLimit: "spill"`), and bytes of them; left out where there are none. */
  readonly spilledRows?: number;
  readonly spilledBytes?: number;
  /** Rows of state that were read back from there, each time that they were. */
  readonly restoredRows?: number;
  /** Results that were not given since rows of theirs had been shed; left out if there are none. */
  readonly withheld?: number;
}

/** Counts of one sink. */
export interface SinkCounts {
  readonly rows: number;
}

/** How a run stands, or how it ended. */
export interface RunSummary {
  readonly name: string;
  readonly status: 'running' | 'completed' | 'stopped' | 'failed';
  readonly seconds: number;
  readonly sources: Readonly<Record<string, SourceCounts>>;
  readonly operators: Readonly<Record<string, OperatorCounts>>;
  readonly sinks: Readonly<Record<string, SinkCounts>>;
}

/** One task as {@link EngineStats} shows it. */
export interface TaskStats {
  readonly node: string;
  readonly instance: number;
  readonly worker: number;
  readonly kind: 'source' | 'operator' | 'sink';
  /**
   * Of an operator in two stages: `local` for those behind its input's tasks, `final` for those that
   * bring together what they give; else `whole`.
   */
  readonly stage: Stage;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly late: number;
  readonly errors: number;
  readonly evicted: number;
  /** Bytes of memory that its state takes now, in pages. */
  readonly stateBytes: number;
  readonly spilledRows: number;
  readonly spilledBytes: number;
  readonly restoredRows: number;
  readonly withheld: number;
  readonly batches: number;
  /** Rows in, per second, since the previous `stats()`. */
  readonly rowsPerSecond: number;
  /** Event time in epoch milliseconds; `null` before the first, `Infinity` when nothing more comes. */
  readonly watermarkMs: number | null;
  /** The clock less the watermark; `null` where there is no finite one. */
  readonly lagMs: number | null;
  /** Whether rows are still to be expected of the sources behind it. */
  readonly state: StreamState;
  /**
   * Sinks: microseconds from a row's entry to its delivery, over the whole run; `null` for others,
   * and for results of windows, which have no one time of entry.
   */
  readonly latencyUs: Latencies | null;
}

/** One ring as {@link EngineStats} shows it. */
export interface RingStats {
  readonly from: string;
  readonly to: readonly string[];
  readonly slots: number;
  /** Slots that the slowest consumer has not released. */
  readonly usedSlots: number;
}

/** Ledger of one source as {@link EngineStats} shows it. */
export interface SourceStats extends SourceCounts {
  /** By class, tenant, place and reason; left out where nothing may be shed. */
  readonly admission?: AdmissionStats;
}

/** A snapshot of a running engine. */
export interface EngineStats {
  readonly elapsedMs: number;
  /** The clock that lags are against, in epoch milliseconds. */
  readonly clockMs: number;
  readonly sources: Readonly<Record<string, SourceStats>>;
  readonly tasks: readonly TaskStats[];
  /** What goes from task to task. */
  readonly edges: readonly EdgeStats[];
  readonly rings: readonly RingStats[];
  /** What the work of each worker must bring; left out where no source may shed. */
  readonly prices?: readonly WorkerPriceStats[];
  /** The tasks that work on rows of sources that may shed, likewise. */
  readonly work?: readonly TaskWork[];
}

/** Rows that inputs refused on the host, by source. */
export type HostRejections = (source: string) => number;

/** Reads the snapshots of all tasks of an engine. */
export class MetricsReader {
  readonly #plan: PhysicalPlan;
  readonly #shared: SharedLayout;
  readonly #readers: readonly SeqlockReader[];
  readonly #latencies: readonly (LatencyReader | undefined)[];
  readonly #rejections: HostRejections;
  readonly #edges: EdgeReader;
  readonly #admission: AdmissionReader;
  readonly #history: AdmissionHistory;
  readonly #lost: LostValue;
  readonly #startedMs: number;
  #sampling: NodeJS.Timeout | undefined;
  readonly #lastRows: Float64Array;
  #lastMs: number;

  constructor(plan: PhysicalPlan, shared: SharedLayout, rejections: HostRejections, nowMs: number) {
    const buffer = shared.memory.buffer as unknown as SharedArrayBuffer;
    this.#plan = plan;
    this.#shared = shared;
    this.#readers = shared.metrics.map((address) => new SeqlockReader(buffer, address));
    this.#latencies = shared.latencies.map((address) =>
      address === undefined ? undefined : new LatencyReader(buffer, address),
    );
    this.#rejections = rejections;
    this.#edges = new EdgeReader(plan);
    this.#admission = new AdmissionReader(plan, shared);
    this.#history = new AdmissionHistory(plan, this.#admission);
    this.#lost = new LostValue(plan, this.#admission);
    this.#startedMs = nowMs;
    this.#lastRows = new Float64Array(plan.tasks.length);
    this.#lastMs = nowMs;
  }

  /** Takes samples for the history of admission, where there is any. */
  startSampling(): void {
    if (this.#history.isEmpty) return;
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_MS);
    this.#sampling.unref();
  }

  /** The run has ended: the last sample. */
  endSampling(): void {
    if (this.#history.isEmpty) return;
    clearInterval(this.#sampling);
    this.#sample();
    this.#admission.end();
  }

  #sample(): void {
    this.#lost.look();
    this.#history.sample(performance.now() - this.#startedMs);
  }

  /** Counts of all nodes; tasks of a node are added up. */
  counts(): Pick<RunSummary, 'sources' | 'operators' | 'sinks'> {
    const sources: Record<string, SourceCounts> = {};
    const operators: Record<string, OperatorCounts> = {};
    const sinks: Record<string, SinkCounts> = {};
    for (const task of this.#plan.tasks) {
      const late = this.#admission.droppedLate(task.id);
      const values = this.#readers[task.id]!.read();
      if (task.role.type === 'source') {
        sources[task.node] = this.#sourceCounts(task, sources[task.node], values, late);
      } else if (task.role.type === 'operator') {
        operators[task.node] = addUp(operators[task.node], values, task.role.stage);
      } else {
        const rows = sinks[task.node]?.rows ?? 0;
        sinks[task.node] = { rows: rows + values[TaskMetric.ROWS_OUT]! };
      }
    }
    return { sources, operators, sinks };
  }

  /** Everything, for `engine.stats()`. */
  stats(nowMs: number, startedMs: number, clockMs: number): EngineStats {
    const seconds = (nowMs - this.#lastMs) / 1000;
    const snapshots = this.#readers.map((reader) => reader.read());
    const states = this.#edges.states(snapshots);
    const tasks = this.#plan.tasks.map((task): TaskStats => {
      const values = snapshots[task.id]!;
      const rowsIn = values[TaskMetric.ROWS_IN]!;
      const rowsPerSecond = seconds > 0 ? (rowsIn - this.#lastRows[task.id]!) / seconds : 0;
      this.#lastRows[task.id] = rowsIn;
      const watermarkMs = milliseconds(values[TaskMetric.WATERMARK]!);
      return {
        node: task.node,
        instance: task.instance,
        worker: task.worker,
        kind: task.role.type,
        stage: task.role.type === 'operator' ? task.role.stage : 'whole',
        rowsIn,
        rowsOut: values[TaskMetric.ROWS_OUT]!,
        late: values[TaskMetric.LATE]!,
        errors: values[TaskMetric.ERRORS]!,
        evicted: values[TaskMetric.EVICTED]!,
        stateBytes: values[TaskMetric.STATE_BYTES]!,
        spilledRows: values[TaskMetric.STATE_SPILLED_ROWS]!,
        spilledBytes: values[TaskMetric.STATE_SPILLED_BYTES]!,
        restoredRows: values[TaskMetric.STATE_RESTORED_ROWS]!,
        withheld: values[TaskMetric.WITHHELD]!,
        batches: values[TaskMetric.BATCHES]!,
        rowsPerSecond,
        watermarkMs,
        lagMs: lagOf(watermarkMs, clockMs),
        state: states[task.id]!,
        latencyUs: this.#latencies[task.id]?.read() ?? null,
      };
    });
    this.#lastMs = nowMs;
    const rings = this.#rings();
    const edges = this.#edges.read(snapshots, clockMs, (ring) => rings[ring]!.usedSlots);
    const sources = this.#withAdmission(this.counts().sources);
    const prices = this.#admission.prices();
    const rowsIn = (task: number): number => tasks[task]!.rowsIn;
    return {
      elapsedMs: nowMs - startedMs,
      clockMs,
      sources,
      tasks,
      edges,
      rings,
      ...(prices.length === 0 ? {} : { prices, work: this.#lost.tasks(rowsIn) }),
    };
  }

  #withAdmission(counts: Readonly<Record<string, SourceCounts>>): Record<string, SourceStats> {
    const sources: Record<string, SourceStats> = { ...counts };
    for (const { id, node } of this.#plan.tasks) {
      const own = this.#admission.cellsOf(id);
      if (own === undefined) continue;
      const cells = [...(sources[node]!.admission?.cells ?? []), ...own];
      const windows = this.#admission.partialWindows(node);
      const history = this.#history.of(node);
      const found = { cells, history, ...(windows === undefined ? {} : { windows }) };
      sources[node] = { ...sources[node]!, admission: found };
    }
    return sources;
  }

  /** The counts of a source's task, and of those before it. */
  #sourceCounts(
    { node, instance }: TaskPlan,
    sum: SourceCounts | undefined,
    values: Float64Array,
    late: DroppedLate,
  ): SourceCounts {
    const refused = instance === 0 ? this.#rejections(node) : 0;
    const replayedTwice = (sum?.replayedTwice ?? 0) + values[TaskMetric.REPLAYED_TWICE]!;
    return {
      offered: (sum?.offered ?? 0) + values[TaskMetric.ROWS_IN]! + refused,
      admitted: (sum?.admitted ?? 0) + values[TaskMetric.ROWS_OUT]! - late.shed - late.expired,
      shed: (sum?.shed ?? 0) + values[TaskMetric.SHED]! + late.shed,
      rejected: (sum?.rejected ?? 0) + values[TaskMetric.REJECTED]! + refused,
      expired: (sum?.expired ?? 0) + late.expired,
      spilled: (sum?.spilled ?? 0) + values[TaskMetric.SPILLED]!,
      ...(replayedTwice > 0 ? { replayedTwice } : {}),
    };
  }

  #rings(): RingStats[] {
    const buffer = this.#shared.memory.buffer as unknown as SharedArrayBuffer;
    const nameOf = (task: number): string =>
      task === HOST ? 'host' : this.#plan.tasks[task]!.node;
    return this.#plan.rings.map((ring) => ({
      from: nameOf(ring.producer.task),
      to: ring.consumers.map((consumer) => nameOf(consumer.task)),
      slots: ring.slots,
      usedSlots: heldSlots(buffer, this.#shared.rings[ring.id]!),
    }));
  }
}

/** What goes from the local stages of an operator to the final ones is neither its input nor output. */
function addUp(
  sum: OperatorCounts | undefined,
  values: Float64Array,
  stage: Stage,
): OperatorCounts {
  const rowsIn = stage === 'final' ? 0 : values[TaskMetric.ROWS_IN]!;
  const rowsOut = stage === 'local' ? 0 : values[TaskMetric.ROWS_OUT]!;
  const evicted = (sum?.evicted ?? 0) + values[TaskMetric.EVICTED]!;
  const withheld = (sum?.withheld ?? 0) + values[TaskMetric.WITHHELD]!;
  return {
    rowsIn: (sum?.rowsIn ?? 0) + rowsIn,
    rowsOut: (sum?.rowsOut ?? 0) + rowsOut,
    late: (sum?.late ?? 0) + values[TaskMetric.LATE]!,
    errors: (sum?.errors ?? 0) + values[TaskMetric.ERRORS]!,
    ...(evicted > 0 ? { evicted } : {}),
    ...addUpSpilled(sum, values),
    ...(withheld > 0 ? { withheld } : {}),
  };
}

/** What an operator had no room for in memory. */
function addUpSpilled(
  sum: OperatorCounts | undefined,
  values: Float64Array,
): Pick<OperatorCounts, 'spilledRows' | 'spilledBytes' | 'restoredRows'> {
  const spilledRows = (sum?.spilledRows ?? 0) + values[TaskMetric.STATE_SPILLED_ROWS]!;
  if (spilledRows === 0) return {};
  const spilledBytes = (sum?.spilledBytes ?? 0) + values[TaskMetric.STATE_SPILLED_BYTES]!;
  const restoredRows = (sum?.restoredRows ?? 0) + values[TaskMetric.STATE_RESTORED_ROWS]!;
  return { spilledRows, spilledBytes, restoredRows };
}
