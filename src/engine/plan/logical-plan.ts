/**
 * Topology → logical plan: every stream gets its columns, every operator its resolved meaning.
 *
 * @module
 */

import { fieldIndex, type StreamType } from '../../core/schema.ts';
import {
  ERROR_STREAM,
  type InputStream,
  type OperatorPlan,
  type OutputPort,
  type ReportIssue,
} from '../../core/operator.ts';
import {
  dataFlowOrder,
  ERRORS_PORT,
  IssueList,
  MAIN_PORT,
  nodesOf,
  originsOf,
  pointer,
  streamName,
} from '../../core/topology/index.ts';
import type {
  Admission,
  InputRef,
  OperatorNode,
  SinkNode,
  SourceNode,
  StreamRef,
  TableDefinition,
  Topology,
} from '../../core/topology/index.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { UNIT_FIELD } from '../../core/subsets.ts';
import { WEIGHT_FIELD } from '../../core/weights.ts';
import { planOperator } from '../../operators/specs.ts';
import { checkAdmission } from './admission-check.ts';
import { checkLocksets } from './locksets.ts';
import { checkSubsets } from './subset-units.ts';
import { planDispatch } from './dispatch.ts';
import { PartInputs } from './part-inputs.ts';

/** Port that carries a node's main output inside plans. */
export const OUT_PORT = 'out';

/** Where an input comes from. */
export interface LogicalInput {
  readonly node: string;
  /** Position among the producer's ports. */
  readonly port: number;
  readonly stream: StreamType;
}

/** A node with everything resolved. */
export type LogicalNode =
  | {
      readonly type: 'source';
      readonly name: string;
      readonly node: SourceNode;
      readonly outputs: readonly OutputPort[];
    }
  | {
      readonly type: 'operator';
      readonly name: string;
      readonly node: OperatorNode;
      readonly plan: OperatorPlan;
      readonly inputs: readonly LogicalInput[];
      readonly outputs: readonly OutputPort[];
    }
  | {
      readonly type: 'sink';
      readonly name: string;
      readonly node: SinkNode;
      readonly inputs: readonly LogicalInput[];
      readonly outputs: readonly [];
    };

/** The nodes in data-flow order: sources, operators after all they read, sinks. */
export interface LogicalPlan {
  readonly topology: Topology;
  readonly nodes: readonly LogicalNode[];
}

/** Whether an input changes the parameters of a node, or carries requests: it is the last one. */
export function isControl(node: LogicalNode, port: number): boolean {
  if (node.type !== 'operator') return false;
  const { parameters, isAsked } = node.plan;
  if (parameters?.control === undefined && isAsked !== true) return false;
  return port === node.inputs.length - 1;
}

/**
 * Resolves a checked topology.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` with every problem: unknown columns, wrong types,
 * schemas that don't meet
 */
export function planLogically(topology: Topology): LogicalPlan {
  const issues = new IssueList(originsOf(topology.included?.places ?? []));
  const planner = new LogicalPlanner(topology, issues);
  for (const source of topology.sources) planner.addSource(source);
  for (const operator of dataFlowOrder(topology)) planner.addOperator(operator);
  for (const sink of topology.sinks) planner.addSink(sink);
  checkLocksets(planner.nodes, topology, issues);
  checkSubsets(planner.nodes, issues);
  planner.parts.check();
  issues.throwIfAny(`topology '${topology.name}'`);
  return { topology, nodes: planner.nodes };
}

class LogicalPlanner {
  readonly nodes: LogicalNode[] = [];
  readonly #issues: IssueList;
  readonly #tables: readonly TableDefinition[];
  readonly #outputsOf = new Map<string, readonly OutputPort[]>();
  /** Of all nodes of the topology. */
  readonly #names: ReadonlySet<string>;
  readonly parts: PartInputs;

  constructor(topology: Topology, issues: IssueList) {
    this.#issues = issues;
    this.#tables = topology.tables;
    this.#names = new Set(nodesOf(topology).map(({ name }) => name));
    this.parts = new PartInputs(topology, issues, (stream) => this.#outputOf(stream)?.stream);
  }

  addSource(node: SourceNode): void {
    const stream = this.#streamOf(node);
    const outputs: OutputPort[] = [{ name: OUT_PORT, stream }];
    if (node.onError === 'deadLetter') outputs.push({ name: ERRORS_PORT, stream: ERROR_STREAM });
    if (node.connector === 'embedded' && node.onError === 'deadLetter') {
      const message = 'an embedded source tells the program that pushes: expected "stop" or "skip"';
      this.#issues.add(pointer('sources', node.name, 'onError'), message);
    }
    checkAdmission(node, this.#issues);
    this.#add({ type: 'source', name: node.name, node, outputs });
  }

  addOperator(node: OperatorNode): void {
    const inputs = this.#resolve(node.inputs);
    // Something upstream is wrong and has been reported.
    if (inputs === undefined) return;
    this.parts.check(node.name);
    if (this.parts.isRefused(node.name)) return;
    const streams: InputStream[] = inputs.map((input, i) => ({
      name: streamName(node.inputs[i]!),
      stream: input.stream,
    }));
    const report: ReportIssue = (path, message, suggestion) => {
      this.#issues.add(pointer('operators', node.name, ...path), message, suggestion);
    };
    const own = planOperator(node, streams, report, this.#tables);
    const spread = node.control === undefined ? streams : streams.slice(0, -1);
    const plan = own && planDispatch(own, node.by, spread, report);
    if (plan === undefined) return;
    const nodes = stepsOf(node, plan, inputs);
    for (const step of nodes.slice(0, -1)) this.#checkStepName(step.name, node.name);
    for (const step of nodes) this.#add(step);
  }

  /** Steps before the last have names of their own. */
  #checkStepName(name: string, owner: string): void {
    if (!this.#names.has(name)) return;
    const message = `'${name}' is what a step of '${owner}' is called: rename one of them`;
    this.#issues.add(pointer('operators', owner), message);
  }

  addSink(node: SinkNode): void {
    const inputs = this.#resolve(node.inputs);
    if (inputs === undefined) return;
    if (node.connector === 'file') {
      for (const key of node.orderBy) {
        const { schema } = inputs[0]!.stream;
        if (fieldIndex(schema, key.column) >= 0) continue;
        const names = schema.map((field) => field.name);
        const message = `unknown column '${key.column}'; '${streamName(node.inputs[0]!)}' has ${names.join(', ')}`;
        this.#issues.add(key.pointer, message, nearestName(key.column, names));
      }
    }
    const isTimed = node.connector === 'embedded' && (node.keep?.forUs ?? Infinity) !== Infinity;
    if (isTimed && !inputs[0]!.stream.hasTime) {
      const message = `'${streamName(node.inputs[0]!)}' has no event time to keep rows by`;
      this.#issues.add(pointer('sinks', node.name, 'keep'), message);
    }
    this.#add({ type: 'sink', name: node.name, node, inputs, outputs: [] });
  }

  /** The columns of a source, and, if aggregates are to estimate, how many rows each row stands for; if whole groups are shed, which it is of. */
  #streamOf({ name, schema, changes, time, admission }: SourceNode): StreamType {
    const change = changes === undefined ? undefined : fieldIndex(schema, changes);
    const stream: StreamType = { schema, hasTime: time !== undefined, change };
    if (admission === undefined || !sheds(admission)) return stream;
    const { windows } = admission;
    if (windows !== 'estimate' && windows !== 'subset') return stream;
    const field = windows === 'estimate' ? WEIGHT_FIELD : UNIT_FIELD;
    if (fieldIndex(schema, field.name) >= 0) {
      const rows = windows === 'estimate' ? 'weighted rows' : 'rows that are shed by groups';
      const message = `'${field.name}' is what ${rows} say of themselves; rename the column`;
      this.#issues.add(pointer('sources', name, 'schema', field.name), message);
    }
    const at = schema.length;
    const meaning = windows === 'estimate' ? { weight: at } : { unit: at };
    return { ...stream, schema: [...schema, field], ...meaning };
  }

  #add(node: LogicalNode): void {
    this.nodes.push(node);
    this.#outputsOf.set(node.name, node.outputs);
  }

  #outputOf({ node, port }: StreamRef): OutputPort | undefined {
    const name = port === MAIN_PORT ? OUT_PORT : port;
    return this.#outputsOf.get(node)?.find((output) => output.name === name);
  }

  /** The streams of all inputs; `undefined` when one of their nodes could not be planned. */
  #resolve(refs: readonly InputRef[]): readonly LogicalInput[] | undefined {
    const inputs: LogicalInput[] = [];
    for (const ref of refs) {
      const outputs = this.#outputsOf.get(ref.node);
      if (outputs === undefined) return undefined;
      const name = ref.port === MAIN_PORT ? OUT_PORT : ref.port;
      const port = outputs.findIndex((output) => output.name === name);
      if (port < 0) {
        this.#issues.add(ref.pointer, `'${ref.node}' has no output '${ref.port}'`);
        return undefined;
      }
      inputs.push({ node: ref.node, port, stream: outputs[port]!.stream });
    }
    return inputs;
  }
}

/**
 * The nodes of an operator. The last has its name, those before it `NAME/1`, `NAME/2` and so on.
 *
 * @param inputs - of the operator
 */
function stepsOf(
  node: OperatorNode,
  { steps, ...plan }: OperatorPlan,
  inputs: readonly LogicalInput[],
): readonly LogicalNode[] {
  const last = { type: 'operator', name: node.name, node } as const;
  if (steps === undefined) return [{ ...last, plan, inputs, outputs: plan.outputs }];
  let before: LogicalInput | undefined;
  return steps.map((step, s): LogicalNode => {
    const isLast = s === steps.length - 1;
    const name = isLast ? node.name : `${node.name}/${s + 1}`;
    const given = step.inputs.map((input) => (input === 'step' ? before! : inputs[input]!));
    const { outputs } = step.plan;
    before = { node: name, port: 0, stream: outputs[0]!.stream };
    return { ...last, name, plan: step.plan, inputs: given, outputs };
  });
}

/** Whether rows may be left out for good. */
function sheds({ onOverload }: Admission): boolean {
  return onOverload === 'shed';
}
