/**
 * The outputs a node has, and the names they are read by.
 *
 * @module
 */

import type { OperatorNode, StreamRef, Topology, TopologyNode } from './model.ts';

/** The port of a node's main output. */
export const MAIN_PORT = '';
/** The port of late rows of an aggregate or top. It exists whether or not anybody reads it. */
export const LATE_PORT = 'late';
/** The port of what a query has changed. It exists whether or not anybody reads it. */
export const CHANGES_PORT = 'changes';
/** The port of what a sunion says of buckets. It exists whether or not anybody reads it. */
export const BOUNDARIES_PORT = 'boundaries';
/** The port of what an actor answers to requests. */
export const RESPONSES_PORT = 'responses';
/** The port of rows in error, with `onError: deadLetter`. */
export const ERRORS_PORT = 'errors';

/** The name a document reads a stream by: `valid`, `split.big`. */
export function streamName({ node, port }: StreamRef): string {
  return port === MAIN_PORT ? node : `${node}.${port}`;
}

/** The inverse of {@link streamName}; a node's name has no dot. */
export function parseStreamName(name: string): StreamRef {
  const dot = name.indexOf('.');
  return dot < 0
    ? { node: name, port: MAIN_PORT }
    : { node: name.slice(0, dot), port: name.slice(dot + 1) };
}

/** All nodes: sources, operators, sinks, each in document order. */
export function nodesOf(topology: Topology): readonly TopologyNode[] {
  return [...topology.sources, ...topology.operators, ...topology.sinks];
}

/** Who reads a stream, in document order. A node that reads it twice is there twice. */
export function readersOf(topology: Topology, stream: StreamRef): readonly TopologyNode[] {
  return [...topology.operators, ...topology.sinks].flatMap((node) =>
    node.inputs.filter((i) => i.node === stream.node && i.port === stream.port).map(() => node),
  );
}

/** Operators in an order in which each comes after all it reads. */
export function dataFlowOrder(topology: Topology): readonly OperatorNode[] {
  const names = new Set(topology.operators.map((node) => node.name));
  const waitingFor = new Map(topology.operators.map((node) => [node, namesRead(node, names)]));
  const readers = new Map<string, OperatorNode[]>();
  for (const [node, sources] of waitingFor) {
    for (const source of sources) readers.set(source, [...(readers.get(source) ?? []), node]);
  }
  const ordered = topology.operators.filter((node) => waitingFor.get(node)?.size === 0);
  for (const node of ordered) {
    for (const reader of readers.get(node.name) ?? []) {
      waitingFor.get(reader)?.delete(node.name);
      if (waitingFor.get(reader)?.size === 0) ordered.push(reader);
    }
  }
  return ordered;
}

/** Which of `names` a node reads. */
function namesRead(node: OperatorNode, names: ReadonlySet<string>): Set<string> {
  return new Set(node.inputs.map((input) => input.node).filter((name) => names.has(name)));
}
