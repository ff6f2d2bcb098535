/** Reserves the shared memory of a plan: rings, control block, snapshots. @module */

import {
  allocateCell,
  allocateControl,
  allocateRing,
  allocateSeqlock,
  Arena,
  CELL_BYTES,
  MAX_ARENA_BYTES,
  controlBytes,
  ringBytes,
  seqlockBytes,
} from '../../ringbuf/index.ts';
import { allocateLatencies, LATENCY_BYTES } from '../../metrics/latency-histogram.ts';
import type { PhysicalPlan, RingPlan, SharedLayout, TaskPlan } from '../../workers/protocol.ts';
import { metricsOf } from '../../workers/protocol.ts';
import { admissionBytes, allocateAdmission } from './admission-memory.ts';

/** Rounding of single allocations. */
const SLACK_BYTES = 64 * 1024;

const REGION_UNIT_BYTES = 64 * 1024;
const LEAST_REGION_BYTES = 64 * 1024 * 1024;
/** Computed columns of a task, scratch included, in batches of its outputs. */
const REGION_SLOTS_PER_TASK = 16;
/** What the kernels of a task in parts compute with, at least, and in batches of its outputs: two for each. */
const PARTS_BYTES = 64 * 1024 * 1024;
const PARTS_SLOTS = 96;
/** Input that a source has read and not decoded yet, and what its kernels need beside it. */
const SOURCE_BYTES = 1024 * 1024;

/** Lays everything out in one memory that never grows. */
export function reserveSharedMemory(plan: PhysicalPlan): SharedLayout {
  const threads = plan.workers + 1;
  const controlledBytes =
    SLACK_BYTES +
    controlBytes(threads) +
    plan.rings.reduce((sum, ring) => sum + ringBytes(shapeOf(ring)) + 128, 0) +
    plan.tasks.reduce((sum, task) => sum + seqlockBytes(metricsOf(task.channels.length)) + 128, 0) +
    plan.tasks.filter(isSink).length * (LATENCY_BYTES + 128) +
    plan.sources.length * (seqlockBytes(1) + CELL_BYTES + 256) +
    admissionBytes(plan);
  const regionBytes = workerRegionBytes(plan, controlledBytes);
  const arena = Arena.create(controlledBytes + regionBytes * plan.workers);
  const layout = {
    memory: arena.memory,
    control: allocateControl(arena, threads),
    rings: plan.rings.map((ring) => allocateRing(arena, shapeOf(ring))),
    metrics: plan.tasks.map((task) => allocateSeqlock(arena, metricsOf(task.channels.length))),
    latencies: plan.tasks.map((task) => (isSink(task) ? allocateLatencies(arena) : undefined)),
    watermarks: plan.sources.map(() => allocateSeqlock(arena, 1)),
    parts: allocateParts(plan, arena),
  };
  const admission = allocateAdmission(plan, arena);
  return {
    ...layout,
    ...(admission === undefined ? {} : { admission }),
    // Last, so that rings have low addresses: JavaScript is slower beyond 2 GiB.
    workerRegions: Array.from({ length: plan.workers }, () => ({
      byteOffset: arena.allocate(regionBytes),
      bytes: regionBytes,
    })),
  };
}

/**
 * How much a worker gets for computed columns: plenty, since untouched pages cost nothing, but no more
 * than fits beside the rings below 2 GiB, or below 4 GiB where batches are huge.
 */
function workerRegionBytes(plan: PhysicalPlan, otherBytes: number): number {
  const needs = Array.from({ length: plan.workers }, () => LEAST_REGION_BYTES);
  for (const task of plan.tasks) {
    const slotBytes = task.outputs.reduce((sum, { layout }) => sum + layout.slotBytes, 0);
    const inputBytes = task.role.type === 'source' ? SOURCE_BYTES * REGION_SLOTS_PER_TASK : 0;
    const partsBytes = hasParts(task) ? Math.max(PARTS_BYTES, PARTS_SLOTS * slotBytes) : 0;
    needs[task.worker] =
      needs[task.worker]! + slotBytes * REGION_SLOTS_PER_TASK + inputBytes + partsBytes;
  }
  const wanted = Math.max(...needs);
  const room = (limit: number): number => Math.floor((limit - otherBytes) / plan.workers);
  const bytes = Math.max(
    Math.min(wanted, room(MAX_ARENA_BYTES / 2)),
    Math.min(wanted / REGION_SLOTS_PER_TASK, room(MAX_ARENA_BYTES)),
    0,
  );
  return Math.floor(bytes / REGION_UNIT_BYTES) * REGION_UNIT_BYTES;
}

/** A cell for each node that is a source, said again for each of its tasks. */
function allocateParts({ sources, tasks }: PhysicalPlan, arena: Arena): readonly number[] {
  const byNode = new Map<string, number>();
  return sources.map((id) => {
    const { node } = tasks[id]!;
    const cell = byNode.get(node) ?? allocateCell(arena);
    byNode.set(node, cell);
    return cell;
  });
}

function hasParts({ role }: TaskPlan): boolean {
  return role.type === 'operator' && role.plan.spill?.kind === 'parts';
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
