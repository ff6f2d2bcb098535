/**
 * By which columns rows are spread over the tasks of a node, and where they need not be, since rows of a
 * key are together already. Pure.
 *
 * Rows that are equal in all keys of a node must meet, so it is enough to spread them by some of its
 * keys. Where an input comes from as many tasks on the same workers, spread by keys of this node, each of
 * them hands its rows to the task beside it. So that a join finds its inputs like that, an aggregate in
 * front of it is spread by what the join pairs by, if that is among its keys.
 *
 * @module
 */

import type { OperatorPlan } from '../../core/operator.ts';
import { isControl, type LogicalNode, type LogicalPlan } from './logical-plan.ts';

/** How rows of an input port find their task. */
export interface PortRoute {
  /** Columns of the input; rows that are equal in them are together. */
  readonly columns: readonly number[];
  /** They are together already: each task gets what the one before it gives. */
  readonly isKept: boolean;
}

/** What is known of a node that has been placed. */
export interface RoutedNode {
  readonly workerOf: readonly number[];
  /** Columns of its main output by which its rows are spread over its tasks; `undefined`: by none. */
  readonly spreadBy: readonly number[] | undefined;
}

type OperatorNode = Extract<LogicalNode, { type: 'operator' }>;

/** What joins would like the nodes before them to be spread by: columns of their outputs, by name. */
export function wishesOfJoins({ nodes }: LogicalPlan): ReadonlyMap<string, readonly number[]> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const wishes = new Map<string, readonly number[]>();
  for (const node of nodes) {
    if (node.type !== 'operator' || node.plan.kind !== 'join') continue;
    const { distribution } = node.plan;
    if (distribution.kind !== 'keys') continue;
    distribution.columns.forEach((columns, port) => {
      const input = node.inputs[port]!;
      if (input.port !== 0) return;
      let columnsThere: readonly number[] | undefined = columns;
      let before = byName.get(input.node)!;
      while (isPassing(before) && before.inputs[0]!.port === 0) {
        columnsThere = originsOf(before.plan, columnsThere, 0);
        if (columnsThere === undefined) return;
        before = byName.get(before.inputs[0]!.node)!;
      }
      if (!wishes.has(before.name)) wishes.set(before.name, columnsThere);
    });
  }
  return wishes;
}

/** Whether a node's rows are rows of its only input, each on the worker where it was. */
function isPassing(node: LogicalNode): node is OperatorNode {
  if (node.type !== 'operator' || node.plan.distribution.kind !== 'any') return false;
  return node.inputs.length === 1;
}

/**
 * Routes of a node's keyed inputs; `undefined` where there is one task, or rows do not go by keys.
 *
 * @param plan - that of the stage that gets the rows
 * @param placed - what comes before, by name
 * @param wish - columns of the output by which what follows would like it to be spread
 */
export function routesOf(
  node: LogicalNode,
  plan: OperatorPlan,
  workerOf: readonly number[],
  placed: ReadonlyMap<string, RoutedNode>,
  wish: readonly number[] | undefined,
): readonly PortRoute[] | undefined {
  const { distribution } = plan;
  if (node.type !== 'operator' || distribution.kind !== 'keys' || workerOf.length === 1) {
    return undefined;
  }
  const { columns } = distribution;
  // Between two stages rows are spread by nothing yet.
  const isBehindLocals = plan !== node.plan && node.plan.stages !== undefined;
  const before = columns.map((_, port) =>
    isBehindLocals ? undefined : spreadBefore(node, port, workerOf, placed),
  );
  const chosen = chooseKeys(node, columns, before) ?? wishedKeys(node, plan, wish);
  return columns.map((list, port) => {
    const own = chosen?.map((key) => list[key]!) ?? list;
    return { columns: own, isKept: before[port] !== undefined && areSame(before[port], own) };
  });
}

/** Columns of an input by which its rows are spread over tasks on the same workers. */
function spreadBefore(
  node: OperatorNode,
  port: number,
  workerOf: readonly number[],
  placed: ReadonlyMap<string, RoutedNode>,
): readonly number[] | undefined {
  const input = node.inputs[port]!;
  const { workerOf: before, spreadBy } = placed.get(input.node)!;
  return input.port === 0 && areSame(before, workerOf) ? spreadBy : undefined;
}

/** Positions of keys by which some input is spread already. */
function chooseKeys(
  { node }: OperatorNode,
  columns: readonly (readonly number[])[],
  before: readonly (readonly number[] | undefined)[],
): readonly number[] | undefined {
  for (const [port, list] of columns.entries()) {
    const keys = before[port]?.map((column) => list.indexOf(column));
    if (keys === undefined || keys.includes(-1)) continue;
    // Instances that the topology asks for have rows of their own, by the columns that it names.
    if (node.by === undefined || areSame(before[port]!, list)) return keys;
  }
  return undefined;
}

function wishedKeys(
  { node }: OperatorNode,
  plan: OperatorPlan,
  wish: readonly number[] | undefined,
): readonly number[] | undefined {
  const { distribution } = plan;
  if (wish === undefined || node.by !== undefined || distribution.kind !== 'keys') return undefined;
  const keys = originsOf(plan, wish, 0)?.map((column) => distribution.columns[0]!.indexOf(column));
  return keys?.includes(-1) === true ? undefined : keys;
}

/** Columns of a node's main output by which its rows are spread, from how its inputs are. */
export function spreadOfOutput(
  node: LogicalNode,
  plan: OperatorPlan | undefined,
  routes: readonly PortRoute[] | undefined,
  placed: ReadonlyMap<string, RoutedNode>,
): readonly number[] | undefined {
  if (plan === undefined) return undefined;
  if (routes === undefined) {
    const isKnown = isPassing(node) && !isControl(node, 0) && node.inputs[0]!.port === 0;
    const { spreadBy } = isKnown ? placed.get(node.inputs[0]!.node)! : { spreadBy: undefined };
    return spreadBy && repeatsOf(plan, spreadBy, 0);
  }
  for (const [port, { columns }] of routes.entries()) {
    const found = repeatsOf(plan, columns, port);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where the main output repeats columns of an input; `undefined` if it leaves one out. */
function repeatsOf(
  { outputs }: OperatorPlan,
  columns: readonly number[],
  port: number,
): readonly number[] | undefined {
  const repeats = outputs[0]?.repeats ?? [];
  const found = columns.map((column) =>
    repeats.findIndex((origin) => origin?.input === port && origin.column === column),
  );
  return found.includes(-1) ? undefined : found;
}

/** Which columns of an input columns of the main output repeat; `undefined` if one is another. */
function originsOf(
  { outputs }: OperatorPlan,
  columns: readonly number[],
  port: number,
): readonly number[] | undefined {
  const origins = columns.map((column) => outputs[0]?.repeats?.[column]);
  return origins.every((origin) => origin?.input === port)
    ? origins.map((origin) => origin!.column)
    : undefined;
}

function areSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
