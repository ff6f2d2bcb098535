/** The plan as people and tools see it. @module */

import type { TopologyIssue } from '../core/errors.ts';
import type { Stage } from '../core/operator.ts';
import type { EdgePlan, PhysicalPlan, TargetPlan, TaskPlan } from '../workers/protocol.ts';
import type { LoadedTopology } from './load.ts';
import { labelOf, stageOf } from './plan/task-labels.ts';

/** A task of a plan. */
export interface TaskDescription {
  readonly node: string;
  readonly kind: string;
  /** `local` and `final` where the node has two stages, else `whole`. */
  readonly stage: Stage;
  readonly instance: number;
  readonly instances: number;
}

/** A connection of a plan. */
export interface EdgeDescription {
  readonly from: string;
  readonly port: string;
  readonly to: string;
  /** `call` inside a worker, `ring` between workers. */
  readonly by: 'call' | 'ring';
  /** Columns by which rows are spread, if they are. */
  readonly keys: readonly string[];
}

/** A ring of a plan. */
export interface RingDescription {
  readonly from: string;
  readonly to: readonly string[];
  readonly slots: number;
  readonly rowsPerSlot: number;
  readonly bytes: number;
}

/** What `explain` shows. */
export interface PlanDescription {
  readonly name: string;
  readonly workers: readonly {
    readonly worker: number;
    readonly tasks: readonly TaskDescription[];
  }[];
  readonly edges: readonly EdgeDescription[];
  readonly rings: readonly RingDescription[];
  /** Operators that are one kernel, in the order in which rows pass them. */
  readonly fused: readonly (readonly string[])[];
  /** Sources whose `admission` would let tuples be shed under overload. */
  readonly shedding: readonly string[];
  /** What is odd but not wrong about the topology, such as state that nothing bounds. */
  readonly warnings: readonly TopologyIssue[];
}

/** Describes a physical plan. */
export function describePlan(loaded: LoadedTopology, plan: PhysicalPlan): PlanDescription {
  return {
    name: plan.name,
    workers: Array.from({ length: plan.workers }, (_, worker) => ({
      worker,
      tasks: plan.tasks.filter((task) => task.worker === worker).map(describeTask),
    })),
    edges: plan.tasks.flatMap((task) =>
      task.outputs.flatMap(({ port, edges, layout }) =>
        edges.flatMap((edge) =>
          describeEdge(
            plan,
            labelOf(plan, task.id),
            port,
            edge,
            layout.schema.map((f) => f.name),
          ),
        ),
      ),
    ),
    rings: plan.rings.map((ring) => ({
      from: labelOf(plan, ring.producer.task),
      to: ring.consumers.map((consumer) => labelOf(plan, consumer.task)),
      slots: ring.slots,
      rowsPerSlot: ring.layout.rowCapacity,
      bytes: ring.slots * ring.layout.slotBytes,
    })),
    fused: plan.chains.map(({ tasks }) => tasks.map((id) => labelOf(plan, id))),
    shedding: [...new Set(plan.admission?.gates.map(({ node }) => node))],
    warnings: loaded.warnings,
  };
}

function describeTask(task: TaskPlan): TaskDescription {
  const { node, instance, instances, role } = task;
  const kind =
    role.type === 'operator'
      ? [role.plan.kind, role.plan.note ?? []].flat().join(' ')
      : `${role.connector} ${role.type}`;
  return { node, kind, stage: stageOf(task), instance, instances };
}

function describeEdge(
  plan: PhysicalPlan,
  from: string,
  port: string,
  edge: EdgePlan,
  columns: readonly string[],
): EdgeDescription[] {
  const targets = edge.kind === 'forward' ? [edge.target] : edge.targets;
  const keys = edge.kind === 'spread' ? edge.columns.map((column) => columns[column]!) : [];
  return targets.flatMap((target) =>
    labelsOf(plan, target).map((to) => ({
      from,
      port,
      to,
      by: target.kind === 'local' ? ('call' as const) : ('ring' as const),
      keys,
    })),
  );
}

function labelsOf(plan: PhysicalPlan, target: TargetPlan): string[] {
  if (target.kind === 'local') return [labelOf(plan, target.task)];
  return plan.rings[target.ring]!.consumers.map((consumer) => labelOf(plan, consumer.task));
}
