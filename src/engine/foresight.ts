/** What threads a document seems to ask for, before it has been checked. Pure. @module */

import type { JsonValue } from '../core/topology/model.ts';
import type { ThreadPreload } from '../workers/protocol.ts';

/** Threads, and the code that they may need. */
export interface Foresight {
  readonly threads: number;
  readonly preload: ThreadPreload;
}

/**
 * What a document says of its threads, if it says it plainly.
 *
 * @param workers - as the program wants it, which overrules the document
 * @param byDefault - threads of a document that does not say how many
 */
export function foreseeThreads(
  document: JsonValue,
  workers: number | undefined,
  byDefault: number,
): Foresight | undefined {
  const threads = workers ?? member(member(document, 'engine'), 'workers') ?? byDefault;
  if (typeof threads !== 'number' || !Number.isInteger(threads) || threads < 1) return undefined;
  const nodes = (section: string): readonly JsonValue[] =>
    Object.values(member(document, section) ?? {}) as readonly JsonValue[];
  const operators = nodes('operators');
  const plain = operators.filter(isPlain);
  // One of them is none of a chain; of more than one, hardly any is by itself.
  const alone = plain.length > 1 ? operators.filter((node) => !isPlain(node)) : operators;
  return {
    threads,
    preload: {
      sources: namesOf(nodes('sources'), 'connector'),
      operators: namesOf(alone, 'type'),
      sinks: namesOf(nodes('sinks'), 'connector'),
      chains: plain.length > 0,
    },
  };
}

/** Whether an operator may be one of a chain. */
function isPlain(node: JsonValue): boolean {
  const type = member(node, 'type');
  if (type !== 'filter' && type !== 'map') return false;
  return member(node, 'routes') === undefined && member(node, 'onError') !== 'deadLetter';
}

function namesOf(nodes: readonly JsonValue[], tag: string): readonly string[] {
  const found = nodes.map((node) => member(node, tag));
  return [...new Set(found.filter((name) => typeof name === 'string'))];
}

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, JsonValue>)[name] : undefined;
}
