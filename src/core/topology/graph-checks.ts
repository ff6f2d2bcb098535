/**
 * Checks between nodes: names, streams that nobody makes, streams that nobody reads, cycles.
 *
 * @module
 */

import { nearestName } from '../nearest-name.ts';
import { SHED_STREAM } from '../shed-stream.ts';
import type { GraphInput, GraphNode } from './graph-nodes.ts';
import { list, pointer, show } from './issues.ts';
import { type Report, someOf } from './node-report.ts';
import {
  BOUNDARIES_PORT,
  CHANGES_PORT,
  ERRORS_PORT,
  LATE_PORT,
  MAIN_PORT,
  parseStreamName,
  streamName,
} from './ports.ts';

/** Checks all nodes of a document against each other. */
export function checkGraph(nodes: readonly GraphNode[], report: Report): void {
  checkNames(nodes, report);
  const byName = new Map<string, GraphNode>();
  for (const node of nodes) if (!byName.has(node.name)) byName.set(node.name, node);
  for (const node of nodes) {
    for (const input of node.inputs) checkInput(input, node, byName, report);
  }
  checkReaders(nodes, report);
  checkCycles(nodes, byName, report);
}

function checkNames(nodes: readonly GraphNode[], { issues }: Report): void {
  const firsts = new Map<string, GraphNode>();
  for (const node of nodes) {
    if (node.name.trim() === '' || node.name.includes('.')) {
      issues.add(
        node.pointer,
        `expected a name without '.' for the node, found ${show(node.name)}`,
      );
    }
    if (node.name === SHED_STREAM) {
      const message = `expected another name: '${SHED_STREAM}' is the stream of what was shed`;
      if (node.pointer !== '') issues.add(node.pointer, message);
      continue;
    }
    const first = firsts.get(node.name);
    if (first === undefined) firsts.set(node.name, node);
    else {
      const message = `'${node.name}' is also the name of ${first.pointer}; names are unique`;
      issues.add(node.pointer, message);
    }
  }
}

type NodesByName = ReadonlyMap<string, GraphNode>;
/** What each node reads from. */
type Upstream = ReadonlyMap<GraphNode, readonly GraphNode[]>;

/** The input must name a node, and an output that the node has. */
function checkInput(
  input: GraphInput,
  reader: GraphNode,
  nodes: NodesByName,
  { issues }: Report,
): void {
  const whole = nodes.get(input.stream);
  const stream = parseStreamName(input.stream);
  const node = whole ?? nodes.get(stream.node);
  if (node === undefined) {
    const known = streamsOf([...nodes.values()].filter((other) => other !== reader));
    const suggestion = nearestName(input.stream, known);
    issues.add(input.pointer, `unknown stream '${input.stream}'${someOf(known)}`, suggestion);
    return;
  }
  const port = whole === undefined ? stream.port : MAIN_PORT;
  if (node.ports === undefined || node.ports.includes(port)) return;
  if (node.section === 'sinks') {
    issues.add(input.pointer, `expected a stream; '${node.name}' is a sink, and nothing comes out`);
  } else if (port === MAIN_PORT) {
    const outputs = list(streamsOf([node]), 'or');
    issues.add(input.pointer, `expected one output of '${node.name}': ${outputs}`);
  } else {
    refusePort(input, node, port, issues.add.bind(issues));
  }
}

function refusePort(
  input: GraphInput,
  node: GraphNode,
  port: string,
  add: (at: string, message: string, suggestion?: string) => void,
): void {
  const message = `'${node.name}' has no output '${port}'`;
  if (port === ERRORS_PORT) {
    add(input.pointer, `${message}: that takes "onError": "deadLetter" in ${node.pointer}`);
  } else if (port === LATE_PORT) {
    add(
      input.pointer,
      `${message}: only an aggregate or top with a window of event time, and a wsort, has`,
    );
  } else {
    const outputs = streamsOf([node]);
    const near = nearestName(port, node.ports ?? []);
    const suggestion = near === undefined ? undefined : streamName({ node: node.name, port: near });
    add(input.pointer, `${message}; expected ${list(outputs, 'or')}`, suggestion);
  }
}

/** Names of all streams that nodes make. */
function streamsOf(nodes: readonly GraphNode[]): string[] {
  return nodes.flatMap((node) =>
    (node.ports ?? [MAIN_PORT]).map((port) => streamName({ node: node.name, port })),
  );
}

/** Ports that exist whether or not anybody reads them. */
const QUIET_PORTS: readonly string[] = [LATE_PORT, CHANGES_PORT, BOUNDARIES_PORT];

/** Rows in error must go somewhere; other rows that nobody reads are worth a warning. */
function checkReaders(nodes: readonly GraphNode[], { issues, warnings }: Report): void {
  const read = new Set(nodes.flatMap((node) => node.inputs.map((input) => input.stream)));
  for (const node of nodes) {
    for (const port of node.ports ?? []) {
      const stream = streamName({ node: node.name, port });
      if (read.has(stream) || QUIET_PORTS.includes(port)) continue;
      if (port === ERRORS_PORT) {
        const message = `'deadLetter' sends rows in error to '${stream}', which nobody reads`;
        issues.add(node.pointer + pointer('onError'), message);
      } else {
        warnings.add(node.pointer, `nobody reads '${stream}': its rows are counted and dropped`);
      }
    }
  }
}

/** Reports one cycle for each group of nodes that go round, a shortest one. */
function checkCycles(nodes: readonly GraphNode[], byName: NodesByName, { issues }: Report): void {
  const upstream = new Map(nodes.map((node) => [node, sourcesOf(node, byName)]));
  const reported = new Set<GraphNode>();
  for (const node of behindCycles(nodes, upstream)) {
    if (reported.has(node)) continue;
    const cycle = cycleThrough(node, upstream);
    if (cycle === undefined) continue;
    cycle.forEach((member) => reported.add(member));
    // `cycle` goes with the flow and ends with `node`: what `node` reads comes just before.
    const before = cycle.at(-2) ?? node;
    const input = node.inputs.find((i) => nodeOf(i.stream, byName) === before);
    const names = [node, ...cycle].map((member) => member.name);
    issues.add(input?.pointer ?? node.pointer, `the streams go round: ${names.join(' → ')}`);
  }
}

/**
 * The nodes that a cycle flows into, in document order: what is left after taking away, again and
 * again, nodes all of whose sources were taken away. In a right document that is none.
 */
function behindCycles(nodes: readonly GraphNode[], upstream: Upstream): readonly GraphNode[] {
  const waitingFor = new Map(nodes.map((node) => [node, upstream.get(node)?.length ?? 0]));
  const readers = new Map<GraphNode, GraphNode[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) {
    for (const source of upstream.get(node) ?? []) readers.get(source)?.push(node);
  }
  const free = nodes.filter((node) => waitingFor.get(node) === 0);
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    for (const reader of readers.get(node) ?? []) {
      const left = (waitingFor.get(reader) ?? 0) - 1;
      waitingFor.set(reader, left);
      if (left === 0) free.push(reader);
    }
  }
  return nodes.filter((node) => (waitingFor.get(node) ?? 0) > 0);
}

function nodeOf(stream: string, byName: NodesByName): GraphNode | undefined {
  return byName.get(stream) ?? byName.get(parseStreamName(stream).node);
}

function sourcesOf(node: GraphNode, byName: NodesByName): readonly GraphNode[] {
  return node.inputs.flatMap((input) => nodeOf(input.stream, byName) ?? []);
}

/** The nodes of a shortest cycle through `node`, with the flow, `node` itself last; if there is one. */
function cycleThrough(node: GraphNode, upstream: Upstream): GraphNode[] | undefined {
  const reader = new Map<GraphNode, GraphNode>();
  const queue = [node];
  for (const current of queue) {
    for (const source of upstream.get(current) ?? []) {
      if (reader.has(source)) continue;
      reader.set(source, current);
      if (source === node) return pathFrom(node, reader);
      queue.push(source);
    }
  }
  return undefined;
}

/** Follows readers from `node` until they come back to it. */
function pathFrom(node: GraphNode, reader: ReadonlyMap<GraphNode, GraphNode>): GraphNode[] {
  const path: GraphNode[] = [];
  let at: GraphNode | undefined = node;
  do {
    at = reader.get(at);
    if (at !== undefined) path.push(at);
  } while (at !== undefined && at !== node);
  return path;
}
