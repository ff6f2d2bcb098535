/**
 * Which node runs as how many tasks, and on which workers. Pure.
 *
 * A light stage costs less than a hop to another thread (`bench/ring`), so a node stays on
 * the worker of its input; cores are gained by running keyed operators, with everything fused behind
 * them, once per worker.
 *
 * @module
 */

import type { OperatorPlan } from '../../core/operator.ts';
import { SHED_STREAM } from '../../core/shed-stream.ts';
import { isControl } from './logical-plan.ts';
import type { LogicalNode, LogicalPlan } from './logical-plan.ts';
import { sourcesBehind } from './pacing-groups.ts';
import { type PortRoute, routesOf, spreadOfOutput, wishesOfJoins } from './routes.ts';

/** The tasks of a node: `workerOf[i]` is where instance i runs. */
export interface NodePlacement {
  readonly node: LogicalNode;
  readonly workerOf: readonly number[];
  /** Where its local stages run, one behind each task of its input; `undefined`: it has one stage. */
  readonly localOn: readonly number[] | undefined;
  /** By input port, where rows go by keys to several tasks. */
  readonly routes: readonly PortRoute[] | undefined;
  /** Columns of its main output by which its rows are spread over its tasks. */
  readonly spreadBy: readonly number[] | undefined;
}

/** Places every node, in the plan's order. */
export function placeNodes(plan: LogicalPlan, workers: number): readonly NodePlacement[] {
  const pins = new Map(plan.topology.engine.pins.map((pin) => [pin.node, pin.worker]));
  const placed = new Map<string, NodePlacement>();
  /** Where nodes are that have something in common, by what it is. */
  const homes = pinnedHomes(plan, pins);
  const wishes = wishesOfJoins(plan);
  let sources = 0;
  for (const node of plan.nodes) {
    // Steps of an operator go where it is pinned.
    const pin = pins.get(node.node.name);
    const firstSource = node.type === 'source' && !isShed(node) ? sources++ % workers : 0;
    const shared = node.type === 'operator' ? node.plan.shares : undefined;
    const home = shared === undefined ? undefined : homes.get(shared);
    const own = (): readonly number[] => spread(node, placed, workers, firstSource);
    const workerOf = home === undefined ? (pin === undefined ? own() : [pin]) : [home];
    if (shared !== undefined) homes.set(shared, workerOf[0]!);
    const wish = wishes.get(node.name);
    placed.set(node.name, { node, workerOf, ...routeNode(plan, node, placed, workerOf, wish) });
  }
  return [...placed.values()];
}

/** How rows get to a node's tasks, and in how many stages. */
function routeNode(
  plan: LogicalPlan,
  node: LogicalNode,
  placed: ReadonlyMap<string, NodePlacement>,
  workerOf: readonly number[],
  wish: readonly number[] | undefined,
): Pick<NodePlacement, 'localOn' | 'routes' | 'spreadBy'> {
  if (node.type !== 'operator')
    return { localOn: undefined, routes: undefined, spreadBy: undefined };
  const route = (of: OperatorPlan): Pick<NodePlacement, 'routes' | 'spreadBy'> => {
    const routes = routesOf(node, of, workerOf, placed, wish);
    return { routes, spreadBy: spreadOfOutput(node, of, routes, placed) };
  };
  const whole = route(node.plan);
  // What is together already crosses to no other worker: there is nothing to make less of.
  if (whole.routes?.[0]?.isKept === true) return { localOn: undefined, ...whole };
  const localOn = placeLocals(plan, node, placed, workerOf);
  return localOn === undefined
    ? { localOn, ...whole }
    : { localOn, ...route(node.plan.stages!.final) };
}

/** A pin of one node is one of all that have something in common with it. */
function pinnedHomes(plan: LogicalPlan, pins: ReadonlyMap<string, number>): Map<string, number> {
  const homes = new Map<string, number>();
  for (const node of plan.nodes) {
    const pin = pins.get(node.name);
    if (node.type !== 'operator' || node.plan.shares === undefined || pin === undefined) continue;
    homes.set(node.plan.shares, pin);
  }
  return homes;
}

/**
 * A stage before the exchange pays where rows are brought together from several tasks: what it takes
 * away is neither copied nor waited for. Behind a single task it would take the work from the workers
 * that share it.
 */
function placeLocals(
  plan: LogicalPlan,
  node: LogicalNode,
  placed: ReadonlyMap<string, NodePlacement>,
  workerOf: readonly number[],
): readonly number[] | undefined {
  if (node.type !== 'operator' || node.plan.stages === undefined) return undefined;
  const localOn = placed.get(node.inputs[0]!.node)!.workerOf;
  if (localOn.length === 1) return undefined;
  // Who reads a port of the local stages has a task for each, or one for all.
  if (workerOf.length !== 1 && workerOf.length !== localOn.length) return undefined;
  return node.plan.time !== 'processing' && mayBeIdle(plan, node) ? undefined : localOn;
}

/** Whether windows may close before the rows of a source that was idle have come. */
function mayBeIdle(plan: LogicalPlan, node: LogicalNode): boolean {
  const names = sourcesBehind(plan, node);
  return plan.topology.sources.some(
    ({ name, time }) => names.has(name) && time?.idleAfterUs !== undefined,
  );
}

/** It has next to nothing to do: it moves no other source to another worker. */
function isShed({ name }: LogicalNode): boolean {
  return name === SHED_STREAM;
}

function spread(
  node: LogicalNode,
  placed: ReadonlyMap<string, NodePlacement>,
  workers: number,
  firstSource: number,
): readonly number[] {
  if (node.type === 'source') {
    const tasks = node.node.connector === 'module' ? node.node.parallel : 1;
    return Array.from({ length: tasks }, (_, i) => (firstSource + i) % workers);
  }
  const inputs = node.inputs
    .filter((_, port) => !isControl(node, port))
    .map((input) => placed.get(input.node)!.workerOf);
  const beside = inputs[0]![0]!;
  // Nothing of what a discard sink does needs all rows in one place.
  if (node.type === 'sink') return node.node.connector === 'discard' ? inputs[0]! : [beside];
  switch (node.plan.distribution.kind) {
    case 'single':
      return [beside];
    case 'broadcast':
      return inputs[1 - node.plan.distribution.port]!;
    case 'any':
      // One task behind each task of the input; where inputs differ in number, one for all.
      return inputs.every((input) => input.length === inputs[0]!.length) ? inputs[0]! : [beside];
    case 'keys':
    case 'dispatch': {
      const tasks = node.node.parallel ?? workers;
      return Array.from({ length: tasks }, (_, i) => i % workers);
    }
  }
}
