/** Where a task's results go: its output ports and the edges behind them. @module */

import type { BatchLayout } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import { invariant } from '../../core/invariant.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { Outbox } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import { TaskMetric } from '../protocol.ts';
import { RingEdge } from './edges/ring-edge.ts';
import type { Edge, Pump } from './flow.ts';
import { areIdle } from './flow.ts';
import type { TaskMetrics } from './task-metrics.ts';

/** One output port. */
export interface OutboxPort {
  readonly name: string;
  readonly layout: BatchLayout;
  readonly edges: readonly Edge[];
}

/** Ports that carry what went wrong; their rows are counted as late or errors, not as rows out. */
const SIDE_PORTS: ReadonlySet<string> = new Set(['late', 'errors']);

/** The outbox of one task. */
export class TaskOutbox implements Outbox {
  readonly #ports: readonly Port[];
  /** Everything on this worker that rows of this task can get stuck in. */
  #reach: readonly Pump[] = [];

  constructor(ports: readonly OutboxPort[], metrics: TaskMetrics, memory: KernelMemory) {
    this.#ports = ports.map((port) => new Port(port, metrics, memory));
  }

  /** Set once the whole worker is wired: this task's edges and all tasks and edges behind them. */
  setReach(reach: readonly Pump[]): void {
    this.#reach = reach;
  }

  /** True when nothing of this task's output is stuck on this worker. */
  isSettled(): boolean {
    return areIdle(this.#reach);
  }

  /** The edges behind a port. */
  edgesOf(port: number): readonly Edge[] {
    return this.#ports[port]!.edges;
  }

  offer(port: number, batch: Batch): void {
    if (batch.selected > 0) this.#ports[port]!.offer(batch);
  }

  claim(port: number): Batch | undefined {
    return areIdle(this.#reach) ? this.#ports[port]!.claim() : undefined;
  }

  commit(port: number, isFull: boolean): void {
    this.#ports[port]!.commit(isFull);
  }

  watermark(watermarkUs: TimeUs): void {
    for (const port of this.#ports) {
      for (const edge of port.edges) edge.watermark(watermarkUs);
    }
  }

  /** No more rows, on any port. */
  end(): void {
    for (const port of this.#ports) {
      for (const edge of port.edges) edge.end();
    }
  }
}

class Port {
  readonly edges: readonly Edge[];
  readonly #layout: BatchLayout;
  readonly #metrics: TaskMetrics;
  readonly #isSide: boolean;
  /** The only edge, when it is a ring: rows are then appended in its slots. */
  readonly #ring: RingEdge | undefined;
  #staging: Batch | undefined;
  #claimed: Batch | undefined;
  #rowsBefore = 0;
  readonly #memory: KernelMemory;

  constructor(port: OutboxPort, metrics: TaskMetrics, memory: KernelMemory) {
    this.#memory = memory;
    this.edges = port.edges;
    this.#layout = port.layout;
    this.#metrics = metrics;
    this.#isSide = SIDE_PORTS.has(port.name);
    const [first] = port.edges;
    this.#ring = port.edges.length === 1 && first instanceof RingEdge ? first : undefined;
  }

  offer(batch: Batch): void {
    if (!this.#isSide) this.#metrics.add(TaskMetric.ROWS_OUT, batch.selected);
    for (let e = 0; e < this.edges.length; e++) this.edges[e]!.offer(batch);
  }

  claim(): Batch | undefined {
    let batch: Batch | undefined;
    if (this.#ring === undefined) {
      // Nothing refers to the staging batch any more: everything downstream is idle.
      batch = this.#staging ??= Batch.allocate(this.#layout, this.#memory);
      batch.reset();
    } else {
      batch = this.#ring.claim();
    }
    this.#claimed = batch;
    this.#rowsBefore = batch === undefined ? 0 : batch.rowCount;
    return batch;
  }

  commit(isFull: boolean): void {
    const batch = this.#claimed;
    invariant(batch !== undefined, 'commit without claim');
    this.#claimed = undefined;
    const rows = batch.rowCount - this.#rowsBefore;
    if (!this.#isSide) this.#metrics.add(TaskMetric.ROWS_OUT, rows);
    if (this.#ring !== undefined) {
      this.#ring.commit(isFull);
    } else if (rows > 0) {
      for (let e = 0; e < this.edges.length; e++) this.edges[e]!.offer(batch);
    }
  }
}
