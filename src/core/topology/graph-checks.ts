/**
 * Checks between nodes: names, streams that nobody makes, streams that nobody reads, cycles.
 *
 * @module
 */

import { nearestName } from '../nearest-name.ts';
import type { GraphInput, GraphNode } from './graph-nodes.ts';
import { list, pointer, show } from './issues.ts';
import { type Report, someOf } from './node-report.ts';
import { ERRORS_PORT, LATE_PORT, MAIN_PORT, parseStreamName, streamName } from './ports.ts';

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
    const first = firsts.get(node.name);
    if (first === undefined) firsts.set(node.name, node);
    else {
      const message = `'${node.name}' is also the name of ${first.pointer}; names are unique`;
      issues.add(node.pointer, message);
    }
  }
}

type NodesByName = ReadonlyMap<string, GraphNode>;

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
    add(input.pointer, `${message}: only an aggregate with a window has`);
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

/** Rows in error must go somewhere; other rows that nobody reads are worth a warning. */
function checkReaders(nodes: readonly GraphNode[], { issues, warnings }: Report): void {
  const read = new Set(nodes.flatMap((node) => node.inputs.map((input) => input.stream)));
  for (const node of nodes) {
    for (const port of node.ports ?? []) {
      const stream = streamName({ node: node.name, port });
      if (read.has(stream) || port === LATE_PORT) continue;
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
  for (const node of nodes) {
    if (reported.has(node)) continue;
    const cycle = cycleThrough(node, upstream);
    if (cycle === undefined) continue;
    cycle.forEach((member) => reported.add(member));
    const [before] = cycle;
    const input = node.inputs.find((i) => nodeOf(i.stream, byName) === before);
    const names = [node, ...cycle].reverse().map((member) => member.name);
    // `cycle` goes against the flow and ends with `node`; reversed it begins and ends with it.
    issues.add(input?.pointer ?? node.pointer, `the streams go round: ${names.join(' → ')}`);
  }
}

function nodeOf(stream: string, byName: NodesByName): GraphNode | undefined {
  return byName.get(stream) ?? byName.get(parseStreamName(stream).node);
}

function sourcesOf(node: GraphNode, byName: NodesByName): readonly GraphNode[] {
  return node.inputs.flatMap((input) => nodeOf(input.stream, byName) ?? []);
}

/**
 * The nodes of a shortest cycle through `node`, against the flow: what it reads from first, `node`
 * itself last. `undefined` if there is none.
 */
function cycleThrough(
  node: GraphNode,
  upstream: ReadonlyMap<GraphNode, readonly GraphNode[]>,
): GraphNode[] | undefined {
  const reader = new Map<GraphNode, GraphNode>();
  const queue = [node];
  for (let current = queue.shift(); current !== undefined; current = queue.shift()) {
    for (const source of upstream.get(current) ?? []) {
      if (reader.has(source)) continue;
      reader.set(source, current);
      if (source === node) return pathTo(node, reader);
      queue.push(source);
    }
  }
  return undefined;
}

function pathTo(node: GraphNode, reader: ReadonlyMap<GraphNode, GraphNode>): GraphNode[] {
  const path = [node];
  for (let at = reader.get(node); at !== undefined && at !== node; at = reader.get(at)) {
    path.push(at);
  }
  return path.reverse();
}
