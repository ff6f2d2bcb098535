/** Gates, and the rings in which admitted rows wait, found in a physical plan. Pure. @module */

import type { Admission } from '../../core/topology/index.ts';
import type { BatchLayout } from '../../core/batch-layout.ts';
import { FLOAT64, INT32 } from '../../core/types.ts';
import type { Schema, StreamType } from '../../core/schema.ts';
import type { EdgePlan, RingPlan, TargetPlan, TaskPlan } from '../../workers/protocol.ts';
import { HOST } from '../../workers/protocol.ts';
import type {
  AdmissionPlan,
  GatePlan,
  HeadPlan,
  SpillPlan,
} from '../../workers/protocol-admission.ts';
import type { LogicalNode, LogicalPlan } from './logical-plan.ts';
import { planGateProgram } from './gate-program.ts';
import { unitsOf } from './subset-units.ts';

/** Slots for the latency goal: at most one is begun in a millisecond, unless rows fill it sooner. */
const FEWEST_SLOTS = 64;
const MOST_SLOTS = 256;
/** Of a gated ring, heaps included. */
const MOST_RING_BYTES = 64 * 1024 * 1024;
const LEAST_RING_SLOTS = 8;

/** What a task's rows are admitted by; `undefined`: all are, and whoever cannot take them is waited for. */
export function gateOf({ role }: TaskPlan): Admission | undefined {
  if (role.type !== 'source') return undefined;
  const { admission } = role.config as Extract<LogicalNode, { type: 'source' }>['node'];
  return admission === undefined || admission.onOverload === 'block' ? undefined : admission;
}

/** The columns of a gated ring: those of the stream, what a row is worth, its class and tenant. */
export function withHiddenColumns(stream: StreamType): StreamType {
  const hidden: Schema = [
    { name: '$value', type: FLOAT64 },
    { name: '$class', type: INT32 },
  ];
  return { ...stream, schema: [...stream.schema, ...hidden] };
}

/** How many slots a gated ring has: it holds what waits within the latency goal. */
export function gatedSlots({ slotBytes }: BatchLayout, { sloUs }: Admission): number {
  const sloMs = sloUs / 1000;
  let slots = FEWEST_SLOTS;
  while (slots < MOST_SLOTS && slots < sloMs) slots *= 2;
  while (slots > LEAST_RING_SLOTS && slots * slotBytes > MOST_RING_BYTES) slots /= 2;
  return slots;
}

/** The gates and heads of a plan; `undefined` when no source has a gate. */
export function planAdmission(
  logical: LogicalPlan,
  tasks: readonly TaskPlan[],
  rings: readonly RingPlan[],
): AdmissionPlan | undefined {
  const gates = tasks.flatMap((task): GatePlan[] => {
    const settings = gateOf(task);
    if (settings === undefined) return [];
    const { node } = task;
    const source = sourceNode(logical, node);
    const traced =
      source.outputs[0]!.stream.unit === undefined ? undefined : unitsOf(logical.nodes, node);
    const program = planGateProgram(source.node, traced?.keys);
    const units = traced?.plan;
    const isWeighted = source.outputs[0]!.stream.weight !== undefined;
    const groups = task.outputs[0]!.edges.map((edge) => targetsOf(edge).flatMap(ringOf));
    const spill = spillOf(task, settings, logical.topology.engine.stateDir);
    return [{ task: task.id, node, settings, spill, isWeighted, units, program, groups }];
  });
  if (gates.length === 0) return undefined;
  const gateOfTask = new Map(gates.map(({ task }, gate) => [task, gate]));
  const heads = rings.flatMap((ring): HeadPlan[] =>
    ring.producer.worker === HOST
      ? []
      : ring.consumers.flatMap(({ task, worker }, cursor) => {
          if (worker === HOST) return [];
          const isGated = ring.isGated === true;
          const gate = isGated ? gateOfTask.get(ring.producer.task)! : -1;
          return [
            { ring: ring.id, cursor, task, worker, gate, feeds: feedsOf(task, tasks, rings) },
          ];
        }),
  );
  return { gates, heads };
}

/** Each task of a source has a folder of its own. */
function spillOf(
  { node, instance }: TaskPlan,
  { spill, onOverload }: Admission,
  stateDir: string | undefined,
): SpillPlan | undefined {
  if (spill === undefined) return undefined;
  const folder = spill.dir ?? (stateDir === undefined ? 'spill' : `${stateDir}/spill`);
  return {
    directory: `${folder}/${encodeURIComponent(node)}-${instance}`,
    limitBytes: spill.limitBytes,
    isHolding: spill.order === 'hold',
    mayShed: onOverload === 'spillThenShed',
  };
}

function sourceNode(
  { nodes }: LogicalPlan,
  name: string,
): Extract<LogicalNode, { type: 'source' }> {
  return nodes.find((node) => node.name === name) as Extract<LogicalNode, { type: 'source' }>;
}

/** Rings that workers read and that rows of a task reach by function calls. */
function feedsOf(
  from: number,
  tasks: readonly TaskPlan[],
  rings: readonly RingPlan[],
): readonly number[] {
  const found = new Set<number>();
  const visit = (id: number): void => {
    for (const { edges } of tasks[id]!.outputs) {
      for (const target of edges.flatMap(targetsOf)) {
        if (target.kind === 'local') visit(target.task);
        else if (rings[target.ring]!.consumers.some(({ worker }) => worker !== HOST)) {
          found.add(target.ring);
        }
      }
    }
  };
  visit(from);
  return [...found];
}

function targetsOf(edge: EdgePlan): readonly TargetPlan[] {
  return edge.kind === 'forward' ? [edge.target] : edge.targets;
}

function ringOf(target: TargetPlan): readonly number[] {
  return target.kind === 'ring' ? [target.ring] : [];
}
