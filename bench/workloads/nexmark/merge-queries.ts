/** Several queries as one topology over the same sources. @module */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Millrace, type Override, type TopologyDocument } from '../../../src/index.ts';
import type { QueryName, Row } from './oracle/queries.ts';
import { type EventOptions, queryPath } from './run-query.ts';

interface Node {
  readonly input?: string;
  readonly inputs?: readonly string[];
  readonly [property: string]: unknown;
}

type Nodes = Readonly<Record<string, Node>>;

interface Document {
  readonly sources: Readonly<Record<string, Node & { readonly options: object }>>;
  readonly operators?: Nodes;
  readonly sinks: Nodes;
}

/**
 * The operators of all queries, their names led by the query's, behind one source of each kind; each
 * query's results go to an embedded output of its name. With `baseDirectory` in the queries' folder.
 */
function mergeQueries(
  queries: readonly QueryName[],
  options: EventOptions,
  parallel: number,
): TopologyDocument {
  const sources: Record<string, unknown> = {};
  const operators: Record<string, unknown> = {};
  const sinks: Record<string, unknown> = {};
  for (const query of queries) {
    const document = JSON.parse(readFileSync(queryPath(query), 'utf8')) as Document;
    for (const [name, source] of Object.entries(document.sources)) {
      sources[name] = { ...source, parallel, options: { ...source.options, ...options, with: [] } };
    }
    const rename = (name: string): string => (name in document.sources ? name : `${query}_${name}`);
    for (const [name, { input, inputs, ...rest }] of Object.entries(document.operators ?? {})) {
      operators[rename(name)] = {
        ...rest,
        ...(input === undefined ? {} : { input: rename(input) }),
        ...(inputs === undefined ? {} : { inputs: inputs.map(rename) }),
      };
    }
    const input = document.sinks['out']!.input!;
    sinks[query] = { connector: 'embedded', input: rename(input) };
  }
  return { version: 1, name: 'nexmark', sources, operators, sinks } as unknown as TopologyDocument;
}

/**
 * Runs queries together, on the same events: their rows by query. `overrides` change the merged
 * topology.
 */
export async function runQueries(
  queries: readonly QueryName[],
  options: EventOptions,
  workers: number,
  overrides: readonly Override[] = [],
): Promise<ReadonlyMap<QueryName, readonly Row[]>> {
  const document = mergeQueries(queries, options, workers);
  const baseDirectory = path.dirname(queryPath('q0'));
  const engine = await Millrace.start(
    { ...document, engine: { int64: 'number' } },
    { workers, baseDirectory, overrides },
  );
  try {
    const results = await Promise.all(
      queries.map(async (query): Promise<[QueryName, readonly Row[]]> => {
        const rows: Row[] = [];
        for await (const batch of engine.output(query)) {
          for (const row of batch) rows.push(row as Row);
        }
        return [query, rows];
      }),
    );
    await engine.completed;
    return new Map(results);
  } finally {
    await engine.stop();
  }
}
