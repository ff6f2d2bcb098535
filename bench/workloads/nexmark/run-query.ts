/** Runs a query's topology on the engine. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { Millrace, type Override } from '../../../src/index.ts';
import { AUCTIONS_PER_PERIOD, BIDS_PER_PERIOD, EVENTS_PER_PERIOD } from './model/timeline.ts';
import type { QueryName } from './oracle/queries.ts';
import { ensureSideInput } from './side-input.ts';

/** What to generate. */
export interface EventOptions {
  readonly generator: 'beam' | 'fast';
  readonly events: number;
  /** Events per second of event time. */
  readonly rate: number;
}

/** How to run a query. */
export interface QueryRun extends EventOptions {
  readonly query: QueryName;
  readonly workers: number;
}

/** One measured run. */
export interface MeasuredRun {
  /** Rows that reached the sink. */
  readonly rows: number;
  /** Events that `seconds` are for. */
  readonly events: number;
  readonly seconds: number;
  /** CPU time of the whole process in those seconds, and of the end of the threads. */
  readonly coreSeconds: number;
}

interface Topology {
  readonly sources: Readonly<Record<string, { readonly options: { readonly kind: string } }>>;
}

/** Of the events after the warm-up, how many must be left when it is seen to be over. */
const LEAST_SHARE = 0.1;
/** What q20 keeps of 20 M events, in one task, is more than the usual limit. */
const STATE_LIMITS: Readonly<Partial<Record<QueryName, string>>> = { q20: '3GiB' };
/** A busy machine may look too late. */
const MOST_TRIES = 5;

const ROWS_PER_PERIOD: Readonly<Record<string, number>> = {
  person: 1,
  auction: AUCTIONS_PER_PERIOD,
  bid: BIDS_PER_PERIOD,
};

/** The topology file of a query, beside the files that it reads. */
export function queryPath(query: QueryName): string {
  if (query === 'q13') ensureSideInput();
  return fileURLToPath(new URL(`./queries/${query}.json`, import.meta.url));
}

async function overridesOf(run: QueryRun): Promise<{ overrides: Override[]; primary: string }> {
  const document = JSON.parse(await readFile(queryPath(run.query), 'utf8')) as Topology;
  const names = Object.keys(document.sources);
  const overrides: Override[] = [];
  const set = (pointer: string, value: unknown): void =>
    void overrides.push({ pointer, valueText: JSON.stringify(value) });
  for (const name of names) {
    const options = `/sources/${name}/options`;
    set(`${options}/generator`, run.generator);
    set(`${options}/events`, run.events);
    set(`${options}/rate`, run.rate);
    set(`/sources/${name}/parallel`, run.workers);
  }
  const stateLimit = STATE_LIMITS[run.query];
  if (stateLimit !== undefined) set('/engine/state/limit', stateLimit);
  return { overrides, primary: names[0]! };
}

/**
 * Runs a query into its discard sink.
 *
 * @param warmUpEvents - events after which the clock starts; if 0, it starts when rows flow
 */
export async function measureQuery(run: QueryRun, warmUpEvents: number): Promise<MeasuredRun> {
  for (let tries = MOST_TRIES; tries > 0; tries--) {
    const measured = await measureOnce(run, warmUpEvents);
    if (measured.events >= LEAST_SHARE * run.events) return measured;
  }
  throw new RangeError(`${run.query} was nearly over when it was seen to be warm: more events`);
}

async function measureOnce(run: QueryRun, warmUpEvents: number): Promise<MeasuredRun> {
  const { overrides, primary } = await overridesOf({ ...run, events: run.events + warmUpEvents });
  const perRow = EVENTS_PER_PERIOD / ROWS_PER_PERIOD[primary]!;
  const engine = await Millrace.start(queryPath(run.query), { workers: run.workers, overrides });
  try {
    let hasEnded = false;
    const end = (): void => void (hasEnded = true);
    void engine.completed.then(end, end);
    const made = (): number => engine.stats().sources[primary]!.admitted * perRow;
    let startedSeconds = engine.summary().seconds;
    let startedCpu = process.cpuUsage();
    let before = made();
    while (before <= warmUpEvents && before < run.events + warmUpEvents && !hasEnded) {
      await (warmUpEvents === 0 ? new Promise((resolve) => setImmediate(resolve)) : sleep(1));
      if (before === 0 || warmUpEvents > 0) {
        startedSeconds = engine.summary().seconds;
        startedCpu = process.cpuUsage();
      }
      before = made();
      if (warmUpEvents === 0 && before > 0) break;
    }
    const summary = await engine.completed;
    const seconds = summary.seconds - startedSeconds;
    const { user, system } = process.cpuUsage(startedCpu);
    const events = run.events + warmUpEvents - (warmUpEvents === 0 ? 0 : before);
    return {
      rows: summary.sinks['out']!.rows,
      events,
      seconds,
      coreSeconds: (user + system) / 1e6,
    };
  } finally {
    await engine.stop();
  }
}
