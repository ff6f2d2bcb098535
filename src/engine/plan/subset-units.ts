/**
 * Sources of which whole groups are shed, see `core/subsets.ts`: which group a row will be of, in terms of the
 * source's columns, and whether that can be said. Pure.
 *
 * @module
 */

import { UNIT_STRATA } from '../../admission/unit-ranks.ts';
import { type IssueList, pointer } from '../../core/topology/index.ts';
import type { OperatorPlan, OutputPort } from '../../core/operator.ts';
import type { StreamType } from '../../core/schema.ts';
import type { Expression, SourceNode } from '../../core/topology/index.ts';
import {
  expressionColumns,
  formatTyped,
  inferExpression,
  parseExpression,
  scopeOf,
  type TypedExpr,
} from '../../expr/index.ts';
import { groupsOf, overInputs } from '../../operators/specs.ts';
import type { UnitsPlan } from '../../workers/protocol-admission.ts';

/** What is looked at of an input of a planned node. */
interface Input {
  readonly node: string;
  readonly port: number;
  readonly stream: StreamType;
}

/** What is looked at of planned nodes. */
interface Source {
  readonly type: 'source';
  readonly name: string;
  readonly node: SourceNode;
  readonly outputs: readonly OutputPort[];
}
interface Operator {
  readonly type: 'operator';
  readonly name: string;
  readonly plan: OperatorPlan;
  readonly inputs: readonly Input[];
  readonly outputs: readonly OutputPort[];
}
interface Sink {
  readonly type: 'sink';
  readonly name: string;
  readonly inputs: readonly Input[];
}

type Nodes = readonly (Source | Operator | Sink)[];

/** What a gate needs to know of groups. */
export interface TracedUnits {
  readonly plan: UnitsPlan;
  /** Over the source's columns. */
  readonly keys: readonly TypedExpr[];
}

/** A key in terms of the columns of a source. */
interface TracedKey {
  readonly source: string;
  readonly expr: TypedExpr;
}

/** Reports sources whose rows cannot be shed by whole groups. */
export function checkSubsets(nodes: Nodes, issues: IssueList): void {
  for (const node of nodes) {
    if (node.type !== 'source' || node.outputs[0]!.stream.unit === undefined) continue;
    checkSource(nodes, node, issues);
  }
}

/** The groups of a source that has been checked. */
export function unitsOf(nodes: Nodes, source: string): TracedUnits {
  const [aggregate] = readersOf(nodes, source).aggregates;
  const { keys, windows } = groupsOf(aggregate!.plan);
  const { admission } = (nodes.find(({ name }) => name === source) as Source).node;
  const isOne = admission!.class === undefined && admission!.tenant === undefined;
  return {
    keys: keys.map(({ expr }) => traced(nodes, aggregate!, expr)[0]!.expr),
    plan: {
      aggregate: aggregate!.name,
      windows,
      windowsPerRow: windows === undefined ? 1 : Math.ceil(windows.sizeUs / windows.slideUs),
      isEven: admission!.value === undefined,
      strata: isOne ? 1 : UNIT_STRATA,
    },
  };
}

/** Who reads rows of a source: aggregates, and sinks on ways without one. */
function readersOf(
  nodes: Nodes,
  source: string,
): { readonly aggregates: readonly Operator[]; readonly sinks: readonly string[] } {
  const reached = new Set([source]);
  const aggregates: Operator[] = [];
  const sinks: string[] = [];
  for (const node of nodes) {
    if (node.type === 'source') continue;
    const reads = node.inputs.some(
      (input) => reached.has(input.node) && input.stream.unit !== undefined,
    );
    if (!reads) continue;
    if (node.type === 'sink') sinks.push(node.name);
    else if (node.plan.kind === 'aggregate') aggregates.push(node);
    else reached.add(node.name);
  }
  return { aggregates, sinks };
}

function checkSource(nodes: Nodes, { name, node }: Source, issues: IssueList): void {
  const at = (message: string): void =>
    issues.add(pointer('sources', name, 'admission', 'windows'), message);
  const { aggregates, sinks } = readersOf(nodes, name);
  const shed = `whole groups of '${name}' are shed ("windows": "subset")`;
  for (const sink of sinks) {
    at(`${shed}, and sink '${sink}' would get parts of them: no aggregate is on the way`);
  }
  if (aggregates.length > 1) {
    const names = aggregates.map((aggregate) => `'${aggregate.name}'`).join(' and ');
    at(`${shed}, and ${names} each have groups of their own: give each a source of its own`);
  }
  if (node.changes !== undefined) {
    at(`${shed}, and '${name}' is a stream of changes, which may move rows between groups`);
  }
  const [aggregate] = aggregates;
  if (aggregates.length !== 1 || aggregate === undefined) return;
  if (aggregate.plan.distribution.kind === 'dispatch') {
    at(`${shed}, and rows of a group go to several instances of '${aggregate.name}' ("by")`);
  }
  for (const other of nodes) {
    if (other.type === 'source') continue;
    for (const input of other.inputs) {
      if (input.node !== aggregate.name || aggregate.outputs[input.port]?.name !== 'late') continue;
      at(
        `${shed}, and '${aggregate.name}.late', which '${other.name}' reads, would lack rows of them`,
      );
    }
  }
  const keys = checkKeys(nodes, name, aggregate, issues);
  if (keys !== undefined) checkWorth(node, aggregate.name, keys, shed, issues);
}

/** The keys over the columns of the source; `undefined` when something was reported. */
function checkKeys(
  nodes: Nodes,
  source: string,
  aggregate: Operator,
  issues: IssueList,
): readonly TypedExpr[] | undefined {
  let isSound = true;
  const found: TypedExpr[] = [];
  const shed = `rows of '${source}' are shed by whole groups ("windows": "subset")`;
  for (const { name, expr } of groupsOf(aggregate.plan).keys) {
    const at = (message: string): void => {
      isSound = false;
      issues.add(pointer('operators', aggregate.name, 'groupBy'), `${shed}, and ${message}`);
    };
    try {
      const ways = traced(nodes, aggregate, expr);
      const other = ways.find((way) => way.source !== source);
      const isOne = new Set(ways.map((way) => formatTyped(way.expr))).size === 1;
      if (other !== undefined) at(`those of '${other.source}' are of the same groups`);
      else if (!isOne) at(`key '${name}' is something else by each way from the source`);
      else found.push(ways[0]!.expr);
    } catch (error) {
      if (!(error instanceof Untraceable)) throw error;
      at(`key '${name}' is not known at the source: ${error.message}`);
    }
  }
  // Without keys all rows are of one group, from wherever they come.
  const others = nodes.filter(
    (node) =>
      node.type === 'source' &&
      node.name !== source &&
      node.outputs[0]!.stream.unit !== undefined &&
      readersOf(nodes, node.name).aggregates.includes(aggregate),
  );
  if (isSound && others.length > 0) {
    const message = `those of '${others[0]!.name}' are of the same groups`;
    issues.add(pointer('operators', aggregate.name), `${shed}, and ${message}`);
    return undefined;
  }
  return isSound ? found : undefined;
}

/** What rows are worth must be the same for all rows of a group. */
function checkWorth(
  { admission, schema, name }: Source['node'],
  aggregate: string,
  keys: readonly TypedExpr[],
  shed: string,
  issues: IssueList,
): void {
  const known = new Set(keys.flatMap((key) => (key.op === 'column' ? [key.index] : [])));
  const check = (property: string, expression: Expression | undefined): void => {
    if (expression === undefined) return;
    const columns = expressionColumns(columnsRead(expression, schema, name));
    const other = columns.find((column) => !known.has(column));
    if (other === undefined) return;
    const message = `'${property}' reads '${schema[other]!.name}', which may differ between rows of a group`;
    issues.add(expression.pointer, `${shed}, and ${message}: group '${aggregate}' by it as well`);
  };
  check('value', admission!.value);
  check('class', admission!.class);
  check('droppable', admission!.droppable);
  check('tenant', admission!.tenant);
}

/** Mistakes have been reported. */
function columnsRead(
  { text }: Expression,
  schema: Source['node']['schema'],
  name: string,
): TypedExpr {
  try {
    return inferExpression(parseExpression(text), scopeOf(schema, name));
  } catch {
    return { op: 'literal', type: { kind: 'bool' }, value: null };
  }
}

/** Why a key is not known at the source. */
class Untraceable extends Error {}

/** A key of an aggregate in terms of the columns of its sources, by each way. */
function traced(nodes: Nodes, { inputs }: Operator, key: TypedExpr): readonly TracedKey[] {
  return back(nodes, inputs[0]!, key);
}

function back(nodes: Nodes, { node: name, stream }: Input, expr: TypedExpr): readonly TracedKey[] {
  if (expressionColumns(expr).some((column) => column >= stream.schema.length)) {
    throw new Untraceable('it reads a parameter');
  }
  const node = nodes.find((other) => other.name === name) as Source | Operator;
  if (node.type === 'source') {
    if (expressionColumns(expr).every((column) => column < node.node.schema.length)) {
      return [{ source: name, expr }];
    }
    throw new Untraceable('it reads the number of the group itself');
  }
  const before = overInputs(node.plan, name, expr);
  if (typeof before === 'string') throw new Untraceable(before);
  return before.flatMap((own) => back(nodes, node.inputs[own.input]!, own.expr));
}
