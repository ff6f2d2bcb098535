/**
 * Question: how many events a second does each of NEXMark's queries take, generation included?
 *
 * Each round runs every query once with every number of workers; medians are printed, and by how much
 * each number of workers is faster than the first one, round by round. Before, every query's rows are
 * compared with a plain computation over fewer events; the measured runs' numbers of rows are compared
 * with one over all of them.
 *
 * `node bench/workloads/nexmark/main.ts [--queries q0,q1] [--events N] [--rate R]
 * [--generator fast|beam] [--workers 1,2] [--rounds N] [--warm] [--recount] [--quick] [--json]`
 *
 * @module
 */

import { parseArgs } from 'node:util';
import { type BenchLine, median } from '../../shared/bench-line.ts';
import { compareWithOracle } from './oracle/compare.ts';
import { type Counts, countResults, knownCounts } from './oracle/counts.ts';
import { QUERY_NAMES, type QueryName } from './oracle/queries.ts';
import { type EventOptions, type MeasuredRun, measureQuery } from './run-query.ts';

const { values } = parseArgs({
  options: {
    queries: { type: 'string' },
    events: { type: 'string' },
    rate: { type: 'string', default: '10000000' },
    generator: { type: 'string', default: 'fast' },
    workers: { type: 'string', default: '1,2' },
    rounds: { type: 'string' },
    warm: { type: 'boolean', default: false },
    recount: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** Events of the comparison row by row; at a rate at which they span some windows. */
const COMPARED = { events: 20_000, rate: 1000 };
/**
 * Of queries that keep what they read, more events than this do not fit the state of a task; q4 and q6
 * take a quarter to half a second for a million.
 */
const MOST_EVENTS: Readonly<Partial<Record<QueryName, number>>> = {
  q4: 10_000_000,
  q6: 10_000_000,
  q9: 10_000_000,
  q16: 10_000_000,
  q18: 10_000_000,
  q19: 5_000_000,
  q20: 20_000_000,
};
/**
 * With `--warm` so many events, as a share of the measured ones, come before them. With two workers V8
 * compiles for some 30 M events; as long as it does, it takes a core from one of them.
 */
const WARM_UP_SHARE = 1.5;

/** Events before the clock starts, and those that are measured. */
interface WarmRun {
  readonly before: number;
  readonly measured: number;
}

/**
 * Where closing a window is much of the work: windows of 10 s, with watermarks 4 s behind, close for the
 * first time after 140 M events. Of the measured ones it closes one more, and one at the end.
 */
const WARM_RUNS: Readonly<Partial<Record<QueryName, WarmRun>>> = {
  q8: { before: 150_000_000, measured: 100_000_000 },
};

interface Case {
  readonly query: QueryName;
  readonly workers: number;
  readonly events: number;
  readonly runs: MeasuredRun[];
  isRight: boolean;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function readQueries(): readonly QueryName[] {
  if (values.queries === undefined) return QUERY_NAMES;
  return values.queries.split(',').map((name) => {
    const found = QUERY_NAMES.find((query) => query === name);
    return found ?? fail(`unknown query '${name}'; there are ${QUERY_NAMES.join(', ')}`);
  });
}

function readNumber(text: string, name: string): number {
  const number = Number(text);
  return number > 0 && Number.isFinite(number) ? number : fail(`--${name} ${text} is no number`);
}

const { generator } = values;
if (generator !== 'fast' && generator !== 'beam') fail(`--generator is fast or beam`);
const queries = readQueries();
const rate = readNumber(values.rate, 'rate');
const usualFast = values.warm ? 20_000_000 : 10_000_000;
const usual = { fast: values.quick ? 1_000_000 : usualFast, beam: 100_000 }[generator];
const events = readNumber(values.events ?? String(usual), 'events');
const rounds = readNumber(values.rounds ?? (values.quick ? '1' : '5'), 'rounds');
const workerCounts = values.workers.split(',').map((text) => readNumber(text, 'workers'));

/** Measured events, of which there are others in front with `--warm`. */
function eventsOf(query: QueryName): number {
  const usualRun = usualWarmRun(query);
  if (usualRun !== undefined) return usualRun.measured;
  const most = (MOST_EVENTS[query] ?? Infinity) / (values.warm ? 1 + WARM_UP_SHARE : 1);
  return Math.min(events, most);
}

/** Events in front of those. */
function warmUpOf(query: QueryName): number {
  if (!values.warm) return 0;
  return usualWarmRun(query)?.before ?? Math.round(eventsOf(query) * WARM_UP_SHARE);
}

/** Whether the usual events of a query are others than those of most; not if their number is given. */
function usualWarmRun(query: QueryName): WarmRun | undefined {
  const isUsual = values.warm && generator === 'fast' && !values.quick;
  return isUsual && values.events === undefined ? WARM_RUNS[query] : undefined;
}

const totalOf = (query: QueryName): number => eventsOf(query) + warmUpOf(query);

/** Compares all rows of every query with the oracle's, over few events. */
async function compareRows(cases: readonly Case[]): Promise<void> {
  const options = { generator, ...COMPARED } as EventOptions;
  for (const { workers, differences } of await compareWithOracle(queries, options, workerCounts)) {
    for (const [query, difference] of differences) {
      console.error(`${query} workers=${workers}: ${difference}`);
      const wrong = cases.find((one) => one.query === query && one.workers === workers);
      if (wrong !== undefined) wrong.isRight = false;
    }
  }
}

/** How many rows the measured runs must give: at least and at most. */
function expectedRows(): ReadonlyMap<QueryName, readonly [number, number]> {
  const ranges = new Map<QueryName, readonly [number, number]>();
  for (const total of new Set(queries.map(totalOf))) {
    const options = { generator, rate, events: total } as EventOptions;
    const among = queries.filter((query) => totalOf(query) === total);
    const known: Counts = values.recount ? new Map() : knownCounts(options);
    const unknown = among.filter((query) => !known.has(query));
    const counted: Counts = unknown.length === 0 ? new Map() : countResults(options, unknown);
    for (const query of among) {
      const rows = (known.get(query) ?? counted.get(query))!;
      // One row for a bidder in each window of processing time, of which there may be several.
      ranges.set(query, [rows, query === 'q12' ? Infinity : rows]);
    }
  }
  return ranges;
}

/** How many times as fast as with the first number of workers: the median over the rounds. */
function speedupOf({ query, runs }: Case): number {
  const first = cases.find((one) => one.query === query)!.runs;
  const rateOf = (run: MeasuredRun): number => run.events / run.seconds;
  return median(runs.map((run, round) => rateOf(run) / rateOf(first[round]!)));
}

function lineOf(one: Case): BenchLine {
  const { query, workers, runs, isRight } = one;
  const seconds = median(runs.map((run) => run.seconds));
  const perSecond = median(runs.map((run) => run.events / run.seconds));
  return {
    bench: 'nexmark',
    case: `${query} generator=${generator} rate=${rate}${values.warm ? ' warm' : ''}`,
    subject: 'millrace',
    eventsPerSecond: Math.round(perSecond),
    // With `--warm` those behind the moment that was seen as the end of the warm-up.
    events: Math.round(median(runs.map((run) => run.events))),
    seconds: Number(seconds.toFixed(4)),
    coreSeconds: Number(median(runs.map((run) => run.coreSeconds)).toFixed(4)),
    workers,
    ...(workers === workerCounts[0] ? {} : { speedup: Number(speedupOf(one).toFixed(3)) }),
    checked: isRight,
    ratio: {},
  };
}

const cases = queries.flatMap((query) =>
  workerCounts.map((workers): Case => ({
    query,
    workers,
    events: eventsOf(query),
    runs: [],
    isRight: true,
  })),
);
await compareRows(cases);
const ranges = expectedRows();
for (let round = 0; round < rounds; round++) {
  for (const one of cases) {
    const { query, workers, events: total } = one;
    const options = { generator, rate, events: total } as EventOptions;
    const run = await measureQuery({ ...options, query, workers }, warmUpOf(query));
    one.runs.push(run);
    const [least, most] = ranges.get(query)!;
    if (run.rows >= least && run.rows <= most) continue;
    one.isRight = false;
    console.error(`${query} workers=${workers}: ${run.rows} rows, expected ${least} to ${most}`);
  }
}
for (const one of cases) {
  const line = lineOf(one);
  const rateText = (line.eventsPerSecond! / 1e6).toFixed(2).padStart(7);
  const cores = (line.coreSeconds! / line.seconds).toFixed(2);
  const speedup =
    line.speedup === undefined ? '' : `, ${line.speedup.toFixed(2)} × ${workerCounts[0]}`;
  const text = `${one.query.padEnd(4)} workers=${one.workers} ${rateText} M events/s on ${cores} cores${speedup}`;
  console.log(values.json ? JSON.stringify(line) : `${text}${one.isRight ? '' : ' WRONG'}`);
}
process.exitCode = cases.every(({ isRight }) => isRight) ? 0 : 1;
