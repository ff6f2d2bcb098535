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
  const names = (section: string, tag: string): readonly string[] => {
    const nodes = Object.values(member(document, section) ?? {}) as readonly JsonValue[];
    const found = nodes.map((node) => member(node, tag));
    return [...new Set(found.filter((name) => typeof name === 'string'))];
  };
  return {
    threads,
    preload: {
      sources: names('sources', 'connector'),
      operators: names('operators', 'type'),
      sinks: names('sinks', 'connector'),
    },
  };
}

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, JsonValue>)[name] : undefined;
}
