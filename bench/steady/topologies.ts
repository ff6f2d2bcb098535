/** What `bench/steady` runs: events without end on one source, read by what keeps state. @module */

import { fileURLToPath } from 'node:url';

/** Modules of the topologies are there. */
export const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/**
 * Operators over the stream `events`, which goes on until the engine is drained; the rows of those in `out` are
 * counted.
 *
 * @param item - how the column `item` is drawn
 */
export function overEvents(
  name: string,
  operators: object,
  out: readonly string[],
  item: object = { uniform: [1, 10_000] },
): object {
  const fields = {
    at: { time: { start: '2026-01-01T00:00:00Z', step: '10us' } },
    user: { uniform: [1, 100_000] },
    item,
    price: { uniform: [0, 100] },
  };
  const schema = { at: 'timestamp', user: 'int32', item: 'int32', price: 'float64' };
  const events = { connector: 'generator', schema, fields, time: { field: 'at' } };
  const sinks = out.map((input) => [`${input}_out`, { connector: 'discard', input }]);
  return {
    version: 1,
    name,
    sources: { events },
    operators,
    sinks: Object.fromEntries(sinks),
  };
}

const DEAR = { type: 'filter', input: 'events', where: 'price > 90' };
const CHEAP = { type: 'filter', input: 'events', where: 'price < 10' };

/** An actor that counts the rows of each user in the stream `few`. */
export const VISITS = {
  type: 'actor',
  input: 'few',
  module: './visits.js',
  export: 'Visits',
  key: 'user',
  ttl: '30s',
  schema: { user: 'int32', rows: 'int32' },
};

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
      visits: VISITS,
    },
    out: ['visits'],
  },
};

/** A document by its name. */
export function topologyOf(name: string): object {
  const { operators, out } = TOPOLOGIES[name]!;
  return overEvents(name, operators, out);
}
