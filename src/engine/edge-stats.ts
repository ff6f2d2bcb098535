/** How connections of tasks stand: rows, watermarks, idleness, queues. @module */

import {
  CHANNEL_ROWS,
  CHANNEL_WATERMARK,
  channelMetric,
  HOST,
  type PhysicalPlan,
  TaskMetric,
  TaskState,
} from '../workers/protocol.ts';
import { labelOf } from './plan/task-labels.ts';

/**
 * What comes on a stream: `idle` while every source behind it has been silent for its `idleAfter`, or
 * has ended; `ended` when all have.
 */
export type StreamState = 'active' | 'idle' | 'ended';

/** A connection of two tasks as {@link EngineStats} shows it; names are those of the plan. */
export interface EdgeStats {
  readonly from: string;
  readonly port: string;
  readonly to: string;
  /** `call` inside a worker, `ring` between workers. */
  readonly by: 'call' | 'ring';
  /** Rows that the reader has taken. */
  readonly rows: number;
  /**
   * What the reader has been told: event time in epoch milliseconds; `null` before the first,
   * `Infinity` while nobody need wait for more.
   */
  readonly watermarkMs: number | null;
  /** The clock less the watermark; `null` where there is no finite one. */
  readonly lagMs: number | null;
  readonly state: StreamState;
  /** Slots of the ring, and those that its slowest reader has not released; `null` for calls. */
  readonly slots: number | null;
  readonly usedSlots: number | null;
}

/** A connection of a plan. */
interface Connection {
  readonly from: number;
  readonly port: string;
  readonly to: number;
  readonly channel: number;
  readonly ring: number | undefined;
}

/** The snapshot of each task, by its number. */
export type TaskValues = readonly Float64Array[];

/** Finds the figures of connections among those of their readers. */
export class EdgeReader {
  readonly #plan: PhysicalPlan;
  readonly #connections: readonly Connection[];
  /** By task. */
  readonly #producersOf: readonly (readonly number[])[];

  constructor(plan: PhysicalPlan) {
    this.#plan = plan;
    this.#connections = connectionsOf(plan);
    const byReader = Map.groupBy(this.#connections, ({ to }) => to);
    this.#producersOf = plan.tasks.map(({ id }) =>
      (byReader.get(id) ?? []).map(({ from }) => from),
    );
  }

  /**
   * All connections, in the order of the plan.
   *
   * @param usedSlots - of each ring
   */
  read(
    values: TaskValues,
    clockMs: number,
    usedSlots: (ring: number) => number,
  ): readonly EdgeStats[] {
    const states = this.states(values);
    return this.#connections.map(({ from, port, to, channel, ring }): EdgeStats => {
      const { channels } = this.#plan.tasks[to]!;
      const figures = values[to]!;
      const isOnly = channels.length === 1;
      const watermarkMs = milliseconds(
        figures[isOnly ? TaskMetric.WATERMARK : channelMetric(channel, CHANNEL_WATERMARK)]!,
      );
      return {
        from: labelOf(this.#plan, from),
        port,
        to: labelOf(this.#plan, to),
        by: ring === undefined ? 'call' : 'ring',
        rows: figures[isOnly ? TaskMetric.ROWS_IN : channelMetric(channel, CHANNEL_ROWS)]!,
        watermarkMs,
        lagMs: lagOf(watermarkMs, clockMs),
        state: states[from]!,
        slots: ring === undefined ? null : this.#plan.rings[ring]!.slots,
        usedSlots: ring === undefined ? null : usedSlots(ring),
      };
    });
  }

  /** What comes out of each task, by its number: sources say it, others have it from those they read. */
  states(values: TaskValues): readonly StreamState[] {
    const states: StreamState[] = [];
    // Tasks come after those they read.
    for (const task of this.#plan.tasks) {
      if (task.role.type === 'source') {
        states.push(STATES[values[task.id]![TaskMetric.STATE]!] ?? 'active');
        continue;
      }
      const found = new Set(this.#producersOf[task.id]!.map((from) => states[from] ?? 'active'));
      states.push(found.has('active') ? 'active' : found.has('idle') ? 'idle' : 'ended');
    }
    return states;
  }
}

const STATES: Readonly<Record<number, StreamState>> = {
  [TaskState.ACTIVE]: 'active',
  [TaskState.IDLE]: 'idle',
  [TaskState.ENDED]: 'ended',
};

/** As figures show a watermark of `watermarkUs` microseconds. */
export function milliseconds(watermarkUs: number): number | null {
  return watermarkUs === -Infinity ? null : watermarkUs / 1000;
}

/** How far a watermark is behind the clock. */
export function lagOf(watermarkMs: number | null, clockMs: number): number | null {
  return watermarkMs === null || watermarkMs === Infinity ? null : clockMs - watermarkMs;
}

function connectionsOf(plan: PhysicalPlan): Connection[] {
  return plan.tasks.flatMap((task) =>
    task.outputs.flatMap(({ port, edges }) =>
      edges
        .flatMap((edge) => (edge.kind === 'forward' ? [edge.target] : edge.targets))
        .flatMap((target): Connection[] => {
          if (target.kind === 'local') {
            const { task: to, channel } = target;
            return [{ from: task.id, port, to, channel, ring: undefined }];
          }
          const { ring } = target;
          return plan.rings[ring]!.consumers.flatMap(({ task: to }, cursor) => {
            if (to === HOST) return [];
            const channel = plan.tasks[to]!.channels.findIndex(
              (input) => input.ring?.ring === ring && input.ring.cursor === cursor,
            );
            return [{ from: task.id, port, to, channel, ring }];
          });
        }),
    ),
  );
}
