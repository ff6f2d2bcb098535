/** What `bench/steady` runs: events without end on one source, read by what keeps state. @module */

import { fileURLToPath } from 'node:url';

/** Modules of the topologies are there. */
export const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const SOURCE = {
  connector: 'generator',
  schema: { at: 'timestamp', user: 'int32', item: 'int32', price: 'float64' },
  fields: {
    at: { time: { start: '2026-01-01T00:00:00Z', step: '10us' } },
    user: { uniform: [1, 100_000] },
    item: { uniform: [1, 10_000] },
    price: { uniform: [0, 100] },
  },
  time: { field: 'at' },
};

const DEAR = { type: 'filter', input: 'events', where: 'price > 90' };
const CHEAP = { type: 'filter', input: 'events', where: 'price < 10' };

/** Name → operators; `out` are those whose results are counted. */
export const TOPOLOGIES: Readonly<
  Record<string, { readonly operators: object; readonly out: readonly string[] }>
> = {
  windows: {
    operators: {
      kept: { type: 'filter', input: 'events', where: 'price < 90' },
      keyed: { type: 'map', input: 'kept', select: { item: 'item', spent: 'price * 0.5' } },
      tumbling: {
        type: 'aggregate',
        input: 'keyed',
        groupBy: ['item'],
        window: { type: 'tumbling', size: '500ms' },
        select: { n: 'COUNT(*)', total: 'SUM(spent)' },
      },
      hopping: {
        type: 'aggregate',
        input: 'events',
        groupBy: { bucket: 'item % 100' },
        window: { type: 'hopping', size: '5s', slide: '500ms' },
        select: { n: 'COUNT(*)', most: 'MAX(price)' },
      },
      sessions: {
        type: 'aggregate',
        input: 'kept',
        groupBy: { buyer: 'user % 1000' },
        window: { type: 'session', gap: '20ms' },
        select: { n: 'COUNT(*)' },
      },
    },
    out: ['tumbling', 'hopping', 'sessions'],
  },
  joins: {
    operators: {
      dear: DEAR,
      cheap: CHEAP,
      within: {
        type: 'join',
        inputs: ['dear', 'cheap'],
        on: 'l.user = r.user',
        within: { before: '1s', after: '1s' },
        select: { user: 'l.user', dear: 'l.price', cheap: 'r.price' },
      },
      windowed: {
        type: 'join',
        inputs: ['dear', 'cheap'],
        on: 'l.user = r.user',
        window: { type: 'tumbling', size: '200ms' },
        select: { user: 'l.user', dear: 'l.price', cheap: 'r.price' },
      },
    },
    out: ['within', 'windowed'],
  },
  actors: {
    operators: {
      few: { type: 'filter', input: 'events', where: 'price < 1' },
      visits: {
        type: 'actor',
        input: 'few',
        module: './visits.js',
        export: 'Visits',
        key: 'user',
        ttl: '30s',
        schema: { user: 'int32', rows: 'int32' },
      },
    },
    out: ['visits'],
  },
};

/** A document; the source goes on until the engine is drained. */
export function topologyOf(name: string): object {
  const { operators, out } = TOPOLOGIES[name]!;
  const sinks = out.map((input) => [`${input}_out`, { connector: 'discard', input }]);
  return {
    version: 1,
    name,
    sources: { events: SOURCE },
    operators,
    sinks: Object.fromEntries(sinks),
  };
}
