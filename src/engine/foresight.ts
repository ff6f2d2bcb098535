/** What threads a document seems to ask for, before it has been checked. Pure. @module */

import type { JsonValue } from '../core/topology/model.ts';
import type { ThreadPreload } from '../workers/protocol.ts';

/** Threads, and the code that they may need. */
export interface Foresight {
  readonly threads: number;
  /** How many of them seem to have something to do. */
  readonly early: number;
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
  const sources = nodes('sources');
  return {
    threads,
    early: mayBeAnywhere(document, operators) ? threads : Math.min(threads, countOf(sources)),
    preload: {
      sources: namesOf(sources, 'connector'),
      operators: namesOf(alone, 'type'),
      sinks: namesOf(nodes('sinks'), 'connector'),
      chains: plain.length > 0,
    },
  };
}

/** Operators that are beside their input, whatever else they say. */
const BESIDE_INPUT: ReadonlySet<JsonValue | undefined> = new Set([
  'filter',
  'map',
  'union',
  'parse',
  'format',
  'unnest',
  'iterate',
  'decision_table',
  'lookup',
]);

/** Whether some operator may have tasks on workers without a source. */
function mayBeAnywhere(document: JsonValue, operators: readonly JsonValue[]): boolean {
  const placement = member(member(document, 'engine'), 'placement');
  if (placement !== undefined) return true;
  return operators.some((node) => !BESIDE_INPUT.has(member(node, 'type')));
}

/** Tasks of sources. */
function countOf(sources: readonly JsonValue[]): number {
  const parallel = sources.map((node) => member(node, 'parallel'));
  return Math.max(
    1,
    parallel.reduce<number>((sum, tasks) => sum + (typeof tasks === 'number' ? tasks : 1), 0),
  );
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
