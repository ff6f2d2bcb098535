/** Reserves the shared memory of a plan: rings, control block, snapshots. @module */

import {
  allocateControl,
  allocateRing,
  allocateSeqlock,
  Arena,
  controlBytes,
  ringBytes,
  seqlockBytes,
} from '../../ringbuf/index.ts';
import { allocateLatencies, LATENCY_BYTES } from '../../metrics/latency-histogram.ts';
import type { PhysicalPlan, RingPlan, SharedLayout, TaskPlan } from '../../workers/protocol.ts';
import { METRICS_PER_TASK } from '../../workers/protocol.ts';

/** Rounding of single allocations. */
const SLACK_BYTES = 64 * 1024;

/** Lays everything out in one memory that never grows. */
export function reserveSharedMemory(plan: PhysicalPlan): SharedLayout {
  const threads = plan.workers + 1;
  const bytes =
    SLACK_BYTES +
    controlBytes(threads) +
    plan.rings.reduce((sum, ring) => sum + ringBytes(shapeOf(ring)) + 128, 0) +
    plan.tasks.length * (seqlockBytes(METRICS_PER_TASK) + 128) +
    plan.tasks.filter(isSink).length * (LATENCY_BYTES + 128) +
    plan.sources.length * (seqlockBytes(1) + 128);
  const arena = Arena.create(bytes);
  return {
    memory: arena.memory,
    control: allocateControl(arena, threads),
    rings: plan.rings.map((ring) => allocateRing(arena, shapeOf(ring))),
    metrics: plan.tasks.map(() => allocateSeqlock(arena, METRICS_PER_TASK)),
    latencies: plan.tasks.map((task) => (isSink(task) ? allocateLatencies(arena) : undefined)),
    watermarks: plan.sources.map(() => allocateSeqlock(arena, 1)),
  };
}

function isSink(task: TaskPlan): boolean {
  return task.role.type === 'sink';
}

function shapeOf(ring: RingPlan): { slots: number; slotBytes: number; consumers: number } {
  return {
    slots: ring.slots,
    slotBytes: ring.layout.slotBytes,
    consumers: ring.consumers.length,
  };
}
