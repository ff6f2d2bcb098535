/** Runs oracles over generated events. @module */

import { BeamEvents } from '../beam/events.ts';
import { FastEvents } from '../fast/events.ts';
import type { RowMaker } from '../model/rows.ts';
import { kindOf, Timeline } from '../model/timeline.ts';
import type { EventOptions } from '../run-query.ts';
import { type Emit, ORACLES, type QueryName } from './queries.ts';

/** The seed that queries' topologies leave at its default. */
const SEED = 1;

/** The events, one by one. */
export function rowMaker({ generator, rate }: EventOptions): RowMaker {
  const timeline = new Timeline(rate);
  return generator === 'beam' ? new BeamEvents(timeline) : new FastEvents(timeline, SEED);
}

/** Computes queries in one pass over the events; `emits` has where their results go. */
export function computeQueries(options: EventOptions, emits: ReadonlyMap<QueryName, Emit>): void {
  const oracles = [...emits].map(([query, emit]) => ORACLES[query](emit));
  const readers = {
    person: oracles.filter((oracle) => oracle.person !== undefined),
    auction: oracles.filter((oracle) => oracle.auction !== undefined),
    bid: oracles.filter((oracle) => oracle.bid !== undefined),
  };
  const rows = rowMaker(options);
  for (let event = 0; event < options.events; event++) {
    const kind = kindOf(event);
    if (readers[kind].length === 0) continue;
    if (kind === 'person') for (const oracle of readers.person) oracle.person!(rows.person(event));
    else if (kind === 'auction')
      for (const oracle of readers.auction) oracle.auction!(rows.auction(event));
    else {
      const bid = rows.bid(event);
      for (const oracle of readers.bid) oracle.bid!(bid);
    }
  }
  for (const oracle of oracles) oracle.end?.();
}
