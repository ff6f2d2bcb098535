/**
 * The nodes of a document as the graph checks see them: also of a document in which not every
 * node is right, so that a mistake in one node does not hide the mistakes between others.
 *
 * @module
 */

import { SHED_STREAM } from '../shed-stream.ts';
import { keysOf } from './key-order.ts';
import { pointer } from './issues.ts';
import type { JsonValue, Section } from './model.ts';
import { type JsonObject, isObject, valueAt } from './place.ts';
import { operatorPorts } from './operators/index.ts';
import { sideInputsOf } from './operators/side-inputs.ts';
import { ERRORS_PORT, MAIN_PORT } from './ports.ts';

/** A node and its place in the graph. */
export interface GraphNode {
  readonly section: Section;
  readonly name: string;
  readonly pointer: string;
  readonly inputs: readonly GraphInput[];
  /** `undefined`: nobody can tell, and any port may be one the node is meant to have. */
  readonly ports: readonly string[] | undefined;
}

/** A stream that a node reads, as it is written. */
export interface GraphInput {
  readonly pointer: string;
  readonly stream: string;
}

/** There when something reads it. */
const SHED_NODE: GraphNode = {
  section: 'sources',
  name: SHED_STREAM,
  pointer: '',
  inputs: [],
  ports: [MAIN_PORT],
};

const SECTIONS: readonly Section[] = ['sources', 'operators', 'sinks'];

/** All nodes of a document, in its order. `isSound` says which have the right shape. */
export function graphNodes(
  document: JsonValue,
  isSound: (pointer: string) => boolean,
): readonly GraphNode[] {
  const written = SECTIONS.flatMap((section) => {
    const nodes = valueAt(document, [section]);
    if (!isObject(nodes)) return [];
    return keysOf(nodes).map((name) => {
      const at = pointer(section, name);
      const node = isObject(nodes[name]) ? nodes[name] : {};
      const inputs = section === 'sources' ? [] : graphInputs(at, node);
      const ports = graphPorts(section, node, (property) => isSound(at + pointer(property)));
      return { section, name, pointer: at, inputs, ports };
    });
  });
  const isRead = written.some(({ inputs }) => inputs.some(({ stream }) => stream === SHED_STREAM));
  return isRead ? [...written, SHED_NODE] : written;
}

function graphInputs(at: string, node: JsonObject): GraphInput[] {
  const found: GraphInput[] = [];
  const add = (stream: JsonValue | undefined, ...steps: (string | number)[]): void => {
    if (typeof stream !== 'string' || stream === '') return;
    found.push({ pointer: at + pointer(...steps), stream });
  };
  add(node['input'], 'input');
  const { inputs } = node;
  if (Array.isArray(inputs)) {
    (inputs as readonly JsonValue[]).forEach((stream, i) => add(stream, 'inputs', i));
  }
  for (const { stream, steps } of sideInputsOf(node)) add(stream, ...steps);
  return found;
}

function graphPorts(
  section: Section,
  node: JsonObject,
  isSound: (property: string) => boolean,
): readonly string[] | undefined {
  if (section === 'sinks') return [];
  const kind = section === 'sources' ? 'connector' : 'type';
  const isKnown = Object.hasOwn(node, kind) && [kind, 'routes', 'onError'].every(isSound);
  // An include that could not be replaced by its operators is wrong: that was reported.
  if (!isKnown || node[kind] === 'include') return undefined;
  if (section === 'operators') return operatorPorts(node);
  return node['onError'] === 'deadLetter' ? [MAIN_PORT, ERRORS_PORT] : [MAIN_PORT];
}
